"""What the import system would find where: by the names in a directory, as both ends must see it.

A name asked for is ``blocks``, or ``blocks/`` where a folder without ``__init__`` counts as well, because nothing
better was found (a namespace package).
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

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
    """The names in a directory, none where there is no directory."""
    modules: dict[str, list[str]] = {}
    folders = set()
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
        return Names(path, {}, frozenset())
    for stem, files in modules.items():
        if f"{stem}.py" in files and f"{stem}.pyc" in files:
            files.remove(f"{stem}.pyc")
        files.sort()
    return Names(path, {stem: tuple(files) for stem, files in modules.items()}, frozenset(folders))


def lent(env: Mapping[str, str], sites: Iterable[str]) -> list[tuple[str, str]]:
    """What stands on an interpreter's import path beside its own directories, in its order: ``(name, path)``.

    ``name``: the one top-level module that a path is for, as packages installed for editing by an import hook tell;
    "" for a directory of modules. From PYTHONPATH and the ``.pth`` files of ``sites``.
    """
    given = env.get("PYTHONPATH", "")
    found = [("", os.path.abspath(entry)) for entry in given.split(os.pathsep) if entry]  # noqa: PTH100
    for site in sites:
        try:
            names = sorted(os.listdir(site))  # noqa: PTH208
        except OSError:
            continue
        for name in names:
            if name.endswith(".pth"):
                found += [("", path) for path in _lines_of(site, name)]
        for name in names:
            if name.startswith("__editable__") and name.endswith("_finder.py"):
                found += sorted(_mapping_of(Path(site, name)).items())
    return found


def _lines_of(site: str, name: str) -> Iterator[str]:
    """Directories that a ``.pth`` file adds, as :mod:`site` reads it."""
    try:
        text = Path(site, name).read_text("utf-8", "replace")
    except OSError:
        return
    for line in text.splitlines():
        if line.strip() and not line.startswith(("#", "import ", "import\t")):
            yield os.path.normpath(os.path.join(site, line.strip()))  # noqa: PTH118


def _mapping_of(finder: Path) -> dict[str, str]:
    """Top-level name → path, from the module that setuptools writes for a package installed for editing."""
    try:
        told = re.search(r"^MAPPING[^=\n]*=\s*(\{.*\})\s*$", finder.read_text("utf-8"), re.MULTILINE)
        found = ast.literal_eval(told[1]) if told else {}
    except (OSError, ValueError, SyntaxError):
        return {}
    return {str(name): str(path) for name, path in found.items()} if isinstance(found, dict) else {}


def lender(top: str, places: Iterable[tuple[str, str]], names: Mapping[str, Names]) -> str:
    """The path among ``places`` that a top-level module would come from, "" for none."""
    for name, path in places:
        if name == top or (not name and names[path].found(top)):
            return path
    return ""
