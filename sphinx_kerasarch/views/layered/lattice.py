"""Models whose branches are tangled: boxes in columns by their distance from the input, every line in its own lane.

The layered layout of the graph view (:mod:`...layout.flat`) places stretches of boxes that follow each other without a
parting; a line that passes a column has a place in it, and between two columns each source has a track of its own. So
no line can meet a box, a label or a line of another source, however the graph looks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ...figure import Circle, Group, Item
from ...layout.flat import Node as Piece
from ...layout.flat import Placed, Wire, arrange_rows, least
from ...layout.solid import KX, KY, Point, Solid
from ...layout.wires import RADIUS, Routed, route
from ...layout.wrap import MOST as OVER_A_CUT
from ...layout.wrap import wrap
from . import paint
from .columns import columns
from .lanes import Body, lanes
from .routes import SHORT, SKIP_WIDTH, TOUCH, incoming, label_of
from .rows import PAD, Page, Row
from .sizing import BALL, FIT, Size, sizes
from .storeys import joined
from .strokes import CORNER, arrow
from .structure import Structure, build
from .tensors import Net
from .words import LabelWidths, Run, label_widths, runs

MOST = 120
"""Boxes up to which this form is tried."""
LONGEST = (3, 1)
"""Boxes that stand apart in one piece; which is better depends on what runs beside it."""
TALL = 1.25
"""Height that a figure should not exceed, in widths."""
PAIRS = FIT[2::4]
"""Scales that are tried."""
SHARES = (1.0, 0.7)
"""Of the width: what leaves much empty in long rows may leave less in short ones."""
LIMITS, NARROW_LIMITS = ((8, 2),), ((8, 1), (3, 3))
"""Lines that may lead from one row to the next, and turns of one line, that a reader can follow."""
NARROW = 400.0
"""px; below this width there are more rows."""
GIVING_WAY = 6
"""Attempts at moving lines off each other."""
APART, CLOSE = 6.0, 5.0
"""px by which a lane steps aside, and that it must keep to the next."""
BESIDE = 3.0
"""px kept free around the boxes and labels of a column."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Boxes behind each other, at height 0."""

    nodes: tuple[str, ...]
    solids: Mapping[str, Solid]
    body: Body
    west: float
    east: float
    north: float
    south: float

    @property
    def round(self) -> bool:
        """A ball alone, which lines may reach from above and below."""
        return len(self.nodes) == 1 and not self.body.lines.get(0)


@dataclass(frozen=True, slots=True)
class Lattice:
    """A figure of this form."""

    page: Page
    size: Mapping[str, Size]
    lines: Mapping[tuple[str, str], tuple[Point, ...]]
    """Edge → its corners, but for edges within a stretch."""
    dots: frozenset[Point]


def lattices(net: Net, width: float, tallest: float) -> Iterator[Lattice]:
    """Such figures within ``width`` px, in one row or in several: the large ones first, the high ones last."""
    if not 0 < len(net) <= MOST:
        return
    whole = build(net, ())
    high: list[Lattice] = []
    for longest, share in ((longest, share) for share in SHARES for longest in LONGEST):
        parts = tuple(build(part, ()) for part in _parts(net, whole, longest))
        structure = joined(net, parts)
        structure = replace(structure, skip_wires=whole.skips | whole.skip_wires)
        labelled = runs(structure)
        for pair in PAIRS:
            found = _at(net, structure, parts, labelled, pair, share * width)
            if found and found.page.height <= TALL * width:
                yield found
            elif found and found.page.height <= tallest:
                high.append(found)
    yield from sorted(high, key=lambda found: found.page.height)


