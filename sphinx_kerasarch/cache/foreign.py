"""Entries that strangers may have written. They are data: read as JSON, checked part by part, and never executed.

What is not exactly an entry is none. What is one can still lie about a model, as its writer could have published any
picture: who may write to a shared cache is a matter of its rights.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import types
import typing
from collections.abc import Mapping
from typing import Any

from ..errors import KerasarchError
from ..spec import ArchSpec
from ..spec.codec import digest, from_json
from ..spec.query import describe_words
from .store import LAYOUT, read_entry

LIMIT = 64 << 20
"""Bytes. The largest network of ``keras.applications`` takes one per cent of it."""

NAME = re.compile(r"descriptions/([0-9a-f]{64})/([0-9a-f]{32})\.json")
"""Of a description, relative to its cache. No other file is taken from elsewhere."""

PARTS: Mapping[str, Any] = {
    **dict.fromkeys(("code", "python", "backend"), str),
    **dict.fromkeys(("sites", "missing"), list[str]),
    **dict.fromkeys(
        ("files", "listings", "kinds", "links", "shadows", "lent", "folder", "packages", "env"),
        Mapping[str, str],
    ),
    "modules": Mapping[str, Mapping[str, str]],
    "keras_config": Mapping[str, Any],
}
"""Parts of a record and what they hold, see :mod:`..wire.record`."""


def is_whole(name: str, data: bytes) -> bool:
    """Whether the bytes under ``name`` are a description that every part of this program can work with."""
    match = NAME.fullmatch(name)
    if not match or len(data) > LIMIT:
        return False
    entry = read_entry(data)
    if entry is None or entry.get("key") != match[1] or entry.get("layout") != LAYOUT:
        return False
    try:
        return _is_record(entry["inputs"]) and _is_spec(entry["spec"])
    except (ValueError, RecursionError):  # surrogates that no file can hold, nesting without end
        return False


def _is_record(inputs: Any) -> bool:
    if not isinstance(inputs, dict):
        return False
    text = json.dumps(inputs, ensure_ascii=False)
    text.encode()  # no path can hold what cannot be encoded
    return "\\u0000" not in text and all(fits(value, PARTS.get(part, Any)) for part, value in inputs.items())


def _is_spec(data: Any) -> bool:
    try:
        spec = from_json(data)
    except (KerasarchError, TypeError):
        return False
    if not fits(spec, ArchSpec):
        return False
    try:
        digest(spec)
        describe_words(spec)
    except Exception:  # ids that point nowhere, shapes that cannot be: found by those who use them
        return False
    return True


def fits(value: Any, kind: Any) -> bool:
    """Whether ``value`` is of the annotated type ``kind``, down to the last field."""
    if kind is Any:
        return True
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return any(fits(value, part) for part in parts)
    if origin in {tuple, list}:
        return isinstance(value, origin) and all(fits(item, parts[0]) for item in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(
            fits(key, parts[0]) and fits(item, parts[1]) for key, item in value.items()
        )
    if dataclasses.is_dataclass(kind):
        return isinstance(value, typing.cast(type, kind)) and all(
            fits(getattr(value, name), part) for name, part in _fields(typing.cast(type, kind))
        )
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


@functools.cache
def _fields(cls: type) -> tuple[tuple[str, Any], ...]:
    return tuple(typing.get_type_hints(cls).items())
