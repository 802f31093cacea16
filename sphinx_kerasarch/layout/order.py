"""Order of the nodes within each row: few crossings.

Barycentres and neighbour swaps from several starts, then sifting of the best: each node is tried at every place of its
row (Matuszewski, Schönfeld, Molitor: Using sifting for k-layer straightline crossing minimization, 1999), with small
random kicks between the rounds. A graph without crossings, as most models are, is left as it comes.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from random import Random

Rows = list[list[int]]

STARTS = 6
"""Random starts beside the given order and its mirror image."""
PATIENCE = 60
"""Kicks without progress after which the search ends."""
WORK = 4_000_000
"""Pairs of neighbours compared at most: about 0.15 s."""

SWEEPS = 24
STALLED = 5
"""Sweeps without progress after which a start is given up."""

COUNTING = 12
"""What counting an edge costs, in pairs of neighbours."""


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
    """``rows`` (the starting order) permuted; ties keep the starting order, so a planar start is left alone.

    The same rows give the same order always: the random numbers are seeded. Remembered, since widths of cards are
    tried on one order.
    """
    found = _order(tuple(map(tuple, rows)), tuple(map(tuple, up)), tuple(map(tuple, down)))
    return [list(row) for row in found]


@lru_cache(maxsize=64)
def _order(
    start: tuple[tuple[int, ...], ...], up: tuple[tuple[int, ...], ...], down: tuple[tuple[int, ...], ...]
) -> Rows:
    rows = [list(row) for row in start]
    best, fewest = rows, crossings(rows, down)
    if not fewest:
        return best
    chance = Random(len(up))
    search = _Search(rows, up, down)
    for tried in _starts(rows, chance):
        found, count = _improve(tried, up, down)
        if count:
            found, count = search.settled(found, set(search.wide))
        if count < fewest:
            best, fewest = found, count
        if not fewest:
            return best
    return search.kicked(best, fewest, chance)


def _starts(rows: Rows, chance: Random) -> Iterator[Rows]:
    yield [list(row) for row in rows]
    yield [row[::-1] for row in rows]
    for _ in range(STARTS):
        yield [chance.sample(row, len(row)) for row in rows]


class _Search:
    """Sifting of one graph, and the work that it has cost."""

    def __init__(self, rows: Rows, up: Sequence[Sequence[int]], down: Sequence[Sequence[int]]) -> None:
        self.up, self.down = up, down
        self.place = [0] * len(up)
        self.row_of = {node: number for number, row in enumerate(rows) for node in row}
        self.wide = [number for number, row in enumerate(rows) if len(row) > 1]
        self.edges = sum(map(len, down))
        self.work = 0

    def settled(self, rows: Rows, dirty: set[int]) -> tuple[Rows, int]:
        """``rows``, changed in place, sifted from the ``dirty`` ones on until nothing gains; their crossings."""
        for row in rows:
            _number(row, self.place)
        while dirty and self.work < WORK:
            number = min(dirty)
            dirty.discard(number)
            gain, cost = _sift(rows[number], self.up, self.down, self.place)
            self.work += cost
            if gain:
                dirty |= {number - 1, number + 1, number} & set(self.wide)
        self.work += COUNTING * self.edges
        return rows, crossings(rows, self.down)

    def kicked(self, best: Rows, fewest: int, chance: Random) -> Rows:
        """A kick, sifting again, and so on; the best of all."""
        stalled = 0
        while fewest and stalled < PATIENCE and self.work < WORK:
            current = [list(row) for row in best]
            for row in current:
                _number(row, self.place)
            dirty = _kick(
                current, chance.choice(self.wide), self.up, self.down, self.place, self.row_of, chance
            )
            found, count = self.settled(current, dirty)
            stalled = 0 if count < fewest else stalled + 1
            if count < fewest:
                best, fewest = found, count
        return best


def _kick(
    rows: Rows,
    number: int,
    up: Sequence[Sequence[int]],
    down: Sequence[Sequence[int]],
    place: list[int],
    row_of: Mapping[int, int],
    chance: Random,
) -> set[int]:
    """Move a chain of nodes, one per row, to another side of their rows; the rows that changed."""
    node = chance.choice(rows[number])
    share = chance.random()
    changed = set()
    moved = [node]
    for side in (up, down):
        at = node
        for _ in range(chance.randrange(8)):
            if not side[at]:
                break
            at = chance.choice(side[at])
            moved.append(at)
    for item in moved:
        row = rows[row_of[item]]
        row.remove(item)
        row.insert(round(share * len(row)), item)
        _number(row, place)
        changed.add(row_of[item])
    return {number + step for number in changed for step in (-1, 0, 1) if 0 <= number + step < len(rows)}


def _sift(
    row: list[int], up: Sequence[Sequence[int]], down: Sequence[Sequence[int]], place: list[int]
) -> tuple[int, int]:
    """Each node of ``row`` to the place where it crosses least; crossings saved and pairs compared."""
    saved = cost = 0
    places = {node: ([place[a] for a in up[node]], [place[a] for a in down[node]]) for node in row}
    for node in list(row):
        here = row.index(node)
        mine = places[node]
        weight = len(mine[0]) + len(mine[1])
        best, target, total = 0, here, 0
        for step, reach in ((-1, range(here - 1, -1, -1)), (1, range(here + 1, len(row)))):
            total = 0
            for index in reach:
                other = places[row[index]]
                # Crossings with the other node as it is minus those when they have changed sides.
                for side in (0, 1):
                    for a in mine[side]:
                        for b in other[side]:
                            total += step * ((a > b) - (a < b))
                cost += weight * (len(other[0]) + len(other[1])) + 1
                if total > best:
                    best, target = total, index
        if best:
            row.insert(target, row.pop(here))
            saved += best
    _number(row, place)
    return saved, cost


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