def _parts(net: Net, whole: Structure, longest: int) -> list[Net]:
    """Stretches without a parting or a merge inside, as nets of their own. A ball always stands alone."""
    found: list[list[str]] = []
    at: dict[str, list[str]] = {}
    apart: dict[int, int] = {}
    for i, node in net.items():
        p = net[node.inputs[0]] if len(node.inputs) == 1 else None
        stretch = at.get(p.id) if p else None
        if stretch and p and p.kind != "ball" and node.kind != "ball" and len(whole.users[p.id]) == 1:
            together = whole.glued(p, node)
            if together or apart[id(stretch)] < longest:
                apart[id(stretch)] += not together
                stretch.append(i)
                at[i] = stretch
                continue
        at[i] = [i]
        apart[id(at[i])] = 1
        found.append(at[i])
    nets: list[Net] = []
    for stretch in found:
        inside = set(stretch)
        nets.append(
            {i: replace(net[i], inputs=tuple(s for s in net[i].inputs if s in inside)) for i in stretch}
        )
    return nets


def _at(
    net: Net,
    structure: Structure,
    parts: Sequence[Structure],
    labelled: Sequence[Run],
    pair: tuple[float, float],
    width: float,
) -> Lattice | None:
    size = sizes(net, pair[0], 0.72 * pair[1])
    widths = label_widths(structure, labelled)
    stretches = [_stretch(part, size, widths, labelled) for part in parts]
    of = {i: k for k, stretch in enumerate(stretches) for i in stretch.nodes}
    pieces = [
        Piece(
            id=stretch.nodes[0],
            left=-stretch.north + BESIDE,
            right=stretch.south + BESIDE,
            height=2 * RADIUS if stretch.round else stretch.east - stretch.west,
            kind="circle" if stretch.round else "card",
            # Lines into a box meet at its axis.
            ins={} if stretch.round else dict.fromkeys(net[stretch.nodes[0]].inputs, 0.0),
        )
        for stretch in stretches
    ]
    edges = [(s, i) for i, node in net.items() for s in node.inputs if of[s] != of[i]]
    skips = structure.skip_wires
    wires = [
        Wire(pieces[of[s]].id, pieces[of[i]].id, s, net[i].inputs.index(s), skip=(s, i) in skips)
        for s, i in edges
    ]
    if least(pieces, wires, OVER_A_CUT)[1] > width - 2 * PAD:
        return None  # seen before anything is placed
    placed, routed = _routed(pieces, wires)
    once = placed, routed
    for most, turns in NARROW_LIMITS if width < NARROW else LIMITS:
        placed, routed = wrap(*once, wires, width - 2 * PAD, most=most, turns=turns)
        if routed.height <= width - 2 * PAD:
            break
    if routed.height > width - 2 * PAD:
        return None
    return _lattice(structure, stretches, size, edges, placed, routed)


def _routed(pieces: Sequence[Piece], wires: Sequence[Wire]) -> tuple[Placed, Routed]:
    """Places and routes. Where a line would end in the track of another source its lane gives way."""
    placed = arrange_rows(pieces, wires)
    for _ in range(GIVING_WAY):
        routed = route(placed, wires)
        moved = _given_way(placed, routed, wires)
        if moved is None:
            break
        placed = moved
    return placed, routed


def _given_way(placed: Placed, routed: Routed, wires: Sequence[Wire]) -> Placed | None:
    """With one lane moved for each two lines that run on top of each other; None when nothing can be moved."""
    tracks: dict[int, list[tuple[float, float, float, int]]] = {}
    for k, points in enumerate(routed.routes):
        for (xa, ya), (xb, yb) in pairwise(points):
            if abs(xa - xb) < 0.5 < abs(ya - yb):
                tracks.setdefault(round(xa), []).append((min(ya, yb), max(ya, yb), xa, k))
    x = list(placed.x)
    moved: set[int] = set()
    for pieces in tracks.values():
        pieces.sort()
        for place, (_, low, at, first) in enumerate(pieces):
            for top, bottom, _, second in pieces[place + 1 :]:
                if top > low - 2:
                    break
                ends = {wires[first].source, wires[first].target} & {
                    wires[second].source,
                    wires[second].target,
                }
                if min(low, bottom) - top > 2 and not ends:
                    for number in _at_x(placed, at, top, routed, (first, second)):
                        column = _column(placed, number)
                        if not moved & set(column) and (by := _room(placed, x, column)):
                            for other in column:
                                x[other] += by
                            moved |= set(column)
                            break
    return replace(placed, x=tuple(x)) if moved else None


