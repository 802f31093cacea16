"""The last look: lines may cross neither pictures nor words nor run on top of each other."""

from __future__ import annotations

from collections.abc import Iterator

from ...figure import Circle, Group, Path, Rect, Scene, Text, flat
from ...layout.clash import Box, extent, segments, text_box

WIRES = frozenset({"edge", "skip"})
NEAR = 1.5
"""px that lines of different sources and targets keep from each other."""
SLACK = 0.3


def _boxes(scene: Scene) -> Iterator[tuple[str, Box]]:
    """What must stay free: pictures with their ids, words without."""
    for item in flat(scene.items):
        if isinstance(item, Text):
            yield "", text_box(item)
            continue
        solid = isinstance(item, Circle) and item.role in {"ball", "neuron"}
        solid = solid or isinstance(item, Rect) or (isinstance(item, Path) and item.role == "face")
        if solid and (box := extent(item)):
            yield getattr(item, "ref", ""), box


def _wires(scene: Scene) -> Iterator[tuple[str, Box]]:
    """Level and upright pieces of lines with arrow heads."""
    for group in scene.items:
        if not isinstance(group, Group) or group.role not in WIRES:
            continue
        paths = [item for item in group.items if isinstance(item, Path)]
        if not any(path.role == "head" for path in paths):
            continue
        for path in paths:
            for piece in segments(path) if path.role in WIRES else ():
                if min(piece.right - piece.left, piece.bottom - piece.top) < 1:
                    yield group.ref, piece


def _thick(box: Box, by: float) -> Box:
    return Box(box.left - by, box.top - by, box.right + by, box.bottom + by)


def sound(scene: Scene) -> bool:
    """Whether every line can be followed from its start to its end."""
    boxes, wires = list(_boxes(scene)), list(_wires(scene))
    for ref, wire in wires:
        ends = ref.split("->")
        if any(owner not in ends and _thick(wire, SLACK).meets(box, SLACK) for owner, box in boxes):
            return False
    for k, (ref, wire) in enumerate(wires):
        for other, second in wires[k + 1 :]:
            if set(ref.split("->")) & set(other.split("->")):
                continue
            level = [box.right - box.left >= 0.5 for box in (wire, second)]
            if level[0] == level[1] and _thick(wire, NEAR).meets(_thick(second, 0.1), 0.0):
                return False
    return True
