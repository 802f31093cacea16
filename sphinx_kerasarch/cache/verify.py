"""Whether what a description was made from is still the same; found out without a worker.

The truth is the content. Within one process a file is read once: its digest is remembered for as long as the system
says that it was not touched, which is believed only of files that have been at rest for a while.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ..wire import packages, record, search

T = TypeVar("T")
Mark = tuple[int, int, int, int, int]
Variable = Callable[[str], str | None]

BY_SITES = frozenset({"packages", "missing", "lent"})
"""Parts of a record that are verified with the help of its ``sites`` and ``prefix``."""

AT_REST = 2_000_000_000
"""Nanoseconds. Within the smallest step of a file system's clock (2 s on FAT) a second change leaves no trace."""


class Verifier:
    """Checks records. Keep one for a build: what several records share is looked at once.

    ``moment``: all records are checked at one moment, in which nothing moves: each path is looked at once.
    """

    def __init__(self, moment: bool = False) -> None:
        self._moment = moment
        self._digests: dict[str, tuple[Mark, str]] = {}
        self._listings: dict[str, tuple[Mark, str]] = {}
        self._names: dict[str, tuple[Mark, search.Names]] = {}
        self._chosen: dict[tuple[str, str], str] = {}
        self._settings: dict[str, tuple[Mark, dict[str, Any]]] = {}
        self._moved: dict[tuple[str, ...], list[str]] = {}
        self._installed: dict[tuple[str, ...], packages.Installed] = {}
        self._lent: dict[tuple[str, tuple[str, ...]], list[tuple[str, str]]] = {}
        self._code = ""

    def file(self, path: str) -> str:
        """sha256 of a file, "" when it is not there."""
        return _remembered(self._moment, self._digests, path, record.file_digest, "")

    def differs(self, inputs: Mapping[str, Any], settings: Mapping[str, Any], backend: str) -> str:
        """What is no longer as recorded, or an empty text. A part that was not recorded is not looked at."""
        extra: Mapping[str, str] = settings.get("env", {})
        python = str(settings.get("python", ""))
        sites = () if BY_SITES.isdisjoint(inputs) else self._sites(inputs, python)

        def variable(name: str) -> str | None:
            return record.variable(name, extra, backend)

        def value(name: str) -> str:
            if name == record.ALL:
                return record.variables_digest(record.environment(extra, backend))
            told = variable(name)
            return "" if told is None else record.text_digest(told)

        checks: dict[str, Callable[[Any], str]] = {
            "code": lambda told: "" if told == self.code() else "sphinx_kerasarch",
            "python": lambda told: "" if python or told == platform.python_version() else "Python",
            "files": lambda told: _first(told, self.file),
            "listings": lambda told: _first(told, self._listing),
            "kinds": _first_kind,
            "links": lambda told: _first(told, os.path.realpath),
            "modules": self._modules,
            "shadows": lambda told: self._shadows(told, search.given(variable("PYTHONPATH") or "")),
            "missing": lambda told: next((name for name in told if self._is_there(name, sites, variable)), ""),
            "lent": lambda told: self._lent_elsewhere(told, sites, variable),
            "folder": lambda told: _first(told, lambda path: "" if _is_here(path) else "another"),
            "env": lambda told: _first(told, value),
            "keras_config": lambda told: "" if told == self._keras(variable) else "keras.json",
            "packages": lambda told: self._packages(told, sites),
        }
        for part, check in checks.items():
            if part in inputs and (found := check(inputs[part])):
                return found
        return ""

    def code(self) -> str:
        self._code = self._code or record.code_digest()
        return self._code

    def _sites(self, inputs: Mapping[str, Any], python: str) -> Sequence[str]:
        """The directories of installed packages, which may have another name here than where the record was made."""
        told: Sequence[str] = inputs.get("sites", ())
        if not python:
            return _own_sites(told)
        key = (python, inputs.get("prefix", ""), *told)
        if key not in self._moved:
            self._moved[key] = _moved_sites(told, str(inputs.get("prefix", "")), python)
        return self._moved[key]

    # ---- parts of a record

    def _listing(self, path: str) -> str:
        return _remembered(self._moment, self._listings, path, record.listing_digest, "")

    def _keras(self, variable: Variable) -> dict[str, Any]:
        found = _remembered(self._moment, self._settings, record.keras_json_path(variable), record.keras_json, {})
        return record.without_backend(found, variable)

    def _names_in(self, path: str) -> search.Names:
        return _remembered(self._moment, self._names, path, search.names_in, search.Names(path, {}, frozenset()))

    def _modules(self, told: Mapping[str, Mapping[str, str]]) -> str:
        for path, names in told.items():
            here = self._names_in(path)
            for name, entries in names.items():
                if self._found(here, name) != entries:
                    return name.rstrip("/")
        return ""

    def _found(self, here: search.Names, name: str) -> str:
        if not self._moment:
            return here.found(name)
        key = (here.path, name)
        if key not in self._chosen:
            self._chosen[key] = here.found(name)
        return self._chosen[key]

    def _shadows(self, told: Mapping[str, str], given: Sequence[str]) -> str:
        for path, names in told.items():
            here = self._names_in(path)
            for name in names.split(" "):
                if here.found(name):
                    return name.rstrip("/")
        # Of a directory that was not on the path nothing is recorded, but what could be in it is.
        for path in given:
            if path not in told:
                here = self._names_in(path)
                sought = {name for names in told.values() for name in names.split(" ")}
                if found := next((name for name in sorted(sought) if here.found(name)), ""):
                    return found.rstrip("/")
        return ""

    def _is_there(self, name: str, sites: Sequence[str], variable: Variable) -> bool:
        """Whether a module that was missed has been installed."""
        places = [*sites, *(path for top, path in self._lent_by(sites, variable) if not top)]
        lent = any(top == name for top, _ in self._lent_by(sites, variable))
        above, _, last = name.rpartition(".")
        folders = (os.path.join(place, *above.split(".")) for place in places)  # noqa: PTH118
        return lent or any(self._names_in(folder).found(f"{last}/") for folder in folders)

    def _lent_elsewhere(self, told: Mapping[str, str], sites: Sequence[str], variable: Variable) -> str:
        if not told:
            return ""
        places = self._lent_by(sites, variable)
        names = {path: self._names_in(path) for _, path in places}
        return _first(told, lambda top: search.lender(top, places, names))

    def _lent_by(self, sites: Sequence[str], variable: Variable) -> list[tuple[str, str]]:
        key = (variable("PYTHONPATH") or "", tuple(sites))
        if key not in self._lent:
            self._lent[key] = search.lent({"PYTHONPATH": key[0]}, sites)
        return self._lent[key]

    def _packages(self, told: Mapping[str, str], sites: Sequence[str]) -> str:
        places = tuple(sites)
        if places not in self._installed:
            self._installed[places] = packages.installed(places)
        here = self._installed[places]
        return _first(told, lambda name: here.entry_points() if name == record.ALL else here.told(name))


