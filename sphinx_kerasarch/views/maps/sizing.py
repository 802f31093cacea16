"""From the lengths of tensors to the lengths of their pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..layered.tensors import Net, Node

FIT: tuple[tuple[float, int], ...] = ((100, 8), (92, 7), (84, 6), (76, 5), (68, 4), (60, 4))
"""(px of the largest side, most maps in a stack), tried in this order."""
FURTHER: tuple[tuple[float, int], ...] = ((52, 4), (46, 3))
"""Tried before a figure is refused."""

OFFSET = 4.0
"""px from map to map, to the right and down."""
STRIP, STRIP_STEP = 12.0, (3.0, 6.0)
"""Height of a strip (a map with one axis), and from strip to strip."""
SMALLEST = 10.0
BAR, SHORTEST, SLANT = 7.0, 14.0, 0.6617
"""Width of a vector, its least height, and how far it leans for each px of height."""
LEAST_UNITS = 128
"""Units of the largest vector at least: bars of small models stay small."""
DEPTH = (0.30, 0.26)
"""px to the right and up for each px of depth of a volume with three axes."""
BALL = 13.0


@dataclass(frozen=True, slots=True)
class Size:
    """Lengths in px; places are counted from the left end and from the axis."""

    form: str
    """``stack``, ``strips``, ``volumes``, ``bar`` or ``ball``."""
    side: tuple[float, float]
    """Width and height of one map; of a bar its width and height."""
    count: int = 1
    """Maps that are drawn."""
    step: tuple[float, float] = (0.0, 0.0)
    depth: tuple[float, float] = (0.0, 0.0)

    @property
    def width(self) -> float:
        if self.form == "bar":
            return BAR + SLANT * self.side[1]
        return self.side[0] + self.step[0] * (self.count - 1) + self.depth[0]

    @property
    def height(self) -> float:
        return self.side[1] + self.step[1] * (self.count - 1) + self.depth[1]

    def corner(self, number: int) -> tuple[float, float]:
        """Upper left corner of a map, counted from the one behind all."""
        return (
            self.step[0] * number,
            -self.height / 2 + self.depth[1] + self.step[1] * number,
        )

    @property
    def front(self) -> tuple[float, float]:
        return self.corner(self.count - 1)


def _grown(length: int | None, largest: int, highest: float) -> float:
    share = 0.5 if length is None else length / largest
    return max(SMALLEST, highest * math.pow(share, 0.6))


def sizes(net: Net, highest: float, most: int) -> Mapping[str, Size]:
    """The picture of each tensor when the largest side is ``highest`` px and a stack has ``most`` maps."""
    volumes = [node for node in net.values() if node.kind != "ball" and node.rank >= 3]
    sides = [v or 1 for node in volumes for v in node.shape[-3:-1]] or [1]
    depths = [v or 1 for node in volumes for v in node.shape[:-3]] or [1]
    steps = [node.shape[0] or 1 for node in net.values() if node.rank == 2] or [1]
    units = [node.shape[0] or 1 for node in net.values() if node.rank == 1] or [1]
    largest = (max(sides), max(depths), max(steps), max(LEAST_UNITS, *units))
    return {i: _size(node, highest, most, largest) for i, node in net.items()}


def _size(node: Node, highest: float, most: int, largest: tuple[int, int, int, int]) -> Size:
    side, depth, steps, units = largest
    if node.kind == "ball":
        return Size("ball", (BALL, BALL))
    if node.rank <= 1:
        share = (node.shape[0] or units / 2) / units if node.shape else 1 / units
        return Size("bar", (BAR, max(SHORTEST, 0.95 * highest * share**0.35)))
    count = max(1, min(node.shape[-1] or most, most))
    if node.rank == 2:
        return Size("strips", (_grown(node.shape[0], steps, highest), STRIP), count, STRIP_STEP)
    height, width = (_grown(v, side, highest) for v in node.shape[-3:-1])
    if node.rank == 3:
        return Size("stack", (width, height), count, (OFFSET, OFFSET))
    deep = _grown(node.shape[-4], depth, 0.8 * highest)
    return Size(
        "volumes", (width, height), min(count, 4), (OFFSET, OFFSET), (DEPTH[0] * deep, DEPTH[1] * deep)
    )
