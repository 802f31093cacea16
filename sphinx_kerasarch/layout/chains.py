"""Ways through a graph: which steps stand in one line, and where the line may be cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

Inputs = Mapping[str, Sequence[str]]
"""Step → steps that feed it, in topological order."""


def users(inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """Step → steps that it feeds."""
    found: dict[str, list[str]] = {i: [] for i in inputs}
    for i, sources in inputs.items():
        for source in dict.fromkeys(sources):
            found[source].append(i)
    return {i: tuple(names) for i, names in found.items()}


def rows(inputs: Inputs, same: Callable[[str, str], bool]) -> dict[str, str]:
    """Step → the first of the row that it is in: those that follow each other with nothing between them or beside,
    each the ``same`` as the first."""
    feeds = users(inputs)
    found: dict[str, str] = {}
    for i, sources in inputs.items():
        first = found.get(sources[0], "") if len(sources) == 1 else ""
        found[i] = first if first and feeds[sources[0]] == (i,) and same(first, i) else i
    return found


def heights(feeds: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Step → steps on the longest way from it to an end. ``feeds``: as :func:`users` tells, in topological order."""
    found: dict[str, int] = {}
    for i in reversed(list(feeds)):
        found[i] = 1 + max((found[u] for u in feeds[i]), default=0)
    return found


def disjoint(feeds: Mapping[str, Sequence[str]], main: Mapping[str, str]) -> list[list[str]]:
    """Every step on exactly one path, in the order of their first steps.

    A step is followed by the one with the longest way ahead of those whose ``main`` source it is.
    """
    height = heights(feeds)
    following: dict[str, str] = {}
    for i, names in feeds.items():
        own = [u for u in names if main[u] == i]
        if own:
            following[i] = max(own, key=lambda u: height[u])
    led = set(following.values())
    result = []
    for i in feeds:
        if i not in led:
            path = [i]
            while path[-1] in following:
                path.append(following[path[-1]])
            result.append(path)
    return result


def paths(inputs: Inputs) -> list[list[str]]:
    """Every step on exactly one path: the longest first, the others in the order of their first steps.

    A step is followed by the one with the longest way ahead of those whose longest way behind leads through it.
    """
    depth: dict[str, int] = {}
    for i, sources in inputs.items():
        depth[i] = 1 + max((depth[s] for s in sources), default=0)
    main = {i: max(sources, key=lambda s: depth[s]) for i, sources in inputs.items() if sources}
    result = disjoint(users(inputs), main)
    first = max(range(len(result)), key=lambda k: len(result[k]), default=0)
    return [*result[first : first + 1], *result[:first], *result[first + 1 :]]


def bridges(inputs: Inputs, path: Sequence[str]) -> dict[tuple[str, str], frozenset[str]]:
    """Edges of ``path`` that alone join what is before them to what is after: edge → the steps before it."""
    order = {i: k for k, i in enumerate(inputs)}
    near: dict[str, set[str]] = {i: set() for i in inputs}
    for i, sources in inputs.items():
        for source in sources:
            near[i].add(source)
            near[source].add(i)
    result = {}
    for edge in pairwise(path):
        seen, stack = {edge[0]}, [edge[0]]
        while stack:
            here = stack.pop()
            for other in near[here]:
                if {here, other} != set(edge) and other not in seen:
                    seen.add(other)
                    stack.append(other)
        if edge[1] not in seen:
            result[edge] = frozenset(sorted(seen, key=lambda i: order[i]))
    return result
