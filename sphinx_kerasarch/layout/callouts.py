"""The call-out form: a folded spine on the left, one of its parts open on the right, two dashed guides between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ..errors import DrawError
from ..figure import Circle, Graph, Group, Image, Item, Path, Rect, Scene, Text

GAP = 34.0
"""px between the spine and the open part."""
SPINE = 0.42
"""Of the width, at most, for the spine."""
OUT = 4.0
"""px from a card to its guide."""


def with_callout(graph: Graph, arrange: Callable[[Graph], Scene]) -> Scene:
    """The drawing of a graph with a call-out. Raises :class:`.DrawError` when one of its halves does not fit."""
    callout = graph.callout
    assert callout is not None
    spine = _half(replace(graph, callout=None, width=graph.width * SPINE), arrange, graph.title)
    room = graph.width - spine.width - GAP + 12
    part = _half(replace(callout.graph, width=room), arrange, graph.title)
    card = _box(spine.items, callout.card, {"card"})
    cluster = _box(part.items, callout.graph.clusters[0].id, {"cluster"})
    # The part stands with its head beside the card, as far as the page allows.
    low = max(spine.height, part.height)
    down = min(max(card.y + card.h / 2 - cluster.y - 13, 0.0), low - part.height)
    across = spine.width + GAP - 12
    moved = [shifted(item, across, down) for item in part.items]
    left, top = cluster.x + across, cluster.y + down
    edge = max(item.x + item.w for item in _rects(spine.items) if item.role in {"card", "stack"})
    # Beside other cards of the spine a guide lies: it slants where there is nothing left.
    stacked = any(
        item.role == "stack" and 0 < item.x - card.x < 7 > item.y - card.y > 0 for item in _rects(spine.items)
    )
    first = card.x + card.w + OUT + 6.0 * stacked
    ends = [(card.y, top + 8.0), (card.y + card.h, top + cluster.h - 8.0)]
    guides = [_guide(first, edge + OUT, left - OUT, *end, callout.card) for end in ends]
    return replace(
        spine,
        width=round(across + part.width, 1),
        height=round(low, 1),
        items=(*spine.items, *guides, *moved),
        description=graph.description,
    )


def _guide(first: float, edge: float, end: float, y0: float, y1: float, ref: str) -> Path:
    beside = [("L", round(edge, 2), round(y0, 2))] if edge > first else []
    way = (("M", round(first, 2), round(y0, 2)), *beside, ("L", round(end, 2), round(y1, 2)))
    return Path(way, None, "muted", 1.0, dash=(4.0, 3.0), role="guide", ref=ref)


def _half(graph: Graph, arrange: Callable[[Graph], Scene], title: str) -> Scene:
    try:
        return arrange(graph)
    except DrawError as error:
        raise DrawError(
            f"A call-out in the graph of {title} does not fit beside its spine.",
            advice="Allow more width (width: 260mm), fold more, or leave out callout.",
            data=error.data,
        ) from error


def _rects(items: Sequence[Item]) -> Iterator[Rect]:
    for item in items:
        if isinstance(item, Group):
            yield from _rects(item.items)
        elif isinstance(item, Rect):
            yield item


def _box(items: Sequence[Item], ref: str, roles: set[str]) -> Rect:
    return next(item for item in _rects(items) if item.ref == ref and item.role in roles)


def shifted(item: Item, dx: float, dy: float) -> Item:
    """``item`` moved by ``dx`` and ``dy`` px."""
    if isinstance(item, Group):
        return replace(item, items=tuple(shifted(inner, dx, dy) for inner in item.items))
    if isinstance(item, Path):
        moved = []
        for letter, *numbers in item.commands:
            places = [
                round(float(number) + (dy if index % 2 else dx), 2) for index, number in enumerate(numbers)
            ]
            moved.append((letter, *places))
        return replace(item, commands=tuple(moved))
    if isinstance(item, Image):
        raise AssertionError("a graph has no pictures")
    if isinstance(item, Rect | Circle | Text):
        return replace(item, x=round(item.x + dx, 2), y=round(item.y + dy, 2))
    raise AssertionError(item)
