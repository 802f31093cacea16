"""Repeated blocks: runs of consecutive stretches of the graph that have the same structure.

A *segment* has one way in and one way out: everything between a call and the next call through which all its
successors must pass. Segments follow each other in *chains* (a residual network is a chain of residual blocks, and so
is each tower of a two-tower model). Equal neighbours in a chain are repeats. Equality is that of a canonical listing
of the members, so two segments are equal exactly when one can stand for the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .model import ArchSpec, Edge, Layer

MAX_PERIOD = 64
"""Longest repeated stretch looked for, in segments."""

_NOT_STRUCTURE = frozenset({"name", "seed", "dtype", "batch_shape", "trainable"})
"""Config keys that do not make two layers different."""


@dataclass(frozen=True, slots=True)
class Segment:
    entry: str
    """The one call outside that feeds it."""
    exit: str
    """The one member that others use."""
    members: tuple[str, ...]
    """In topological order, with ``exit``, without ``entry``."""


@dataclass(frozen=True, slots=True)
class Repeat:
    copies: tuple[tuple[str, ...], ...]
    """Call ids of each copy, in corresponding order. At least two copies."""
    entry: str
    """Call that feeds the first copy."""
    exits: tuple[str, ...]
    """The last call of each copy: it feeds the next copy, or what follows."""
    same_weights: bool = False
    """True when every copy calls the very same layers (one set of weights, used again and again)."""

    @property
    def exit(self) -> str:
        return self.exits[-1]

    @property
    def count(self) -> int:
        return len(self.copies)


def _meet(a: int, b: int, parent: list[int]) -> int:
    while a != b:
        if a > b:
            a = parent[a]
        else:
            b = parent[b]
    return a


def _dominators(inputs: list[list[int]]) -> list[int]:
    """Immediate dominator of each position of a topological order; position 0 is the virtual start."""
    parent = [0] * len(inputs)
    for v in range(1, len(inputs)):
        sources = inputs[v] or [0]
        found = sources[0]
        for u in sources[1:]:
            found = _meet(found, u, parent)
        parent[v] = found
    return parent


def chains(order: Sequence[str], inputs: Mapping[str, Iterable[str]]) -> tuple[tuple[Segment, ...], ...]:
    """Chains of consecutive segments of a directed acyclic graph, those with the most members first.

    A chain inside a segment of another one comes after it. ``order``: topological. ``inputs``: node → nodes that
    feed it.
    """
    n = len(order)
    at = {name: i + 1 for i, name in enumerate(order)}
    ins = [[], *([at[p] for p in inputs.get(name, ()) if p in at] for name in order)]
    outs: list[list[int]] = [[] for _ in range(n + 1)]
    for v in range(1, n + 1):
        for u in set(ins[v]):
            outs[u].append(v)
    idom = _dominators(ins)
    # The same on the reversed graph: position p becomes n + 1 - p, sinks hang on the virtual end 0.
    post = _dominators([[], *([n + 1 - v for v in outs[n + 1 - p]] for p in range(1, n + 1))])
    ipdom = [0, *(n + 1 - post[n + 1 - v] if post[n + 1 - v] else 0 for v in range(1, n + 1))]
    after = {u: ipdom[u] for u in range(1, n + 1) if ipdom[u] and idom[ipdom[u]] == u}
    heads = sorted(set(after) - set(after.values()))
    result = []
    for head in heads:
        chain = []
        u = head
        while u in after:
            w = after[u]
            inside = {w}
            stack = [w]
            while stack:
                for p in ins[stack.pop()]:
                    if p != u and p not in inside:
                        inside.add(p)
                        stack.append(p)
            chain.append(Segment(order[u - 1], order[w - 1], tuple(order[i - 1] for i in sorted(inside))))
            u = w
        result.append(tuple(chain))
    result.sort(key=lambda chain: -sum(len(segment.members) for segment in chain))
    return tuple(result)


def listing(
    segment: Segment, sources: Callable[[str], Sequence[tuple[str, Hashable]]]
) -> tuple[tuple[str, ...], tuple[tuple[tuple[int, Hashable], ...], ...]]:
    """Members in canonical order with, for each, its inputs as (place in the listing or -1 for the entry, mark).

    ``sources``: member → (node that feeds it, mark of the connection) in the order of its inputs.
    """
    place: dict[str, int] = {segment.entry: -1}
    rows = []
    names: list[str] = []
    stack: list[tuple[str, bool]] = [(segment.exit, False)]
    while stack:
        name, done = stack.pop()
        if name in place:
            continue
        if done:
            place[name] = len(names)
            names.append(name)
            rows.append(tuple((place[source], mark) for source, mark in sources(name)))
        else:
            stack.append((name, True))
            stack += [(source, False) for source, _ in reversed(sources(name)) if source not in place]
    return tuple(names), tuple(rows)


def runs(
    keys: Sequence[Hashable], prefer: Callable[[int, int], float] = lambda start, period: 0.0
) -> tuple[tuple[int, int, int], ...]:
    """Stretches of repeats in a sequence: (start, period, count), disjoint, in order.

    The longest stretch from the left wins, then the shortest period. Where a stretch can be cut at several
    starts (A B A B A), the one with the highest ``prefer(start, period)`` is taken, the first on ties.
    """
    n = len(keys)
    found = []
    i = 0
    while i < n:
        best: tuple[int, int] | None = None
        for period in range(1, min(MAX_PERIOD, (n - i) // 2) + 1):
            if keys[i] != keys[i + period]:
                continue
            same = 0
            while i + period + same < n and keys[i + same] == keys[i + period + same]:
                same += 1
            count = 1 + same // period
            if count >= 2 and (best is None or count * period > best[0] * best[1]):
                best = (count, period)
        if best is None:
            i += 1
            continue
        count, period = best
        end = i + count * period
        while end < n and keys[end] == keys[end - period]:
            end += 1
        starts = range(i, end - count * period + 1)
        start = max(starts, key=lambda s: (prefer(s, period), -s))
        found.append((start, period, count))
        i = start + count * period
    return tuple(found)


def common_prefix(names: Sequence[str]) -> str:
    """The characters that all names begin with."""
    if not names:
        return ""
    first, last = min(names), max(names)
    length = next((k for k, char in enumerate(first) if last[k : k + 1] != char), len(first))
    return first[:length]


def _plain(value: object) -> object:
    """Config without names, which differ between equal layers."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if key not in _NOT_STRUCTURE}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


