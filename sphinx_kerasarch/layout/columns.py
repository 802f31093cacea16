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
    left: dict[int, float] = field(default_factory=dict)
    """Column to the left → least distance between the two origins."""
    right: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pull:
    node: int
    other: int
    shift: float
    """Wanted coordinate of ``node`` minus that of ``other``."""
    up: bool
    """Whether ``other`` stands in the row above."""
    weight: float


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
    number = 0
    for row in rows:
        for node in row:
            if above[node]:
                continue
            link: tuple[int, float] | None = (node, 0.0)
            at = 0.0
            while link is not None:
                at += link[1]
                column[link[0]], offset[link[0]] = number, at
                link = below[link[0]]
            number += 1
    return column, offset


def place(
    rows: Sequence[Sequence[int]],
    column: Sequence[int],
    offset: Sequence[float],
    gap: Sequence[Sequence[float]],
    pulls: Sequence[Pull],
) -> list[float]:
    """Coordinate of each node.

    ``gap[row][i]``: least distance between the i-th node of the row and the next. A node with several
    ``pulls`` from one side wants the middle between the outermost of them, not their mean: what stands between need
    not be evenly spaced, and a chain of splits and merges would drift sideways.
    """
    columns = [Column() for _ in range(max(column, default=-1) + 1)]
    for row, distances in zip(rows, gap, strict=True):
        for left, right, distance in zip(row, row[1:], distances, strict=False):
            a, b = column[left], column[right]
            if a != b:
                least = distance + offset[left] - offset[right]
                columns[b].left[a] = columns[a].right[b] = max(columns[b].left.get(a, least), least)
    sequence = _sequence(columns)
    at = _centred(rows, column, offset, gap, len(columns))
    at = [
        (a + b) / 2 for a, b in zip(_push(columns, sequence, at), _pull(columns, sequence, at), strict=True)
    ]
    sides: list[dict[tuple[int, bool, float], list[tuple[int, float]]]] = [{} for _ in columns]
    for pull in pulls:
        if column[pull.node] != column[pull.other]:
            shift = offset[pull.other] + pull.shift - offset[pull.node]
            side = sides[column[pull.node]].setdefault((pull.node, pull.up, pull.weight), [])
            side.append((column[pull.other], shift))
    wishes = [[(found, key[2]) for key, found in side.items()] for side in sides]
    for _ in range(PASSES):
        wanted = [_mean(found, at) if found else x for found, x in zip(wishes, at, strict=True)]
        pushed, pulled = _push(columns, sequence, wanted), _pull(columns, sequence, wanted)
        moved = [(a + b) / 2 for a, b in zip(pushed, pulled, strict=True)]
        if max((abs(a - b) for a, b in zip(moved, at, strict=True)), default=0.0) < 0.05:
            break
        at = moved
    return [at[column[node]] + offset[node] for node in range(len(column))]


def _centred(
    rows: Sequence[Sequence[int]],
    column: Sequence[int],
    offset: Sequence[float],
    gap: Sequence[Sequence[float]],
    size: int,
) -> list[float]:
    """A start from which little must move: every row packed around zero, a column at the mean of its members."""
    total, count = [0.0] * size, [0] * size
    for row, distances in zip(rows, gap, strict=True):
        x = -sum(distances) / 2
        for index, node in enumerate(row):
            total[column[node]] += x - offset[node]
            count[column[node]] += 1
            x += distances[index] if index < len(distances) else 0.0
    return [a / b for a, b in zip(total, count, strict=True)]


def _mean(wishes: Sequence[tuple[Sequence[tuple[int, float]], float]], at: Sequence[float]) -> float:
    total = wanted = 0.0
    for side, weight in wishes:
        values = [at[other] + shift for other, shift in side]
        wanted += (min(values) + max(values)) / 2 * weight
        total += weight
    return wanted / total


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


def straighten(
    rows: Sequence[Sequence[int]], column: Sequence[int], x: Sequence[float], pulls: Sequence[Pull]
) -> list[float]:
    """Where all wires pass through one node, move what lies below as a whole so that the node stands in the middle
    of what it joins. Without this a chain of splits and merges approaches its straight form only very slowly.
    """
    at = list(x)
    reach: dict[int, tuple[int, int]] = {}
    for number, row in enumerate(rows):
        for node in row:
            first, last = reach.get(column[node], (number, number))
            reach[column[node]] = (min(first, number), max(last, number))
    sides: dict[tuple[int, bool], list[Pull]] = {}
    for pull in pulls:
        sides.setdefault((pull.node, pull.up), []).append(pull)
    for number, row in enumerate(rows):
        if len(row) != 1:
            continue
        for up, free in (
            (True, reach[column[row[0]]][0] == number),
            (False, reach[column[row[0]]][1] == number),
        ):
            found = sides.get((row[0], up), ())
            if free and found:
                values = [at[pull.other] + pull.shift for pull in found]
                shift = (min(values) + max(values)) / 2 - at[row[0]]
                for below in rows[number + (not up) :]:
                    for node in below:
                        at[node] += shift if up else -shift
    return at
