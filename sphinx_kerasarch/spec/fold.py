"""Repeated blocks: runs of consecutive stretches of the graph that have the same structure.

A *segment* has one way in and one way out: everything between a call and the next call through which all its
successors must pass. Segments follow each other in *chains* (a residual network is a chain of residual blocks, and so
is each tower of a two-tower model). Equal neighbours in a chain are repeats. Equality is that of a canonical listing
of the members, so two segments are equal exactly when one can stand for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache

from .kinds import Same, call_keys
from .model import ArchSpec, Edge, Port
from .sides import Sides, sides

MAX_PERIOD = 64
"""Longest repeated stretch looked for, in segments."""


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
    sides: tuple[str, ...] = ()
    """Calls outside that feed every copy alike: the encoder of a decoder, a mask."""

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


@dataclass(frozen=True, slots=True)
class _Lines:
    """Chains of segments with the listing of each, and what was left out to find them."""

    chain: tuple[Segment, ...]
    names: tuple[tuple[str, ...], ...]
    rows: tuple[Hashable, ...]


def repeats(spec: ArchSpec, *, loose: bool = False) -> tuple[Repeat, ...]:
    """Repeated blocks: same classes, hyper-parameters, shapes of weights and outputs, and connections.

    ``loose``: the number of channels that arrive may grow from copy to copy, as in a dense block, and so may the rate
    of regularization, as in stochastic depth.

    Disjoint, the largest ones of a line first, outer ones before inner ones. Copies that call the same layers are
    marked ``same_weights``; copies that share some layers and not others are no repeat. Each is verified: written
    out, it gives the edges of the model, see :func:`expanded`. Linear in the number of calls but for odd graphs.
    """
    return _repeats(Same(spec), loose)


@lru_cache(maxsize=4)
def _repeats(same: Same, loose: bool) -> tuple[Repeat, ...]:
    spec = same.spec
    into: dict[str, list[Edge]] = {call.id: [] for call in spec.calls}
    for edge in spec.edges:
        into[edge.target.call].append(edge)
    for edges in into.values():
        edges.sort(key=lambda e: e.target.index)
    order = [call.id for call in spec.calls]
    kinds = call_keys(spec, loose=loose)
    found = list(_candidates(spec, order, into, kinds, Sides(frozenset(), frozenset())))
    more = [
        r
        for aside in sides(order, into, kinds)
        for r in _candidates(spec, order, into, kinds, aside)
        if r.sides
    ]
    if more:
        found = sorted((*found, *more), key=lambda r: -sum(map(len, r.copies)))
    result: list[Repeat] = []
    taken: set[str] = set()
    for repeat in found:
        inside = {call for copy in repeat.copies for call in copy}
        if not inside & taken:  # else part of a repeat that is larger
            taken |= inside
            result.append(repeat)
    return tuple(result)


def _lines(order: Sequence[str], into: Mapping[str, Sequence[Edge]], aside: Sides) -> Iterator[_Lines]:
    main = [call for call in order if call not in aside.fed]
    arriving = {
        call: [
            (
                e.source.call,
                (e.source.index, e.target.index, e.argument),
                bool(aside.edges) and e in aside.edges,
            )
            for e in edges
        ]
        for call, edges in into.items()
    }
    line = {
        call: [source for source, _, beside in arriving[call] if not beside and source not in aside.fed]
        for call in main
    }
    plain = {call: [(source, mark) for source, mark, _ in edges] for call, edges in arriving.items()}
    touched = {call for call, edges in arriving.items() if any(beside for *_, beside in edges)}
    cut = {call for call in main if len(line[call]) < len(into[call])}
    for chain in chains(main, line):
        if aside.edges and not any(call in cut for segment in chain for call in segment.members):
            continue  # nothing enters it from aside: it is a line of the whole graph too
        names, rows = [], []
        for segment in chain:

            def sources(call: str, entry: str = segment.entry) -> Sequence[tuple[str, Hashable]]:
                if call not in touched:
                    return plain[call]
                # What comes from aside is told by its source, in the place of the entry.
                return [
                    (entry, ((source, mark[0]), *mark[1:])) if beside and source != entry else (source, mark)
                    for source, mark, beside in arriving[call]
                ]

            members, row = listing(segment, sources)
            names.append(members)
            rows.append(row)
        yield _Lines(chain, tuple(names), tuple(rows))


def _candidates(
    spec: ArchSpec,
    order: Sequence[str],
    into: Mapping[str, Sequence[Edge]],
    kinds: Mapping[str, Hashable],
    aside: Sides,
) -> Iterator[Repeat]:
    weighted = {layer.id for layer in spec.layers if layer.weights}
    layer_of = {call.id: call.layer for call in spec.calls}
    ports: dict[str, list[str]] = {call: [] for call in order}
    for edge in spec.edges:
        ports[edge.source.call].append(edge.target.call)
    for slot in spec.outputs:
        ports[slot.port.call].append("")
    numbers: dict[Hashable, int] = {}
    for line in _lines(order, into, aside):
        keys = [
            numbers.setdefault((tuple(kinds[m] for m in names), rows), len(numbers))
            for names, rows in zip(line.names, line.rows, strict=True)
        ]
        members = line.names

        def prefix(start: int, period: int, members: Sequence[tuple[str, ...]] = members) -> float:
            # Copies whose members share a name are what the author meant by a block.
            return float(len(common_prefix([m for names in members[start : start + period] for m in names])))

        found = [_cut(line, *run, layer_of, weighted) for run in runs(keys, prefix)]
        if None in found:
            # Equal layers some of which are called again: told apart, they may repeat in longer steps.
            own = [
                (key, *(layer_of[m] for m in names if layer_of[m] in weighted))
                for key, names in zip(keys, line.names, strict=True)
            ]
            found += [_cut(line, *run, layer_of, weighted) for run in runs(own, prefix)]
        for repeat in found:
            sound = _sound(repeat, into, ports) if repeat else None
            if sound:
                yield sound


def _cut(
    line: _Lines, start: int, period: int, count: int, layer_of: Mapping[str, str], weighted: Set[str]
) -> Repeat | None:
    """Steps of a line as copies; None when they share some weights and not others: no one picture tells that."""
    steps = [range(start + k * period, start + (k + 1) * period) for k in range(count)]
    copies = tuple(tuple(m for i in step for m in line.names[i]) for step in steps)
    weights = [{layer_of[m] for m in copy} & weighted for copy in copies]
    same = all(found == weights[0] for found in weights[1:])
    if not same and len(set[str]().union(*weights)) < sum(map(len, weights)):
        return None
    exits = tuple(line.chain[step[-1]].exit for step in steps)
    return Repeat(copies, line.chain[start].entry, exits, bool(weights[0]) and same)


def _sound(
    repeat: Repeat, into: Mapping[str, Sequence[Edge]], ports: Mapping[str, Sequence[str]]
) -> Repeat | None:
    """The longest end of a repeat that is one: copies connected alike, entered and left as they should be."""
    copies, exits, entry = repeat.copies, repeat.exits, repeat.entry
    while len(copies) > 1:
        inside = {call: k for k, copy in enumerate(copies) for call in copy}
        leaving = [
            k
            for k, copy in enumerate(copies)
            for call in copy
            for user in ports[call]
            if inside.get(user) != k
            and not (call == exits[k] and (k == len(copies) - 1 or inside.get(user) == k + 1))
        ]
        if leaving:
            # Something in the middle is used elsewhere: what comes after it may still be a repeat.
            cut, low = max(leaving) + 1, min(leaving)
            if len(copies) - cut >= low:
                entry, copies, exits = exits[cut - 1], copies[cut:], exits[cut:]
            else:
                copies, exits = copies[:low], exits[:low]
            continue
        outer = [_entering(copy, exits[k - 1] if k else entry, into) for k, copy in enumerate(copies)]
        if any(wires != outer[0] for wires in outer[1:]):
            return None
        known = {source for _, source, _ in outer[0] if isinstance(source, Port)}
        aside = tuple(sorted({port.call for port in known}))
        return replace(repeat, copies=copies, entry=entry, exits=exits, sides=aside)
    return None


def _entering(
    copy: Sequence[str], entry: str, into: Mapping[str, Sequence[Edge]]
) -> tuple[tuple[int, Hashable, Hashable], ...]:
    """Edges into the calls of a copy: place of the target, place of the source or the source aside, the rest."""
    place = {call: k for k, call in enumerate(copy)} | {entry: -1}
    return tuple(
        (
            place[call],
            place.get(e.source.call, e.source),
            (e.source.index, e.target.index, e.argument),
        )
        for call in copy
        for e in into[call]
    )


def expanded(spec: ArchSpec, repeat: Repeat) -> frozenset[Edge]:
    """Edges into all copies of a repeat, written out from its first copy, its entry, its exits and its sides.

    They are the edges of the model: that is what makes it a repeat.
    """
    first = set(repeat.copies[0])
    pattern = [edge for edge in spec.edges if edge.target.call in first]
    result = set()
    for number, copy in enumerate(repeat.copies):
        name = dict(zip(repeat.copies[0], copy, strict=True))
        name[repeat.entry] = repeat.exits[number - 1] if number else repeat.entry
        for edge in pattern:
            source = name.get(edge.source.call, edge.source.call)
            result.add(
                Edge(
                    Port(source, edge.source.index),
                    Port(name[edge.target.call], edge.target.index),
                    edge.argument,
                )
            )
    return frozenset(result)
