"""The U form: one level for each resolution, skips straight across, pooling and upsampling as arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ...figure import Group, Item
from ...layout.solid import KX, KY, Solid
from . import paint, routes
from .columns import BALL_GAP, LABEL_CAP, LABEL_GAP, RANK_GAP, RUN_GAP
from .labels import Line, Rect, place
from .rows import PAD, Page, Row
from .sizing import BALL, Size
from .strokes import arrow
from .structure import Edge, Structure
from .words import Run

SCALES: tuple[tuple[float, float], ...] = (
    (44, 84),
    (36, 84),
    (28, 84),
    (24, 80),
    (20, 76),
    (16, 72),
    (12, 64),
    (10, 56),
    (9, 48),
    (8, 42),
    (7, 36),
)
"""(widest box, highest box) in px, tried in this order: a U needs height for its levels."""
LEVEL_GAP = 18.0
ARROW = 2.0
"""Width of the arrows for pooling and upsampling."""
TURN_IN, TURN_UP = 16.0, 12.0


@dataclass(frozen=True, slots=True)
class Levels:
    """Who stands where; the highest resolution is level 0."""

    left: tuple[tuple[str, ...], ...]
    """Boxes before the lowest point, by level; the last level is the bottom of the U."""
    right: tuple[tuple[str, ...], ...]
    """Merge and boxes after it, by level (one level less)."""
    down: tuple[str, ...]
    """Pooling that leads from each level to the next."""
    up: tuple[tuple[str, ...], ...]
    """What leads from each lower level to the merge of this one: upsampling, and a convolution that follows it."""
    skips: tuple[Edge, ...]

    @property
    def arrows(self) -> frozenset[str]:
        """Nodes that are arrows here."""
        return frozenset((*self.down, *(i for rise in self.up for i in rise)))


def levels(structure: Structure) -> Levels | None:
    """The levels of a net that has the form of a U, None for others."""
    net = structure.net
    if len(structure.chains) != 1 or structure.panels or len(structure.skips) < 2:
        return None
    order = structure.chains[0].nodes
    place_of = {i: k for k, i in enumerate(order)}
    skips = sorted(structure.skips, key=lambda e: place_of[e[0]])
    starts, ends = [place_of[a] for a, _ in skips], [place_of[b] for _, b in skips]
    if any(a >= b for a, b in pairwise(starts)) or any(a <= b for a, b in pairwise(ends)):
        return None
    left: list[tuple[str, ...]] = []
    down: list[str] = []
    up: list[tuple[str, ...]] = []
    before = 0
    for a, b in zip(starts, ends, strict=True):
        pool, ball = net[order[a + 1]], net[order[b]]
        rise = tuple(order[b - 2 : b]) if net[order[b - 1]].cat == "conv" else (order[b - 1],)
        same = net[order[a]].shape[:-1] == ball.shape[:-1] and ball.rank >= 3
        if (
            pool.kind != "pool"
            or net[rise[0]].cat != "up"
            or ball.kind != "ball"
            or not same
            or a + 1 >= b - len(rise)
        ):
            return None
        left.append(tuple(order[before : a + 1]))
        down.append(pool.id)
        up.append(rise)
        before = a + 2
    left.append(tuple(order[before : ends[-1] - len(up[-1])]))
    stops = [len(order), *(b - len(rise) for b, rise in zip(ends, up, strict=True))]
    right = [tuple(order[b:stop]) for b, stop in zip(ends, stops, strict=False)]
    if not all(left) or any(net[i].rank < 3 for level in (*left, *right[1:]) for i in level):
        return None
    return Levels(tuple(left), tuple(right), tuple(down), tuple(up), tuple(skips))


@dataclass(slots=True)
class _Frame:
    """Places while they are found."""

    structure: Structure
    sizes: Mapping[str, Size]
    widths: Mapping[str, float]
    solids: dict[str, Solid]
    axis: dict[str, float]
    descents: dict[str, float]
    """Pooling → x of its arrow."""

    def half(self, i: str) -> float:
        return KX * self.sizes[i].d / 2

    def stand(self, i: str, left: float) -> None:
        size = self.sizes[i]
        self.solids[i] = Solid(left + self.half(i), size.w, size.h, size.d)

    def gap(self, a: str, b: str) -> float:
        p, n = self.structure.net[a], self.structure.net[b]
        if "ball" in {p.kind, n.kind}:
            return BALL_GAP
        gap = RANK_GAP if p.rank != n.rank else RUN_GAP
        sa, sb = self.sizes[a], self.sizes[b]
        need = (self.widths[a] + self.widths[b] - sa.w - sb.w) / 2 + LABEL_GAP - KX * sa.d
        return max(gap, min(need, LABEL_CAP))

    def row(self, nodes: Sequence[str], left: float) -> None:
        """Boxes of one level from a left silhouette on."""
        for k, i in enumerate(nodes):
            if k == 0:
                self.stand(i, left)
                continue
            p = nodes[k - 1]
            if self.structure.glued(self.structure.net[p], self.structure.net[i]):
                size = self.sizes[i]
                self.solids[i] = Solid(self.solids[p].x1, size.w, size.h, size.d)
            else:
                self.stand(i, self.solids[p].right + self.gap(p, i))


def _sized(structure: Structure, sizes: Mapping[str, Size]) -> dict[str, Size]:
    """No bevels: pooling and upsampling are arrows here."""
    result = {}
    for i, size in sizes.items():
        plain = Size("box", size.w, size.h, size.d) if size.form == "frustum" else size
        result[i] = replace(plain, h1=0.0, d1=0.0)
    return result


def arrange(
    structure: Structure,
    form: Levels,
    sizes: Mapping[str, Size],
    widths: Mapping[str, float],
    labelled: Sequence[Run],
    steep: bool = False,
) -> tuple[Page, dict[str, float]]:
    """Places in the U form, and the x of each pooling arrow.

    ``steep``: upsampling leaves its box on the top face, which takes less width.
    """
    frame = _Frame(structure, _sized(structure, sizes), widths, {}, {}, {})
    left = 0.0
    for k, nodes in enumerate(form.left):
        frame.row(nodes, left)
        if k < len(form.down):
            last = frame.solids[nodes[-1]]
            x = sum(last.front) / 2
            frame.descents[form.down[k]] = x
            left = x + TURN_IN - (frame.half(form.left[k + 1][0]) - _inset(frame, form.left[k + 1][0]))
    below = form.left[-1][-1]
    for k in reversed(range(len(form.right))):
        nodes = form.right[k]
        # The merge stands over the arrow that comes up, and clear of what its skip passes.
        source = frame.solids[below]
        rise = source.x + source.w / 2 if steep else source.right + TURN_UP
        at = max(rise, frame.solids[form.left[k][-1]].right + TURN_UP + BALL / 2)
        frame.row(nodes, at - BALL / 2)
        below = nodes[-1]
    y = 0.0
    previous: float | None = None
    for k, nodes in enumerate(form.left):
        here = [*nodes, *(form.right[k] if k < len(form.right) else ())]
        half = max(frame.solids[i].bottom for i in here)
        if previous is not None:
            y += previous + half + LEVEL_GAP
        previous = half
        frame.axis |= dict.fromkeys(here, y)
    return _page(frame, form, labelled), frame.descents


def _inset(frame: _Frame, i: str) -> float:
    """From the left end of a box back to where the axis meets its silhouette."""
    size = frame.sizes[i]
    return -KX * max(-size.d / 2, -size.h / (2 * KY))


def _lines(frame: _Frame, form: Levels, labelled: Sequence[Run]) -> list[Line]:
    """Labels under the runs; those with an arrow down end before it."""
    arrows = form.arrows
    net = frame.structure.net
    found: list[Line] = []
    for k, nodes in enumerate(form.left):
        sides = [(nodes, frame.descents.get(form.down[k]) if k < len(form.down) else None)]
        if k < len(form.right):
            sides.append((form.right[k], None))
        for side, stop in sides:
            mine = [
                Run(tuple(i for i in run.nodes if i not in arrows), run.detail, run.caption)
                for run in labelled
                if run.nodes[0] in side
            ]
            solids = {i: frame.solids[i] for i in side}
            vertical: list[Rect] = [] if stop is None else [(stop - 3, 0.0, stop + 3, 1e6)]
            lines = place(mine, net, solids, vertical)
            last = mine[-1].nodes if mine else ()
            for line in lines:
                ends = stop is not None and line.ref in last
                x = min(line.x, stop - 5 - line.width / 2) if ends and stop is not None else line.x
                found.append(replace(line, x=x).moved(0, frame.axis[line.ref]))
    return found


def _page(frame: _Frame, form: Levels, labelled: Sequence[Run]) -> Page:
    lines = _lines(frame, form, labelled)
    x0 = min([s.left for s in frame.solids.values()] + [line.rect[0] for line in lines])
    x1 = max([s.right for s in frame.solids.values()] + [line.rect[2] for line in lines])
    y0 = min(frame.axis[i] + s.top for i, s in frame.solids.items())
    y1 = max([frame.axis[i] + s.bottom for i, s in frame.solids.items()] + [line.rect[3] for line in lines])
    dx, dy = PAD - x0, PAD - y0
    frame.descents = {i: x + dx for i, x in frame.descents.items()}
    return Page(
        structure=frame.structure,
        solids={i: s.moved(dx) for i, s in frame.solids.items()},
        axis={i: y + dy for i, y in frame.axis.items()},
        row_of=dict.fromkeys(frame.solids, 0),
        rows=(Row(tuple(frame.solids), (PAD, PAD, x1 + dx, y1 + dy)),),
        bus={},
        lane={},
        gather={},
        arcs=(),
        lines=tuple(line.moved(dx, dy) for line in lines),
        wires={},
        panels=(),
        brackets=(),
        width=x1 + dx + PAD,
        height=y1 + dy,
    )


def _moves(page: Page, form: Levels, descents: Mapping[str, float]) -> list[Item]:
    """Arrows of pooling, upsampling and skips."""
    net = page.structure.net
    items: list[Item] = []
    for k, pool in enumerate(form.down):
        source, target = form.left[k][-1], form.left[k + 1][0]
        solid, x = page.solids[source], descents[pool]
        y = page.axis[source] + solid.h / 2 + KY * solid.d / 2 + 1
        points = [(x, y), (x, page.axis[target]), routes.end(page, net[target])]
        items.append(_move(page, pool, arrow(points, pool, style=f"{net[pool].cat}.front", width=ARROW)))
    for k, risers in enumerate(form.up):
        rise = risers[0]
        ball = form.right[k][0]
        source = (form.right[k + 1] if k + 1 < len(form.right) else form.left[-1])[-1]
        x = page.solids[ball].x + BALL / 2
        solid = page.solids[source]
        start = (solid.x1, page.axis[source])
        if x < solid.right:
            start = (solid.x + solid.w / 2, page.axis[source] - solid.h / 2)
        points = [start, (x, start[1]), (x, page.axis[ball] + routes.TOUCH)]
        shaft = arrow(points, rise, style=f"{net[rise].cat}.front", width=ARROW, dot=True)
        items.append(_move(page, rise, shaft))
    for source, target in form.skips:
        ref = routes.label_of(source, target)
        start = (page.solids[source].x1, page.axis[source])
        line = arrow(
            [start, routes.end(page, net[target])],
            ref,
            style="skip",
            width=routes.SKIP_WIDTH,
            dot=True,
            role="skip",
        )
        items.append(Group(tuple(line), ref=ref, role="skip"))
    return items


def _move(page: Page, i: str, parts: list[Item]) -> Group:
    return Group(tuple(parts), ref=i, role="call", label=paint.sentence(page.structure.net[i]))


def items(page: Page, form: Levels, descents: Mapping[str, float]) -> list[Item]:
    """Everything painted but for the legend."""
    net = page.structure.net
    result: list[Item] = []
    arrows = form.arrows
    balls = {target for _, target in form.skips}
    for level in (*form.left, *form.right):
        for i in level:
            if i not in balls and not any(s in arrows for s in net[i].inputs):
                for ref, role, parts in routes.incoming(page, net[i]):
                    result.append(Group(tuple(parts), ref=ref, role=role if role == "skip" else "edge"))
            result.append(paint.body(page, net[i], bar=net[i].rank <= 1))
    result += _moves(page, form, descents)
    result += [paint.text(line) for line in page.lines]
    return result


def notes(form: Levels) -> tuple[str, ...]:
    """What the arrows do not show."""
    if any(len(rise) > 1 for rise in form.up):
        return ("An arrow upwards stands for upsampling and the convolution after it.",)
    return ()
