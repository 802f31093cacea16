"""What is different between two models, in words: for people and for logs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .. import escape
from .kinds import call_keys
from .model import ArchSpec, Call, Layer
from .query import hyper_parameters, layer_of, shape_text, totals

Pairs = Mapping[str, str]
"""Call of the old model → call of the new one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The lines that tell it; empty when nobody could tell the two models apart but by their names.

    Each line begins with ``+`` (new), ``-`` (gone), ``~`` (changed) or a word (``params``, ``input``, ``output``).
    """

    lines: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lines)


def difference(old: ArchSpec, new: ArchSpec) -> Difference:
    """Layers gone, new and changed, connections, inputs and outputs, and the numbers of weights.

    Calls are matched where they do the same in the same order (Ratcliff and Obershelp, as :mod:`difflib` has it);
    what is left between two matches is matched by name, then by class. So a layer put in between changes nothing but
    itself, although Keras counts the names of all behind it on.
    """
    pairs = _matched(old, new)
    lines = [
        *_layers(old, new, pairs),
        *_connections(old, new, pairs),
        *_ends(old, new),
        *_totals(old, new),
    ]
    return Difference(tuple(dict.fromkeys(map(escape.line, lines))))


def _matched(old: ArchSpec, new: ArchSpec) -> dict[str, str]:
    keys = [call_keys(spec) for spec in (old, new)]
    sides = [[call.id for call in spec.calls] for spec in (old, new)]
    said = [[json.dumps(k[call], default=str) for call in side] for k, side in zip(keys, sides, strict=True)]
    pairs: dict[str, str] = {}
    for kind, a, b, c, d in SequenceMatcher(a=said[0], b=said[1], autojunk=False).get_opcodes():
        if kind == "equal":
            pairs.update(zip(sides[0][a:b], sides[1][c:d], strict=True))
        elif kind == "replace":
            pairs.update(_likely(old, new, sides[0][a:b], sides[1][c:d]))
    return pairs


def _likely(old: ArchSpec, new: ArchSpec, left: Sequence[str], right: Sequence[str]) -> dict[str, str]:
    """Calls between two matches: those of one name, then those of one class in their order."""
    before, after = _owners(old), _owners(new)
    pairs: dict[str, str] = {}
    for same in (_same_name, _same_class):
        free = [call for call in right if call not in pairs.values()]
        for call in left:
            found = next((other for other in free if same(before[call], after[other])), None)
            if call not in pairs and found is not None:
                pairs[call] = found
                # In order: what stands before it cannot belong to a later one.
                free = free[free.index(found) + 1 :]
    return pairs


def _same_class(a: Layer, b: Layer) -> bool:
    return a.class_name == b.class_name


def _same_name(a: Layer, b: Layer) -> bool:
    return _same_class(a, b) and a.name == b.name and not a.auto_named


def _owners(spec: ArchSpec) -> dict[str, Layer]:
    layers = layer_of(spec)
    return {call.id: layers[call.layer] for call in spec.calls}


def _told(layer: Layer) -> str:
    """``dense_2 Dense(500)``."""
    return f"{layer.name} {layer.class_name}({', '.join(hyper_parameters(layer))})"


def _layers(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    before, after = _owners(old), _owners(new)
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
    if layer.activation != changed.activation and "activation" not in {key for key, *_ in settings}:
        yield f"activation {layer.activation} → {changed.activation}"
    if layer.dtype != changed.dtype:
        yield f"dtype {layer.dtype} → {changed.dtype}"
    if layer.trainable != changed.trainable:
        yield "frozen" if layer.trainable else "no longer frozen"
    shapes = [" and ".join(map(shape_text, one.outputs)) for one in (call, other)]
    if shapes[0] != shapes[1]:
        yield f"output {shapes[0]} → {shapes[1]}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _connections(old: ArchSpec, new: ArchSpec, pairs: Pairs) -> Iterator[str]:
    """Between layers that both have, also over layers that only one has: these need no words of their own."""
    names = {call: layer.name for call, layer in _owners(new).items()}
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


def _ends(old: ArchSpec, new: ArchSpec) -> Iterator[str]:
    for word, before, after in (("input", old.inputs, new.inputs), ("output", old.outputs, new.outputs)):
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
