"""Patterns for prints without colour: lines and dots inside the faces, as paths that every format can draw.

They repeat what the hue says where two categories are equally light and equal in shape. Shapes that tell themselves
(the bevel of a pool, the bar of a dense layer) and the plain grounds (inputs, convolutions) stay empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..figure import Group, Item, Path, Rect, Scene

Point = tuple[float, float]

PATTERNS: Mapping[str, tuple[float, ...]] = {
    "norm": (0.0,),
    "recur": (45.0,),
    "up": (-45.0,),
    "attn": (45.0, -45.0),
    "embed": (),
    "pool": (0.0, 90.0),
}
"""Category → angles of its lines in degrees, none for dots."""

FORMS = frozenset({"pool"})
"""Categories told by their form where they are drawn as frustums."""

TONES = frozenset({"front", "side", "flank", "face"})
"""Tones of the faces that carry a pattern; the top stays plain, so that a box keeps its form."""

PITCH, SMALL_PITCH = 4.5, 3.0
"""px between lines; the second in faces less than ``SMALL`` px wide or high."""
SMALL = 12.0
THINNEST = 2.5
"""px; a narrower face has no room for a pattern."""
INSET = 0.4


def hatched(scene: Scene) -> Scene:
    """``scene`` with patterns on the faces of the categories that have one."""
    return replace(scene, items=tuple(_hatched(scene.items)))


def _hatched(items: Iterable[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Group):
            yield replace(item, items=tuple(_hatched(item.items)))
            continue
        yield item
        if not isinstance(item, Path | Rect) or not item.fill:
            continue
        category, _, tone = item.fill.partition(".")
        frustum = item.stroke is not None  # the outlines of a box are items of their own
        if category not in PATTERNS or tone not in TONES or (frustum and category in FORMS):
            continue
        angles = PATTERNS[category]
        commands = tuple(_commands(_corners(item), angles))
        if commands:
            width = 0.5 if angles else 1.1
            stroke = f"{category}.outline"
            yield Path(commands, None, stroke, width, opacity=0.6, role="decoration", ref=item.ref)


def _corners(item: Path | Rect) -> Sequence[Point]:
    """Of a polygon; nothing for curves and open lines."""
    if isinstance(item, Rect):
        x, y, w, h = item.x, item.y, item.w, item.h
        return ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
    if item.commands[-1][0] != "Z" or any(command[0] not in {"M", "L", "Z"} for command in item.commands):
        return ()
    return [(float(command[1]), float(command[2])) for command in item.commands[:-1]]


def _commands(corners: Sequence[Point], angles: Sequence[float]) -> Iterator[tuple[str | float, ...]]:
    if not corners:
        return
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    least = min(max(xs) - min(xs), max(ys) - min(ys))
    if least < THINNEST:
        return
    pitch = SMALL_PITCH if least < SMALL else PITCH
    if not angles:
        yield from _dots(corners, pitch)
    for angle in angles:
        for (ax, ay), (bx, by) in _lines(corners, angle, pitch):
            yield ("M", round(ax, 1), round(ay, 1))
            yield ("L", round(bx, 1), round(by, 1))


def _lines(corners: Sequence[Point], angle: float, pitch: float) -> Iterator[tuple[Point, Point]]:
    """Parallel lines cut to a convex polygon; they continue from face to face, being counted from the origin."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turned = [(x * cos + y * sin, y * cos - x * sin) for x, y in corners]
    low, high = min(v for _, v in turned), max(v for _, v in turned)
    for number in range(math.ceil((low + INSET) / pitch), math.floor((high - INSET) / pitch) + 1):
        level = number * pitch
        cuts = sorted(
            ua + (ub - ua) * (level - va) / (vb - va)
            for (ua, va), (ub, vb) in zip(turned, [*turned[1:], turned[0]], strict=True)
            if (va <= level) != (vb <= level)
        )
        if len(cuts) == 2 and cuts[1] - cuts[0] > 2 * INSET:
            ends = (cuts[0] + INSET, cuts[1] - INSET)
            start, end = ((u * cos - level * sin, u * sin + level * cos) for u in ends)
            yield start, end


def _dots(corners: Sequence[Point], pitch: float) -> Iterator[tuple[str | float, ...]]:
    """Lines without length, which round caps make dots; rows are shifted by half."""
    for (ax, y), (bx, _) in _lines(corners, 0.0, pitch * 0.8):
        shift = pitch / 2 if round(y / (pitch * 0.8)) % 2 else 0.0
        for number in range(
            math.ceil((ax + 0.3 - shift) / pitch), math.floor((bx - 0.3 - shift) / pitch) + 1
        ):
            x = number * pitch + shift
            yield ("M", round(x, 1), round(y, 1))
            yield ("L", round(x + 0.1, 1), round(y, 1))
