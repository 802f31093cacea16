"""What lies in a cache directory, seen from outside: each file with its size and last use, and whether it is whole."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import KerasarchError
from .store import LAYOUT, read_entry

PARTS = ("artifacts", "descriptions")
"""Folders of a cache."""

TEMPORARY = ".new-"
"""Beginning of the name of a file that is being written, or was when its writer was killed."""

ARTIFACT = re.compile(r"(?P<key>[0-9a-f]{64})-(?P<content>[0-9a-f]{64})(?P<suffix>\.\w+)")
"""Name of an artifact."""


class Entry(NamedTuple):
    path: Path
    part: str
    """``artifacts`` or ``descriptions``."""
    size: int
    """Bytes."""
    used: float
    """When it was written or last read, in seconds of the system's clock. Tells what may go first, and nothing else:
    whether an entry is true is never asked of a clock."""

    @property
    def unfinished(self) -> bool:
        """Whether its writer has not finished it."""
        return self.path.name.startswith(TEMPORARY)


def entries(directory: Path) -> list[Entry]:
    """All files of a cache, by their paths. What goes away meanwhile is left out."""
    found = []
    for part in PARTS:
        for folder in _folders(directory / part):
            for item in _scan(folder):
                try:
                    if item.is_file(follow_symlinks=False):
                        stat = item.stat(follow_symlinks=False)
                        found.append(Entry(Path(item.path), part, stat.st_size, stat.st_mtime))
                except OSError:
                    continue
    return sorted(found)


def fault(entry: Entry) -> str:
    """What is wrong with an entry; empty when it is whole and could be used."""
    try:
        return (
            _fault_of_artifact(entry.path) if entry.part == "artifacts" else _fault_of_description(entry.path)
        )
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"


def _fault_of_artifact(path: Path) -> str:
    match = ARTIFACT.fullmatch(path.name)
    if not match:
        return "has no name of an artifact"
    if path.parent.name != match["key"][:2]:
        return "stands in the wrong folder"
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return "" if content == match["content"] else "its content is not what its name says"


def _fault_of_description(path: Path) -> str:
    from ..spec.codec import from_json

    told = path.read_bytes()
    entry = read_entry(told)
    if entry is None:
        return "its content is not what its first line says" if told else "is empty"
    if entry.get("layout") != LAYOUT:
        return "was written by another version"
    if entry.get("key") != path.parent.name:
        return "answers another question than its folder's"
    try:
        from_json(entry["spec"])
    except KerasarchError as error:
        return f"holds no description: {error.message}"
    return ""


def _folders(place: Path) -> Iterator[str]:
    """``place`` and the folders in it: entries lie one level deep, strays do not."""
    yield str(place)
    yield from (item.path for item in _scan(str(place)) if item.is_dir(follow_symlinks=False))


def _scan(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return list(items)
    except OSError:
        return []
