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
from typing import Any

from ..errors import SpecError
from .model import ArchSpec
from .roles import ROLES

LARGEST = 2**63 - 1
"""Of an axis or a count. No array is larger."""

LARGEST_SETTING = 10**100
"""Of a whole number in a configuration: seeds may be large, but numbers of thousands of digits take endless time."""

DEEPEST = 64
"""Levels of a value in a configuration, and of blocks in blocks."""

MOST_AXES = 64
MOST_CALLS = 200_000
MOST_PIXELS = 16_000_000
"""Of a picture, so that none can unfold to more than 64 MB."""

ADVICE = "Describe the model again."


def value(name: str, given: Any, where: str) -> Any:
    """The value of a field of a spec. Raises :class:`.SpecError` for one of another type or size."""
    fits = FIELDS.get(name)
    if fits is not None and not fits(given):
        raise SpecError(f"{where} cannot be {_short(given)}.", advice=ADVICE)
    return given


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
    """``spec``, whose references all lead somewhere. Raises :class:`.SpecError`."""
    if len(spec.calls) > MOST_CALLS:
        raise SpecError(f"{len(spec.calls):,} calls are more than {MOST_CALLS:,}.", advice=ADVICE)
    layers = _distinct((layer.id for layer in spec.layers), "layer")
    if unknown := next((w.id for layer in spec.layers for w in layer.weights if None in w.shape), ""):
        raise SpecError(f"The weight {_short(unknown)} has no size.", advice=ADVICE)
    blocks = _distinct((block.id for block in spec.blocks), "block")
    calls = _distinct((call.id for call in spec.calls), "call")
    for call in spec.calls:
        _known(call.layer, layers, "layer", f"call {call.id!r}")
        if call.block is not None:
            _known(call.block, blocks, "block", f"call {call.id!r}")
    for edge in spec.edges:
        for port in (edge.source, edge.target):
            _known(port.call, calls, "call", "an edge")
    for slot in (*spec.inputs, *spec.outputs):
        _known(slot.port.call, calls, "call", f"{slot.name!r}")
    _nested(spec, blocks)
    _ordered(spec, calls)
    for call_id, data in spec.images.items():
        _known(call_id, calls, "call", "a picture")
        _check_picture(data)
    return spec


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
            _known(here, blocks, "block", f"block {block.id!r}")
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


def _ordered(spec: ArchSpec, calls: Mapping[str, int]) -> None:
    """No edge leads back to what it depends on. Mostly calls stand in the order in which they run, which tells it."""
    if all(calls[edge.source.call] < calls[edge.target.call] for edge in spec.edges):
        return
    after: dict[str, list[str]] = {}
    waits = dict.fromkeys(calls, 0)
    for edge in spec.edges:
        after.setdefault(edge.source.call, []).append(edge.target.call)
        waits[edge.target.call] += 1
    free = [call for call, count in waits.items() if not count]
    done = 0
    while free:
        done += 1
        for target in after.get(free.pop(), ()):
            waits[target] -= 1
            if not waits[target]:
                free.append(target)
    if done < len(calls):
        first = next(call for call, count in waits.items() if count)
        raise SpecError(f"The call {_short(first)} depends on itself.", advice=ADVICE)


def _check_picture(data: str) -> None:
    """A PNG that says how large it is, and is not too large (PNG specification, 11.2.1)."""
    try:
        raw = base64.b64decode(data, validate=True)
        signature, width, height = struct.unpack_from(">16s2I", raw)
    except (binascii.Error, struct.error, ValueError):
        raise SpecError("A picture is no PNG.", advice=ADVICE) from None
    if signature != b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" or not 0 < width * height <= MOST_PIXELS:
        raise SpecError("A picture is no PNG of a size that can be shown.", advice=ADVICE)
