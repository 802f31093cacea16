"""What ``mkdocs serve`` watches: the folders of the models without what is not theirs.

MkDocs looks at every file of a watched folder again and again. A folder of models is often that of the project, with an
environment of 40 000 files in it, the site and our own cache, which each build writes to: watched, they would make
``serve`` too slow to notice a change, and build everything twice.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

MARKS = ("pyvenv.cfg", "conda-meta", "sitemap.xml")
"""What shows that a folder is an environment of Python, or a site that was built into it."""


class Watched(NamedTuple):
    folder: str
    whole: bool
    """With all that is below it."""

    def sees(self, file: Path) -> bool:
        return file.is_relative_to(self.folder) if self.whole else str(file.parent) == self.folder


def watched(top: Path, left_out: Collection[Path]) -> tuple[Watched, ...]:
    """The folders to watch for what is in ``top``: as few as leave out hidden ones, environments and ``left_out``."""
    top = top.resolve()
    return tuple(_below(top, frozenset(path.resolve() for path in left_out))) if top.is_dir() else ()


def _below(folder: Path, left_out: frozenset[Path]) -> Iterator[Watched]:
    parts: list[tuple[Watched, ...]] = []
    passed = False
    for child in _folders(folder):
        if child.name.startswith(".") or child in left_out or any((child / mark).exists() for mark in MARKS):
            passed = True
        else:
            parts.append(tuple(_below(child, left_out)))
    if not passed and all(len(part) == 1 and part[0].whole for part in parts):
        yield Watched(str(folder), True)
        return
    yield Watched(str(folder), False)
    for part in parts:
        yield from part


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:  # as MkDocs does: what cannot be read is not watched
        return []
