"""Dotted lines between calls of the same weights that stand in one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from ..figure import Circle, Graph, Group, Item, Path, Rect, flat
from .cards import OUT, styled
from .icons import draw_icon
from .text import measure

WORDS = "same weights"
GAP = 8.0
"""px between a word and its line, and of the shortest line."""
LEAST = 10.0
"""px between cards from which a line shows."""
ROOM = measure(WORDS, 10, 500) + 13 + 4 * GAP + OUT
"""px that words, pictogram and two ends of the line need between cards."""


def tethered(graph: Graph) -> frozenset[str]:
    """Cards and clusters that a tether begins at."""
    return frozenset(link.source for link in graph.links if link.tether)


def draw_tethers(graph: Graph, items: Sequence[Item]) -> list[Item]:
    """A tether for each pair of calls with nothing between them; none where the way is not free."""
    painted = list(flat(items))
    boxes = {item.ref: item for item in painted if isinstance(item, Rect) and item.role in {"card", "cluster"}}
    parents = {card.id: card.parent for card in graph.cards} | {c.id: c.parent for c in graph.clusters}
    found: list[Item] = []
    for link in graph.links:
        if not link.tether or not {link.source, link.target} <= boxes.keys():
            continue
        first, again = boxes[link.source], boxes[link.target]
        if first.x > again.x:
            first, again = again, first
        y = round((again if again.h <= first.h else first).y + min(first.h, again.h) / 2, 2)
        left, right = first.x + first.w, again.x
        if not first.y < y < first.y + first.h or not again.y < y < again.y + again.h or right - left < LEAST:
            continue
        around = {name for end in (link.source, link.target) for name in (end, *_holders(end, parents))}
        if not any(_crosses(item, left, right, y, around) for item in painted):
            found.append(_tether(left, right, y, f"{link.source}={link.target}"))
    return found


def _holders(name: str, parents: Mapping[str, str | None]) -> set[str]:
    found: set[str] = set()
    at = parents.get(name)
    while at is not None:
        found.add(at)
        at = parents.get(at)
    return found


def _crosses(item: Item, left: float, right: float, y: float, around: set[str]) -> bool:
    """Whether something painted stands on the way, with 4 px around it."""
    if isinstance(item, Rect):
        if item.ref in around or item.role not in {"card", "cluster"}:
            return False
        return item.x < right and item.x + item.w > left and item.y - 4 < y < item.y + item.h + 4
    if isinstance(item, Circle):
        return left < item.x + item.r and item.x - item.r < right and abs(item.y - y) < item.r + 4
    if not isinstance(item, Path) or item.role not in {"edge", "skip"}:
        return False
    points = [(float(c[-2]), float(c[-1])) for c in item.commands if len(c) > 2]
    return any(
        max(a[0], b[0]) > left - 2
        and min(a[0], b[0]) < right + 2
        and min(a[1], b[1]) - 8 < y < max(a[1], b[1]) + 8
        for a, b in pairwise(points)
    )


def _tether(left: float, right: float, y: float, ref: str) -> Group:
    items: list[Item] = []
    wide = measure(WORDS, 10, 500) + 13
    if right - left >= ROOM - OUT:
        start = round((left + right - wide) / 2, 2)
        spans = [(left, start - GAP), (start + wide + GAP, right)]
        items += draw_icon("link", start, y - 4.6, "ink2", 0.65)
        items.append(styled("tether", start + 13, y + 3.5, WORDS, ref))
    else:
        spans = [(left, right)]
    for a, b in spans:
        line = (("M", round(a, 2), y), ("L", round(b, 2), y))
        items.append(Path(line, None, "ink2", 1.2, dash=(1.2, 3.0), role="tether", ref=ref))
    return Group(tuple(items), ref, "tether", WORDS)
