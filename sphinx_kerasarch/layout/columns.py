"""Horizontal coordinates: aligned nodes share a column; columns keep their distance and follow their neighbours.

The alignment is by hand of the caller (main path, long edges); what is new against Brandes and Köpf (2001) is that a
column is placed by averaging a pass that only pushes right with one that only pushes left: both satisfy all
distances, so their mean does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

PASSES = 40


@dataclass(slots=True)
class Column:
    members: list[int] = field(default_factory=list)
    left: dict[int, float] = field(default_factory=dict)
    """Column to the left → least distance between the two origins."""
    right: dict[int, float] = field(default_factory=dict)


def align(
    rows: Sequence[Sequence[int]], wanted: Sequence[tuple[int, int, float]], size: int
) -> tuple[list[int], list[float]]:
    """Node → column and offset in it.

    ``wanted``: (upper node, lower node, lower minus upper coordinate) in order of importance; a wish is dropped when
    an end is taken or when it would cross an accepted one.
    """
    place, row_of = [0] * size, [0] * size
    for number, row in enumerate(rows):
        for index, node in enumerate(row):
            place[node], row_of[node] = index, number
    below: list[tuple[int, float] | None] = [None] * size
    above = [False] * size
    taken: list[list[tuple[int, int]]] = [[] for _ in rows]
    for upper, lower, shift in wanted:
        a, b = place[upper], place[lower]
        if below[upper] is not None or above[lower]:
            continue
        if any((a - c) * (b - d) <= 0 for c, d in taken[row_of[upper]]):
            continue
        below[upper], above[lower] = (lower, shift), True
        taken[row_of[upper]].append((a, b))
    column, offset = [-1] * size, [0.0] * size
    count = 0
    for row in rows:
        for node in row:
            if above[node]:
                continue
            link: tuple[int, float] | None = (node, 0.0)
            at = 0.0
            while link is not None:
                at += link[1]
                column[link[0]], offset[link[0]] = count, at
                link = below[link[0]]
            count += 1
    return column, offset


def place(
    rows: Sequence[Sequence[int]],
    column: Sequence[int],
    offset: Sequence[float],
    gap: Sequence[Sequence[float]],
    pulls: Sequence[tuple[int, int, float, float]],
) -> list[float]:
    """Coordinate of each node.

    ``gap[row][i]``: least distance between the i-th node of the row and the next. ``pulls``: (node, other node,
    wanted coordinate minus that of the other, weight).
    """
    columns = [Column() for _ in range(max(column, default=-1) + 1)]
    for node, number in enumerate(column):
        columns[number].members.append(node)
    for row, distances in zip(rows, gap, strict=True):
        for left, right, distance in zip(row, row[1:], distances, strict=False):
            a, b = column[left], column[right]
            if a != b:
                least = distance + offset[left] - offset[right]
                columns[b].left[a] = max(columns[b].left.get(a, least), least)
                columns[a].right[b] = columns[b].left[a]
    sequence = _sequence(columns)
    at = _push(columns, sequence, [0.0] * len(columns))
    wishes: list[list[tuple[int, float, float]]] = [[] for _ in columns]
    for node, other, shift, weight in pulls:
        if column[node] != column[other]:
            wishes[column[node]].append((column[other], offset[other] + shift - offset[node], weight))
    for _ in range(PASSES):
        wanted = [_mean(wishes[number], at) if wishes[number] else at[number] for number in range(len(at))]
        right, left = _push(columns, sequence, wanted), _pull(columns, sequence, wanted)
        moved = [(a + b) / 2 for a, b in zip(right, left, strict=True)]
        if max((abs(a - b) for a, b in zip(moved, at, strict=True)), default=0.0) < 0.05:
            break
        at = moved
    return [at[column[node]] + offset[node] for node in range(len(column))]


def _mean(wishes: Sequence[tuple[int, float, float]], at: Sequence[float]) -> float:
    total = sum(weight for _, _, weight in wishes)
    return sum((at[other] + shift) * weight for other, shift, weight in wishes) / total


def _sequence(columns: Sequence[Column]) -> list[int]:
    """Columns from left to right (topological order)."""
    missing = [len(column.left) for column in columns]
    order = [number for number, count in enumerate(missing) if not count]
    for number in order:
        for other in columns[number].right:
            missing[other] -= 1
            if not missing[other]:
                order.append(other)
    assert len(order) == len(columns), "alignments cross"
    return order


def _push(columns: Sequence[Column], sequence: Sequence[int], wanted: Sequence[float]) -> list[float]:
    at = list(wanted)
    for number in sequence:
        for other, least in columns[number].left.items():
            at[number] = max(at[number], at[other] + least)
    return at


def _pull(columns: Sequence[Column], sequence: Sequence[int], wanted: Sequence[float]) -> list[float]:
    at = list(wanted)
    for number in reversed(sequence):
        for other, least in columns[number].right.items():
            at[number] = min(at[number], at[other] - least)
    return at
