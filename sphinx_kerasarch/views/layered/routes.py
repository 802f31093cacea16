"""Edges: straight arrows, forks and joins between lanes, arcs, turns to the next row, dashed rank changes."""

from __future__ import annotations

from collections.abc import Sequence

from ...figure import Item
from ...layout.solid import Point, Solid, box, project
from .rows import ENTER, TURN, TURN_PANEL, Page
from .sizing import BALL
from .strokes import CORNER, arrow, dashed
from .structure import Edge, rank_change
from .tensors import Node

SHORT = 1.2
"""An arrow ends so far before what it points at."""
TOUCH = BALL / 2 + 1.0
SKIP_WIDTH = 1.2
TRACK = 9.0
"""Pitch of skips beside the rows."""
PROJECTION = 6.5
"""Side of the box on an arc."""


def label_of(source: str, target: str) -> str:
    return f"{source}->{target}"


def start(page: Page, p: Node) -> tuple[Point, bool]:
    """Where an edge leaves a node, and whether a dot marks it."""
    solid = page.solids[p.id]
    if p.image and p.volume:
        # The outlines behind a 3-D volume look out on the right.
        return (solid.right + (1.5 if p.rank < 4 else 8.0), page.axis[p.id]), False
    return (solid.x1, page.axis[p.id]), p.kind != "ball"


def end(page: Page, n: Node) -> Point:
    return (page.solids[n.id].axis_left - SHORT, page.axis[n.id])


def _corners(solid: Solid, axis: float, x: float, h: float, d: float) -> list[Point]:
    return [project(x, sy * h / 2, sz * d / 2, axis) for sy, sz in ((-1, -1), (1, -1), (-1, 1), (1, 1))]


def _funnel(page: Page, p: Node, n: Node) -> list[Item]:
    a, b = page.solids[p.id], page.solids[n.id]
    h1, d1 = b.start
    ref = label_of(p.id, n.id)
    return [
        dashed(c, e, ref)
        for c, e in zip(
            _corners(a, page.axis[p.id], a.x1, a.h, a.d),
            _corners(b, page.axis[n.id], b.x, h1, d1),
            strict=True,
        )
    ]


def _turn(page: Page, p: Node, n: Node, later: bool) -> list[Point]:
    """Out to the right, down, back to the left above the next row, in."""
    s = page.structure
    above, below = page.rows[page.row_of[p.id]], page.rows[page.row_of[n.id]]
    (x, y), _ = start(page, p)
    right = above.box[2] + (TURN_PANEL if p.id in s.panel_of else TURN)
    level = below.box[1] - 8.0
    first = below.box[0]
    left = first - ENTER + 4.0
    turned = [(x, y), (right, y), (right, level), (left, level)]
    if (p.id, n.id) in s.forks:
        bus, lane = page.bus[p.id], page.lane[p.id]
        branch = [(bus, lane), (bus, page.axis[n.id]), end(page, n)]
        return [(bus - CORNER, lane), *branch] if later else [*turned, (left, lane), *branch]
    return [*turned, (left, page.axis[n.id]), end(page, n)]


def _into(page: Page, n: Node, x: float, y: float) -> list[Point]:
    """Last points of a line that comes along height ``y`` from another lane."""
    axis, solid = page.axis[n.id], page.solids[n.id]
    if n.kind == "ball":
        centre = solid.x + BALL / 2
        return [(centre, y), (centre, axis + (TOUCH if y > axis else -TOUCH))]
    gather = page.gather.get(n.id, solid.axis_left - 10)
    return [(gather, y), (gather, axis), end(page, n)]


