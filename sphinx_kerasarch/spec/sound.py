"""A spec comes from a cache, a lock, a file or a worker that ran a stranger's code: what it must be before it is drawn.

Decoding has seen to names of keys. Here: types and sizes of values, references that lead somewhere, and no cycles. What
passes can be drawn or refused with advice, but ends no program and takes no endless time.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ..errors import SpecError
from .model import ArchSpec
from .order import topological
from .roles import ROLES

LARGEST = 2**63 - 1
"""Of an axis or a count. No array is larger."""

LARGEST_SETTING = 10**100
"""Of a whole number in a configuration: seeds may be large, but numbers of thousands of digits take endless time."""

DEEPEST = 64
"""Levels of a value in a configuration, and of blocks in blocks."""

MOST_AXES = 64
MOST_CALLS = 20_000
"""Also of layers and blocks. The largest networks have a thousand."""
MOST_EDGES = 200_000
"""Also of weights."""
MOST_PIXELS = 16_000_000
"""Of a picture, so that none can unfold to more than 64 MB."""

ADVICE = "Describe the model again."

T = TypeVar("T")
Unit = tuple[str, str]
"""``block`` or ``call``, and its id: what stands in a block besides each other."""


def unfit(given: Any, where: str) -> SpecError:
    """What to raise for the value of a field that is of another type or size (:data:`FIELDS`)."""
    return SpecError(f"{where} cannot be {_short(given)}.", advice=ADVICE)


def _short(given: Any) -> str:
    try:
        text = repr(given)
    except (ValueError, RecursionError):  # a number of thousands of digits
        text = f"a {type(given).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}…"


def _text(given: Any) -> bool:
    return type(given) is str


def _optional_text(given: Any) -> bool:
    return given is None or type(given) is str


def _flag(given: Any) -> bool:
    return type(given) is bool


def _count(given: Any) -> bool:
    return type(given) is int and 0 <= given <= LARGEST


def _shape(given: Any) -> bool:
    return (
        isinstance(given, tuple)
        and len(given) <= MOST_AXES
        and all(axis is None or (type(axis) is int and 0 <= axis <= LARGEST) for axis in given)
    )


def _texts(given: Any) -> bool:
    return isinstance(given, Mapping) and all(type(key) is str and type(item) is str for key, item in given.items())


def _object(given: Any) -> bool:
    return isinstance(given, Mapping) and _plain(given, DEEPEST)


def _plain(given: Any, levels: int) -> bool:
    """JSON of a bounded depth with numbers of a bounded size."""
    kind = type(given)
    if kind is str or given is None or kind is bool:
        return True
    if kind is int:
        return bool(-LARGEST_SETTING <= given <= LARGEST_SETTING)
    if kind is float:
        return bool(math.isfinite(given))
    if not levels:
        return False
    if kind is list or kind is tuple:
        return all(_plain(item, levels - 1) for item in given)
    if isinstance(given, Mapping):
        return all(type(key) is str and _plain(item, levels - 1) for key, item in given.items())
    return False


FIELDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(
        ("id", "name", "class_name", "module", "dtype", "label", "layer", "call", "argument", "slug", "subject",
         "message", "target", "tier", "backend", "model", "kind"), _text
    ),
    **dict.fromkeys(("block", "parent", "activation"), _optional_text),
    **dict.fromkeys(("trainable", "auto_named"), _flag),
    **dict.fromkeys(("index", "materialized"), _count),
    **dict.fromkeys(("config", "arguments", "values"), _object),
    **dict.fromkeys(("versions", "images"), _texts),
    "shape": _shape,
    "role": lambda given: type(given) is str and given in ROLES,
    "times": lambda given: given is None or _count(given),
}  # fmt: skip
"""Field → whether a value can be its own. The same name means the same in all parts of a spec."""


def sound(spec: ArchSpec) -> ArchSpec:
    """``spec``, whose references all lead somewhere, with its calls in topological order. Raises
    :class:`.SpecError`."""
    _few(spec)
    layers = _distinct((layer.id for layer in spec.layers), "layer")
    if unknown := next((w.id for layer in spec.layers for w in layer.weights if None in w.shape), ""):
        raise SpecError(f"The weight {_short(unknown)} has no size.", advice=ADVICE)
    blocks = _distinct((block.id for block in spec.blocks), "block")
    calls = _distinct((call.id for call in spec.calls), "call")
    for call in spec.calls:
        _known(call.layer, layers, "layer", f"call {_short(call.id)}")
        if call.block is not None:
            _known(call.block, blocks, "block", f"call {_short(call.id)}")
    for edge in spec.edges:
        for port in (edge.source, edge.target):
            _known(port.call, calls, "call", "an edge")
    for slot in (*spec.inputs, *spec.outputs):
        _known(slot.port.call, calls, "call", _short(slot.name))
        if slot.port.index >= len(spec.calls[calls[slot.port.call]].outputs):
            raise SpecError(f"{_short(slot.name)} names an output that is not there.", advice=ADVICE)
    _nested(spec, blocks)
    for call_id, data in spec.images.items():
        _known(call_id, calls, "call", "a picture")
        _check_picture(data)
    spec = _ordered(spec, calls)
    _whole_blocks(spec)
    return spec


def _few(spec: ArchSpec) -> None:
    """No more than can be drawn, or refused with advice, within seconds."""
    weights = sum(len(layer.weights) for layer in spec.layers)
    for what, found, most in (
        ("calls", len(spec.calls), MOST_CALLS),
        ("layers", len(spec.layers), MOST_CALLS),
        ("blocks", len(spec.blocks), MOST_CALLS),
        ("edges", len(spec.edges), MOST_EDGES),
        ("weights", weights, MOST_EDGES),
    ):
        if found > most:
            raise SpecError(f"{found:,} {what} are more than {most:,}.", advice="Describe a part of the model.")


def _distinct(ids: Iterable[str], what: str) -> dict[str, int]:
    places: dict[str, int] = {}
    for number, name in enumerate(ids):
        if name in places:
            raise SpecError(f"There are two {what}s {_short(name)}.", advice=ADVICE)
        places[name] = number
    return places


def _known(name: str, places: Mapping[str, int], what: str, where: str) -> None:
    if name not in places:
        raise SpecError(f"{where} names the {what} {_short(name)}, which is not there.", advice=ADVICE)


def _nested(spec: ArchSpec, blocks: Mapping[str, int]) -> None:
    depth: dict[str, int] = {}
    parents = {block.id: block.parent for block in spec.blocks}
    for block in spec.blocks:
        above: list[str] = []
        here: str | None = block.id
        while here is not None and here not in depth:
            _known(here, blocks, "block", f"block {_short(block.id)}")
            above.append(here)
            if len(above) > DEEPEST:
                raise SpecError(f"The block {_short(block.id)} is in itself, or too deep.", advice=ADVICE)
            here = parents[here]
        level = depth[here] if here is not None else 0
        for name in reversed(above):
            level += 1
            depth[name] = level
        if level > DEEPEST:
            raise SpecError(f"The block {_short(block.id)} is too deep.", advice=ADVICE)


def _ordered(spec: ArchSpec, calls: Mapping[str, int]) -> ArchSpec:
    """``spec`` with each call after those that it depends on, which all who read it rely on; none on itself. Mostly
    calls stand so, as Keras runs them."""
    if all(calls[edge.source.call] < calls[edge.target.call] for edge in spec.edges):
        return spec
    order = topological(calls, _after((edge.source.call, edge.target.call) for edge in spec.edges))
    if left := calls.keys() - set(order):
        first = next(name for name in calls if name in left)
        raise SpecError(f"The call {_short(first)} depends on itself.", advice=ADVICE)
    return replace(spec, calls=tuple(spec.calls[calls[name]] for name in order))


def _after(links: Iterable[tuple[T, T]]) -> dict[T, list[T]]:
    found: dict[T, list[T]] = {}
    for source, target in links:
        found.setdefault(source, []).append(target)
    return found


def _whole_blocks(spec: ArchSpec) -> None:
    """No block is left and entered again: closed to one card, it would depend on itself. A model is called as a whole,
    so that none of Keras is so."""
    if not spec.blocks or _in_one_piece(spec):
        return
    ways = _ways({block.id: block.parent for block in spec.blocks})
    home = {call.id: _units(ways[call.block] if call.block is not None else (), call.id) for call in spec.calls}
    levels: dict[Unit, dict[tuple[Unit, Unit], None]] = {}
    for edge in spec.edges:
        source, target = home[edge.source.call], home[edge.target.call]
        depth = next(n for n, (a, b) in enumerate(zip(source, target, strict=False)) if a != b)
        level = source[depth - 1] if depth else ("", "")
        levels.setdefault(level, {})[source[depth], target[depth]] = None
    for links in levels.values():
        units = dict.fromkeys(unit for link in links for unit in link)
        for kind, name in sorted(units.keys() - set(topological(units, _after(links)))):
            if kind == "block":
                raise SpecError(f"The block {_short(name)} depends on itself.", advice=ADVICE)


def _units(way: Iterable[str], call: str) -> tuple[Unit, ...]:
    """The blocks around a call, from the outermost, and itself."""
    return (*(("block", name) for name in way), ("call", call))


def _in_one_piece(spec: ArchSpec) -> bool:
    """Whether the calls of each block stand together, which is so in what we write, and tells it quickly."""
    ways = _ways({block.id: block.parent for block in spec.blocks})
    here: tuple[str, ...] = ()
    left: set[str] = set()
    last: str | None = None
    for call in spec.calls:
        if call.block == last:
            continue
        way = ways[call.block] if call.block is not None else ()
        if not left.isdisjoint(way):
            return False
        left.update(block for block in here if block not in way)
        here, last = way, call.block
    return True


def _ways(parents: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    """Block → the blocks around it, from the outermost, and itself."""
    ways: dict[str, tuple[str, ...]] = {}
    for block in parents:
        above: list[str] = []
        here: str | None = block
        while here is not None and here not in ways:
            above.append(here)
            here = parents[here]
        way = ways[here] if here is not None else ()
        for name in reversed(above):
            way = (*way, name)
            ways[name] = way
    return ways


def _check_picture(data: str) -> None:
    """A PNG that says how large it is, and is not too large (PNG specification, 11.2.1)."""
    try:
        raw = base64.b64decode(data, validate=True)
        signature, width, height = struct.unpack_from(">16s2I", raw)
    except (binascii.Error, struct.error, ValueError):
        raise SpecError("A picture is no PNG.", advice=ADVICE) from None
    if signature != b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" or not 0 < width * height <= MOST_PIXELS:
        raise SpecError("A picture is no PNG of a size that can be shown.", advice=ADVICE)
