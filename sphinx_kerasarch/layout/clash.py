"""What is in the way of what in a drawing: letters, boxes and lines, measured on the painted shapes."""

from __future__ import annotations

import functools
import math
import operator
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ..figure import Circle, Group, Item, Path, Rect, Text, flat

TOLERANCE = 0.6
"""px by which boxes may touch: advance widths hold the side bearings, letters do not fill them."""
LINES = frozenset({"edge", "skip"})
FACES = frozenset({"face", "band"})
GRID = 60
"""Cells on each side of the grid on which emptiness is measured."""
MOST_EMPTY = 0.25
"""Share of a figure that one empty rectangle may take."""
WORTH = 320.0
"""px; narrower figures are not measured for emptiness."""


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box, tolerance: float = TOLERANCE) -> bool:
        return (
            self.left < other.right - tolerance
            and other.left < self.right - tolerance
            and self.top < other.bottom - tolerance
            and other.top < self.bottom - tolerance
        )

    def holds(self, other: Box, tolerance: float = TOLERANCE) -> bool:
        return (
            self.left <= other.left + tolerance
            and self.top <= other.top + tolerance
            and self.right >= other.right - tolerance
            and self.bottom >= other.bottom - tolerance
        )


def text_box(text: Text) -> Box:
    """Extent of the letters: capital height 0.73 em above, descenders 0.21 em below the baseline (Inter)."""
    left = text.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * text.length
    return Box(left, text.y - 0.73 * text.size, left + text.length, text.y + 0.21 * text.size)


def extent(item: Item) -> Box | None:
    """Of a shape with its stroke; curves count with their control points."""
    half = item.width / 2 if isinstance(item, Path | Rect | Circle) and item.stroke else 0.0
    match item:
        case Rect():
            return Box(item.x - half, item.y - half, item.x + item.w + half, item.y + item.h + half)
        case Circle():
            reach = item.r + half
            return Box(item.x - reach, item.y - reach, item.x + reach, item.y + reach)
        case Path():
            xs = [float(value) for command in item.commands for value in command[1::2]]
            ys = [float(value) for command in item.commands for value in command[2::2]]
            return Box(min(xs) - half, min(ys) - half, max(xs) + half, max(ys) + half) if xs else None
    return None


def segments(path: Path) -> Iterator[Box]:
    """Straight pieces as boxes without area; the corners between them are rounded within."""
    x = y = 0.0
    for command in path.commands:
        values = [float(value) for value in command[1:]]
        if command[0] == "L":
            yield Box(min(x, values[0]), min(y, values[1]), max(x, values[0]), max(y, values[1]))
        if values:
            x, y = values[-2:]


