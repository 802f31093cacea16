"""A drawing with places: shapes and texts in CSS pixels (96 per inch), y downwards.

Colours are style tokens (``conv.front``, ``ink``), resolved by :mod:`..theme` when written, so that one Scene serves
light, dark, print and greyscale. ``None`` as fill or stroke is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .graph import Graph

Command = tuple[str | float, ...]
"""``("M", x, y)``, ``("L", x, y)``, ``("Q", x1, y1, x, y)``, ``("C", x1, y1, x2, y2, x, y)``, ``("Z",)``: absolute."""

Token = str


@dataclass(frozen=True, slots=True)
class Path:
    commands: tuple[Command, ...]
    fill: Token | None = None
    stroke: Token | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()
    opacity: float = 1.0
    """Of fill and stroke together."""
    role: str = ""
    """What it stands for, for the lint: ``edge``, ``skip``, ``head``, ``face``, ``bracket``, ``decoration``, …"""
    ref: str = ""
    """Call id, or ``source->target`` for an edge."""


@dataclass(frozen=True, slots=True)
class Rect:
    x: float
    y: float
    w: float
    h: float
    radius: float = 0.0
    fill: Token | None = None
    stroke: Token | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()
    corners: str = "all"
    """Which corners are rounded: ``all``, ``left`` (the tile of a card), ``top`` or ``topleft`` (a header)."""
    role: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Circle:
    x: float
    y: float
    r: float
    fill: Token | None = None
    stroke: Token | None = None
    width: float = 1.0
    role: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    x: float
    y: float
    """Baseline."""
    text: str
    size: float
    weight: int = 400
    """400, 500, 600 or 700."""
    fill: Token = "ink"
    anchor: str = "start"
    """``start``, ``middle`` or ``end``."""
    length: float = 0.0
    """Measured advance width in px, see :func:`..layout.text.measure`."""
    role: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture in the unit square mapped by ``matrix`` (a, b, c, d, e, f as in SVG)."""

    matrix: tuple[float, float, float, float, float, float]
    data: bytes
    """PNG bytes."""
    role: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Items that stand for one thing: a layer, a block, an edge, the legend."""

    items: tuple[Item, ...]
    ref: str = ""
    """Call or block id."""
    role: str = ""
    """``call``, ``block``, ``edge``, ``legend``, ``panel``."""
    label: str = ""
    """A full sentence for assistive technology."""


Item = Path | Rect | Circle | Text | Image | Group


def flat(items: Iterable[Item]) -> Iterator[Path | Rect | Circle | Text | Image]:
    """All items, groups opened, in the order of painting."""
    for item in items:
        if isinstance(item, Group):
            yield from flat(item.items)
        else:
            yield item


@dataclass(frozen=True, slots=True)
class Scene:
    width: float
    """CSS px."""
    height: float
    items: tuple[Item, ...] = ()
    """Painted in this order."""
    title: str = ""
    description: str = ""
    """Long description (alternative text)."""
    background: Token = "bg"
    notes: tuple[str, ...] = field(default=())
    """What the reader should know and the drawing does not show (folds, omissions)."""
    graph: Graph | None = None
    """The same without places, for formats that give places themselves; none where nobody made one."""
