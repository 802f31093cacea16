"""Layered layout of one level: nodes with sizes and wires between them → places and orthogonal routes.

Rows from :mod:`.ranks`, order from :mod:`.order`, coordinates from :mod:`.columns`, routes from :mod:`.wires`.
A wire over several rows passes through *bends*, points that take a place in each row between, so that no wire can
meet a node; wires of one source share their bends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .columns import Pull, align, place, straighten
from .order import order
from .ranks import acyclic, adjacency, rank

NODE_GAP = 14.0
LANE_GAP = 12.0
CLEAR = 18.0
"""px along the flow between two rows at least: gap without label and without track."""
NARROW = 92.0
"""Cards narrower than this are entered from a side of theirs that is as high as two lines."""
FREE = 0.05
"""Weight with which a skip pulls at a node; its own bends follow it fully."""


@dataclass(frozen=True, slots=True)
class Node:
    """Something with a place: extents from its origin, which lies on its main vertical axis."""

    id: str
    left: float
    right: float
    height: float
    kind: str = "card"
    """``card``, ``circle``, ``cluster``, ``entry``, ``exit`` or ``tail``."""
    ins: Mapping[str, float] = field(default_factory=dict)
    """Wire tag → offset of its port from the origin (clusters)."""
    outs: Mapping[str, float] = field(default_factory=dict)
    before: float = 0.0
    """px along the flow kept free before it, for a pill."""
    over: float = 0.0
    """px on its left kept free beyond the usual gap, for a pill when left is above."""


@dataclass(frozen=True, slots=True)
class Wire:
    source: str
    target: str
    tag: str = ""
    """Id of the card that produces the tensor: names the ports of clusters."""
    order: int = 0
    label: str = ""
    label_width: float = 0.0
    """Across the wire, from 7 px beside it."""
    letter: str = ""
    skip: bool = False
    label_length: float = 10.0
    """Along the wire."""
    letter_length: float = 8.0


@dataclass(frozen=True, slots=True)
class Rows:
    """The proper layered graph: nodes and bends by number."""

    nodes: tuple[Node | None, ...]
    """``None`` for a bend."""
    rows: tuple[tuple[int, ...], ...]
    chains: tuple[tuple[int, ...], ...]
    """Per wire the numbers from source to target."""
    row_of: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """x of every number in ``rows`` and the port offset of every wire at its target."""

    rows: Rows
    x: tuple[float, ...]
    ports: tuple[float, ...]


def out_port(node: Node | None, wire: Wire) -> float:
    return node.outs.get(wire.tag, 0.0) if node else 0.0


def arrange_rows(nodes: Sequence[Node], wires: Sequence[Wire]) -> Placed:
    """Places of ``nodes``. Raises ``ValueError`` when the wires form a cycle."""
    proper = _proper(nodes, wires)
    ports = _ports(proper, wires)
    column, offset = align(proper.rows, _wishes(proper, wires, ports), len(proper.nodes))
    gaps = [_gaps(proper, row, wires) for row in proper.rows]
    pulls = _pulls(proper, wires, ports)
    x = straighten(proper.rows, column, place(proper.rows, column, offset, gaps, pulls), pulls)
    return Placed(proper, tuple(x), ports)


def least(nodes: Sequence[Node], wires: Sequence[Wire], most: int) -> tuple[float, float]:
    """px across and along the flow that are needed at least, whatever the order: quick.

    Across: the fullest row. Along: the longest run of rows between which more than ``most`` tensors pass, so that
    nothing can be cut there. Raises ``ValueError`` on a cycle.
    """
    ranks = _ranks(nodes, wires)
    items = {(node.id, "", ranks[node.id]): node.left + node.right for node in nodes}
    passing: dict[int, set[tuple[str, str]]] = {}
    for wire in wires:
        for row in range(ranks[wire.source], ranks[wire.target]):
            passing.setdefault(row, set()).add((wire.source, wire.tag))
            if row > ranks[wire.source]:
                items[wire.source, wire.tag, row] = 0.0
    widths: dict[int, float] = {}
    for (_, _, row), width in items.items():
        widths[row] = widths.get(row, -LANE_GAP) + width + LANE_GAP
    heights: dict[int, float] = {}
    for node in nodes:
        heights[ranks[node.id]] = max(heights.get(ranks[node.id], 0.0), node.height)
    longest = run = 0.0
    for row in sorted(heights):
        run = heights[row] + (run + CLEAR if len(passing.get(row - 1, ())) > most else 0.0)
        longest = max(longest, run)
    return max(widths.values(), default=0.0), longest


def _ranks(nodes: Sequence[Node], wires: Sequence[Wire]) -> dict[str, int]:
    first = frozenset(node.id for node in nodes if node.kind == "entry")
    last = frozenset(node.id for node in nodes if node.kind == "exit")
    return rank([node.id for node in nodes], [(wire.source, wire.target) for wire in wires], first, last)


def _proper(nodes: Sequence[Node], wires: Sequence[Wire]) -> Rows:
    ids = [node.id for node in nodes]
    edges = [(wire.source, wire.target) for wire in wires]
    ranks = _ranks(nodes, wires)
    number = {node: index for index, node in enumerate(ids)}
    all_nodes: list[Node | None] = list(nodes)
    row_of = [ranks[node] for node in ids]
    bends: dict[tuple[str, str, int], int] = {}
    chains = []
    for wire in wires:
        chain = [number[wire.source]]
        for row in range(ranks[wire.source] + 1, ranks[wire.target]):
            key = (wire.source, wire.tag, row)
            if key not in bends:
                bends[key] = len(all_nodes)
                all_nodes.append(None)
                row_of.append(row)
            chain.append(bends[key])
        chains.append((*chain, number[wire.target]))
    up, down = _neighbours(len(all_nodes), chains)
    start = _start(ids, edges, chains, wires, row_of, down, number)
    return Rows(
        tuple(all_nodes), tuple(tuple(row) for row in order(start, up, down)), tuple(chains), tuple(row_of)
    )


def _neighbours(size: int, chains: Sequence[Sequence[int]]) -> tuple[list[list[int]], list[list[int]]]:
    up: list[list[int]] = [[] for _ in range(size)]
    down: list[list[int]] = [[] for _ in range(size)]
    for chain in chains:
        for upper, lower in pairwise(chain):
            if lower not in down[upper]:
                down[upper].append(lower)
                up[lower].append(upper)
    return up, down


def _start(
    ids: Sequence[str],
    edges: Sequence[tuple[str, str]],
    chains: Sequence[Sequence[int]],
    wires: Sequence[Wire],
    row_of: Sequence[int],
    down: Sequence[Sequence[int]],
    number: Mapping[str, int],
) -> list[list[int]]:
    """Depth first in model order, the main path before the skips: lanes lie right of what they pass."""
    before, after = adjacency(ids, edges)
    late = {chain[1] for chain, wire in zip(chains, wires, strict=True) if wire.skip}
    position = _input_order(chains, wires)
    rows: list[list[int]] = [[] for _ in range(max(row_of, default=-1) + 1)]
    seen = [False] * len(row_of)
    sources = [number[node] for node in acyclic(ids, after) if not before[node]]
    stack = sources[::-1]
    while stack:
        node = stack.pop()
        if seen[node]:
            continue
        seen[node] = True
        rows[row_of[node]].append(node)
        following = sorted(down[node], key=lambda other: (other in late, position.get((node, other), 0)))
        stack.extend(reversed(following))
    return rows


def _input_order(chains: Sequence[Sequence[int]], wires: Sequence[Wire]) -> dict[tuple[int, int], int]:
    """(node, next number) → place among the branches: that of the input which it becomes at the merge.

    Of two branches the clearly longer one is the main path and stands first; the shortcut has the lane beside it.
    """
    arriving = Counter(chain[-1] for chain in chains)
    leaving: dict[int, list[int]] = {}
    for index, chain in enumerate(chains):
        leaving.setdefault(chain[0], []).append(index)
    found: dict[tuple[int, int], int] = {}
    for indices in leaving.values():
        lengths = []
        for index in indices:
            end, length = index, 1
            while arriving[chains[end][-1]] == 1 and len(leaving.get(chains[end][-1], ())) == 1:
                end, length = leaving[chains[end][-1]][0], length + 1
            lengths.append(length)
            found[chains[index][0], chains[index][1]] = wires[end].order
        if len(indices) == 2 and max(lengths) >= 2 * min(lengths):
            main = indices[lengths.index(max(lengths))]
            found[chains[main][0], chains[main][1]] = -1
    return found


def _ports(proper: Rows, wires: Sequence[Wire]) -> tuple[float, ...]:
    """Offset of each wire's port at its target: given for clusters, spread for cards, set later for circles."""
    place_of = {node: index for row in proper.rows for index, node in enumerate(row)}
    arriving: dict[int, list[int]] = {}
    for index, chain in enumerate(proper.chains):
        arriving.setdefault(chain[-1], []).append(index)
    ports = [0.0] * len(wires)
    for target, indices in arriving.items():
        node = proper.nodes[target]
        assert node is not None
        if node.ins:
            for index in indices:
                ports[index] = node.ins.get(wires[index].tag, 0.0)
        elif node.kind == "card" and len(indices) > 1:
            ranked = sorted(indices, key=lambda i: (place_of[proper.chains[i][-2]], wires[i].order))
            extent = node.left + node.right
            pitch = min(48.0, (extent - (48 if extent >= NARROW else 14)) / (len(indices) - 1))
            main = [position for position, index in enumerate(ranked) if not wires[index].skip]
            # Beside skips the main wire keeps the middle, so that a chain runs straight.
            middle = main[0] if len(main) == 1 else (len(ranked) - 1) / 2
            if len(main) == 1:
                pitch = min(
                    pitch,
                    (extent / 2 - (24 if extent >= NARROW else 7)) / max(middle, len(ranked) - 1 - middle),
                )
            for position, index in enumerate(ranked):
                ports[index] = (position - middle) * pitch
    return tuple(ports)


