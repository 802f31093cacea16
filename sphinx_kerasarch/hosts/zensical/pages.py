"""The pages of a site: which Zensical makes, and each of them rendered as Zensical does."""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from ...errors import KerasarchError, MissingPackageError, OptionError
from .reading import zensical

Render = Callable[[str, str], object]
"""Takes the text of a page, and its path from the folder of the pages."""

ALWAYS = (".*", "/templates/")
"""Left out unless ``exclude_docs`` takes it back, by MkDocs and by Zensical."""
FRONT = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def pages(config: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Path from the folder of the pages, and where it is; sorted. Links to folders are not followed, as by Zensical."""
    folder = Path(config["root_dir"], config["docs_dir"])
    left_out = _left_out(config)
    for name in sorted(path.relative_to(folder).as_posix() for path in _below(folder)):
        if not left_out(name):
            yield name, folder / name


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_dir():
            yield from () if path.is_symlink() else _below(path)
        elif path.suffix == ".md":
            yield path


def _left_out(config: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether a build has no such page."""
    rules = "\n".join(str(config.get(key) or "") for key in ("exclude_docs", "draft_docs")).strip()
    plugin = config.get("plugins", {}).get("exclude", {}).get("config", {})
    globs, patterns = plugin.get("glob") or (), [re.compile(text) for text in plugin.get("regex") or ()]
    ignored = _gitignore(rules) if rules else _hidden

    def left_out(name: str) -> bool:
        matched = any(fnmatch.fnmatchcase(name, text) for text in globs)
        return matched or any(pattern.match(name) for pattern in patterns) or ignored(name)

    return left_out


def _hidden(name: str) -> bool:
    return name.startswith("templates/") or any(part.startswith(".") for part in name.split("/"))


def _gitignore(rules: str) -> Callable[[str], bool]:
    if importlib.util.find_spec("pathspec") is None:
        raise MissingPackageError("exclude_docs and draft_docs take pathspec.", advice="pip install pathspec")
    from pathspec.gitignore import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([*ALWAYS, *rules.splitlines()]).match_file


def renderer(config: dict[str, Any]) -> Render:
    """Zensical's own, where it is installed; else Python-Markdown with the same extensions."""
    program = zensical("markdown.render")

    def by_zensical(text: str, name: str) -> object:
        assert program is not None
        head, body = front_matter(text)
        return program.render(body, name, url(name), json.dumps(head, default=str))

    def by_hand(text: str, name: str) -> object:
        extensions = [Context(name, config), *config["markdown_extensions"]]
        parser = Markdown(extensions=extensions, extension_configs=config["mdx_configs"])
        return parser.convert(front_matter(text)[1])

    return by_zensical if program is not None else by_hand


def render_all(config: dict[str, Any]) -> None:
    """Raises :class:`.OptionError` for a page that cannot be rendered."""
    render = renderer(config)
    for name, path in pages(config):
        try:
            render(path.read_text("utf-8-sig"), name)
        except KerasarchError:
            raise
        except ModuleNotFoundError as error:
            raise MissingPackageError(
                f"{error.name} is not installed here, which an extension of the site is of.",
                advice="Run this where the documentation is built, or install it.",
            ) from error
        except Exception as error:  # of any extension
            said = " ".join(str(error).split()) or type(error).__name__
            raise OptionError(
                f"{name} cannot be rendered: {type(error).__name__}: {said.rstrip('.')}.",
                advice="Mend it; zensical build says the same.",
            ) from error


class Context(Extension):
    """What Zensical puts into its parsers, so that the extension knows page and project."""

    def __init__(self, name: str, config: Mapping[str, Any]) -> None:
        super().__init__()
        self.page = SimpleNamespace(path=name, url=url(name), meta={})
        self.project = config

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        told = Preprocessor(md)
        told.page, told.config = self.page, self.project  # type: ignore[attr-defined]
        told.run = lambda lines: lines  # type: ignore[method-assign]
        md.preprocessors.register(told, "kerasarch-context", 0)


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """What stands between lines of dashes at the beginning of a page, and the rest; Zensical takes it out itself."""
    text = text.replace("\r\n", "\n")
    match = FRONT.match(text)
    try:
        head = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError:
        head = None
    return (head, text[match.end() :]) if match and isinstance(head, dict) else ({}, text)


def url(name: str) -> str:
    """The address of a page, from that of the site: ``a/index.md`` → ``a/``."""
    path = name.removesuffix(".md")
    folder, _, last = path.rpartition("/")
    return (f"{folder}/" if folder else "") if last in {"index", "README"} else f"{path}/"
