"""What a SavedModel folder holds: signatures, variables without their values, and the configuration Keras 2 left there.

tensorflow/core/protobuf: saved_model.proto, meta_graph.proto, saved_object_graph.proto, tensor_bundle.proto;
tf_keras/protobuf: saved_metadata.proto. The traced functions are skipped; nothing is run.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import BuildError
from ...spec import shallow
from .protobuf import MalformedError, Message, entries

GRAPH, METADATA, INDEX = "saved_model.pb", "keras_metadata.pb", "variables/variables.index"

_DTYPES = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64",
    9: "int64", 10: "bool", 14: "bfloat16", 17: "uint16", 18: "complex128", 19: "float16", 20: "resource",
    21: "variant", 22: "uint32", 23: "uint64", 24: "float8_e5m2", 25: "float8_e4m3fn", 29: "int4", 30: "uint4",
}  # fmt: skip
"""tensorflow/core/framework/types.proto."""


@dataclass(frozen=True, slots=True)
class Told:
    """A tensor of a signature."""

    name: str
    shape: tuple[int | None, ...] | None
    """None when even the number of axes is not known."""
    dtype: str


@dataclass(frozen=True, slots=True)
class Signature:
    names: tuple[str, ...]
    """Of all signatures that take and give the same."""
    inputs: tuple[Told, ...]
    outputs: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """A variable."""

    path: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool | None
    """None where the folder does not say."""


@dataclass(frozen=True, slots=True)
class Exported:
    signatures: tuple[Signature, ...]
    variables: tuple[Stored, ...]
    tags: tuple[str, ...]
    tensorflow: str
    """Version that wrote it."""
    functions: int
    keras: Mapping[str, Any] | None
    """Metadata of the root, as Keras 2 wrote it."""


def read(folder: Path) -> Exported:
    """The contents of a SavedModel folder. Raises :class:`.BuildError` for one that is damaged."""
    with _opened(folder, GRAPH) as data:
        whole = Message(data)
        graphs = list(whole.messages(2))
        if not graphs:
            raise MalformedError("it holds no graph")
        graph = graphs[0]
        told = graph.message(1)
        found = _variables(graph.message(7))
        tags, version = tuple(str(tag, "utf-8", "replace") for tag in told.bytes(4)), told.text(5)
        signatures = _signatures(graph)
        functions = sum(1 for _ in graph.message(2).message(2).bytes(1))
    if not found and (folder / INDEX).is_file():
        with _opened(folder, INDEX) as data:
            found = list(_indexed(data))
    keras = None
    if (folder / METADATA).is_file():
        with _opened(folder, METADATA) as data:
            keras = _root(Message(data))
    return Exported(signatures, tuple(found), tags, version, functions, keras)


@contextmanager
def _opened(folder: Path, name: str) -> Iterator[memoryview]:
    """The bytes of a file of the folder, mapped; what is wrong with them is told with its name."""
    try:
        with (folder / name).open("rb") as file:
            # Not closed by hand: messages that are still held, as by a traceback, point into it.
            yield memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (MalformedError, ValueError, OSError, KeyError) as error:
        why = "it is empty" if "empty file" in str(error) else str(error)
        raise BuildError(
            f"{folder.name}/{name} is damaged: {why}.",
            advice="Copy the whole folder again, or write it anew with model.export.",
        ) from error


def _shape(message: Message) -> tuple[int | None, ...] | None:
    if message.number(3):
        return None
    sizes = (axis.number(1) for axis in message.messages(2))
    return tuple(None if size < 0 else size for size in sizes)


def _dtype(number: int) -> str:
    return _DTYPES.get(number % 100, f"type {number}")


def _pairs(graph: Message, number: int) -> list[tuple[str, Message]]:
    """A map in the order of its keys: on the wire it has none."""
    return sorted(((one.text(1), one.message(2)) for one in graph.messages(number)), key=lambda pair: pair[0])


def _signatures(graph: Message) -> tuple[Signature, ...]:
    """Those for users, each once: Keras 3 writes ``serve`` and ``serving_default`` for the same."""
    found: dict[Any, list[str]] = {}
    for name, told in _pairs(graph, 5):
        if not name.startswith("__"):
            found.setdefault((_tensors(told, 1), _tensors(told, 2)), []).append(name)
    return tuple(Signature(tuple(names), *ends) for ends, names in found.items())


def _tensors(signature: Message, number: int) -> tuple[Told, ...]:
    return tuple(
        Told(name, _shape(told.message(3)), _dtype(told.number(2))) for name, told in _pairs(signature, number)
    )


def _variables(objects: Message) -> list[Stored]:
    """Variables of the object graph: those that the root lists as its own, or else all but those of optimizers."""
    nodes = list(objects.messages(1))
    if not nodes:
        return []
    slots = {slot.number(3) for node in nodes for slot in node.messages(3)}
    listed = [child.number(1) for child in nodes[0].messages(1) if child.text(2) == "variables"]
    own = [child.number(1) for child in nodes[listed[0]].messages(1)] if listed else range(len(nodes))
    found = []
    for number in dict.fromkeys(own):
        if number in slots or not 0 <= number < len(nodes) or 7 not in nodes[number]:
            continue
        told = nodes[number].message(7)
        shape = tuple(size or 0 for size in _shape(told.message(2)) or ())
        path = told.text(6) or f"variable_{number}"
        found.append(Stored(path.partition(":")[0], shape, _dtype(told.number(1)), bool(told.number(3))))
    return found


SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"


def _indexed(data: memoryview) -> Iterator[Stored]:
    """Variables by their keys in the table; the first entry, without a key, is its header."""
    for key, value in entries(data):
        name = key.decode("utf-8", "replace")
        if not name or name.startswith(("_CHECKPOINTABLE", "save_counter", "optimizer/")):
            continue
        told = Message(value)
        shape = tuple(size or 0 for size in _shape(told.message(2)) or ())
        yield Stored(name.removesuffix(SUFFIX), shape, _dtype(told.number(1)), None)


def _root(metadata: Message) -> Mapping[str, Any] | None:
    for node in metadata.messages(1):
        if node.text(3) == "root":
            told = shallow.loads(node.text(5))
            return _plain(told) if isinstance(told, dict) else None
    return None


def _plain(thing: Any) -> Any:
    """Without the marks of tuples and shapes, as other saved files of Keras 2 are."""
    if isinstance(thing, dict):
        if thing.get("class_name") in {"__tuple__", "TensorShape"} and "items" in thing:
            return [_plain(part) for part in thing["items"]]
        return {key: _plain(part) for key, part in thing.items()}
    return [_plain(part) for part in thing] if isinstance(thing, list) else thing
