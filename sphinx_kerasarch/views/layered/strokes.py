"""Arrows and dashes: rounded orthogonal lines with a solid head."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...figure import Circle, Item, Path
from ...figure.scene import Command
from ...layout.solid import Point, line

HEAD, HALF = 5.2, 2.3
"""Length and half width of an arrow head, px."""
CORNER = 5.0
DASH = (2.2, 1.8)


def clean(points: Sequence[Point]) -> list[Point]:
    """Without repeated points and points in the middle of a straight line."""
    result: list[Point] = []
    for point in points:
        if result and math.dist(result[-1], point) < 0.05:
            continue
        if len(result) > 1:
            (ax, ay), (bx, by) = result[-2], result[-1]
            if (abs(ax - bx) < 0.05 and abs(bx - point[0]) < 0.05) or (
                abs(ay - by) < 0.05 and abs(by - point[1]) < 0.05
            ):
                result.pop()
        result.append(point)
    return result


def _rounded(points: Sequence[Point]) -> tuple[Command, ...]:
    def at(x: float, y: float) -> tuple[float, float]:
        return (round(x, 1), round(y, 1))

    commands: list[Command] = [("M", *at(*points[0]))]
    for (x0, y0), (x1, y1), (x2, y2) in zip(points, points[1:], points[2:], strict=False):
        before, after = math.hypot(x1 - x0, y1 - y0) or 1.0, math.hypot(x2 - x1, y2 - y1) or 1.0
        r = min(CORNER, before / 2, after / 2)
        commands.append(("L", *at(x1 - (x1 - x0) / before * r, y1 - (y1 - y0) / before * r)))
        commands.append(("Q", *at(x1, y1), *at(x1 + (x2 - x1) / after * r, y1 + (y2 - y1) / after * r)))
    commands.append(("L", *at(*points[-1])))
    return tuple(commands)


def arrow(
    points: Sequence[Point],
    ref: str,
    *,
    style: str = "edge",
    width: float = 1.0,
    dot: bool = False,
    role: str = "edge",
) -> list[Item]:
    """A line along ``points`` whose head has its tip on the last one; ``dot`` marks the start."""
    points = clean(points)
    (xa, ya), (xb, yb) = points[-2], points[-1]
    length = math.hypot(xb - xa, yb - ya) or 1.0
    ux, uy = (xb - xa) / length, (yb - ya) / length
    stop = (xb - ux * min(HEAD - 1, length), yb - uy * min(HEAD - 1, length))
    items: list[Item] = [Path(_rounded([*points[:-1], stop]), stroke=style, width=width, role=role, ref=ref)]
    bx, by = xb - ux * HEAD, yb - uy * HEAD
    tip = [(xb, yb), (bx - uy * HALF, by + ux * HALF), (bx + uy * HALF, by - ux * HALF)]
    head: tuple[Command, ...] = (
        ("M", round(tip[0][0], 1), round(tip[0][1], 1)),
        ("L", round(tip[1][0], 1), round(tip[1][1], 1)),
        ("L", round(tip[2][0], 1), round(tip[2][1], 1)),
        ("Z",),
    )
    items.append(Path(head, fill=style, role="head", ref=ref))
    if dot:
        items.append(
            Circle(round(points[0][0], 1), round(points[0][1], 1), 1.5, fill=style, role="dot", ref=ref)
        )
    return items


def dashed(a: Point, b: Point, ref: str) -> Path:
    return line((a, b), stroke="rule", width=0.7, dash=DASH, role="dash", ref=ref)
