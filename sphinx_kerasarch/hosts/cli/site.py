"""DOCS of ``freeze`` and ``check``: which host builds a folder, and what its pages ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from ...errors import KerasarchError, MissingPackageError, OptionError
from .decorating import Function, decorated
from .main import traceback_option
from .progress import progress, quiet_option, tell

if TYPE_CHECKING:
    from ...cache.lock import Entry, Question
    from ..page.asked import Asked
    from ..page.request import ModelRequest


HOSTS: Mapping[str, str] = {
    "conf.py": "sphinx",
    "zensical.toml": "zensical",
    "properdocs.yml": "mkdocs",
    "properdocs.yaml": "mkdocs",
    "mkdocs.yml": "mkdocs",
    "mkdocs.yaml": "mkdocs",
}
"""Configuration of a site → folder of the host whose module ``asking`` reads it.

Of several for the same Markdown the first is read: Zensical and ProperDocs, too, look for theirs before ``mkdocs.yml``.
"""

SUFFIXES: Mapping[str, str] = {".toml": "zensical", ".yml": "mkdocs", ".yaml": "mkdocs"}
"""Hosts of files under other names, as ``--config-file`` takes them."""
EXTRAS: Mapping[str, str] = {"zensical": "markdown"}
"""Our extra, where it has not the name of the host."""
KNOWN = "conf.py, mkdocs.yml or zensical.toml"

USUAL = ("docs", "doc", "docs/source", "doc/source", "source")
"""Where a project keeps its documentation."""


def host_of(name: str) -> str:
    """The host of a configuration by its name; empty where it is none."""
    return HOSTS.get(name) or ("" if name == "pyproject.toml" else SUFFIXES.get(Path(name).suffix, ""))


def site(docs: str) -> tuple[Path, str]:
    """The folder of a site and the name of its configuration. Raises :class:`.OptionError`."""
    place = Path(docs)
    if place.is_file():
        if not host_of(place.name):
            raise OptionError(f"{docs} is no site.", advice=f"Name {KNOWN}, or the folder it is in.")
        return place.parent, place.name
    found = [name for name in HOSTS if (place / name).is_file()]
    if "conf.py" in found[:1] and len(found) > 1:
        names = " or ".join((place / name).as_posix() for name in found)
        raise OptionError(f"{docs} is the folder of {len(found)} sites.", advice=f"Name {names}.")
    if len(found) > 1:
        first, *others = ((place / name).as_posix() for name in found)
        tell(f"kerasarch: {first} is read; name {' or '.join(others)} for that one")
    if found:
        return place, found[0]
    near = [place / way for way in USUAL if any((place / way / name).is_file() for name in HOSTS)]
    advice = f"Did you mean {near[0].as_posix()}?" if near else f"Name the folder of {KNOWN}."
    missing = "There is no folder" if not place.is_dir() else f"There is no {KNOWN} in"
    raise OptionError(f"{missing} {docs}.", advice=advice)


def _asking(name: str) -> ModuleType:
    """The module that reads a site. By name: the command line itself needs neither Sphinx nor MkDocs.

    ``mkdocs.yml`` is read by the program that is there: MkDocs, else ProperDocs, else Zensical.
    """
    host = host_of(name)
    if host == "mkdocs" and (find_spec("mkdocs") is None or name.startswith("properdocs.")):
        if find_spec("properdocs") is not None:
            import_module("properdocs.replacement")  # gives its modules the names of those of MkDocs
        elif find_spec("mkdocs") is None and find_spec("zensical") is not None:
            host = "zensical"
    try:
        return import_module(f"...hosts.{host}.asking", __package__)
    except ModuleNotFoundError as error:
        package = str(error.name).partition(".")[0]
        raise MissingPackageError(
            f"{package} is not installed here, which {name} is for.",
            advice="Run this where the documentation is built, or: "
            f"pip install sphinx-kerasarch[{EXTRAS.get(host, host)}]",
        ) from None


def asked(docs: str, confdir: str, define: Iterable[str], tag: Iterable[str]) -> Asked:
    """What the pages of a site ask for. Raises :class:`.OptionError`, :class:`.MissingPackageError`."""
    if confdir:
        folder, name = Path(docs), "conf.py"
    else:
        folder, name = site(docs)
    settings = {}
    for item in define:
        key, equals, value = item.partition("=")
        if not equals:
            raise OptionError(f"{item!r} is not NAME=VALUE.", advice="As sphinx-build -D takes it.")
        settings[key] = value
    host = _asking(name)
    chosen = Path(confdir).resolve() if confdir else None
    with progress(f"reading {folder}"):
        found: Asked = host.asked(
            folder.resolve(), name=name, confdir=chosen, settings=settings, tags=tuple(tag)
        )
    return found


def described(
    site: Asked, questions: Mapping[Question, ModelRequest]
) -> tuple[dict[Question, Entry], dict[Question, KerasarchError]]:
    """What a worker says of ``questions``, and what it could not say."""
    entries: dict[Question, Entry] = {}
    failed: dict[Question, KerasarchError] = {}
    if not questions:
        return entries, failed
    with progress(f"describing {counted(len(questions))}"):
        for question, answer in site.describe(questions):
            if isinstance(answer, KerasarchError):
                failed[question] = answer
            else:
                entries[question] = answer
    return entries, failed


def counted(number: int, word: str = "model") -> str:
    """``1 model``, ``2 models``, ``2 entries``."""
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number} {word if number == 1 else plural}"


DECORATORS = (
    click.argument("docs"),
    click.option("-c", "--confdir", default="", metavar="DIR", help="Folder of conf.py, when it is not DOCS."),
    click.option("-D", "--define", multiple=True, metavar="NAME=VALUE", help="Override a value of conf.py."),
    click.option("-t", "--tag", multiple=True, metavar="TAG", help="Define a tag of Sphinx."),
    quiet_option,
    traceback_option,
)


def takes_site(function: Function) -> Function:
    """Give a command its DOCS and the options about it."""
    return decorated(function, DECORATORS)
