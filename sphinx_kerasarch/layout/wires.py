"""Heights of rows and gaps, and the orthogonal route of each wire.

Between two rows every wire that must move sideways gets a *track*; wires of one port share it (a bus). Tracks are
ordered so that few wires cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .flat import CLEAR, Node, Placed, Wire, out_port

Point = tuple[float, float]

UNDER_NODE = 11.0
"""From a node's lower edge to the first track."""
TRACK = 9.0
OVER_NODE = 14.0
"""From the last track to the next row: room for the arrowhead."""
ABOVE_TRACK = 3.0
"""Where a level may be cut."""
SNAP = 0.5
RADIUS = 11.0
"""Of a merge circle."""
SPREAD = 5.0
"""Of two wires into the top of a circle."""


@dataclass(frozen=True, slots=True)
class Routed:
    tops: tuple[float, ...]
    """Upper edge of every node or bend."""
    heights: tuple[float, ...]
    """Of the rows."""
    height: float
    routes: tuple[tuple[Point, ...], ...]
    dots: tuple[tuple[Point, bool], ...]
    """Where a skip leaves its trunk."""
    row_tops: tuple[float, ...] = ()
    cuts: tuple[float, ...] = ()
    """Below every row but the last, above the first track: all wires are vertical there."""


@dataclass(frozen=True, slots=True)
class _Jog:
    """One sideways move in a gap, shared by the wires of one port."""

    gap: int
    start: float
    ends: tuple[float, ...]

    @property
    def low(self) -> float:
        return min(self.start, *self.ends)

    @property
    def high(self) -> float:
        return max(self.start, *self.ends)


def route(placed: Placed, wires: Sequence[Wire]) -> Routed:
    xs = _stations(placed, wires)
    jogs = _jogs(placed, wires, xs)
    tracks = {
        gap: _stacked([jog for jog in jogs.values() if jog.gap == gap])
        for gap in {j.gap for j in jogs.values()}
    }
    rows = placed.rows
    heights = [max((n.height for i in row if (n := rows.nodes[i])), default=0.0) for row in rows.rows]
    first, gaps = _gap_heights(placed, wires, tracks, len(rows.rows))
    y, row_tops = 0.0, []
    for height, gap in zip(heights, [*gaps, 0.0], strict=False):
        row_tops.append(y)
        y += height + gap
    total = y
    tops = tuple(_top(rows.nodes[i], row_tops[row], heights[row]) for i, row in enumerate(rows.row_of))
    level = {
        (gap, jog): row_tops[gap] + heights[gap] + first[gap] + TRACK * index
        for gap, stack in tracks.items()
        for index, jogs_ in enumerate(stack)
        for jog in jogs_
    }
    routes = []
    dots: dict[Point, bool] = {}
    for index, (wire, chain) in enumerate(zip(wires, rows.chains, strict=True)):
        points, bends = _points(placed, wire, chain, xs[index], tops, jogs, level)
        routes.append(simplified(points))
        if wire.skip and bends:
            dots[bends[0]] = True
    kept = tuple(dot for dot in dots.items() if _continues(dot[0], routes))
    cuts = tuple(
        top + height + under - ABOVE_TRACK
        for top, height, under in zip(row_tops[:-1], heights, first, strict=False)
    )
    return Routed(tops, tuple(heights), total, tuple(routes), kept, tuple(row_tops), cuts)


def _top(node: Node | None, row_top: float, row_height: float) -> float:
    if node is None or node.kind == "tail":
        return row_top
    return row_top + (row_height - node.height) / 2


def _continues(dot: Point, routes: Sequence[Sequence[Point]]) -> bool:
    """Whether another wire goes straight on below the dot."""
    return any(
        abs(a[0] - b[0]) < 0.1 and abs(a[0] - dot[0]) < 0.1 and a[1] < dot[1] - 0.1 and b[1] > dot[1] + 0.1
        for points in routes
        for a, b in pairwise(points)
    )


