"""Ranks of a directed acyclic graph: the row of each node (longest path, then sources pulled to their use).

Sugiyama, Tagawa, Toda: Methods for visual understanding of hierarchical system structures (1981), step 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..spec.order import topological
from .simplex import shorten

TOP, BOTTOM = 0, 1
SHORTENED = 400
"""Nodes up to which wires are made as short as can be; more are never drawn unfolded."""

Adjacency = Mapping[str, Sequence[str]]


def adjacency(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> tuple[Adjacency, Adjacency]:
    """Predecessors and successors, without repetition, in the order of ``edges``."""
    before: dict[str, list[str]] = {node: [] for node in nodes}
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in dict.fromkeys(edges):
        before[target].append(source)
        after[source].append(target)
    return before, after


def acyclic(nodes: Sequence[str], after: Adjacency) -> list[str]:
    """Nodes with every producer before its consumers, else in the given order. Raises ``ValueError`` on a cycle."""
    order = topological(nodes, after)
    if len(order) != len(nodes):
        raise ValueError("the graph has a cycle")
    return order


def rank(
    nodes: Sequence[str],
    edges: Sequence[tuple[str, str]],
    first: frozenset[str] = frozenset(),
    last: frozenset[str] = frozenset(),
) -> dict[str, int]:
    """Node → row, from 0.

    Sources, and what has more uses than inputs, stand one row above their first use, but ``first`` in the top row;
    ``last`` have the bottom row for themselves.
    """
    before, after = adjacency(nodes, edges)
    order = acyclic(nodes, after)
    rows = {node: int(bool(first) and node not in first) for node in nodes}
    for node in order:
        for successor in after[node]:
            rows[successor] = max(rows[successor], rows[node] + 1)
    for node in reversed(order):
        # Each row down shortens the wires out of a node and lengthens those into it.
        if len(before[node]) < len(after[node]) and node not in first:
            rows[node] = min(rows[successor] for successor in after[node]) - 1
    rows = _shortened(nodes, after, rows, first, last)
    lowest = min(rows.values(), default=0)
    rows = {node: row - lowest for node, row in rows.items()}
    bottom = max((row for node, row in rows.items() if node not in last), default=-1)
    return rows | dict.fromkeys(last, bottom + 1)


def _shortened(
    nodes: Sequence[str],
    after: Adjacency,
    rows: Mapping[str, int],
    first: frozenset[str],
    last: frozenset[str],
) -> dict[str, int]:
    """``rows`` with the least total length of the wires; ``first`` together above, ``last`` together below all."""
    if len(nodes) > SHORTENED:
        return dict(rows)
    number = {node: 2 + index for index, node in enumerate(nodes)}
    number |= dict.fromkeys(first, TOP) | dict.fromkeys(last, BOTTOM)
    ranks = [
        min(rows.values(), default=0) - 1,
        max(rows.values(), default=0) + 1,
        *map(rows.__getitem__, nodes),
    ]
    ranks[TOP] += bool(first)
    for node in (*first, *last):
        ranks[2 + nodes.index(node)] = ranks[number[node]]
    edges = [(number[node], number[other], 1, 1) for node in nodes for other in after[node]]
    edges += [(TOP, number[node], 1, 0) for node in nodes if number[node] > BOTTOM]
    edges += [(number[node], BOTTOM, 1, 0) for node in nodes if number[node] > BOTTOM]
    edges += [(TOP, 2 + nodes.index(node), 0, 0) for node in sorted(first)]
    edges += [(2 + nodes.index(node), BOTTOM, 0, 0) for node in sorted(last)]
    found = shorten(ranks, [*edges, (TOP, BOTTOM, 1, 0)])
    return {node: found[number[node]] for node in nodes}
