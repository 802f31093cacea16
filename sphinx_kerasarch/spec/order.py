"""Topological order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


def topological(nodes: Iterable[T], after: Mapping[T, Sequence[T]]) -> list[T]:
    """Each of ``nodes`` after all that lead to it, else as they were given; without those that wait for themselves.

    ``after``: node → nodes that it leads to, as often as it does; all of them are among ``nodes``. Source: A. B. Kahn,
    Topological sorting of large networks, CACM 5 (1962), with a queue.
    """
    waits = Counter(target for targets in after.values() for target in targets)
    order = [node for node in nodes if not waits[node]]
    for node in order:  # grows
        for target in after.get(node, ()):
            waits[target] -= 1
            if not waits[target]:
                order.append(target)
    return order