def _stations(placed: Placed, wires: Sequence[Wire]) -> list[list[float]]:
    """Per wire its x below the source, at each bend and at the target; circles get their sides here."""
    rows = placed.rows
    xs = []
    for wire, chain, port in zip(wires, rows.chains, placed.ports, strict=True):
        values = [placed.x[i] for i in chain]
        values[0] += out_port(rows.nodes[chain[0]], wire)
        values[-1] += port
        xs.append(values)
    arriving: dict[int, list[int]] = {}
    for index, chain in enumerate(rows.chains):
        node = rows.nodes[chain[-1]]
        if node is not None and node.kind == "circle":
            arriving.setdefault(chain[-1], []).append(index)
    taken: dict[int, list[tuple[float, float]]] = {}
    for target, indices in arriving.items():
        _enter_circle(placed, wires, target, indices, xs, taken.setdefault(rows.row_of[target], []))
    for values in xs:
        for step in range(1, len(values)):
            if abs(values[step] - values[step - 1]) <= SNAP:
                values[step] = values[step - 1]  # too little for a jog, and a slant would show
    return xs


def _enter_circle(
    placed: Placed,
    wires: Sequence[Wire],
    target: int,
    indices: Sequence[int],
    xs: list[list[float]],
    taken: list[tuple[float, float]],
) -> None:
    """The outermost wires enter from the sides, the others from the top.

    ``taken``: what the wires into the sides of other circles of the row pass; those of this one are added.
    """
    centre = placed.x[target]
    ranked = sorted(indices, key=lambda i: (xs[i][-2], wires[i].order))
    top = list(ranked)
    passed: list[tuple[float, float]] = []
    if len(ranked) > 1:
        for index, right in ((ranked[0], False), (ranked[-1], True)):
            low, high = sorted((xs[index][-2], centre))
            if any(a < high + 6 and low < b + 6 for a, b in taken):
                continue  # two lines on top of each other would read as one
            if _free_side(placed, target, xs[index][-2], right):
                passed.append((low, high))
                # The wire comes down at its own x; the last step is the sideways one, in the circle's row.
                xs[index][-1] = xs[index][-2]
                top.remove(index)
    taken += passed
    for position, index in enumerate(top):
        shift = (position - (len(top) - 1) / 2) * 2 * SPREAD if len(top) == 2 else 0.0
        if len(top) == 1 and abs(xs[index][-2] - centre) <= SPREAD + 1:
            shift = xs[index][-2] - centre  # rather beside the middle than a jog of a few px
        xs[index][-1] = centre + shift


def _free_side(placed: Placed, target: int, x: float, right: bool) -> bool:
    centre = placed.x[target]
    if (x - centre if right else centre - x) < RADIUS + 8:
        return False
    low, high = min(x, centre), max(x, centre)
    for other in placed.rows.rows[placed.rows.row_of[target]]:
        node = placed.rows.nodes[other]
        left, width = (node.left, node.right) if node else (4.0, 4.0)
        if other != target and placed.x[other] + width > low - 6 and placed.x[other] - left < high + 6:
            return False
    return True


def _jogs(
    placed: Placed, wires: Sequence[Wire], xs: Sequence[Sequence[float]]
) -> dict[tuple[int, int, str], _Jog]:
    """(gap, upper node, tag) → its sideways move."""
    ends: dict[tuple[int, int, str], tuple[float, list[float]]] = {}
    for wire, chain, values in zip(wires, placed.rows.chains, xs, strict=True):
        for step in range(len(chain) - 1):
            if abs(values[step] - values[step + 1]) > SNAP:
                key = (placed.rows.row_of[chain[step]], chain[step], wire.tag)
                ends.setdefault(key, (values[step], []))[1].append(values[step + 1])
    return {key: _Jog(key[0], start, tuple(found)) for key, (start, found) in ends.items()}


def _stacked(jogs: Sequence[_Jog]) -> list[list[_Jog]]:
    """Jogs on tracks from the top, overlapping ones apart, the order with the fewer crossings."""
    ranked = sorted(jogs, key=lambda jog: (jog.low, jog.high))
    for _ in ranked:
        swapped = False
        for index in range(len(ranked) - 1):
            upper, lower = ranked[index], ranked[index + 1]
            if _cost(lower, upper) < _cost(upper, lower):
                ranked[index], ranked[index + 1] = lower, upper
                swapped = True
        if not swapped:
            break
    tracks: list[list[_Jog]] = []
    for jog in _apart(ranked):
        last = max((i for i, track in enumerate(tracks) if any(_overlap(jog, o) for o in track)), default=-1)
        if last + 1 == len(tracks):
            tracks.append([])
        tracks[last + 1].append(jog)
    return tracks


def _overlap(a: _Jog, b: _Jog) -> bool:
    return a.low < b.high + 12 and b.low < a.high + 12


