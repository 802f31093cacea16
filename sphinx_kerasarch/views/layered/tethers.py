"""Dotted lines between branches that call the same nested model: one set of weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ...figure import Circle, Group, Item, Path, Rect, Text
from ...spec.model import Block

CLEAR = 4.0
"""px around a tether."""
LEAST, END = 7.0, 2.0
"""px of the shortest tether; between it and the box that it leads to."""
STEP = 4.0
SAME = ", same weights"
"""After the name of a nested model that is called again."""

Box = tuple[float, float, float, float, str]
"""x and y from, x and y to, and what it belongs to."""


def tethers(
    blocks: Sequence[Block], named: Sequence[tuple[str, str, frozenset[str]]], items: Sequence[Item]
) -> list[Item]:
    """From the bracket of each call of a nested model down to the boxes of the next one, where the way is free."""
    model = {block.id: block.model for block in blocks if block.model}
    calls: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for _, block, nodes in named:
        if block in model:
            calls.setdefault(model[block], []).append((block, nodes))
    painted = {item.ref: item for item in items if isinstance(item, Group) and item.role == "block"}
    again = [known for known in calls.values() if len(known) > 1]
    obstacles = [box for item in items for box in _boxes(item, "")] if again else []
    found: list[Item] = []
    for known in again:
        for (block, _), (_, nodes) in pairwise(known):
            line = _line(painted[block], nodes, obstacles) if block in painted else None
            if line:
                found.append(line)
    return found


def _line(bracket: Group, nodes: frozenset[str], obstacles: Sequence[Box]) -> Path | None:
    paths = [item for item in bracket.items if isinstance(item, Path)]
    points = [(float(c[-2]), float(c[-1])) for path in paths for c in path.commands if len(c) > 2]
    left, right, low = min(x for x, _ in points), max(x for x, _ in points), max(y for _, y in points)
    middle = (left + right) / 2
    places = [left + 10 + STEP * k for k in range(int((right - left - 20) / STEP) + 1)]
    for x in sorted(places, key=lambda place: abs(place - middle)):
        below = [box for box in obstacles if box[0] - CLEAR < x < box[2] + CLEAR and box[3] > low + 1]
        if not below:
            continue
        y, owner = min((box[1], box[4]) for box in below)
        if owner in nodes and y - low > LEAST:
            return Path(
                (("M", round(x, 1), round(low + END, 1)), ("L", round(x, 1), round(y - END, 1))),
                stroke="muted",
                width=1.0,
                dash=(1.2, 3.0),
                role="tether",
                ref=bracket.ref,
            )
    return None


def _boxes(item: Item, owner: str) -> Iterator[Box]:
    """Rectangles around short pieces of what is painted."""
    if isinstance(item, Group):
        for inner in item.items:
            yield from _boxes(inner, item.ref if item.role == "call" else "")
    elif isinstance(item, Text):
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[item.anchor] * item.length
        x = item.x - shift
        yield (x, item.y - 0.74 * item.size, x + item.length, item.y + 0.22 * item.size, "")
    elif isinstance(item, Path):
        points = [(float(c[-2]), float(c[-1])) for c in item.commands if len(c) > 2]
        for a, b in pairwise(points):
            yield (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]), owner)
    elif isinstance(item, Rect):
        yield (item.x, item.y, item.x + item.w, item.y + item.h, owner)
    elif isinstance(item, Circle):
        yield (item.x - item.r, item.y - item.r, item.x + item.r, item.y + item.r, owner)


def told_again(blocks: Sequence[Block]) -> Mapping[str, bool]:
    """Block of a model that is called several times → whether it is a further call."""
    count: dict[str, int] = {}
    for block in blocks:
        if block.model:
            count[block.model] = count.get(block.model, 0) + 1
    seen: set[str] = set()
    result: dict[str, bool] = {}
    for block in blocks:
        if count.get(block.model, 0) > 1:
            result[block.id] = block.model in seen
            seen.add(block.model)
    return result
