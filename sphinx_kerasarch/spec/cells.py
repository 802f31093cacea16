"""Cells: parts of a graph that end in one merge of several branches, whatever feeds them.

A repeat of :mod:`.fold` has one way in. A searched cell has two, the outputs of the two cells before it, and each
output is used by the two cells after it; then no call dominates another for long. What still holds is that every way
from a call of a cell comes to the merge of that cell first.
"""

from __future__ import annotations

from collections.abc import Sequence

from .fold import Repeat, Segment, listing, runs
from .kinds import call_keys
from .model import ArchSpec, Edge

BRANCHES = 3
"""Tensors that a merge must join to be the end of a cell."""
LEAST = 6
"""Calls of the smallest cell."""


def cells(spec: ArchSpec) -> tuple[Repeat, ...]:
    """Cells in order, equal neighbours as one repeat; also those that stand alone, with one copy.

    Every call is in one cell at most. The ends are calls with at least three inputs.
    """
    order = [call.id for call in spec.calls]
    into: dict[str, list[Edge]] = {name: [] for name in order}
    for edge in spec.edges:
        into[edge.target.call].append(edge)
    ends = {name for name in order if len({e.source.call for e in into[name]}) >= BRANCHES}
    members = {end: tuple(found) for end, found in _members(order, into, ends).items() if len(found) >= LEAST}
    found = []
    for start, count in _runs(spec, members, into):
        names = list(members)[start : start + count]
        layers = {call.id: call.layer for call in spec.calls}
        weights = [{layers[name] for name in members[end]} for end in names]
        shared = count > 1 and weights[0] == weights[1]
        copies = tuple(members[end] for end in names)
        found.append(Repeat(copies, into[copies[0][0]][0].source.call, tuple(names), shared))
    return tuple(found)


def _members(order: Sequence[str], into: dict[str, list[Edge]], ends: set[str]) -> dict[str, list[str]]:
    """End → its calls, itself last: those from which every way comes to this end first.

    What all of a cell passes through before it branches is not of the cell: the stem of a network stays outside.
    """
    homes: dict[str, set[str]] = {name: set() for name in order}
    home: dict[str, str] = {}
    for name in reversed(order):
        own = name if name in ends else next(iter(homes[name])) if len(homes[name]) == 1 else ""
        home[name] = own
        for edge in into[name]:
            homes[edge.source.call].add(own)
    found: dict[str, list[str]] = {name: [] for name in order if name in ends}
    for name in order:
        if home[name] and into[name]:
            found[home[name]].append(name)
    return {end: _after_last_strait(inside, into) for end, inside in found.items()}


def _after_last_strait(inside: list[str], into: dict[str, list[Edge]]) -> list[str]:
    """What follows the last call but the end through which everything passes."""
    last_use = {edge.source.call: number for number, name in enumerate(inside) for edge in into[name]}
    waiting = {source for source in last_use if source not in set(inside)}
    start = 0
    for number, name in enumerate(inside[:-1]):
        waiting = {source for source in waiting if last_use[source] > number}
        if not waiting:
            start = number + 1
        waiting.add(name)
    return inside[start:]


def _runs(
    spec: ArchSpec, members: dict[str, tuple[str, ...]], into: dict[str, list[Edge]]
) -> list[tuple[int, int]]:
    """(first cell, number of equal neighbours)."""
    ends = {slot.port.call for slot in spec.outputs}
    keys = {name: (kind, name in ends) for name, kind in call_keys(spec).items()}
    seen: dict[object, int] = {}
    numbers = []
    place = {end: number for number, end in enumerate(members)}
    for end, inside in members.items():
        own = set(inside)

        def sources(name: str, own: set[str] = own, end: str = end) -> list[tuple[str, object]]:
            # What comes from outside is told by how many cells back it was made.
            return [
                (e.source.call, (e.source.index, e.target.index, e.argument))
                if e.source.call in own
                else ("", (place[end] - place.get(e.source.call, -(10**6)), e.target.index, e.argument))
                for e in into[name]
            ]

        names, rows = listing(Segment("", end, inside), sources)
        fed = any(place.get(e.source.call) == place[end] - 1 for name in inside for e in into[name])
        # Neighbours in the list that do not feed each other stand side by side: they are no run.
        key = (tuple(keys[name] for name in names), rows, len(inside), "" if fed else end)
        numbers.append(seen.setdefault(key, len(seen)))
    found, start = [], 0
    for at, period, count in runs(numbers):
        if period == 1:
            found += [(single, 1) for single in range(start, at)]
            found.append((at, count))
            start = at + count
    return found + [(single, 1) for single in range(start, len(numbers))]
