"""Stand-ins for Keras' own objects, so that a saved model is described by the very code that describes live ones.

They hold what the description asks for and compute nothing.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from .. import compat, naming


@functools.cache
def classes() -> dict[str, dict[str, Any]]:
    """``layers`` and ``operations`` of Keras: class → module, parameters of ``call``."""
    found: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("classes.json").read_text("utf-8"))
    return found


@functools.cache
def stems() -> frozenset[str]:
    """Stems of the names that Keras chooses: ``conv2d``, ``lstm_cell`` …"""
    return frozenset(compat.snake(name) for table in classes().values() for name in table) | {
        "functional",
        "sequential",
        "model",
    }


@dataclass(frozen=True, slots=True)
class Variable:
    path: str
    shape: tuple[int, ...]
    dtype: str
    trainable: bool

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Array:
    """A constant among the arguments of a call."""

    shape: tuple[int, ...]
    dtype: str


class Symbol:
    """A symbolic tensor."""

    def __init__(self, shape: Any, dtype: str, name: str = "") -> None:
        self.shape: tuple[int | None, ...] = tuple(shape)
        self.dtype = dtype
        self.name = name
        self._keras_history: Any = None
        self._keras_mask: Any = None


@dataclass(slots=True)
class Arguments:
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    keras_tensors: list[Symbol]


@dataclass(slots=True)
class Node:
    operation: Any
    arguments: Arguments
    outputs: list[Symbol]
    is_input: bool = False


class Operation:
    def __init__(self, name: str, config: Mapping[str, Any]) -> None:
        self.name = name
        self.config = config
        self._inbound_nodes: list[Node] = []

    def get_config(self) -> Mapping[str, Any]:
        return self.config

    def call(self) -> None:
        raise NotImplementedError


class Layer(Operation):
    def __init__(self, name: str, config: Mapping[str, Any]) -> None:
        super().__init__(name, config)
        self.trainable = bool(config.get("trainable", True))
        # The dtype of an input is that of its tensor; Keras gives it the policy of all layers.
        own = "float32" if type(self).__name__ == "InputLayer" else policy(config)
        self.dtype_policy = SimpleNamespace(name=own)
        self.weights: list[Variable] = []
        self.activation = _function(config.get("activation"))


class Wrapper(Layer):
    layer: Layer | None = None


class Bidirectional(Wrapper):
    pass


class Model(Layer):
    layers: list[Any]
    built = True


class Functional(Model):
    inputs: list[Symbol]
    outputs: list[Symbol]
    _inputs_struct: Any
    _outputs_struct: Any

    def __call__(self, tensor: Symbol) -> Any:
        """One more call on a tensor of the shape that the model was made for."""
        outputs = [Symbol(one.shape, one.dtype) for one in self.outputs]
        for index, one in enumerate(outputs):
            one._keras_history = (self, len(self._inbound_nodes), index)
        self._inbound_nodes.append(Node(self, Arguments((tensor,), {}, [tensor]), outputs))
        return outputs[0] if len(outputs) == 1 else outputs


class Sequential(Functional):
    @property
    def _functional(self) -> Any:
        return self if self.outputs else None


def policy(config: Mapping[str, Any]) -> str:
    """Name of the dtype policy in a configuration."""
    told = config.get("dtype") or "float32"
    if isinstance(told, Mapping):
        inner = told.get("config")
        told = inner.get("name") or inner.get("mode") if isinstance(inner, Mapping) else inner
    return str(told)


def _function(told: Any) -> str | None:
    """An activation of a configuration by its name."""
    if isinstance(told, Mapping):
        name = str(told.get("class_name", ""))
        return str(told.get("config")) if name == "function" else compat.snake(name)
    return None if told is None else str(told)


BASES: Mapping[str, type] = {
    "TimeDistributed": Wrapper,
    "SpectralNormalization": Wrapper,
    "Wrapper": Wrapper,
    "Bidirectional": Bidirectional,
}


@functools.cache
def class_for(name: str, module: str, operation: bool) -> type:
    """A class with the name, module and call parameters of the saved one."""
    row = classes()["operations" if operation else "layers"].get(name)
    base: type = Operation if operation else BASES.get(name, Layer)
    cls = type(name, (base,), {"__module__": row["module"] if row and not operation else module})
    _give_parameters(cls, row["call"] if row is not None else [["inputs", None]])
    return cls


def _give_parameters(cls: Any, parameters: list[list[Any]]) -> None:
    """A ``call`` whose signature says the parameters and defaults of the saved class."""
    import inspect

    def call(self: Any) -> None:
        raise NotImplementedError

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    told = [inspect.Parameter("self", kind, default=None)]
    told += [inspect.Parameter(name, kind, default=default) for name, default in parameters]
    call.__signature__ = inspect.Signature(told)  # type: ignore[attr-defined]
    cls.call = call


@dataclass(frozen=True, slots=True)
class _Keras:
    """What the description asks the package ``keras`` for."""

    KerasTensor: Any = Symbol
    Model: Any = Model
    Sequential: Any = Sequential
    layers: Any = field(
        default_factory=lambda: SimpleNamespace(Layer=Layer, Wrapper=Wrapper, Bidirectional=Bidirectional)
    )


def _chosen(thing: Any) -> bool:
    match = naming.NUMBERED.fullmatch(thing.name)
    return match is not None and match[1] in {compat.snake(type(thing).__name__), *_nicknames(thing)}


def _nicknames(thing: Any) -> tuple[str, ...]:
    return ("functional", "model") if isinstance(thing, Functional) else ()


def _segment(segment: str) -> bool:
    match = naming.NUMBERED.fullmatch(segment.removeprefix("forward_").removeprefix("backward_"))
    return match is not None and match[1] in stems()


@contextmanager
def in_place_of_keras() -> Iterator[None]:
    """While it is entered, the description asks the stand-ins instead of Keras, and traces nothing."""
    from .. import describe, draft, trace
    from ..trace import Refusal

    answers: list[tuple[Any, str, Any]] = [
        (compat, "keras", _Keras),
        (compat, "functional_class", lambda: Functional),
        (compat, "variable_class", lambda: Variable),
        (compat, "chose_name", _chosen),
        (compat, "chose_segment", _segment),
        (trace, "symbolic_run", nullcontext),
        (draft, "own_call", lambda operation: False),
        (draft, "trace_model", lambda model, wanted: Refusal("a file holds no code")),
        (describe, "decisions", lambda operation: ()),
    ]
    before = [(module, name, getattr(module, name)) for module, name, _ in answers]
    try:
        for module, name, answer in answers:
            setattr(module, name, answer)
        yield
    finally:
        for module, name, own in before:
            setattr(module, name, own)
