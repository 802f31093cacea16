"""Paths that can move: a checkout elsewhere, or a cache that was brought from another machine, still fits."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

STEPS_UP = 3
"""How far above a root a file may lie and still be thought to move with it."""


class Places:
    """Absolute path ↔ text relative to the first fitting root.

    ``roots``: directories of the project, in an order that is the same everywhere. Without any, the directory of
    the cache is the point of reference, because it mostly lies inside the project.
    """

    def __init__(self, roots: Sequence[str], directory: Path) -> None:
        self.roots = [str(Path(root).absolute()) for root in roots] or [str(directory.absolute())]
        self._above = STEPS_UP if roots else 99

    def portable(self, path: str) -> str:
        """``0:mypkg/models.py`` for a file below the first root; absolute paths stay what they are."""
        ways = []
        for index, root in enumerate(self.roots):
            try:
                way = Path(os.path.relpath(path, root)).as_posix()
            except ValueError:  # another drive
                continue
            up = way.split("/").count("..")
            if up <= self._above:
                ways.append((up, len(way), index, way))
        if not ways:
            return path
        _, _, index, way = min(ways)
        return f"{index}:{way}"

    def absolute(self, text: str) -> str:
        """The path for :meth:`portable`'s text here; "" when there is no such root."""
        number, colon, way = text.partition(":")
        if not colon or not number.isdecimal():
            return text
        if int(number) >= len(self.roots):
            return ""
        return os.path.normpath(os.path.join(self.roots[int(number)], way))  # noqa: PTH118


PATHS = ("files", "listings", "folder")
"""Parts of a record whose keys are paths."""


def pack(inputs: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """A record with portable paths."""
    moved = {
        part: {places.portable(path): value for path, value in sorted(inputs[part].items())}
        for part in PATHS
        if part in inputs
    }
    return {**inputs, **moved}


def unpack(inputs: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The record with the paths of this place."""
    moved = {
        part: {places.absolute(text): value for text, value in inputs[part].items()}
        for part in PATHS
        if part in inputs
    }
    return {**inputs, **moved}
