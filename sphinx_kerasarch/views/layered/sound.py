"""The last look at a figure of many lanes: one that cannot be read is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ...figure import Group, Item, Path
from .labels import Rect, hit
from .rows import Page

CROSSED = 3
"""Labels that lines may cross in a figure with that many ways beside each other."""


def sound(page: Page, items: Sequence[Item]) -> bool:
    """Whether no box stands on a box of another lane, and hardly a line crosses a label."""
    if len(page.structure.chains) < 2:
        return True
    return not any(_overlaps(page)) and sum(_crossed(page, items)) <= CROSSED


def _overlaps(page: Page) -> Iterator[bool]:
    chain_of = page.structure.chain_of
    boxes = sorted(
        ((s.left, page.axis[i] + s.top, s.right, page.axis[i] + s.bottom), chain_of[i])
        for i, s in page.solids.items()
    )
    for k, (first, chain) in enumerate(boxes):
        for second, other in boxes[k + 1 :]:
            if second[0] > first[2]:
                break
            yield chain != other and hit(first, second, -2.0)


def _crossed(page: Page, items: Sequence[Item]) -> Iterator[bool]:
    lines: list[Rect] = []
    for group in items:
        for item in group.items if isinstance(group, Group) else ():
            if isinstance(item, Path) and item.role in {"edge", "skip"}:
                corners = [(float(c[-2]), float(c[-1])) for c in item.commands if len(c) > 1]
                for (ax, ay), (bx, by) in pairwise(corners):
                    if min(abs(ax - bx), abs(ay - by)) < 1:
                        lines.append((min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)))
    for label in page.lines:
        yield any(hit(label.rect, line, -0.6) for line in lines)