def _cost(upper: _Jog, lower: _Jog) -> int:
    """Crossings when ``upper`` lies over ``lower``."""
    down_through = sum(lower.low < end < lower.high for end in upper.ends)
    return down_through + (upper.low < lower.start < upper.high)


def _apart(jogs: Sequence[_Jog]) -> list[_Jog]:
    """``jogs`` with the one that starts at some x before the one that ends there: their verticals would overlap."""
    left, ordered = list(jogs), []
    while left:
        free = (
            jog
            for jog in left
            if not any(abs(end - o.start) < SPREAD for end in jog.ends for o in left if o is not jog)
        )
        ordered.append(next(free, left[0]))
        left.remove(ordered[-1])
    return ordered


def _gap_heights(
    placed: Placed, wires: Sequence[Wire], tracks: dict[int, list[list[_Jog]]], rows: int
) -> tuple[list[float], list[float]]:
    """Distance of the first track below each row, and the height of each gap."""
    labelled, lettered = [0.0] * rows, [0.0] * rows
    entry, tail = [False] * rows, [False] * rows
    for wire, chain in zip(wires, placed.rows.chains, strict=True):
        above, below = placed.rows.row_of[chain[0]], placed.rows.row_of[chain[-1]] - 1
        labelled[above] = max(labelled[above], wire.label_length if wire.label else 0.0)
        lettered[below] = max(lettered[below], wire.letter_length if wire.letter else 0.0)
        source, target = placed.rows.nodes[chain[0]], placed.rows.nodes[chain[-1]]
        entry[above] |= source is not None and source.kind == "entry"
        tail[below] |= target is not None and target.kind in {"tail", "exit"}
    first, gaps = [], []
    for row in range(rows - 1):
        start = UNDER_NODE + labelled[row]
        count = len(tracks.get(row, ()))
        end = OVER_NODE + lettered[row]
        plain = max(CLEAR + 2 * lettered[row] if lettered[row] else 0.0, CLEAR + 1.1 * labelled[row])
        first.append(start)
        before = max(
            (node.before for i in placed.rows.rows[row + 1] if (node := placed.rows.nodes[i])), default=0.0
        )
        tracked = start + TRACK * (count - 1) + end if count else 0.0
        gaps.append(before + max(plain, tracked))
    return [*first, 0.0], gaps


def _points(
    placed: Placed,
    wire: Wire,
    chain: Sequence[int],
    xs: Sequence[float],
    tops: Sequence[float],
    jogs: dict[tuple[int, int, str], _Jog],
    level: dict[tuple[int, _Jog], float],
) -> tuple[list[Point], list[Point]]:
    """Corner points, and those where the wire leaves a vertical."""
    rows = placed.rows
    source, target = rows.nodes[chain[0]], rows.nodes[chain[-1]]
    assert source is not None and target is not None
    points = [(xs[0], tops[chain[0]] + source.height)]
    leaves = []
    for step in range(len(chain) - 1):
        key = (rows.row_of[chain[step]], chain[step], wire.tag)
        if abs(xs[step] - xs[step + 1]) > SNAP:
            y = level[key[0], jogs[key]]
            points += [(xs[step], y), (xs[step + 1], y)]
            leaves.append((xs[step], y))
    centre = placed.x[chain[-1]]
    top = tops[chain[-1]]
    if target.kind == "circle" and abs(xs[-1] - centre) > RADIUS:
        middle = top + RADIUS
        points += [(xs[-1], middle), (centre + (RADIUS if xs[-1] > centre else -RADIUS), middle)]
    elif target.kind == "circle":
        inset = RADIUS - (RADIUS**2 - (xs[-1] - centre) ** 2) ** 0.5
        points.append((xs[-1], top + inset))
    else:
        points.append((xs[-1], top))
    return points, leaves


def simplified(points: Sequence[Point]) -> tuple[Point, ...]:
    kept: list[Point] = []
    for point in points:
        if kept and abs(kept[-1][0] - point[0]) < 0.01 and abs(kept[-1][1] - point[1]) < 0.01:
            continue
        if len(kept) > 1 and (
            abs(kept[-2][0] - kept[-1][0]) < 0.01 > abs(kept[-1][0] - point[0])
            or abs(kept[-2][1] - kept[-1][1]) < 0.01 > abs(kept[-1][1] - point[1])
        ):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)