def _wishes(proper: Rows, wires: Sequence[Wire], ports: Sequence[float]) -> list[tuple[int, int, float]]:
    """Straight bends first, then the main path, then whatever else can be straight."""
    bends: dict[tuple[int, int, float], None] = {}
    ends: dict[tuple[int, int, float], None] = {}
    leaving = Counter(chain[0] for chain in proper.chains)
    arriving = Counter(chain[-1] for chain in proper.chains)
    for wire, chain, port in zip(wires, proper.chains, ports, strict=True):
        for upper, lower in pairwise(chain[1:-1]):
            bends[upper, lower, 0.0] = None
        if len(chain) > 2 and not wire.skip and leaving[chain[0]] == 1:
            ends[chain[0], chain[1], out_port(proper.nodes[chain[0]], wire)] = None
        if len(chain) > 2 and not wire.skip and arriving[chain[-1]] == 1:
            ends[chain[-2], chain[-1], -port] = None
    return [*bends, *_spine(proper, wires, ports), *ends]


def _spine(proper: Rows, wires: Sequence[Wire], ports: Sequence[float]) -> list[tuple[int, int, float]]:
    """Wires to be drawn straight: the only main input of a node, or the clearly longest of several branches."""
    arriving: dict[int, list[int]] = {}
    leaving: dict[int, list[int]] = {}
    known: set[tuple[int, int]] = set()
    for index, (wire, chain) in enumerate(zip(wires, proper.chains, strict=True)):
        # Several inputs from one tensor (query, key and value of self-attention) count as one.
        if not wire.skip and (chain[0], chain[-1]) not in known:
            known.add((chain[0], chain[-1]))
            arriving.setdefault(chain[-1], []).append(index)
            leaving.setdefault(chain[0], []).append(index)

    def back(index: int) -> int:
        node, length = proper.chains[index][0], 1
        while len(arriving.get(node, ())) == 1 and len(leaving.get(node, ())) == 1:
            node, length = proper.chains[arriving[node][0]][0], length + 1
        return length

    def forth(index: int) -> int:
        node, length = proper.chains[index][-1], 1
        while len(arriving.get(node, ())) == 1 and len(leaving.get(node, ())) == 1:
            node, length = proper.chains[leaving[node][0]][-1], length + 1
        return length

    def chosen(indices: list[int], length: dict[int, int]) -> int | None:
        if len(indices) == 1:
            return indices[0]
        first, second = sorted(indices, key=lambda i: -length[i])[:2]
        return first if len(indices) == 2 and length[first] >= 2 * length[second] else None

    into = {target: chosen(found, {i: back(i) for i in found}) for target, found in arriving.items()}
    out_of = {source: chosen(found, {i: forth(i) for i in found}) for source, found in leaving.items()}
    wishes = []
    for index, (wire, chain) in enumerate(zip(wires, proper.chains, strict=True)):
        if len(chain) == 2 and into.get(chain[-1]) == index and out_of.get(chain[0]) == index:
            twins = [
                ports[i]
                for i, other in enumerate(proper.chains)
                if (other[0], other[-1]) == (chain[0], chain[-1])
            ]
            shift = out_port(proper.nodes[chain[0]], wire) - sum(twins) / len(twins)
            wishes.append((chain[0], chain[1], shift))
    return wishes


