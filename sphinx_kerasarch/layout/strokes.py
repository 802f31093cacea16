"""Lines with rounded corners and solid arrowheads, as paths (converters lose markers)."""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]
Commands = tuple[tuple[str | float, ...], ...]


def rounded_line(points: Sequence[Point], radius: float) -> Commands:
    """A polyline whose corners are rounded by at most ``radius`` px and half of the shorter leg."""
    if not points:
        return ()
    commands: list[tuple[str | float, ...]] = [("M", *points[0])]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        first, second = math.dist(before, corner), math.dist(corner, after)
        cut = min(radius, first / 2, second / 2)
        if cut < 0.5:
            commands.append(("L", *corner))
            continue
        commands.append(("L", *_towards(corner, before, cut)))
        commands.append(("Q", *corner, *_towards(corner, after, cut)))
    commands.append(("L", *points[-1]))
    return tuple(commands)


def _towards(start: Point, end: Point, distance: float) -> Point:
    length = math.dist(start, end)
    share = distance / length
    return (
        round(start[0] + (end[0] - start[0]) * share, 2),
        round(start[1] + (end[1] - start[1]) * share, 2),
    )


def head(tail: Point, tip: Point, length: float = 7.5, width: float = 7.2) -> tuple[Point, Commands]:
    """The point where the line stops, and the triangle with its tip on ``tip``."""
    distance = math.dist(tail, tip) or 1.0
    ux, uy = (tip[0] - tail[0]) / distance, (tip[1] - tail[1]) / distance
    base = (tip[0] - ux * length, tip[1] - uy * length)
    half = width / 2
    corners = (tip, (base[0] - uy * half, base[1] + ux * half), (base[0] + uy * half, base[1] - ux * half))
    neck = (round(tip[0] - ux * (length - 1), 2), round(tip[1] - uy * (length - 1), 2))
    triangle = tuple(
        (letter, round(x, 2), round(y, 2)) for letter, (x, y) in zip("MLL", corners, strict=True)
    )
    return neck, (*triangle, ("Z",))