_VARIED = frozenset({"rate", "drop_rate", "drop_prob"})
"""Config keys of regularization that may differ between copies of a loose repeat."""


def _layer_key(layer: Layer, loose: bool = False) -> str:
    if loose:
        plain = _plain(layer.config)
        assert isinstance(plain, dict)
        config = json.dumps(
            {key: item for key, item in plain.items() if layer.role != "reg" or key not in _VARIED},
            sort_keys=True,
            default=str,
        )
        ranks = [(w.name.rpartition("/")[2], len(w.shape), w.dtype, w.trainable) for w in layer.weights]
        return f"{layer.module}.{layer.class_name} {layer.activation} {layer.trainable} {ranks} {config}"
    weights = [(w.name.rpartition("/")[2], w.shape, w.dtype, w.trainable) for w in layer.weights]
    config = json.dumps(_plain(layer.config), sort_keys=True, default=str)
    return f"{layer.module}.{layer.class_name} {layer.activation} {layer.trainable} {weights} {config}"


def _depths(spec: ArchSpec) -> dict[str | None, int]:
    parents = {block.id: block.parent for block in spec.blocks}
    depth: dict[str | None, int] = {None: 0}
    for block in parents:
        path = []
        at: str | None = block
        while at not in depth:
            path.append(at)
            at = parents.get(at) if at is not None else None
        for step in reversed(path):
            depth[step] = depth[at] + 1
            at = step
    return depth


def call_keys(spec: ArchSpec, *, loose: bool = False) -> dict[str, Hashable]:
    """Call → what it does: two calls with equal keys can stand for each other, see :func:`repeats` for ``loose``."""
    layer_keys = {layer.id: _layer_key(layer, loose) for layer in spec.layers}
    depths = _depths(spec)
    outputs = {slot.port.call for slot in spec.outputs}
    keys: dict[str, Hashable] = {}
    for call in spec.calls:
        shapes = tuple((t.shape[1:-1] if loose else t.shape, len(t.shape), t.dtype) for t in call.outputs)
        arguments = json.dumps(call.arguments, sort_keys=True, default=str)
        keys[call.id] = (layer_keys[call.layer], shapes, arguments, depths[call.block], call.id in outputs)
    return keys


def repeats(spec: ArchSpec, *, loose: bool = False) -> tuple[Repeat, ...]:
    """Repeated blocks: same classes, hyper-parameters, shapes of weights and outputs, and connections.

    ``loose``: the number of channels that arrive may grow from copy to copy, as in a dense block, and so may the rate
    of regularization, as in stochastic depth.

    Disjoint, outer ones before inner ones. Copies that call the same layers are marked ``same_weights``; copies that
    share some layers and not others are no repeat. Linear in the number of calls but for odd graphs.
    """
    layers = {layer.id: layer for layer in spec.layers}
    calls = {call.id: call for call in spec.calls}
    into: dict[str, list[Edge]] = {call.id: [] for call in spec.calls}
    for edge in spec.edges:
        into[edge.target.call].append(edge)
    for edges in into.values():
        edges.sort(key=lambda e: e.target.index)

    def sources(call: str) -> list[tuple[str, Hashable]]:
        return [(e.source.call, (e.source.index, e.target.index, e.argument)) for e in into[call]]

    call_key = call_keys(spec, loose=loose)
    found: list[Repeat] = []
    taken: set[str] = set()
    numbers: dict[Hashable, int] = {}
    order = [call.id for call in spec.calls]
    for chain in chains(order, {name: [e.source.call for e in edges] for name, edges in into.items()}):
        listed = [listing(segment, sources) for segment in chain]
        keys = [
            numbers.setdefault((tuple(call_key[m] for m in names), rows), len(numbers))
            for names, rows in listed
        ]
        shared = [{calls[m].layer for m in names if layers[calls[m].layer].weights} for names, _ in listed]

        members = [names for names, _ in listed]

        def prefix(start: int, period: int, members: Sequence[tuple[str, ...]] = members) -> float:
            # Copies whose members share a name are what the author meant by a block.
            return float(len(common_prefix([m for names in members[start : start + period] for m in names])))

        for start, period, count in runs(keys, prefix):
            steps = [range(start + k * period, start + (k + 1) * period) for k in range(count)]
            weights = [set[str]().union(*(shared[i] for i in step)) for step in steps]
            if any(a & b and a != b for a, b in pairwise(weights)):
                continue  # copies that share some weights and not others cannot be told by one picture
            inside = {m for step in steps for i in step for m in listed[i][0]}
            if inside & taken:
                continue  # part of a repeat that is larger
            taken |= inside
            found.append(
                Repeat(
                    copies=tuple(tuple(m for i in step for m in listed[i][0]) for step in steps),
                    entry=chain[start].entry,
                    exits=tuple(chain[step[-1]].exit for step in steps),
                    same_weights=bool(weights[0]) and weights[0] == weights[1],
                )
            )
    return tuple(found)
