"""Shared sources: tensors that many equal calls down the line take from aside.

The memory of an encoder enters every layer of the decoder, a mask every attention, an embedding of the time every
block of a diffusion model. Such a tensor is no part of the line in which the blocks follow each other. Without its
edges the line is a chain of segments again, see :mod:`.fold`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from .model import Edge


@dataclass(frozen=True, slots=True)
class Sides:
    """What enters a line from aside."""

    edges: frozenset[Edge]
    """From a shared source to the calls that take it."""
    fed: frozenset[str]
    """Calls that nothing else than shared sources leads to: a projection of the memory for one layer of a decoder."""


SHARES = (1, 4, 16, 10**6)
"""The uses of a source stand at least this part of the widest spread apart, see :func:`sides`."""


def sides(
    order: Sequence[str], into: Mapping[str, Sequence[Edge]], kinds: Mapping[str, Hashable]
) -> tuple[Sides, ...]:
    """Edges of one tensor to several calls of one kind, at the same input; none when there are no such tensors.

    ``order``: calls in topological order, ``into``: their edges, ``kinds``: equal for calls that may stand for each
    other. A skip inside a block looks the same when it ends twice; so several answers are given: only the sources
    whose uses stand farthest apart, then also nearer ones.
    """
    users: dict[Hashable, list[Edge]] = {}
    for call in order:
        for edge in into[call]:
            key = (edge.source, kinds[call], edge.target.index, edge.argument)
            users.setdefault(key, []).append(edge)
    place = {call: number for number, call in enumerate(order)}
    shared: dict[str, list[Edge]] = {}
    spread: dict[str, int] = {}
    many: set[int] = set()
    for edges in users.values():
        if len(edges) > 1:
            source = edges[0].source.call
            shared.setdefault(source, []).extend(edges)
            many.update(map(id, edges))
            apart = place[edges[-1].target.call] - place[edges[0].target.call]
            spread[source] = max(spread.get(source, 0), apart)
    arriving = {call: [(edge.source.call, id(edge) in many) for edge in into[call]] for call in order}
    widest = max(spread.values(), default=0)
    found: list[Sides] = []
    for share in SHARES if shared else ():
        chosen = {source for source in shared if spread[source] * share >= widest}
        answer = _without_partings(order, arriving, chosen)
        if answer:
            kept, fed = answer
            one = Sides(frozenset(edge for source in kept for edge in shared[source]), fed)
            if one not in found:
                found.append(one)
    return tuple(found)


def _without_partings(
    order: Sequence[str], arriving: Mapping[str, Sequence[tuple[str, bool]]], shared: set[str]
) -> tuple[set[str], frozenset[str]] | None:
    """Branches that part from one tensor and meet again are no shared use: all that they make comes from it.

    ``arriving``: source of each edge into a call, and whether other calls take the tensor alike. Returned are the
    sources that are left, and the calls that only they lead to.
    """
    bit = {source: 1 << number for number, source in enumerate(sorted(shared))}
    while shared:
        # The sources that lead to a call, as bits: sets of them would grow with the model.
        fed: dict[str, int] = {}
        wrong = 0
        for call in order:
            edges = arriving[call]
            for source, alike in edges:
                if not (source in fed or (alike and source in shared)):
                    break
            else:
                if edges:
                    made_from = 0
                    for source, _ in edges:
                        made_from |= fed[source] if source in fed else bit[source]
                    fed[call] = made_from
                    if len({source for source, _ in edges}) > 1:
                        wrong |= made_from
        if not wrong:
            return shared, frozenset(fed)
        shared = {source for source in shared if not bit[source] & wrong}
    return None
