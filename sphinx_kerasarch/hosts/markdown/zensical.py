"""Zensical: which page is at work, in which project, and how a failure reaches its reader.

Zensical calls Python-Markdown for one page after another and tells an extension nothing of itself, but for a
preprocessor that it puts into every parser (``zensical.extensions.context``, versions 0.0.4 to 0.0.73). It keeps what a
page became in ``.cache`` and does not ask again before page, configuration or a watched file has changed; warnings are
printed and forgotten, with ``--strict`` as without.
"""

from __future__ import annotations

import atexit
import functools
import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from markdown import Markdown

CONFIGURATIONS = ("zensical.toml", "mkdocs.yml", "mkdocs.yaml")
"""What Zensical looks for, in this order."""


class Site(NamedTuple):
    """The project and the page at work."""

    page: str
    """Path relative to the folder of the pages."""
    root: str
    """Folder of ``zensical.toml`` or ``mkdocs.yml``."""
    docs: str
    """Folder of the pages."""
    watch: tuple[str, ...]
    """Absolute paths whose changes Zensical sees."""
    strict: bool
    """Whether a failure is to end the build."""
    configuration: str
    """Name of the file in :attr:`root`."""

    @property
    def defaults(self) -> dict[str, Any]:
        """Settings that a project need not give."""
        return {"docs": self.docs, "base": self.root, "cache_dir": ".kerasarch"}


def site_of(md: Markdown) -> Site | None:
    """What Zensical tells of the page that ``md`` was made for; None for any other program."""
    for processor in md.preprocessors:
        page = getattr(getattr(processor, "page", None), "path", None)
        config: Any = getattr(processor, "config", None)
        if page and isinstance(config, dict) and "root_dir" in config:
            return site_in(config, str(page))
    return None


def site_in(config: Mapping[str, Any], page: str) -> Site:
    """``config``: the configuration as Zensical has it, see :func:`.hosts.zensical.reading.read`."""
    root = Path(config["root_dir"])
    docs = root / str(config.get("docs_dir") or "docs")
    watch = tuple(str((root / str(entry)).resolve()) for entry in config.get("watch") or ())
    told = bool(config.get("strict")) or strict(sys.argv[1:])
    return Site(page, str(root), str(docs), watch, told, configuration(root, sys.argv[1:]))


def configuration(root: Path, arguments: list[str]) -> str:
    """Name of the file that Zensical reads in ``root``: the one it was called with, or the first that it looks for."""
    for argument in arguments:
        path = Path(argument.partition("=")[2] if argument.startswith("--config-file=") else argument)
        if path.suffix in {".toml", ".yml", ".yaml"} and path.is_file() and path.resolve().parent == root.resolve():
            return path.name
    return next((name for name in CONFIGURATIONS if (root / name).is_file()), CONFIGURATIONS[0])


def strict(arguments: list[str]) -> bool:
    """Whether ``zensical build`` was called with ``--strict``, which it keeps from extensions."""
    if "build" not in arguments:
        return False
    options = arguments[arguments.index("build") + 1 :]
    return any(option == "--strict" or re.match(r"-c?s", option) for option in options)


def unwatched(site: Site, paths: Iterable[str]) -> list[str]:
    """Folders of models, or the lock, whose changes Zensical does not see, as they are to be written into ``watch``.

    One of which a part is watched is left to its author: the root of the project holds the site as well.
    """
    seen = [Path(entry) for entry in site.watch]
    places = [Path(path) for path in paths if Path(path).exists()]
    missing = [
        place
        for place in places
        if not any(place.is_relative_to(entry) or entry.is_relative_to(place) for entry in seen)
    ]
    root = Path(site.root).resolve()
    return [folder.relative_to(root).as_posix() if folder.is_relative_to(root) else str(folder) for folder in missing]


class Forgetting:
    """Pages that hold an error, to be taken out of Zensical's cache when the program ends.

    Otherwise the next build would neither say anything nor fail, until somebody touches the page.
    """

    def __init__(self, root: str) -> None:
        self.cache = Path(root) / ".cache"
        self.pages: set[str] = set()

    def forget(self) -> None:
        for path in self.cache.glob("[0-9]*") if self.pages else ():
            try:
                data = json.loads(path.read_text("utf-8"))["data"]
                page = data["origin"]["Source"]
            except (OSError, ValueError, KeyError, TypeError):
                continue  # the entry of something else, or of another version
            if page in self.pages:
                path.unlink(missing_ok=True)


@functools.cache
def forgetting(root: str) -> Forgetting:
    """The one list of a project."""
    found = Forgetting(root)
    atexit.register(found.forget)
    return found
