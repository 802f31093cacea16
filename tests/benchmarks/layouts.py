"""Crossings and CPU time of the layered layout on random graphs, beside graphlay and Graphviz' dot.

    python tests/benchmarks/layouts.py

All three are counted by the same function on the lines as drawn, in two ways: places where lines of edges without a
common end meet, as a reader sees them, and pairs of such edges that meet. They differ for our own layout alone, which
draws the edges out of one node as one trunk as far as they go together. Seconds are CPU
of the process that lays out (for dot, of its own process).
"""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

from sphinx_kerasarch.layout.engines import _dot, _graphlay
from sphinx_kerasarch.layout.flat import Node, Wire, arrange_rows

Point = tuple[float, float]
Lines = Sequence[Sequence[Point]]
GRAPHS = ((20, 30), (40, 60), (60, 90), (100, 150))
SEEDS = range(5)


def graph(seed: int, nodes: int, edges: int) -> tuple[list[Node], list[Wire]]:
    """A random acyclic graph with ``edges`` different edges."""
    chance = random.Random(seed)
    found: set[tuple[int, int]] = set()
    while len(found) < edges:
        a, b = sorted(chance.sample(range(nodes), 2))
        found.add((a, b))
    wires = [Wire(f"n{a}", f"n{b}", f"n{a}", order) for order, (a, b) in enumerate(sorted(found))]
    return [Node(f"n{i}", 60.0, 60.0, 40.0) for i in range(nodes)], wires


def own(nodes: Sequence[Node], wires: Sequence[Wire]) -> Lines:
    placed = arrange_rows(nodes, wires)
    return [
        [(placed.x[number], 100.0 * placed.rows.row_of[number]) for number in chain]
        for chain in placed.rows.chains
    ]


def graphlay(nodes: Sequence[Node], wires: Sequence[Wire]) -> Lines:
    return _graphlay(nodes, wires)[1]


def dot(nodes: Sequence[Node], wires: Sequence[Wire]) -> Lines:
    return _dot(nodes, wires)[1]


def place(a: Point, b: Point, c: Point, d: Point) -> Point:
    """Where the lines through ``a``, ``b`` and ``c``, ``d`` meet, in px rounded to a thousandth."""
    over = (a[0] - b[0]) * (c[1] - d[1]) - (a[1] - b[1]) * (c[0] - d[0])
    one, other = a[0] * b[1] - a[1] * b[0], c[0] * d[1] - c[1] * d[0]
    x = (one * (c[0] - d[0]) - other * (a[0] - b[0])) / over
    y = (one * (c[1] - d[1]) - other * (a[1] - b[1])) / over
    return round(x, 3), round(y, 3)


def meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def crossings(wires: Sequence[Wire], lines: Lines) -> tuple[int, int]:
    """Places where lines cross, and pairs of edges that do."""
    places, pairs = set(), 0
    for (first, one), (second, other) in combinations(zip(wires, lines, strict=True), 2):
        if {first.source, first.target} & {second.source, second.target}:
            continue
        met = [(a, b, c, d) for a, b in pairwise(one) for c, d in pairwise(other) if meet(a, b, c, d)]
        places.update(place(*ends) for ends in met)
        pairs += bool(met)
    return len(places), pairs


def measured(engine: Callable[[Sequence[Node], Sequence[Wire]], Lines], size: tuple[int, int]) -> str:
    places, pairs, seconds = 0, 0, 0.0
    for seed in SEEDS:
        nodes, wires = graph(seed, *size)
        before = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        lines = engine(nodes, wires)
        seconds += time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        found = crossings(wires, lines)
        places, pairs = places + found[0], pairs + found[1]
    return f"{places / len(SEEDS):7.1f} {pairs / len(SEEDS):7.1f} {seconds / len(SEEDS):7.3f} s"


def main() -> None:
    print("crossings: places, pairs of edges; CPU seconds")
    print("nodes edges" + "".join(f"{engine.__name__:>27}" for engine in (own, graphlay, dot)))
    for size in GRAPHS:
        print(f"{size[0]:5} {size[1]:5}", *(f"{measured(e, size):>26}" for e in (own, graphlay, dot)))


if __name__ == "__main__":
    main()