def _gaps(proper: Rows, row: Sequence[int], wires: Sequence[Wire]) -> list[float]:
    labels: dict[int, float] = {}
    for wire, chain in zip(wires, proper.chains, strict=True):
        node = proper.nodes[chain[0]]
        if wire.label and node is not None:
            reach = out_port(node, wire) + 7 + wire.label_width + 4
            labels[chain[0]] = max(labels.get(chain[0], 0.0), reach)
    gaps = []
    for left, right in pairwise(row):
        a, b = proper.nodes[left], proper.nodes[right]
        extent = (max(a.right, labels.get(left, 0.0)) if a else 0.0) + (b.left + b.over if b else 0.0)
        gaps.append(extent + (NODE_GAP if a or b else LANE_GAP))
    return gaps


def _pulls(proper: Rows, wires: Sequence[Wire], ports: Sequence[float]) -> list[Pull]:
    pulls: dict[Pull, None] = {}
    for wire, chain, port in zip(wires, proper.chains, ports, strict=True):
        for step, (upper, lower) in enumerate(pairwise(chain)):
            shift = out_port(proper.nodes[chain[0]], wire) if step == 0 else 0.0
            shift -= port if step == len(chain) - 2 else 0.0
            for node, other, distance in ((lower, upper, shift), (upper, lower, -shift)):
                weight = FREE if wire.skip and proper.nodes[node] is not None else 1.0
                pulls[Pull(node, other, distance, node == lower, weight)] = None
    return list(pulls)
