"""What is different between two models, in words: for people and for logs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .. import escape
from .matching import Pairs, matchings, owners
from .model import ArchSpec, Call, Layer, Port, Tensor
from .query import hyper_parameters, shape_text, totals

COMMUTATIVE = frozenset({"Add", "Average", "Maximum", "Minimum", "Multiply"})
"""Classes for which the order of their inputs means nothing."""

NAMES = 12
"""Lines about names, at most: Keras counts on the names of all layers behind a new one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines that tell it; empty when nobody could tell the two models apart but by their names.

    Each line begins with ``+`` (new), ``-`` (gone), ``~`` (changed) or a word (``params``, ``input``, ``output``).
    """

    lines: tuple[str, ...]
    names: tuple[str, ...] = ()
    """What has another name in the two models: themselves, and the layers that they both have.

    Figures show names, so that a new one changes them though it changes no architecture. Names that Keras chose are
    told only where nobody chose another: they follow from what stands before.
    """

    def __bool__(self) -> bool:
        return bool(self.lines)


def difference(old: ArchSpec, new: ArchSpec) -> Difference:
    """Layers gone, new and changed, connections, inputs and outputs, and the numbers of weights.

    Which calls stand for each other is told by :func:`.matchings`: of its two ways the one with the shorter account,
    of equals the one by names.
    """
    told = [(_lines(old, new, pairs), pairs) for pairs in reversed(matchings(old, new))]
    lines, pairs = min(told, key=lambda one: len(one[0]))
    return Difference(lines, _renamed(old, new, pairs))


def _lines(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> tuple[str, ...]:
    lines = [
        *_layers(old, new, pairs),
        *_orders(old, new, pairs),
        *_shared(old, new, pairs),
        *_nested(old, new, pairs),
        *_connections(old, new, pairs),
        *_ends(old, new, pairs),
        *_totals(old, new),
    ]
    return tuple(dict.fromkeys(map(escape.line, lines or _sizes(old, new, pairs))))


def _renamed(old: ArchSpec, new: ArchSpec, matched: Pairs) -> tuple[str, ...]:
    before, after = owners(old), owners(new)
    both = [(before[a], after[b]) for a, b in matched.items()]
    pairs = [(a, b) for a, b in dict.fromkeys((a.id, b.id) for a, b in both)]
    layers = {layer.id: layer for layer, _ in both}, {layer.id: layer for _, layer in both}
    changed = [(layers[0][a], layers[1][b]) for a, b in pairs if layers[0][a].name != layers[1][b].name]
    chosen = [(a, b) for a, b in changed if not (a.auto_named and b.auto_named)]
    lines = [f"~ {a.name} {a.class_name}: now called {b.name}" for a, b in chosen or changed]
    if old.name != new.name:
        lines.insert(0, f"~ the model {old.name}: now called {new.name}")
    if len(lines) > NAMES:
        lines[NAMES - 1 :] = [f"~ {len(lines) - NAMES + 1} other layers: now called otherwise"]
    return tuple(dict.fromkeys(map(escape.line, lines)))


def _told(layer: Layer) -> str:
    """``dense_2 Dense(500)``."""
    return f"{layer.name} {layer.class_name}({', '.join(hyper_parameters(layer))})"


def _layers(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    before, after = owners(old), owners(new)
    kept = set(pairs.values())
    yield from (f"- {_told(before[call.id])}" for call in old.calls if call.id not in pairs)
    yield from (f"+ {_told(after[call.id])}" for call in new.calls if call.id not in kept)
    calls = {call.id: call for call in new.calls}
    for call in old.calls:
        if call.id in pairs:
            changes = list(_changes(call, calls[pairs[call.id]], before[call.id], after[pairs[call.id]]))
            if changes:
                yield f"~ {after[pairs[call.id]].name} {after[pairs[call.id]].class_name}: {', '.join(changes)}"


def _changes(call: Call, other: Call, layer: Layer, changed: Layer) -> Iterator[str]:
    settings = [
        (key, layer.config.get(key), changed.config.get(key))
        for key in dict.fromkeys((*layer.config, *changed.config))
        if key not in {"name", "dtype", "trainable", "seed"}
    ]
    yield from (f"{key} {_short(a)} → {_short(b)}" for key, a, b in settings if a != b)
    told = {key for key, a, b in settings if a != b}
    if layer.activation != changed.activation and "activation" not in told:
        yield f"activation {layer.activation} → {changed.activation}"
    for key in dict.fromkeys((*call.arguments, *other.arguments)):
        a, b = call.arguments.get(key), other.arguments.get(key)
        if a != b and key not in told:
            yield f"{key} {_short(a)} → {_short(b)}"
    if layer.dtype != changed.dtype:
        yield f"dtype {layer.dtype} → {changed.dtype}"
    if layer.trainable != changed.trainable:
        yield "frozen" if layer.trainable else "no longer frozen"
    shapes = [" and ".join(map(shape_text, one.outputs)) for one in (call, other)]
    if shapes[0] != shapes[1]:
        yield f"output {shapes[0]} → {shapes[1]}"
    elif not call.inputs and _batches(call.outputs) != _batches(other.outputs):
        yield f"batch {_batches(call.outputs)} → {_batches(other.outputs)}"
    kinds = [_kinds(one.outputs) for one in (call, other)]
    if kinds[0] != kinds[1] and layer.dtype == changed.dtype and _kinds(call.inputs) == _kinds(other.inputs):
        yield f"output {kinds[0]} → {kinds[1]}"


def _batches(tensors: tuple[Tensor, ...]) -> str:
    return " and ".join(str(t.shape[0] if t.shape and t.shape[0] is not None else "of any size") for t in tensors)


def _kinds(tensors: tuple[Tensor, ...]) -> str:
    return " and ".join(tensor.dtype for tensor in tensors)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _connections(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    """Between layers that both have, also over layers that only one has: these need no words of their own."""
    names = {call: layer.name for call, layer in owners(new).items()}
    before = {(pairs[a], pairs[b]): None for a, b in _between(old, frozenset(pairs))}
    after = _between(new, frozenset(pairs.values()))
    yield from (f"- {names[a]} → {names[b]}" for a, b in before if (a, b) not in after)
    yield from (f"+ {names[a]} → {names[b]}" for a, b in after if (a, b) not in before)


def _between(spec: ArchSpec, kept: frozenset[str]) -> dict[tuple[str, str], None]:
    """Edges from kept calls to kept calls when all others are passed through, in the order of the calls."""
    into: dict[str, list[str]] = {call.id: [] for call in spec.calls}
    for edge in spec.edges:
        into[edge.target.call].append(edge.source.call)
    origins: dict[str, dict[str, None]] = {}
    found: dict[tuple[str, str], None] = {}
    for call in spec.calls:
        sources: dict[str, None] = {}
        for source in into[call.id]:
            sources.update({source: None} if source in kept else origins[source])
        origins[call.id] = sources
        if call.id in kept:
            found.update(dict.fromkeys((source, call.id) for source in sources))
    return found


def _orders(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    """Calls that take the same from the same calls, but in another order, or another of several results."""
    before, after = _taken(old), _taken(new)
    calls, layers = {call.id: call for call in new.calls}, owners(new)
    for first, second in pairs.items():
        if not all(port.call in pairs for port, _ in before[first]):
            continue
        a = [(Port(pairs[port.call], port.index), argument) for port, argument in before[first]]
        b = after[second]
        if {port.call for port, _ in a} != {port.call for port, _ in b}:
            continue  # told as a connection
        if layers[second].class_name in COMMUTATIVE:
            a, b = ([*sorted(ports, key=str)] for ports in (a, b))
        if a != b:
            words = [", ".join(_port(port, calls, layers) for port, _ in ports) for ports in (a, b)]
            if words[0] == words[1]:
                words = [", ".join(f"{_port(p, calls, layers)} as {name or 'input'}" for p, name in x) for x in (a, b)]
            yield f"~ {layers[second].name} {layers[second].class_name}: inputs {words[0]} → {words[1]}"


def _taken(spec: ArchSpec) -> dict[str, list[tuple[Port, str]]]:
    """Call → what it takes and as which argument, in the order of its inputs."""
    taken: dict[str, list[tuple[Port, str]]] = {call.id: [] for call in spec.calls}
    for edge in sorted(spec.edges, key=lambda edge: edge.target.index):
        taken[edge.target.call].append((edge.source, edge.argument))
    return taken


def _port(port: Port, calls: Mapping[str, Call], layers: Mapping[str, Layer]) -> str:
    name = layers[port.call].name
    return f"{name}[{port.index}]" if len(calls[port.call].outputs) > 1 else name


def _shared(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    """Layers that had weights of their own and now have the same, and the other way round."""
    before, after = _weights(old), _weights(new)
    layers = owners(new)
    for now, then, words in (
        (after, before, "the same weights now"),
        (before, after, "weights of their own now"),
    ):
        groups: dict[str, dict[str, str]] = {}
        for first, second in pairs.items():
            one, other = (second, first) if now is after else (first, second)
            if one in now and other in then:
                groups.setdefault(now[one], {}).setdefault(then[other], layers[second].name)
        for members in groups.values():
            if len(members) > 1:
                names = dict.fromkeys(members.values())
                shown = ", ".join(names) if len(names) > 1 else f"{next(iter(names))}, called {len(members)}×"
                yield f"~ {shown}: {words}"


def _weights(spec: ArchSpec) -> dict[str, str]:
    """Call of a layer with weights → its first weight, or the first of a layer that it has a weight in common with."""
    first: dict[str, str] = {}
    for layer in spec.layers:
        known = next((first[weight.id] for weight in layer.weights if weight.id in first), None)
        for weight in layer.weights:
            first.setdefault(weight.id, known or layer.weights[0].id)
    return {call: first[layer.weights[0].id] for call, layer in owners(spec).items() if layer.weights}


def _sizes(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    """Weights of other shapes, of layers whose settings and outputs are the same."""
    before, after = owners(old), owners(new)
    for layer, changed in ((before[a], after[b]) for a, b in pairs.items()):
        shapes = [", ".join("×".join(map(str, w.shape)) or "scalar" for w in one.weights) for one in (layer, changed)]
        if shapes[0] != shapes[1]:
            yield f"~ {changed.name} {changed.class_name}: weights {shapes[0] or 'none'} → {shapes[1] or 'none'}"


def _nested(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    """Layers that have come to stand inside a nested model, or no longer do."""
    before, after = _places(old), _places(new)
    layers = owners(new)
    moved: dict[tuple[str, str], list[str]] = {}
    for first, second in pairs.items():
        if len(before[first]) != len(after[second]):
            places = ("/".join(before[first]), "/".join(after[second]))
            moved.setdefault(places, []).append(f"{layers[second].name} {layers[second].class_name}")
    for places, names in moved.items():
        more = f" and {len(names) - 1} more" * (len(names) > 1)
        a, b = (f"in {place}" if place else "in the model itself" for place in places)
        yield f"~ {names[0]}{more}: {a} → {b}"


def _places(spec: ArchSpec) -> dict[str, tuple[str, ...]]:
    """Call → labels of the blocks around it, from outside."""
    blocks = {block.id: block for block in spec.blocks}
    found: dict[str, tuple[str, ...]] = {}
    for call in spec.calls:
        path, at = [], call.block
        while at is not None:
            path.append(blocks[at].label)
            at = blocks[at].parent
        found[call.id] = tuple(reversed(path))
    return found


def _ends(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    calls, layers = {call.id: call for call in new.calls}, owners(new)
    for word, before, after in (("input", old.inputs, new.inputs), ("output", old.outputs, new.outputs)):
        ports = [Port(pairs.get(slot.port.call, ""), slot.port.index) for slot in before]
        others = [slot.port for slot in after]
        if ports != others and {port.call for port in ports} == {port.call for port in others}:
            names = [", ".join(_port(port, calls, layers) for port in side) for side in (ports, others)]
            yield f"{word}s {names[0]} → {names[1]}"
        shapes = []
        for spec, slots in ((old, before), (new, after)):
            tensors = {call.id: call.outputs for call in spec.calls}
            shapes.append(", ".join(shape_text(tensors[s.port.call][s.port.index]) for s in slots))
        if shapes[0] != shapes[1]:
            yield f"{word} {shapes[0] or 'none'} → {shapes[1] or 'none'}"


def _totals(old: ArchSpec, new: ArchSpec) -> Iterator[str]:
    before, after = totals(old), totals(new)
    for word, a, b in (
        ("params", before.params, after.params),
        ("trainable", before.trainable, after.trainable),
    ):
        if a != b:
            yield f"{word} {a:,} → {b:,} ({b - a:+,})"
