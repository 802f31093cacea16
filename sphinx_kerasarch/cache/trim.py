"""Make a cache smaller: by age, by size, the least recently used first, and never what a running build uses."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from .entries import PARTS, Entry, entries

ABANDONED = 3600.0
"""Seconds after which an unfinished file has no writer any more, and an empty folder nobody about to fill it."""


class Trimmed(NamedTuple):
    removed: tuple[Entry, ...]
    left: int
    """Bytes that are still there."""


def trim(
    directory: Path,
    *,
    size: int | None = None,
    before: float | None = None,
    since: float = float("inf"),
    keep: Collection[Path] = (),
) -> Trimmed:
    """Remove entries last used before ``before``, then the least recently used until ``size`` bytes are left at most.

    Entries used at ``since`` or later stay in any case: a build gives the time of its beginning, and as ``keep`` those
    that it has used itself, whatever the clock did meanwhile. Times are seconds of the system's clock.
    Other programs may use the cache meanwhile: what they miss they make again.
    """
    now = time.time()
    found = sorted(entries(directory), key=lambda entry: (entry.used, entry.path))
    left = sum(entry.size for entry in found)
    removed = []
    for entry in found:
        if entry.unfinished:
            goes = entry.used < now - ABANDONED
        else:
            old = before is not None and entry.used < before
            goes = (old or (size is not None and left > size)) and entry.used < since and entry.path not in keep
        if goes and remove(entry.path):
            removed.append(entry)
            left -= entry.size
    _remove_empty(directory, now - ABANDONED)
    return Trimmed(tuple(removed), left)


def remove(path: Path) -> bool:
    """Whether the file is gone; one that may not be removed, or that is gone already, is none of ours."""
    with contextlib.suppress(OSError):
        path.unlink()
        return True
    return False


def _remove_empty(directory: Path, before: float) -> None:
    """Folders that have been empty for a while: in a new one another build is about to write."""
    for part in PARTS:
        with contextlib.suppress(OSError), os.scandir(directory / part) as items:
            for item in items:
                with contextlib.suppress(OSError):  # one that is not empty stays
                    if (
                        item.is_dir(follow_symlinks=False)
                        and item.stat(follow_symlinks=False).st_mtime < before
                    ):
                        os.rmdir(item.path)  # noqa: PTH106