def _at_x(placed: Placed, at: float, y: float, routed: Routed, pair: Sequence[int]) -> list[int]:
    """Lanes and pieces of two lines that stand at ``at``, lanes first, those near ``y`` before others."""
    found = {number for k in pair for number in placed.rows.chains[k] if abs(placed.x[number] - at) < 1.5}
    return sorted(found, key=lambda n: (placed.rows.nodes[n] is not None, abs(routed.tops[n] - y), n))


def _column(placed: Placed, number: int) -> list[int]:
    """A lane with the lanes that go on from it straight ahead."""
    nodes = placed.rows.nodes
    found = [number]
    for chain in placed.rows.chains:
        if number in chain and nodes[number] is None:
            straight = [n for n in chain if nodes[n] is None and abs(placed.x[n] - placed.x[number]) < 0.5]
            found += [n for n in straight if n not in found]
    return found


def _room(placed: Placed, x: Sequence[float], column: Sequence[int]) -> float:
    """How far a column may step aside, 0 when its neighbours leave no place."""
    nodes = placed.rows.nodes
    for by in (APART, -APART):
        free = True
        for number in column:
            row = placed.rows.rows[placed.rows.row_of[number]]
            k = row.index(number) + (1 if by > 0 else -1)
            if 0 <= k < len(row):
                a, b = (nodes[number], nodes[row[k]]) if by > 0 else (nodes[row[k]], nodes[number])
                need = (a.right if a else 0.0) + (b.left if b else 0.0) + CLOSE
                free = free and abs(x[row[k]] - x[number] - by) >= need
        if free:
            return by
    return 0.0


def _stretch(
    part: Structure, size: Mapping[str, Size], widths: LabelWidths, labelled: Sequence[Run]
) -> _Stretch:
    own = [run for run in labelled if run.nodes[0] in part.net]
    places = columns(part, size, widths, own)
    body = lanes(part, places, own, ())
    return _Stretch(
        nodes=tuple(part.net),
        solids=places.solids,
        body=body,
        west=min(rect[0] for rect in body.rects),
        east=max(rect[2] for rect in body.rects),
        north=min(rect[1] for rect in body.rects),
        south=max(rect[3] for rect in body.rects),
    )


def _lattice(
    structure: Structure,
    stretches: Sequence[_Stretch],
    size: Mapping[str, Size],
    edges: Sequence[tuple[str, str]],
    placed: Placed,
    routed: Routed,
) -> Lattice:
    """Everything with its place: what runs across the flow in the layout goes down in the figure."""
    low = min(
        [x - node.left for x, node in zip(placed.x, placed.rows.nodes, strict=False) if node]
        + [x for points in routed.routes for x, _ in points]
    )
    high = max(
        [x + node.right for x, node in zip(placed.x, placed.rows.nodes, strict=False) if node]
        + [x for points in routed.routes for x, _ in points]
    )
    dx, dy = PAD, PAD - low
    solids: dict[str, Solid] = {}
    axis: dict[str, float] = {}
    lines = []
    for k, stretch in enumerate(stretches):
        along, across = routed.tops[k] + dx, placed.x[k] + dy
        shift = along + RADIUS - BALL / 2 - stretch.solids[stretch.nodes[0]].x
        if not stretch.round:
            shift = along - stretch.west
        for i in stretch.nodes:
            solids[i], axis[i] = stretch.solids[i].moved(shift), across
        lines += [line.moved(shift, across) for found in stretch.body.lines.values() for line in found]
    page = Page(
        structure=structure,
        solids=solids,
        axis=axis,
        row_of=dict.fromkeys(solids, 0),
        rows=(Row(tuple(solids), (dx, PAD, dx + routed.height, high + dy)),),
        bus={},
        lane={},
        gather={},
        arcs=(),
        lines=tuple(lines),
        wires={},
        panels=(),
        brackets=(),
        width=routed.height + 2 * PAD,
        height=high + dy + PAD,
    )
    ways = {
        edge: _way(page, edge, [(y + dx, x + dy) for x, y in points])
        for edge, points in zip(edges, routed.routes, strict=True)
    }
    return Lattice(page, size, ways, frozenset((y + dx, x + dy) for (x, y), _ in routed.dots))


