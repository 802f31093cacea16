"""Crossings and CPU time of the layered layout on random graphs, beside graphlay and Graphviz' dot.

    python tests/benchmarks/layouts.py

A crossing is a pair of edges without a common end whose lines meet; all three are counted by the same function on the
lines as drawn. Seconds are CPU of the process that lays out (for dot, of its own process).
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


def meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def crossings(wires: Sequence[Wire], lines: Lines) -> int:
    total = 0
    for (first, one), (second, other) in combinations(zip(wires, lines, strict=True), 2):
        if {first.source, first.target} & {second.source, second.target}:
            continue
        total += any(meet(a, b, c, d) for a, b in pairwise(one) for c, d in pairwise(other))
    return total


def measured(engine: Callable[[Sequence[Node], Sequence[Wire]], Lines], size: tuple[int, int]) -> str:
    total, seconds = 0, 0.0
    for seed in SEEDS:
        nodes, wires = graph(seed, *size)
        before = time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        lines = engine(nodes, wires)
        seconds += time.process_time() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        total += crossings(wires, lines)
    return f"{total / len(SEEDS):7.1f} {seconds / len(SEEDS):7.3f} s"


def main() -> None:
    print("nodes edges" + "".join(f"{engine.__name__:>19}" for engine in (own, graphlay, dot)))
    for size in GRAPHS:
        print(f"{size[0]:5} {size[1]:5}", *(f"{measured(e, size):>18}" for e in (own, graphlay, dot)))


if __name__ == "__main__":
    main()