def crossed_texts(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[tuple[Text, str]]:
    """Texts that a line runs through, with its reference."""
    boxes = [(text, text_box(text)) for text in texts]
    for ref, thick in strokes(items, LINES | {"bracket"}):
        for text, box in boxes:
            if thick.meets(box):
                yield text, ref


def strokes(items: Sequence[Item], roles: frozenset[str]) -> Iterator[tuple[str, Box]]:
    """Orthogonal pieces of lines, 1 px thick: the box of a slanted one says nothing."""
    for item in items:
        if isinstance(item, Path) and item.role in roles:
            for piece in segments(item):
                if min(piece.right - piece.left, piece.bottom - piece.top) <= 1:
                    yield (
                        item.ref,
                        Box(piece.left - 0.5, piece.top - 0.5, piece.right + 0.5, piece.bottom + 0.5),
                    )


def coinciding(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Pairs of lines that run on top of each other, though they have no end in common: they read as one."""
    tracks: dict[tuple[bool, int], list[tuple[float, float, str]]] = {}
    for item in items:
        if not isinstance(item, Path) or item.role not in LINES or "->" not in item.ref:
            continue
        for piece in segments(item):
            wide, high = piece.right - piece.left, piece.bottom - piece.top
            if wide < 0.5 < high:
                tracks.setdefault((True, round(piece.left)), []).append((piece.top, piece.bottom, item.ref))
            elif high < 0.5 < wide:
                tracks.setdefault((False, round(piece.top)), []).append((piece.left, piece.right, item.ref))
    found = set()
    for track in tracks.values():
        track.sort()
        for index, (_, end, ref) in enumerate(track):
            for start, other_end, other in track[index + 1 :]:
                if start > end - 2:
                    break
                if min(end, other_end) - start > 2 and not set(ref.split("->")) & set(other.split("->")):
                    found.add((ref, other))
    return sorted(found)


def texts_on_faces(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[tuple[Text, str]]:
    """Texts on the faces of boxes (convex polygons), with the reference of the box: nothing is written there."""
    faces = []
    for item in items:
        if isinstance(item, Path) and item.role in FACES and (reach := extent(item)):
            faces.append((item.ref, reach, corners(item)))
    for text in texts:
        box = text_box(text)
        for ref, reach, polygon in faces:
            if box.meets(reach) and meets_polygon(box, polygon):
                yield text, ref
                break


def corners(path: Path) -> list[tuple[float, float]]:
    """Ends of its pieces."""
    return [(float(c[-2]), float(c[-1])) for c in path.commands if len(c) > 1]


def through_boxes(items: Sequence[Item]) -> list[tuple[str, str]]:
    """Lines, and boxes that they run through: that they neither leave nor reach, nor that stand glued to such a one.

    ``items``: groups not opened.
    """
    boxes = {
        group.ref: [item for item in group.items if isinstance(item, Path) and item.role in FACES]
        for group in items
        if isinstance(group, Group) and group.role == "call"
    }
    solids = {
        ref: ([corners(face) for face in faces], union([e for face in faces if (e := extent(face))]))
        for ref, faces in boxes.items()
        if faces
    }
    runs = glued({ref: polygons for ref, (polygons, _) in solids.items()})
    found: dict[tuple[str, str], None] = {}
    for line, thick in strokes(list(flat(items)), LINES):
        if "->" not in line:
            continue
        own = {end for name in line.split("->") for end in (name, *runs.get(name, ()))}
        for ref, (polygons, reach) in solids.items():
            if ref not in own and thick.meets(reach) and any(meets_polygon(thick, p) for p in polygons):
                found[line, ref] = None
    return list(found)


def union(boxes: Sequence[Box]) -> Box:
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def glued(solids: Mapping[str, Sequence[Sequence[tuple[float, float]]]]) -> dict[str, set[str]]:
    """Box → the boxes of its run, itself included: those that share corners."""
    at: dict[tuple[int, int], list[str]] = {}
    for ref, faces in solids.items():
        for x, y in {(round(x), round(y)) for face in faces for x, y in face}:
            at.setdefault((x, y), []).append(ref)
    run = {ref: {ref} for ref in solids}
    common: Counter[tuple[str, str]] = Counter(pair for refs in at.values() for pair in combinations(refs, 2))
    for (first, second), count in common.items():
        if count > 1 and run[first] is not run[second]:
            run[first] |= run[second]
            for ref in run[second]:
                run[ref] = run[first]
    return run


def meets_polygon(box: Box, polygon: Sequence[tuple[float, float]]) -> bool:
    """Whether a convex polygon reaches more than the tolerance into a box (separating axes)."""
    other = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
    axes = [(1.0, 0.0), (0.0, 1.0)]
    for (ax, ay), (bx, by) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        length = math.hypot(bx - ax, by - ay)
        if length > 0.05:
            axes.append(((by - ay) / length, (ax - bx) / length))
    for ux, uy in axes:
        a = [x * ux + y * uy for x, y in polygon]
        b = [x * ux + y * uy for x, y in other]
        if max(a) <= min(b) + TOLERANCE or max(b) <= min(a) + TOLERANCE:
            return False
    return True


def emptiness(items: Sequence[Item], width: float, height: float) -> float:
    """Share of a drawing that is one rectangle with nothing in it. Lines divide the emptiness, panels do not fill it.

    ``items``: groups opened.
    """
    return _largest_gap(_filled(items, width, height)) / GRID**2


def is_airy(items: Sequence[Item], width: float, height: float) -> bool:
    """Whether the emptiness of a drawing is more than :data:`MOST_EMPTY`: quicker than to measure it."""
    cells = int(MOST_EMPTY * GRID**2)
    # Lines are many and fill little: where faces and texts leave no such gap, they need not be looked at.
    return all(
        _has_gap(_filled(some, width, height), cells)
        for some in ([item for item in items if not isinstance(item, Path) or item.fill], items)
    )


def _filled(items: Sequence[Item], width: float, height: float) -> list[int]:
    """Row → bits of the cells with something in them."""
    filled = [0] * GRID
    for item in items:
        pieces = [extent(item)]
        if isinstance(item, Text):
            pieces = [text_box(item)]
        elif isinstance(item, Rect) and item.role == "panel":
            continue
        elif isinstance(item, Path) and not item.fill:
            pieces = list(segments(item))
        for box in pieces:
            if box:
                x0, x1 = _cell(box.left, width), _cell(box.right, width)
                bits = (1 << (x1 + 1)) - (1 << x0)
                for row in range(_cell(box.top, height), _cell(box.bottom, height) + 1):
                    filled[row] |= bits
    return filled


def _has_gap(filled: Sequence[int], cells: int) -> bool:
    """Whether a rectangle of more than ``cells`` cells is empty."""
    least = cells // GRID + 1  # each side of such a rectangle has so many cells
    bands = {
        first: functools.reduce(operator.or_, filled[first : first + least - 1], 0)
        for first in range(GRID - least + 1)
    }
    for tall in range(least, GRID + 1):
        bands = {first: band | filled[first + tall - 1] for first, band in bands.items() if first + tall <= GRID}
        bands = {first: band for first, band in bands.items() if _has_run(band, least)}
        if any(_has_run(band, cells // tall + 1) for band in bands.values()):
            return True
    return False


def _has_run(band: int, length: int) -> bool:
    """Whether ``length`` cells in a row are empty."""
    empty, known = ~band & ((1 << GRID) - 1), 1
    while known < length:
        step = min(known, length - known)
        empty, known = empty & empty >> step, known + step
    return bool(empty)


def _cell(value: float, length: float) -> int:
    return min(GRID - 1, max(0, int(value / length * GRID)))


def _largest_gap(filled: Sequence[int]) -> int:
    """Cells of the largest rectangle without a filled one (largest rectangle under a histogram, row by row)."""
    best = 0
    heights = [0] * GRID
    for row in filled:
        heights = [0 if row >> k & 1 else h + 1 for k, h in enumerate(heights)]
        stack: list[int] = []
        for k, height in enumerate([*heights, 0]):
            while stack and heights[stack[-1]] >= height:
                tall = heights[stack.pop()]
                best = max(best, tall * (k - (stack[-1] + 1 if stack else 0)))
            stack.append(k)
    return best
