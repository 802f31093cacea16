"""Labels under the boxes: as near as the painted shapes and the other labels allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ...layout.solid import Solid
from ...layout.text import ellipsize, measure
from .tensors import Net, Node
from .words import DETAIL, LONGEST, VALUE, VALUE_WEIGHT, Run, joined, value_of

LINE = 10.5
OPERAND_TOP = 24.5
"""px from the axis of a ball to the constant under it: half the ball, an arrow of 17 px, its distance."""
ARC_BOX = 6.6
"""px from an arc to what is written over the small box on it: half the box, its distance."""
BALL_TOP = 9.0
"""The same without an arrow."""
RISE, FALL = 0.74, 0.22
"""Height above and below the baseline, per px of font size."""

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1."""


@dataclass(frozen=True, slots=True)
class Line:
    x: float
    """Centre."""
    y: float
    """Baseline."""
    text: str
    size: float
    weight: int
    fill: str
    width: float
    ref: str

    @property
    def rect(self) -> Rect:
        half = self.width / 2
        return (self.x - half, self.y - RISE * self.size, self.x + half, self.y + FALL * self.size)

    def moved(self, dx: float, dy: float) -> Line:
        return replace(self, x=self.x + dx, y=self.y + dy)


def under_ball(node: Node, centre: float) -> list[Line]:
    """The constant of a ball and the name of a model output, relative to the axis."""
    lines = []
    top = BALL_TOP
    for text in (node.word, node.caption):
        if text:
            top = OPERAND_TOP if text is node.word else top
            lines.append(_line(centre, top + RISE * DETAIL + 1, ellipsize(text, LONGEST, DETAIL), node.id))
            top += LINE
    return lines


def on_arc(node_id: str, text: str, centre: float, height: float) -> Line:
    """Over the convolution on an arc of that height."""
    return _line(centre, height - ARC_BOX, text, node_id)


def hit(a: Rect, b: Rect, margin: float = 0.0) -> bool:
    return a[0] < b[2] + margin and b[0] < a[2] + margin and a[1] < b[3] + margin and b[1] < a[3] + margin


def _near(a: Rect, b: Rect) -> bool:
    """Too near for two labels: 4 px apart side by side, 1 px above each other."""
    return a[0] < b[2] + 4 and b[0] < a[2] + 4 and a[1] < b[3] + 1 and b[1] < a[3] + 1


def _centre(boxes: Sequence[Solid]) -> float:
    return (min(b.front[0] for b in boxes) + max(b.front[1] for b in boxes)) / 2


def _line(x: float, y: float, text: str, ref: str, value: bool = False) -> Line:
    size, weight = (VALUE, VALUE_WEIGHT) if value else (DETAIL, 400)
    return Line(x, y, text, size, weight, "ink" if value else "muted", measure(text, size, weight), ref)


def _block(run: Run, net: Net, solids: Mapping[str, Solid]) -> tuple[list[Line], list[Solid]]:
    """Lines of a run, centred, and the boxes over them."""
    named = [i for i in run.nodes if net[i].kind not in {"pool", "up"}] or [run.nodes[0]]
    boxes = [solids[i] for i in named]
    base = max(b.start[0] / 2 + 0.26 * b.start[1] / 2 for b in boxes) + VALUE + 1
    groups: list[tuple[str, list[str]]] = []
    for i in named:
        value = value_of(net[i])
        if groups and groups[-1][0] == value:
            groups[-1][1].append(i)
        else:
            groups.append((value, [i]))
    lines = [_line(_centre([solids[i] for i in ids]), base, text, ids[0], True) for text, ids in groups]
    if any(b.x - a.x < (a.width + b.width) / 2 + 3 for a, b in pairwise(lines)):
        told = joined([net[i] for i in named])
        lines = [_line(_centre(boxes), base + k * LINE, text, named[0], True) for k, text in enumerate(told)]
        base = lines[-1].y
    for text in (run.detail, run.caption):
        if text:
            base += LINE
            lines.append(_line(_centre(boxes), base, text, named[0]))
    return lines, boxes


def _candidates(lines: list[Line], boxes: list[Solid]) -> Iterable[list[Line]]:
    """Centred, flush right with the run, flush left."""
    yield lines
    west, east = min(b.front[0] for b in boxes), max(b.front[1] for b in boxes)
    one = len({round(line.x, 1) for line in lines}) == 1
    for right in (True, False):
        if one:
            yield [
                replace(line, x=east - 3 - line.width / 2 if right else west + 2 + line.width / 2)
                for line in lines
            ]
        else:
            lo, hi = min(a.rect[0] for a in lines), max(a.rect[2] for a in lines)
            shift = min(0.0, east - 3 - hi) if right else max(0.0, west - lo)
            yield [line.moved(shift, 0) for line in lines]


def place(
    labelled: Iterable[Run],
    net: Net,
    solids: Mapping[str, Solid],
    verticals: Sequence[Rect],
    fixed: Sequence[Line] = (),
) -> tuple[Line, ...]:
    """Labels of the runs of one chain, relative to its axis.

    ``solids``: the chain's own shapes. ``verticals``: lines that leave or reach the chain, which no label may touch.
    ``fixed``: lines that have their place already.
    """
    placed: list[Line] = [*fixed]
    taken: list[Rect] = [line.rect for line in fixed]
    shapes = [(s.left, s.right, s) for s in solids.values()]
    blocks = [_block(run, net, solids) for run in labelled]
    for lines, boxes in sorted(blocks, key=lambda b: min(s.x for s in b[1])):
        centre = (min(a.rect[0] for a in lines) + max(a.rect[2] for a in lines)) / 2
        base = lines[0].y - VALUE - 1
        best: tuple[float, list[Line]] | None = None
        for k, candidate in enumerate(_candidates(lines, boxes)):
            lo, hi = min(a.x - a.width / 2 for a in candidate), max(a.x + a.width / 2 for a in candidate)
            floors = [
                f
                for left, right, s in shapes
                if left < hi + 2 and right > lo - 2 and (f := s.floor(lo - 2, hi + 2)) is not None
            ]
            drop = max(0.0, max(floors, default=base) - base - (1.5 if k else 3.0))
            near = [q for q in taken if q[0] < hi + 5 and q[2] > lo - 5]
            upper = [line.rect for line in candidate]
            for _ in range(9):
                rects = [(left, top + drop, right, low + drop) for left, top, right, low in upper]
                if not any(_near(r, q) for r in rects for q in near):
                    break
                drop += 5
            near += [q for q in verticals if q[0] < hi + 1 and q[2] > lo - 1]
            crossed = sum(hit(r, q, 1.0) for r in rects for q in near)
            cost = drop + 0.35 * abs((lo + hi) / 2 - centre) + 1000 * crossed
            if best is None or cost < best[0] - 0.01:
                best = (cost, [line.moved(0, drop) for line in candidate])
        if best is not None:
            placed += best[1]
            taken += [line.rect for line in best[1]]
    return tuple(placed)