def incoming(page: Page, n: Node) -> list[tuple[str, str, list[Item]]]:
    """(ref, role, items) of the lines into a node, but for arcs. Glued neighbours have none."""
    s, net = page.structure, page.structure.net
    result: list[tuple[str, str, list[Item]]] = []
    for source in n.inputs:
        edge, p, ref = (source, n.id), net[source], label_of(source, n.id)
        if edge in s.skips or s.glued(p, n):
            continue
        (x, y), dot = start(page, p)
        axis = page.axis[n.id]
        # What leaves a node together is drawn together: only the first line starts at the node.
        later = edge in s.forks | s.wires and _leader(page, source) != n.id
        if edge in page.links:
            line = page.links[edge]
            points = [*line[:-1], *_into(page, n, *line[-1])]
        elif page.row_of[source] != page.row_of[n.id]:
            points = _turn(page, p, n, later)
        elif edge in s.along:
            if rank_change(p, n):
                result.append((ref, "dash", _funnel(page, p, n)))
                continue
            points = [(x, y), end(page, n)]
        elif edge in s.forks:
            bus = page.bus[source]
            points = [(bus - CORNER if later else x, y), (bus, y), (bus, axis), end(page, n)]
        elif edge in s.wires:
            bus, lane = page.bus[source], page.wires[edge]
            points = [(bus - CORNER if later else x, y), (bus, y), (bus, lane), *_into(page, n, bus, lane)]
            if edge in s.skip_wires:
                items = arrow(points, ref, style="skip", width=SKIP_WIDTH, dot=dot and not later, role="skip")
                result.append((ref, "skip", items))
                continue
        elif abs(y - axis) < 0.5:
            points = [(x, y), end(page, n)]
        else:
            points = [(x, y), *_into(page, n, x, y)]
        result.append((ref, "edge", arrow(points, ref, dot=dot and not later)))
    return result


def _leader(page: Page, source: str) -> str:
    """The user whose line is drawn from the node itself."""
    s = page.structure
    return s.following(source) or next((u for u in s.users[source] if (source, u) not in s.skips), "")


def arcs(page: Page) -> list[tuple[str, str, list[Item]]]:
    """Skips, above everything."""
    net = page.structure.net
    result: list[tuple[str, str, list[Item]]] = []
    outs = {arc.edge: arc for arc in page.arcs if arc.part == "out"}
    tracks = across(page)
    for arc in page.arcs:
        source, target = arc.edge
        if arc.part == "out":
            continue
        ref = label_of(source, target)
        y0 = page.axis[source] + arc.start if arc.start else page.axis[target]
        if net[target].kind == "ball":
            stop = [(arc.x1, page.axis[target] - TOUCH)]
        elif target in page.gather:
            stop = [(arc.x1, page.axis[target]), end(page, net[target])]
        else:
            stop = [(arc.x1, page.axis[target] - page.solids[target].h / 2)]
        points: Sequence[Point] = [(arc.x0, y0), (arc.x0, arc.y), (arc.x1, arc.y), *stop]
        if arc.part:
            out, x = outs[arc.edge], tracks[arc.edge]
            y0 = page.axis[source] + out.start if out.start else page.axis[out.anchor]
            stop = [(arc.x0, y) for _, y in stop[:1]] + stop[1:]
            points = [(out.x0, y0), (out.x0, out.y), (x, out.y), (x, arc.y), (arc.x0, arc.y), *stop]
        items = arrow(points, ref, style="skip", width=SKIP_WIDTH, dot=True, role="skip")
        if net[target].projected:
            items += projection((arc.x0 + arc.x1) / 2, arc.y, ref)
        result.append((ref, "skip", items))
    return result


def across(page: Page) -> dict[Edge, float]:
    """Skip into another row → x of its way down beside the rows, the nearest way for the shortest."""
    outs = {arc.edge: arc for arc in page.arcs if arc.part == "out"}
    ins = {arc.edge: arc for arc in page.arcs if arc.part == "in"}
    rows = {edge: (page.row_of[out.anchor], page.row_of[ins[edge].anchor]) for edge, out in outs.items()}
    right = max((row.box[2] for row in page.rows), default=0.0) + TURN
    order = sorted(outs, key=lambda edge: (rows[edge][1] - rows[edge][0], -outs[edge].y, edge))
    return {edge: right + TRACK * (k + 1) for k, edge in enumerate(order)}


def projection(x: float, y: float, ref: str) -> tuple[Item, ...]:
    """The convolution that stands on the shortcut of some copies only."""
    return box(Solid(x - PROJECTION / 2, PROJECTION, PROJECTION, PROJECTION), y, "conv", ref=ref)
