"""Pictograms of the categories in a square of 14, for stroke 1.6 with round caps: one per category, own design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..figure import Circle, Item, Path

SIZE = 14.0


@dataclass(frozen=True, slots=True)
class Icon:
    """Polylines and Béziers as text: ``M x y L x y Q …``; filled shapes; discs and rings as (x, y, r)."""

    lines: str = ""
    shapes: str = ""
    discs: tuple[tuple[float, float, float], ...] = ()
    rings: tuple[tuple[float, float, float], ...] = ()


ICONS: Mapping[str, Icon] = {
    "data": Icon("M 1 7 L 9 7 M 6 3.8 L 9.2 7 L 6 10.2 M 12.5 2.5 L 12.5 11.5"),
    "output": Icon("M 1.5 2.5 L 1.5 11.5 M 4.5 7 L 12.5 7 M 9.5 3.8 L 12.7 7 L 9.5 10.2"),
    "conv": Icon(
        "M 1.5 1.5 L 12.5 1.5 L 12.5 12.5 L 1.5 12.5 L 1.5 1.5", "M 6.6 1.5 L 12.5 1.5 L 12.5 7.4 L 6.6 7.4 Z"
    ),
    "pool": Icon(shapes="M 1.2 2 L 12.8 2 L 9.4 12 L 4.6 12 Z"),
    "up": Icon(shapes="M 4.6 2 L 9.4 2 L 12.8 12 L 1.2 12 Z"),
    "norm": Icon("M 0.8 11.5 Q 4.2 11.5 5 6.5 Q 5.6 2.5 7 2.5 Q 8.4 2.5 9 6.5 Q 9.8 11.5 13.2 11.5"),
    "act": Icon("M 1 11 L 6.5 11 L 13 3"),
    "dense": Icon(
        "M 2.6 2.8 L 11.4 2.8 M 2.6 11.2 L 11.4 11.2 M 2.6 2.8 L 11.4 11.2 M 2.6 11.2 L 11.4 2.8",
        discs=((2.4, 2.8, 1.9), (11.6, 2.8, 1.9), (2.4, 11.2, 1.9), (11.6, 11.2, 1.9)),
    ),
    "recur": Icon(
        "M 12 7 C 12 10 9.8 12 7 12 C 4.2 12 2 9.8 2 7 C 2 4.2 4.2 2 7 2 C 8.6 2 10 2.7 11 3.9 "
        "M 11.4 1 L 11.4 4.4 L 8 4.4"
    ),
    "attn": Icon(
        "M 2 2.5 L 8.5 7 M 2 7 L 8.5 7 M 2 11.5 L 8.5 7",
        discs=((10.3, 7, 2.4), (2, 2.5, 1.2), (2, 7, 1.2), (2, 11.5, 1.2)),
    ),
    "embed": Icon(
        "M 1.8 1.5 L 12.2 1.5 L 12.2 12.5 L 1.8 12.5 L 1.8 1.5 M 1.8 5.2 L 12.2 5.2 M 1.8 8.8 L 12.2 8.8",
        "M 1.8 5.2 L 12.2 5.2 L 12.2 8.8 L 1.8 8.8 Z",
    ),
    "merge": Icon("M 7 1.5 L 7 12.5 M 1.5 7 L 12.5 7"),
    "−": Icon("M 1.5 7 L 12.5 7"),
    "×": Icon("M 3 3 L 11 11 M 3 11 L 11 3"),
    "÷": Icon("M 1.5 7 L 12.5 7", discs=((7, 2.8, 1.5), (7, 11.2, 1.5))),
    "·": Icon(
        "M 3.4 1.5 L 1.5 1.5 L 1.5 12.5 L 3.4 12.5 M 10.6 1.5 L 12.5 1.5 L 12.5 12.5 L 10.6 12.5",
        discs=((7, 7, 1.9),),
    ),
    "‖": Icon("M 4.6 1.5 L 4.6 12.5 M 9.4 1.5 L 9.4 12.5"),
    "join": Icon("M 2 2 L 7 7.5 M 12 2 L 7 7.5 L 7 12.5"),
    "reshape": Icon("M 1 3.5 L 8 3.5 L 8 10.5 L 1 10.5 L 1 3.5 M 12.2 1.5 L 12.2 12.5"),
    "reg": Icon(discs=((3.5, 3.5, 2.0), (10.5, 10.5, 2.0)), rings=((10.5, 3.5, 1.8), (3.5, 10.5, 1.8))),
    "prep": Icon("M 1 4.2 L 13 4.2 M 1 9.8 L 13 9.8", discs=((9.2, 4.2, 2.1), (4.8, 9.8, 2.1))),
    "custom": Icon(
        "M 5 1.5 Q 3 1.5 3 3.8 L 3 5.4 Q 3 7 1.4 7 Q 3 7 3 8.6 L 3 10.2 Q 3 12.5 5 12.5 "
        "M 9 1.5 Q 11 1.5 11 3.8 L 11 5.4 Q 11 7 12.6 7 Q 11 7 11 8.6 L 11 10.2 Q 11 12.5 9 12.5"
    ),
    "block": Icon("M 1.5 1.5 L 9 1.5 L 9 9 L 1.5 9 L 1.5 1.5 M 11 5 L 12.5 5 L 12.5 12.5 L 5 12.5 L 5 11"),
    "link": Icon(
        "M 5.6 8.4 L 8.4 5.6 M 6.2 4.4 L 8 2.6 Q 10 1 11.6 2.4 Q 13 4 11.4 6 L 9.6 7.8 "
        "M 7.8 9.6 L 6 11.4 Q 4 13 2.4 11.6 Q 1 10 2.6 8 L 4.4 6.2"
    ),
}
"""Category (or ``output``, ``block``, ``link``, the sign of an operation) → pictogram."""


def draw_icon(name: str, x: float, y: float, token: str, scale: float = 1.0) -> tuple[Item, ...]:
    """The pictogram with its upper left corner at ``x``, ``y``."""
    icon = ICONS.get(name, ICONS["custom"])
    width = round(1.6 * min(1.0, scale + 0.1), 2)
    items: list[Item] = []
    if icon.shapes:
        items.append(Path(_commands(icon.shapes, x, y, scale), token, None, role="icon"))
    if icon.lines:
        items.append(Path(_commands(icon.lines, x, y, scale), None, token, width, role="icon"))
    for cx, cy, r in icon.discs:
        items.append(Circle(x + cx * scale, y + cy * scale, r * scale, token, role="icon"))
    for cx, cy, r in icon.rings:
        items.append(Circle(x + cx * scale, y + cy * scale, r * scale, None, token, 1.1, role="icon"))
    return tuple(items)


def _commands(text: str, x: float, y: float, scale: float) -> tuple[tuple[str | float, ...], ...]:
    commands: list[tuple[str | float, ...]] = []
    current: list[str | float] = []
    for word in text.split():
        if word.isalpha():
            if current:
                commands.append(tuple(current))
            current = [word]
        else:
            origin = y if len(current) % 2 == 0 else x
            current.append(round(origin + float(word) * scale, 2))
    return (*commands, tuple(current))