def _way(page: Page, edge: tuple[str, str], points: Sequence[Point]) -> tuple[Point, ...]:
    """The line from the middle of the right face to the outline of its target."""
    source, target = edge
    first = (page.solids[source].x1, page.axis[source])
    inner = list(points[1:-1])
    end = points[-1]
    solid, y = page.solids[target], page.axis[target]
    if page.structure.net[target].kind == "ball":
        centre = solid.x + BALL / 2
        before = inner[-1] if inner else first
        if abs(before[0] - end[0]) < 0.5 and abs(end[1] - y) > 1:  # from above or below
            return (first, *inner, (centre, y + math.copysign(TOUCH, end[1] - y)))
        aside = max(-TOUCH + 2, min(TOUCH - 2, end[1] - y))
        return (first, *inner, (centre - math.sqrt(TOUCH**2 - aside**2), y + aside))
    h, d = solid.start
    reach = max(-d / 2, (-h / 2 - (end[1] - y)) / KY)
    return (first, *inner, (solid.x + KX * reach - SHORT, end[1]))


def painted(found: Lattice) -> list[Item]:
    """Boxes, lines and labels, in the order in which they are painted."""
    page, net = found.page, found.page.structure.net
    items: list[Item] = []
    plain: dict[str, list[tuple[Point, ...]]] = {}
    for (source, target), points in found.lines.items():
        if (source, target) not in page.structure.skip_wires:
            plain.setdefault(source, []).append(points)
    for i, node in net.items():
        own = tuple(s for s in node.inputs if (s, i) not in found.lines)
        for ref, role, parts in incoming(page, replace(node, inputs=own)):
            items.append(Group(tuple(parts), ref=ref, role=role if role == "skip" else "edge"))
        for s in node.inputs:
            if (s, i) in found.lines:
                items.append(_line(found, (s, i), plain.get(s, [])))
        items.append(paint.body(page, node, found.size[i].form == "bar"))
    items += [paint.text(line) for line in page.lines]
    return items


def _line(found: Lattice, edge: tuple[str, str], plain: Sequence[tuple[Point, ...]]) -> Group:
    points, ref = found.lines[edge], label_of(*edge)
    ball = found.page.structure.net[edge[0]].kind == "ball"
    if edge not in found.page.structure.skip_wires:
        return Group(tuple(arrow(points, ref, dot=not ball)), ref=ref, role="edge")
    parting = max((_shared(points, other) for other in plain), default=0.0)
    items = arrow(_from(points, max(0.0, parting - CORNER)), ref, style="skip", width=SKIP_WIDTH, role="skip")
    if parting or not ball:
        x, y = _from(points, max(0.0, parting - CORNER))[0]
        items.append(Circle(round(x, 1), round(y, 1), 1.5, fill="skip", role="dot", ref=ref))
    return Group(tuple(items), ref=ref, role="skip")


def _shared(first: Sequence[Point], second: Sequence[Point]) -> float:
    """Length of the beginning that two lines have in common."""
    total = 0.0
    for (a, b), (c, d) in zip(pairwise(first), pairwise(second), strict=False):
        one, two = math.dist(a, b), math.dist(c, d)
        turned = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
        ahead = (b[0] - a[0]) * (d[0] - c[0]) + (b[1] - a[1]) * (d[1] - c[1])
        if abs(turned) > 1 or ahead <= 0:
            break
        total += min(one, two)
        if abs(one - two) > 0.5:
            break
    return total


def _from(points: Sequence[Point], length: float) -> list[Point]:
    """The line without its first ``length`` px."""
    rest = list(points)
    while len(rest) > 2 and math.dist(rest[0], rest[1]) <= length:
        length -= math.dist(rest[0], rest[1])
        rest.pop(0)
    (ax, ay), (bx, by) = rest[0], rest[1]
    share = length / (math.dist(rest[0], rest[1]) or 1.0)
    return [(ax + (bx - ax) * share, ay + (by - ay) * share), *rest[1:]]
