"""The last look: lines may cross neither pictures nor words nor run on top of each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ...figure import Circle, Group, Item, Path, Rect, Scene, Text

Box = tuple[float, float, float, float]
WIRES = frozenset({"edge", "skip"})
NEAR = 1.5
"""px that lines of different sources and targets keep from each other."""


def flat(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Group):
            yield from flat(item.items)
        else:
            yield item


def _hit(a: Box, b: Box, slack: float = 0.0) -> bool:
    return a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack


def text_box(text: Text) -> Box:
    left = text.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * text.length
    return (left, text.y - 0.73 * text.size, left + text.length, text.y + 0.21 * text.size)


def _boxes(scene: Scene) -> Iterator[tuple[str, Box]]:
    """What must stay free: pictures with their ids, words without."""
    for item in flat(scene.items):
        if isinstance(item, Text):
            yield "", text_box(item)
        elif isinstance(item, Circle) and item.role in {"ball", "neuron"}:
            yield item.ref, (item.x - item.r, item.y - item.r, item.x + item.r, item.y + item.r)
        elif isinstance(item, Rect):
            yield item.ref, (item.x, item.y, item.x + item.w, item.y + item.h)
        elif isinstance(item, Path) and item.role == "face":
            xs = [float(c[-2]) for c in item.commands if len(c) > 1]
            ys = [float(c[-1]) for c in item.commands if len(c) > 1]
            yield item.ref, (min(xs), min(ys), max(xs), max(ys))


def _wires(scene: Scene) -> Iterator[tuple[str, Box]]:
    """Level and upright pieces of lines with arrow heads."""
    for group in scene.items:
        if not isinstance(group, Group) or group.role not in WIRES:
            continue
        if not any(isinstance(item, Path) and item.role == "head" for item in group.items):
            continue
        for item in group.items:
            if isinstance(item, Path) and item.role in WIRES:
                corners = [(float(c[-2]), float(c[-1])) for c in item.commands if len(c) > 1]
                for (ax, ay), (bx, by) in pairwise(corners):
                    if min(abs(ax - bx), abs(ay - by)) < 1:
                        yield group.ref, (min(ax, bx), min(ay, by), max(ax, bx) + 0.1, max(ay, by) + 0.1)


def sound(scene: Scene) -> bool:
    """Whether every line can be followed from its start to its end."""
    boxes, wires = list(_boxes(scene)), list(_wires(scene))
    for ref, wire in wires:
        ends = ref.split("->")
        for owner, box in boxes:
            if owner in ends:
                continue
            if _hit(wire, box, 0.3):
                return False
    for k, (ref, wire) in enumerate(wires):
        for other, second in wires[k + 1 :]:
            if set(ref.split("->")) & set(other.split("->")):
                continue
            upright = wire[2] - wire[0] < 0.5, second[2] - second[0] < 0.5
            if upright[0] == upright[1] and _hit(
                (wire[0] - NEAR, wire[1] - NEAR, wire[2] + NEAR, wire[3] + NEAR), second
            ):
                return False
    return True
