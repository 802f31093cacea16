"""A level that is too long, cut between rows into columns side by side.

Only geometry: rows keep their places relative to each other within a column, and each wire that is cut is led from the
foot of its column over a lane between the columns to the head of the next. Wires keep their order over a cut, the
rightmost on the inner lane, so that a cut adds no crossing. Wires that have no business in a column lead over its head.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .flat import Placed, Wire
from .wires import Point, Routed

LANE = 9.0
"""Between wires that run over the same cut."""
FOOT = 4.0
"""From the cut to the first turn."""
HEAD = 8.0
"""From the last turn to the cut: room for the rounded corner."""
BESIDE = 12.0
"""Between a column and the first lane, and between the last lane and the next column."""
SLACK = 16.0
"""px by which the heads of columns are levelled."""
BADGE = 6.0
"""Room for what stands out of a card on its right."""
CROWD = 12.0
"""Cost of the second wire over a cut, growing with the square; a column that has half or one and a half times the mean
length costs 25."""
TURNS = 3
"""Cuts that one wire may pass."""
MOST = 12
"""Wires over a cut that a reader can still follow."""


@dataclass(frozen=True, slots=True)
class _Cut:
    row: int
    """The last row above."""
    y: float
    wires: tuple[float, ...]
    """Places of the wires over it, rising."""
    over: int = 0
    """How many of them, from the right, have led over the head of the column above."""
    direct: int = 0
    """How many of the next ones turn up beside the column where they leave their source, without going to its foot."""

    @property
    def room(self) -> float:
        """px of the lanes at the head of the column behind."""
        return LANE * max(0, len(self.wires) - 1)

    @property
    def beside(self) -> float:
        """px of the lanes between the columns."""
        return LANE * max(0, len(self.wires) - 1 - self.over)


@dataclass(frozen=True, slots=True)
class _Part:
    """A column: the rows between two cuts, and how far they are moved."""

    low: float
    high: float
    dx: float
    dy: float


def wrap(
    placed: Placed,
    routed: Routed,
    wires: Sequence[Wire],
    limit: float,
    inset: float = 0.0,
    most: int = MOST,
    turns: int = TURNS,
) -> tuple[Placed, Routed]:
    """The level in columns of at most ``limit`` px; unchanged when it is short enough or cannot be cut so.

    ``most``: wires over a cut. ``turns``: cuts that one wire may pass. ``inset``: px that wires at the head of a column
    keep off its upper border.
    """
    if routed.height <= limit:
        return placed, routed
    chosen = _chosen(_cuts(placed, routed, most), placed, routed, limit - inset - SLACK)
    if not chosen or _winding(routed, chosen, turns):
        return placed, routed
    chosen = _turned_up(_led_over(chosen, routed), placed, routed, wires)
    parts, lanes = _parts(placed, routed, wires, chosen, inset)
    ys = [cut.y for cut in chosen]

    def part(y: float) -> _Part:
        return parts[bisect_right(ys, y)]

    tops = [routed.row_tops[row] for row in placed.rows.row_of]
    moved = replace(placed, x=tuple(x + part(y).dx for x, y in zip(placed.x, tops, strict=True)))
    routes = tuple(_route(points, chosen, parts, lanes, inset) for points in routed.routes)
    feet = [*(cut.y + FOOT + cut.beside for cut in chosen), routed.height]
    height = max(foot + part.dy for foot, part in zip(feet, parts, strict=True))
    out = [
        (node := placed.rows.nodes[chain[-1]]) is not None and node.kind == "exit"
        for chain in placed.rows.chains
    ]
    return moved, replace(
        routed,
        tops=tuple(top + part(y).dy for top, y in zip(routed.tops, tops, strict=True)),
        height=height,
        # The border through which a wire leaves lies below the longest column.
        routes=tuple(
            (*points[:-1], (points[-1][0], height)) if leaves else points
            for points, leaves in zip(routes, out, strict=True)
        ),
        dots=tuple(((x + part(y).dx, y + part(y).dy), kept) for (x, y), kept in routed.dots),
    )


def _winding(routed: Routed, chosen: Sequence[_Cut], turns: int) -> bool:
    """Whether a wire would run through so many columns that nobody could follow it."""
    ys = [cut.y for cut in chosen]
    return any(
        bisect_right(ys, points[-1][1]) - bisect_right(ys, points[0][1]) > turns for points in routed.routes
    )


def _led_over(chosen: Sequence[_Cut], routed: Routed) -> list[_Cut]:
    """The cuts with the wires that pass a whole column straight, as far as no other wire stands right of them."""
    found = list(chosen[:1])
    for before, cut in itertools.pairwise(chosen):
        straight = {
            round(a[0], 1)
            for points in routed.routes
            for a, b in itertools.pairwise(points)
            if a[1] < before.y and cut.y < b[1]
        }
        over = 0
        for upper, lower in zip(reversed(before.wires), reversed(cut.wires), strict=False):
            if upper != lower or upper not in straight:
                break
            over += 1
        found.append(replace(cut, over=over))
    return found


def _turned_up(chosen: Sequence[_Cut], placed: Placed, routed: Routed, wires: Sequence[Wire]) -> list[_Cut]:
    """The cuts with the wires that need not go down to them, as skips of nested blocks."""
    found = []
    above = float("-inf")
    for cut in chosen:
        pieces = [
            (a, b, points[number - 1] if number else None)
            for points in routed.routes
            for number, (a, b) in enumerate(itertools.pairwise(points))
            if a[0] == b[0] and b[1] > above and a[1] < cut.y
        ]
        solid = _solid(placed, routed, wires, above, cut.y)
        last, direct = above, 0
        for x in reversed(cut.wires[: len(cut.wires) - cut.over]):
            mine = [(a, come) for a, b, come in pieces if round(a[0], 1) == x and b[1] > cut.y]
            starts = {a[1] for a, _ in mine}
            if len(starts) != 1 or any(come is None or come[0] >= x - 1 for _, come in mine):
                break
            y = starts.pop()
            taken = set(cut.wires[len(cut.wires) - cut.over - direct :])
            beside = any(
                a[0] > x + 0.1 and a[1] < y < b[1] for a, b, _ in pieces if round(a[0], 1) not in taken or b[1] < cut.y
            )
            if y <= last or x < solid or beside:
                break
            last, direct = y, direct + 1
        found.append(replace(cut, direct=direct))
        above = cut.y
    return found


def _solid(placed: Placed, routed: Routed, wires: Sequence[Wire], above: float, below: float) -> float:
    """The right end of the cards and labels between two cuts."""
    ends = [
        x + node.right
        for node, x, row in zip(placed.rows.nodes, placed.x, placed.rows.row_of, strict=True)
        if node and above < routed.row_tops[row] < below
    ]
    ends += [
        points[0][0] + 7 + wire.label_width
        for wire, points in zip(wires, routed.routes, strict=True)
        if wire.label and above < points[0][1] < below
    ]
    return max(ends, default=float("-inf"))


def _cuts(placed: Placed, routed: Routed, most: int) -> list[_Cut]:
    """Where the level may be cut: above the sideways moves, so that every wire is met on a vertical piece."""
    rows = placed.rows
    found = []
    for row in range(len(rows.rows) - 1):
        below = {node.kind for i in rows.rows[row + 1] if (node := rows.nodes[i])}
        if not below or below <= {"tail", "exit"}:
            continue  # a bare arrow has no column of its own
        if all((node := rows.nodes[i]) is None or node.kind == "entry" for i in rows.rows[row]):
            continue
        y = routed.cuts[row]
        places = sorted(
            {
                round(a[0], 1)
                for points in routed.routes
                for a, b in itertools.pairwise(points)
                if a[1] < y < b[1]
            }
        )
        if len(places) <= most:
            found.append(_Cut(row, y, tuple(places)))
    return found


def _chosen(cuts: Sequence[_Cut], placed: Placed, routed: Routed, limit: float) -> list[_Cut]:
    """The fewest columns, then those of equal length with few wires over the cuts; empty when none will do."""
    stops: list[_Cut | None] = [None, *cuts, None]
    starts = [routed.row_tops[0], *(cut.y - cut.room - HEAD for cut in cuts)]
    ends = [0.0, *(cut.y + FOOT + cut.room for cut in cuts), routed.height]
    fewest: list[tuple[int, int]] = [(0, 0)]
    for stop in range(1, len(stops)):
        # Fewest columns up to here: ranges are intervals, so reaching back as far as possible is best.
        best = min(
            ((fewest[s][0] + 1, s) for s in range(stop) if ends[stop] - starts[s] <= limit),
            default=(10**6, 0),
        )
        fewest.append(best)
    columns = fewest[-1][0]
    if not 1 < columns < 10**6:
        return []
    mean = routed.height / columns
    cost: dict[tuple[int, int], tuple[float, int]] = {(0, 0): (0.0, 0)}
    for column in range(1, columns + 1):
        for stop in range(1, len(stops)):
            if (stop == len(stops) - 1) != (column == columns):
                continue
            cut = stops[stop]
            crowd = CROWD * (len(cut.wires) - 1) ** 2 if cut else 0.0
            options = []
            for start in range(stop - 1, -1, -1):
                length = ends[stop] - starts[start]
                if length > limit:
                    break
                if (column - 1, start) in cost:
                    uneven = 100 * ((length - mean) / mean) ** 2
                    options.append((cost[column - 1, start][0] + uneven + crowd, start))
            if options:
                cost[column, stop] = min(options)
    path: list[_Cut] = []
    stop, column = len(stops) - 1, columns
    if (column, stop) not in cost:
        return []
    while column > 1:
        stop, column = cost[column, stop][1], column - 1
        cut = stops[stop]
        assert cut is not None
        path.append(cut)
    return path[::-1]


def _parts(
    placed: Placed, routed: Routed, wires: Sequence[Wire], chosen: Sequence[_Cut], inset: float
) -> tuple[list[_Part], list[float]]:
    """Columns with their moves, and the place of the innermost lane behind each but the last."""
    ys = [cut.y for cut in chosen]
    low = [float("inf")] * (len(chosen) + 1)
    high = [float("-inf")] * (len(chosen) + 1)

    def painted(y: float, left: float, right: float) -> None:
        number = bisect_right(ys, y)
        low[number], high[number] = min(low[number], left), max(high[number], right)

    for node, x, row in zip(placed.rows.nodes, placed.x, placed.rows.row_of, strict=True):
        if node:
            painted(routed.row_tops[row], x - node.left - node.over, x + node.right + BADGE)
    for wire, points in zip(wires, routed.routes, strict=True):
        for (x, y), (_, below) in zip(points, [*points[1:], points[-1]], strict=True):
            painted(y, x, x)
            for cut, after in itertools.zip_longest(chosen, chosen[1:]):
                led_over = after and after.y < below and round(x, 1) in after.wires[len(after.wires) - after.over :]
                if y < cut.y < below and not led_over:
                    painted(cut.y, x, x)
        if wire.label:
            painted(points[0][1], points[0][0], points[0][0] + 7 + wire.label_width)
    parts, lanes = [], []
    at = low[0]
    heads = [inset + HEAD + cut.room + routed.row_tops[cut.row + 1] - cut.y for cut in chosen]
    for number in range(len(low)):
        dx = at - low[number]
        dy = 0.0
        if number:
            # Columns that begin nearly at the same place begin at the same place.
            dy = heads[number - 1] if max(heads) - heads[number - 1] > SLACK else max(heads)
            dy -= routed.row_tops[chosen[number - 1].row + 1]
        parts.append(_Part(low[number], high[number], dx, dy))
        if number < len(chosen):
            lanes.append(high[number] + dx + BESIDE)
            at = lanes[-1] + chosen[number].beside + BESIDE + 2
    return parts, lanes


def _route(
    points: Sequence[Point],
    chosen: Sequence[_Cut],
    parts: Sequence[_Part],
    lanes: Sequence[float],
    inset: float,
) -> tuple[Point, ...]:
    number = bisect_right([cut.y for cut in chosen], points[0][1])
    result = [(points[0][0] + parts[number].dx, points[0][1] + parts[number].dy)]
    for (x, y), (end, below) in itertools.pairwise(points):
        while number < len(chosen) and y < chosen[number].y < below:
            cut, before, after = chosen[number], parts[number], parts[number + 1]
            inner = len(cut.wires) - 1 - cut.wires.index(round(x, 1))
            head = (x + after.dx, inset + LANE * inner)
            if inner < cut.over:
                result[-1] = head
            else:
                step = LANE * (inner - cut.over)
                lane, foot = lanes[number] + step, cut.y + before.dy + FOOT + step
                if inner < cut.over + cut.direct:
                    result[-1] = (lane, result[-1][1])
                else:
                    result += [(x + before.dx, foot), (lane, foot)]
                result += [(lane, head[1]), head]
            number += 1
        result.append((end + parts[number].dx, below + parts[number].dy))
    return tuple(result)
