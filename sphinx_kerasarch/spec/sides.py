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
    for edges in users.values():
        if len(edges) > 1:
            source = edges[0].source.call
            shared.setdefault(source, []).extend(edges)
            apart = place[edges[-1].target.call] - place[edges[0].target.call]
            spread[source] = max(spread.get(source, 0), apart)
    widest = max(spread.values(), default=0)
    found: list[Sides] = []
    for share in SHARES if shared else ():
        chosen = {source: edges for source, edges in shared.items() if spread[source] * share >= widest}
        answer = _without_partings(order, into, chosen)
        if answer and answer not in found:
            found.append(answer)
    return tuple(found)


def _without_partings(
    order: Sequence[str], into: Mapping[str, Sequence[Edge]], shared: dict[str, list[Edge]]
) -> Sides | None:
    """Branches that part from one tensor and meet again are no shared use: all that they make comes from it."""
    while shared:
        found = frozenset(edge for edges in shared.values() for edge in edges)
        fed: dict[str, frozenset[str]] = {}
        wrong: set[str] = set()
        for call in order:
            arriving = into[call]
            if arriving and all(edge in found or edge.source.call in fed for edge in arriving):
                fed[call] = frozenset().union(
                    *(fed.get(edge.source.call, {edge.source.call}) for edge in arriving)
                )
                if len({edge.source.call for edge in arriving}) > 1:
                    wrong |= fed[call]
        if not wrong:
            return Sides(found, frozenset(fed))
        shared = {source: edges for source, edges in shared.items() if source not in wrong}
    return None
