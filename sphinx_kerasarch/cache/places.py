"""Paths that can move: a checkout elsewhere, or a cache that was brought from another machine, still fits."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

STEPS_UP = 3
"""How far above a root a file may lie and still be thought to move with it."""


HOME = "~:"
"""Begins the text of a file in a hidden folder of the user's home, which lies elsewhere on another machine."""


class Places:
    """Absolute path ↔ text relative to the first fitting root.

    ``roots``: directories of the project, in an order that is the same everywhere. Without any, the directory of
    the cache is the point of reference, because it mostly lies inside the project.
    """

    def __init__(self, roots: Sequence[str], directory: Path) -> None:
        self.roots = [str(Path(root).absolute()) for root in roots] or [str(directory.absolute())]
        self._home = os.path.expanduser("~")  # noqa: PTH111
        self._above = STEPS_UP if roots else 99
        self._known: dict[str, str] = {}
        self._starts: list[tuple[int, str]] = []

    def portable(self, path: str) -> str:
        """``0:mypkg/models.py`` for a file below the first root; absolute paths stay what they are."""
        ways = []
        for index, start in self._roots_and_ends():
            try:
                way = Path(os.path.relpath(path, start)).as_posix()
            except ValueError:  # another drive
                continue
            ways.append((way.split("/").count(".."), len(way), index, way))
        up, _, index, way = min(ways, default=(99, 0, 0, ""))
        if up and path.startswith(os.path.join(self._home, ".")):  # noqa: PTH118
            return HOME + Path(os.path.relpath(path, self._home)).as_posix()
        return f"{index}:{way}" if up <= self._above and ways else path

    def _roots_and_ends(self) -> list[tuple[int, str]]:
        """Number and path of the roots; also where their links lead, for paths that were followed through links."""
        if not self._starts:
            roots = list(enumerate(self.roots))
            ends = [(index, os.path.realpath(root)) for index, root in roots]
            self._starts = list(dict.fromkeys([*roots, *ends]))
        return self._starts

    def absolute(self, text: str) -> str:
        """The path for :meth:`portable`'s text here; "" when there is no such root."""
        if text not in self._known:
            self._known[text] = self._absolute(text)
        return self._known[text]

    def _absolute(self, text: str) -> str:
        number, colon, way = text.partition(":")
        if text.startswith(HOME):
            return os.path.normpath(os.path.join(self._home, way))  # noqa: PTH118
        if not colon or not number.isdecimal():
            return text
        if int(number) >= len(self.roots):
            return ""
        return os.path.normpath(os.path.join(self.roots[int(number)], way))  # noqa: PTH118


PATHS = ("files", "listings", "kinds", "links", "modules", "shadows", "folder")
"""Parts of a record whose keys are paths."""

LED = ("links", "lent")
"""Parts whose values are."""


def pack(inputs: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """A record with portable paths."""
    return _moved(inputs, places.portable)


def unpack(inputs: Mapping[str, Any], places: Places) -> dict[str, Any]:
    """The record with the paths of this place."""
    return _moved(inputs, places.absolute)


def _moved(inputs: Mapping[str, Any], move: Callable[[str], str]) -> dict[str, Any]:
    moved = dict(inputs)
    for part in PATHS:
        if part in moved:
            moved[part] = {move(path): value for path, value in moved[part].items()}
    for part in LED:
        if part in moved:
            moved[part] = {key: move(path) for key, path in moved[part].items()}
    return moved
