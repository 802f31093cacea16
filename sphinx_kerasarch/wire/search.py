"""What the import system would find where: by the names in a directory, as both ends must see it.

A name asked for is ``blocks``, or ``blocks/`` where a folder without ``__init__`` counts as well, because nothing
better was found (a namespace package).
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .editable import hooked

CODE_SUFFIXES = (".py", ".pyc", ".so", ".pyd")


@dataclass(frozen=True, slots=True)
class Names:
    """What could be imported from a directory."""

    path: str
    modules: Mapping[str, tuple[str, ...]]
    """Name → files, as ``blocks.py``; a compiled file beside its source does not count."""
    folders: frozenset[str]

    def found(self, name: str) -> str:
        """The entries that an import of ``name`` would choose from, "" when there are none."""
        bare = name.removesuffix("/")
        entries = list(self.modules.get(bare, ()))
        if bare in self.folders:
            regular = any(
                os.path.isfile(os.path.join(self.path, bare, f"__init__{end}"))  # noqa: PTH113, PTH118
                for end in CODE_SUFFIXES[:2]
            )
            if regular or name != bare:
                entries.append(f"{bare}/")
        return " ".join(entries)


def names_in(path: str) -> Names:
    """The names in a directory or an archive, none where there is neither."""
    modules: dict[str, list[str]] = {}
    folders: set[str] = set()
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                name = entry.name
                stem, dot, _ = name.partition(".")
                if not dot:
                    if name != "__pycache__" and entry.is_dir():
                        folders.add(name)
                elif name.endswith(CODE_SUFFIXES):
                    modules.setdefault(stem, []).append(name)
    except (OSError, ValueError):
        modules, folders = _in_archive(path)
    for stem, files in modules.items():
        if f"{stem}.py" in files and f"{stem}.pyc" in files:
            files.remove(f"{stem}.pyc")
        files.sort()
    return Names(path, {stem: tuple(files) for stem, files in modules.items()}, frozenset(folders))


def _in_archive(path: str) -> tuple[dict[str, list[str]], set[str]]:
    """The modules and packages of an archive on the import path; none where there is no archive."""
    modules: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(path) as file:
            names = file.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):
        return modules, set()
    for name in names:
        first, _, rest = name.partition("/")
        if rest in {f"__init__{end}" for end in CODE_SUFFIXES[:2]}:
            modules.setdefault(first, []).append(f"{first}/")
        elif not rest and first.endswith(CODE_SUFFIXES):
            modules.setdefault(first.partition(".")[0], []).append(first)
    return modules, set()


def lent(env: Mapping[str, str], sites: Iterable[str]) -> list[tuple[str, str]]:
    """What stands on an interpreter's import path beside its own directories, in its order: ``(name, path)``.

    ``name``: the one module that a path is for, as packages installed for editing by an import hook tell; "" for a
    directory of modules. From PYTHONPATH and the ``.pth`` files of ``sites``.
    """
    found = [("", path) for path in given(env.get("PYTHONPATH", ""))]
    for site in sites:
        try:
            names = sorted(os.listdir(site))  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            if name.endswith(".pth"):
                found += [("", path) for path in _lines_of(site, name)]
        found += hooked(site, names)
    return found


def given(pythonpath: str) -> list[str]:
    """The directories and archives that ``PYTHONPATH`` puts before the interpreter's own."""
    return [os.path.abspath(entry) for entry in pythonpath.split(os.pathsep) if entry]  # noqa: PTH100


def _lines_of(site: str, name: str) -> Iterator[str]:
    """Directories that a ``.pth`` file adds, as :mod:`site` reads it."""
    try:
        text = Path(site, name).read_text("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        if line.strip() and not line.startswith(("#", "import ", "import\t")):
            yield os.path.normpath(os.path.join(site, line.strip()))  # noqa: PTH118


def lender(top: str, places: Iterable[tuple[str, str]], names: Mapping[str, Names]) -> str:
    """The path among ``places`` that a module would come from, "" for none."""
    for name, path in places:
        if name == top or (not name and names[path].found(top)):
            return path
    return ""
