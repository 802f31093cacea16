"""Order of the nodes within each row: few crossings (barycentres and neighbour swaps from several starts)."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from itertools import pairwise

Rows = list[list[int]]

SWEEPS = 24
STALLED = 5
"""Sweeps without progress after which a start is given up."""


def crossings(rows: Rows, down: Sequence[Sequence[int]]) -> int:
    """Pairs of edges between neighbouring rows that cross."""
    total = 0
    for upper, lower in pairwise(rows):
        place = {node: index for index, node in enumerate(lower)}
        seen: list[int] = []
        for node in upper:
            targets = sorted(place[target] for target in down[node])
            total += sum(len(seen) - bisect_left(seen, target + 1) for target in targets)
            for target in targets:
                insort(seen, target)
    return total


def order(rows: Rows, up: Sequence[Sequence[int]], down: Sequence[Sequence[int]]) -> Rows:
    """``rows`` (the starting order) permuted; ties keep the starting order, so a planar start is left alone."""
    best, fewest = rows, crossings(rows, down)
    for start in (rows, [row[::-1] for row in rows]):
        if not fewest:
            break
        found, count = _improve([list(row) for row in start], up, down)
        if count < fewest:
            best, fewest = found, count
    return best


def _improve(rows: Rows, up: Sequence[Sequence[int]], down: Sequence[Sequence[int]]) -> tuple[Rows, int]:
    best, fewest, stalled = [list(row) for row in rows], crossings(rows, down), 0
    place = [0] * len(up)
    for row in rows:
        _number(row, place)
    for sweep in range(SWEEPS):
        if not fewest or stalled >= STALLED:
            break
        downwards = sweep % 2 == 0
        for row in rows if downwards else reversed(rows):
            _by_barycentre(row, up if downwards else down, place)
        for row in rows:
            _swap(row, up, down, place)
        count = crossings(rows, down)
        if count < fewest:
            best, fewest, stalled = [list(row) for row in rows], count, 0
        else:
            stalled += 1
    return best, fewest


def _number(row: list[int], place: list[int]) -> None:
    for index, node in enumerate(row):
        place[node] = index


def _by_barycentre(row: list[int], neighbours: Sequence[Sequence[int]], place: list[int]) -> None:
    """Nodes with neighbours are sorted among the places that they hold; the others keep theirs."""
    held = [index for index, node in enumerate(row) if neighbours[node]]

    def key(node: int) -> tuple[float, int]:
        found = neighbours[node]
        return (sum(place[other] for other in found) / len(found), place[node])

    for index, node in zip(held, sorted((row[index] for index in held), key=key), strict=True):
        row[index] = node
    _number(row, place)


def _swap(
    row: list[int], up: Sequence[Sequence[int]], down: Sequence[Sequence[int]], place: list[int]
) -> None:
    for index in range(len(row) - 1):
        left, right = row[index], row[index + 1]
        gain = sum(
            (place[a] > place[b]) - (place[a] < place[b])
            for side in (up, down)
            for a in side[left]
            for b in side[right]
        )
        if gain > 0:
            row[index], row[index + 1] = right, left
            place[left], place[right] = index + 1, index
