"""Ranks with the least total length of the edges: the network simplex of layered drawing.

Gansner, Koutsofios, North, Vo: A technique for drawing directed graphs (1993), section 2. Ranks that are already best
stay as they come, so what costs nothing to leave alone is left alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

Edge = tuple[int, int, int, int]
"""Tail, head, least length in rows, weight."""

PIVOTS = 4
"""Pivots at most, per node: far more than any graph met needed; a bound against endless degenerate pivots."""


def shorten(ranks: Sequence[int], edges: Sequence[Edge]) -> list[int]:
    """``ranks`` (feasible: every edge at least as long as its least length) moved to least weighted length.

    The graph must be connected.
    """
    found = list(ranks)
    tree = _tight_tree(found, edges)
    balance = [0] * len(found)
    for tail, head, _, weight in edges:
        balance[tail] += weight
        balance[head] -= weight
    for _ in range(PIVOTS * len(found)):
        parent, order = _rooted(len(found), tree, edges)
        leaving = _leaving(parent, order, balance, edges)
        if leaving is None:
            break
        below = _subtree(leaving, parent, order, edges)
        number = parent[leaving]
        entering = _entering(below, edges[number][0] == leaving, found, edges)
        if entering is None:
            break
        _shift(found, below, edges[entering])
        tree.remove(number)
        tree.add(entering)
    return found


def length(ranks: Sequence[int], edges: Sequence[Edge]) -> int:
    """The weighted length of all edges, in rows."""
    return sum(weight * (ranks[head] - ranks[tail]) for tail, head, _, weight in edges)


def _slack(ranks: Sequence[int], edge: Edge) -> int:
    tail, head, least, _ = edge
    return ranks[head] - ranks[tail] - least


def _tight_tree(ranks: list[int], edges: Sequence[Edge]) -> set[int]:
    """Numbers of edges that make a spanning tree without slack; ``ranks`` are shifted where there is none."""
    touching: list[list[int]] = [[] for _ in ranks]
    for number, (tail, head, _, _) in enumerate(edges):
        touching[tail].append(number)
        touching[head].append(number)
    inside, tree = {0}, set[int]()
    waiting = deque([0])
    while True:
        while waiting:
            for number in touching[waiting.popleft()]:
                tail, head, _, _ = edges[number]
                if (tail in inside) != (head in inside) and not _slack(ranks, edges[number]):
                    tree.add(number)
                    new = head if tail in inside else tail
                    inside.add(new)
                    waiting.append(new)
        if len(inside) == len(ranks):
            return tree
        crossing = [edge for edge in edges if (edge[0] in inside) != (edge[1] in inside)]
        nearest = min(crossing, key=lambda edge: _slack(ranks, edge))
        _shift(ranks, inside, nearest)
        waiting.extend(sorted(inside))


def _shift(ranks: list[int], moved: set[int], edge: Edge) -> None:
    """Move ``moved`` until ``edge``, which has one end there, has no slack."""
    step = _slack(ranks, edge) if edge[0] in moved else -_slack(ranks, edge)
    for node in moved:
        ranks[node] += step


def _rooted(size: int, tree: set[int], edges: Sequence[Edge]) -> tuple[Mapping[int, int], list[int]]:
    """Node → the tree's edge to its parent, for all but the root; nodes with parents first."""
    near: list[list[tuple[int, int]]] = [[] for _ in range(size)]
    for number in sorted(tree):
        tail, head, _, _ = edges[number]
        near[tail].append((head, number))
        near[head].append((tail, number))
    parent: dict[int, int] = {}
    order = [0]
    for node in order:
        for other, number in near[node]:
            if parent.get(node) != number:
                parent[other] = number
                order.append(other)
    return parent, order


def _leaving(
    parent: Mapping[int, int], order: Sequence[int], balance: Sequence[int], edges: Sequence[Edge]
) -> int | None:
    """The node whose edge to its parent has the most negative cut value.

    A cut value is the weight out of the tail's side less the weight into it; within a side all weights cancel, so it
    is a sum over the nodes of that side.
    """
    total = list(balance)
    worst, found = 0, None
    for node in reversed(order[1:]):
        tail, head, _, _ = edges[parent[node]]
        above = head if tail == node else tail
        total[above] += total[node]
        cut = total[node] if tail == node else -total[node]
        if cut < worst:
            worst, found = cut, node
    return found


def _subtree(root: int, parent: Mapping[int, int], order: Sequence[int], edges: Sequence[Edge]) -> set[int]:
    found = {root}
    for node in order[order.index(root) + 1 :]:
        if edges[parent[node]][0] in found or edges[parent[node]][1] in found:
            found.add(node)
    return found


def _entering(below: set[int], tail_below: bool, ranks: Sequence[int], edges: Sequence[Edge]) -> int | None:
    """The tightest edge against the leaving one."""
    best, found = 0, None
    for number, edge in enumerate(edges):
        inside = edge[1] in below if tail_below else edge[0] in below
        outside = edge[0] not in below if tail_below else edge[1] not in below
        if inside and outside:
            slack = _slack(ranks, edge)
            if found is None or slack < best:
                best, found = slack, number
    return found