def _own_sites(told: Sequence[str]) -> list[str]:
    here = [site for site in told if site in sys.path]
    return here or [entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]


def _moved_sites(told: Sequence[str], prefix: str, python: str) -> list[str]:
    """Those of another interpreter: below its directory, if they are there, else where they were."""
    binary = os.path.abspath(shutil.which(os.path.expanduser(python)) or python)  # noqa: PTH100, PTH111
    folder = os.path.dirname(binary)  # noqa: PTH120
    here = os.path.dirname(folder) if os.path.basename(folder).lower() in {"bin", "scripts"} else folder  # noqa: PTH119, PTH120
    found = []
    for site in told:
        way = os.path.relpath(site, prefix) if prefix and site.startswith(os.path.join(prefix, "")) else ""  # noqa: PTH118
        moved = os.path.join(here, way)  # noqa: PTH118
        found.append(moved if way and os.path.isdir(moved) else site)  # noqa: PTH112
    return found


def _remembered(moment: bool, memory: dict[str, tuple[Mark, T]], path: str, look: Callable[[str], T], nothing: T) -> T:
    """What a look at ``path`` gives; of the last look, if nothing has happened since."""
    if moment and path in memory:
        return memory[path][1]
    try:
        stat = os.stat(path)  # noqa: PTH116 - a microsecond each, for thousands of files
    except (OSError, ValueError):
        return nothing
    # The time of the last change of the inode cannot be set by hand, other than that of the content.
    mark = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
    known = memory.get(path)
    if known is not None and known[0] == mark:
        return known[1]
    found = look(path)
    if moment or time.time_ns() - max(stat.st_mtime_ns, stat.st_ctime_ns) > AT_REST:
        memory[path] = (mark, found)
    return found


def _is_here(path: str) -> bool:
    try:
        return Path.cwd() == Path(path)
    except OSError:  # the folder is gone
        return False


def _first(told: Mapping[str, str], now: Callable[[str], str]) -> str:
    """The first key whose value is not the recorded one; paths are said by their last part."""
    return next((os.path.basename(key) or "?" for key, value in told.items() if now(key) != value), "")  # noqa: PTH119


def _first_kind(told: Mapping[str, str]) -> str:
    return next(
        (
            os.path.basename(path) or "?"  # noqa: PTH119
            for path, kind in told.items()
            if not record.is_still(path, kind)
        ),
        "",
    )
