"""JSON of a figure: the dataclasses as objects, each with its ``kind``."""

from __future__ import annotations

import base64
import dataclasses
import json
from typing import Any

from .. import escape
from ..figure import Figure, Graph, Scene, Table
from ..registry import Format
from ..theme import Theme


def plain(value: Any) -> Any:
    """Dataclasses, tuples and bytes → what :mod:`json` takes."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"kind": type(value).__name__.lower()} | {
            ("type" if name == "kind" else name): content for name, content in fields.items()
        }
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


def write(figure: Figure, *, theme: Theme = "light") -> bytes:
    return (escape.json(json.dumps(plain(figure), indent=1)) + "\n").encode("ascii")


FORMAT = Format(
    name="json", accepts=(Table, Graph, Scene), write=write, media_type="application/json", suffix=".json"
)
