"""Lines that show weights: the sign by colour and dashes, the size by width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...figure import Group, Item, Path, Text
from ...figure.scene import Command
from ...layout.solid import Point
from ...layout.text import measure

WIDTHS = (0.5, 0.7, 1.0, 1.4, 1.9)
"""px for the fifths of the largest weight that is shown of a layer."""
STRENGTH = (0.35, 0.5, 0.65, 0.8, 0.9)
"""Opacity, likewise."""
DASH = (4.0, 2.4)
"""Of negative weights, for prints without colour."""
SIZE, SPACE, PITCH, ABOVE = 8.7, 14.0, 14.0, 16.0
SWATCH = 18.0


def lines(
    values: Sequence[Sequence[float | None]], starts: Sequence[Point], ends: Sequence[Point], ref: str
) -> Iterator[Path]:
    """The lines of one layer, the thin ones first. What is no finite number is drawn like a line without a weight."""
    largest = max((abs(v) for row in values for v in row if v is not None), default=0.0)
    groups: dict[tuple[int, str], list[Command]] = {}
    for row, (ax, ay) in zip(values, starts, strict=True):
        for value, (bx, by) in zip(row, ends, strict=True):
            level = min(int(5 * abs(value) / largest), 4) if value and largest else 0
            token = "rule" if not value else "plus" if value > 0 else "minus"
            groups.setdefault((level, token), []).extend(
                [("M", round(ax, 1), round(ay, 1)), ("L", round(bx, 1), round(by, 1))]
            )
    for level, token in sorted(groups):
        yield Path(
            tuple(groups[level, token]),
            stroke=token,
            width=WIDTHS[level],
            dash=DASH if token == "minus" else (),
            opacity=STRENGTH[level],
            role="fan",
            ref=ref,
        )


ENTRIES = (
    ("plus", WIDTHS[3], "positive weight"),
    ("minus", WIDTHS[3], "negative weight"),
    ("ink", 0.0, "width by size, layer by layer"),
)


def legend(width: float, height: float, pad: float = 8.0) -> tuple[Group, float, float]:
    """The legend under a figure, and width and height with it: in one row where that fits, else in three."""
    spans = [measure(words, SIZE) + (SWATCH if stroke else 0.0) for _, stroke, words in ENTRIES]
    whole = sum(spans) + SPACE * (len(ENTRIES) - 1)
    one = whole + 2 * pad <= width
    width = max(width, max(spans) + 2 * pad)
    items: list[Item] = []
    x = (width - whole) / 2 if one else (width - max(spans)) / 2
    y = height - pad + ABOVE
    for (token, stroke, words), span in zip(ENTRIES, spans, strict=True):
        start = x
        if stroke:
            swatch: tuple[Command, ...] = (
                ("M", round(x, 1), round(y, 1)),
                ("L", round(x + 14, 1), round(y, 1)),
            )
            dash = DASH if token == "minus" else ()
            items.append(Path(swatch, stroke=token, width=stroke, dash=dash, role="legend"))
            start += SWATCH
        items.append(
            Text(
                round(start, 1),
                round(y + 3, 1),
                words,
                SIZE,
                fill="muted",
                length=round(measure(words, SIZE), 2),
                role="legend",
            )
        )
        if one:
            x += span + SPACE
        else:
            y += PITCH
    bottom = y + (3 if one else 3 - PITCH) + pad + 2
    return Group(tuple(items), role="legend", label="Legend."), width, bottom
