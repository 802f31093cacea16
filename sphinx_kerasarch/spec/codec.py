"""Spec ↔ JSON. The keys are the names of the fields, but ``class`` for ``class_name``; ``schema.json`` beside this file
describes them.

History of ``SPEC_VERSION``: 1 = first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from .. import escape
from ..errors import SpecError
from . import shallow, sound
from .model import ArchSpec, Block, Call, Edge, Layer, Note, Port, Provenance, Slot, Tensor, Weight

SPEC_VERSION = 1

PARTS: Mapping[tuple[type, str], type] = {
    (ArchSpec, "layers"): Layer,
    (ArchSpec, "calls"): Call,
    (ArchSpec, "edges"): Edge,
    (ArchSpec, "inputs"): Slot,
    (ArchSpec, "outputs"): Slot,
    (ArchSpec, "blocks"): Block,
    (ArchSpec, "notes"): Note,
    (Layer, "weights"): Weight,
    (Call, "inputs"): Tensor,
    (Call, "outputs"): Tensor,
}
"""Fields that hold a tuple of records."""

RECORDS: Mapping[tuple[type, str], type] = {
    (ArchSpec, "provenance"): Provenance,
    (Edge, "source"): Port,
    (Edge, "target"): Port,
    (Slot, "port"): Port,
}
"""Fields that hold one record."""

LEFT_OUT: Mapping[tuple[type, str], Any] = {
    (ArchSpec, "values"): {},
    (Block, "times"): 1,
    (Layer, "label"): "",
}
"""Fields that are written only where they have another value than this."""

T = TypeVar("T")


def _key(field: str) -> str:
    return "class" if field == "class_name" else field


@dataclass(frozen=True, slots=True)
class _Field:
    """How one field of a record is written and read."""

    name: str
    part: type | None
    """Of a tuple of records."""
    record: type | None
    left_out: Any
    """Not written when it has this value; an ellipsis for none."""
    fits: Callable[[Any], bool] | None
    """What its value must be."""


def _plan(cls: type) -> Mapping[str, _Field]:
    return {
        _key(field.name): _Field(
            field.name,
            PARTS.get((cls, field.name)),
            RECORDS.get((cls, field.name)),
            LEFT_OUT.get((cls, field.name), ...),
            sound.FIELDS.get(field.name),
        )
        for field in fields(cls)
    }


PLANS = {cls: _plan(cls) for cls in (ArchSpec, *PARTS.values(), *RECORDS.values())}
"""Kind of record → key → field: found out once, since a spec has thousands of records."""

PLAIN = frozenset({bool, float, int, str, type(None)})


def _encode(record: Any) -> dict[str, Any]:
    result = {}
    for key, field in PLANS[type(record)].items():
        value = getattr(record, field.name)
        if field.left_out is not ... and field.left_out == value:
            continue
        if field.part is not None:
            value = [_encode(part) for part in value]
        elif field.record is not None:
            value = _encode(value)
        elif type(value) in PLAIN:
            pass
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Mapping):
            value = dict(value)
        result[key] = value
    return result


def _decode(cls: type[T], data: Any, where: str) -> T:
    if not isinstance(data, dict):
        raise SpecError(f"{where} is not an object.", advice="The file is not a spec of this program.")
    plan = PLANS[cls]
    if unknown := data.keys() - plan.keys():
        keys = sorted(unknown)
        raise SpecError(f"{where} has the unknown key {keys[0]!r}.", data={"keys": keys})
    values: dict[str, Any] = {}
    for key, value in data.items():
        field = plan[key]
        if field.part is not None or field.record is not None:
            value = _decode_records(field, value, f"{where}.{key}")  # noqa: PLW2901
        else:
            if field.name == "shape" and isinstance(value, list):
                value = tuple(value)  # noqa: PLW2901
            if field.fits is not None and not field.fits(value):
                raise sound.unfit(value, f"{where}.{key}")
        values[field.name] = value
    try:
        return cls(**values)
    except TypeError as error:
        raise SpecError(f"{where} is incomplete: {error}.") from None


def _decode_records(field: _Field, value: Any, where: str) -> Any:
    if field.record is not None:
        return _decode(field.record, value, where)
    assert field.part is not None
    if not isinstance(value, list):
        raise SpecError(f"{where} is not a list.")
    part = field.part
    return tuple([_decode(part, one, f"{where}[{i}]") for i, one in enumerate(value)])


def to_json(spec: ArchSpec) -> dict[str, Any]:
    """JSON-able form with ``version``."""
    return {"version": SPEC_VERSION, **_encode(spec)}


def from_json(data: Any) -> ArchSpec:
    """The spec that :func:`to_json` wrote, checked, so that it can be drawn. Raises :class:`.SpecError`."""
    return sound.sound(decode(data))


def decode(data: Any) -> ArchSpec:
    """The spec that :func:`to_json` wrote; references in it may lead nowhere. Raises :class:`.SpecError`."""
    if not isinstance(data, dict) or "version" not in data:
        raise SpecError(
            "This is not a spec: it has no version.", advice="Write one with `kerasarch describe`."
        )
    if data["version"] != SPEC_VERSION:
        raise SpecError(
            f"The spec has version {data['version']!r}, this program reads version {SPEC_VERSION}.",
            advice="Describe the model again, or install the sphinx-kerasarch that wrote it.",
            data={"version": data["version"]},
        )
    return _decode(ArchSpec, {key: value for key, value in data.items() if key != "version"}, "spec")


def _line(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)
    return escape.json(text)


def dumps(spec: ArchSpec) -> str:
    """Stable text, keys sorted, one layer, call, edge … on a line so that differences are readable."""
    data = to_json(spec)
    lines = []
    for key in sorted(data):
        value = data[key]
        if isinstance(value, list) and value:
            body = ",\n  ".join(_line(item) for item in value)
            lines.append(f"{_line(key)}: [\n  {body}\n ]")
        else:
            lines.append(f"{_line(key)}: {_line(value)}")
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def loads(text: str | bytes) -> ArchSpec:
    """The spec in a text. Raises :class:`.SpecError`."""
    try:
        data = shallow.loads(text)
    except RecursionError:
        advice = "Write one with `kerasarch describe`."
        raise SpecError("This is not a spec: it is nested without end.", advice=advice) from None
    except ValueError as error:
        raise SpecError(
            f"This is not a spec: {error}.", advice="Write one with `kerasarch describe`."
        ) from None
    return from_json(data)


def digest(spec: ArchSpec) -> str:
    """SHA-256 (hex) of everything but the provenance: equal digests = equal figures."""
    data = {key: value for key, value in to_json(spec).items() if key != "provenance"}
    text = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
