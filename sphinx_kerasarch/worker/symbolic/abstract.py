"""Shapes and dtypes of what a layer gives, found by running its ``call`` on symbolic tensors.

Keras infers them with its backend: TensorFlow traces, NumPy computes. Here the code runs on ``KerasTensor``, which
know no numbers; where it insists on known axes, unknown ones are filled with two different primes, and an axis of the
result that differs between the two runs is unknown.
"""

from __future__ import annotations

import functools
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from .. import compat
from .signal import STATE, UnknownError, hand_on

PRIMES = (6947, 7919)
"""Too large for a window, a kernel or a number of heads to meet them by chance."""

PARTICULAR: weakref.WeakSet[Any] = weakref.WeakSet()
"""Layers whose code insists on known axes: asked several times while a model is built, they are not tried without."""

OPERATION_NAME = "operation_of_an_inference"
"""Operations inside an inference are thrown away and take none of the names that Keras counts."""


@contextmanager
def inference(filled: bool) -> Iterator[None]:
    """Inside, nothing has a value: variables are symbolic, what they are given is forgotten."""
    from keras.src.backend.common.stateless_scope import StatelessScope

    before = STATE.depth, STATE.filled
    STATE.depth, STATE.filled = STATE.depth + 1, filled
    try:
        with StatelessScope(), compat.symbolic_scope():
            yield
    finally:
        STATE.depth, STATE.filled = before


def symbol(shape: Any, dtype: Any) -> Any:
    return compat.keras().KerasTensor(tuple(shape), dtype=dtype)


def is_symbol(thing: Any) -> bool:
    return isinstance(thing, compat.keras().KerasTensor)


def valueless(shape: Any, dtype: Any) -> Any:
    """An array that is told by its shape alone: it costs one number, whatever its size."""
    import numpy as np

    return np.broadcast_to(np.zeros((), dtype), shape)


def is_valueless(thing: Any) -> bool:
    return compat.is_array(thing) and thing.ndim > 0 and not any(thing.strides)


def without_values(structure: Any, why: str) -> Any:
    """Symbolic tensors as arrays without values. Hands on, for the reason ``why``, where none can stand for one."""
    tree = compat.tree()

    def one(thing: Any) -> Any:
        if not is_symbol(thing):
            return thing
        if not thing.shape:  # a single number would be taken for what it says
            raise hand_on(why)
        if None in thing.shape:  # no backend makes an array of that
            raise UnknownError("an axis of unknown size")
        return valueless(thing.shape, compat.dtype_of(thing))

    return tree.map_structure(one, structure)


def compute_output_spec(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Stands for ``keras.src.backend.compute_output_spec``."""
    tree = compat.tree()

    def run(number: int | None) -> Any:
        def filled(thing: Any) -> Any:
            if not is_symbol(thing):
                return thing
            axes = tuple(number if axis is None else axis for axis in thing.shape)
            return symbol(axes, thing.dtype)

        own_args, own_kwargs = tree.map_structure(filled, (args, kwargs))
        with inference(number is not None or STATE.filled):
            found = function(*own_args, **own_kwargs)
        return tree.map_structure(_spec, found)

    unknown = not STATE.filled and _unknown((args, kwargs))
    layer = getattr(function, "__self__", None)
    if not (unknown and isinstance(layer, compat.keras().layers.Layer) and layer in PARTICULAR):
        try:
            return run(None)
        except Exception:
            if not unknown:
                raise
            if isinstance(layer, compat.keras().layers.Layer):
                PARTICULAR.add(layer)
    one, two = (run(prime) for prime in PRIMES)
    return tree.map_structure(_common, one, two)


def _unknown(structure: Any) -> bool:
    tree = compat.tree()

    return any(None in leaf.shape for leaf in tree.flatten(structure) if is_symbol(leaf))


def _spec(thing: Any) -> Any:
    """Fresh symbolic tensors: without the history of what was inside."""
    if is_symbol(thing) or isinstance(thing, compat.variable_class()) or compat.is_array(thing):
        return symbol(compat.shape_of(thing), compat.dtype_of(thing))
    return thing


def _common(one: Any, two: Any) -> Any:
    if not is_symbol(one):
        return one
    return symbol((a if a == b else None for a, b in zip(one.shape, two.shape, strict=True)), one.dtype)


Patch = tuple[Any, str, Any]
"""An object, the name of one of its attributes, and what takes its place."""


ABSENT = object()
"""The new value of an attribute that is to be taken away."""


def apply(patches: list[Patch]) -> list[Patch]:
    """Put them in place. Gives what takes them back."""
    before = [(owner, name, vars(owner).get(name, ABSENT)) for owner, name, _ in patches]
    for owner, name, new in patches:
        if new is ABSENT:
            delattr(owner, name)
        else:
            setattr(owner, name, new)
    return before


def install() -> None:
    """Patch Keras. Raises AttributeError or ImportError where a private name has moved."""
    apply([*inferring(compute_output_spec), *recording(), _guarded_call(), *variables()])


def inferring(function: Callable[..., Any]) -> list[Patch]:
    """``function`` in the place of the backend's ``compute_output_spec``, for good."""
    from keras.src import backend

    for place in (backend, backend.core):
        if not callable(place.compute_output_spec):
            raise AttributeError("compute_output_spec")
    patches: list[Patch] = [(place, "compute_output_spec", function) for place in (backend, backend.core)]
    return [*patches, (compat.keras().Sequential, "build", _building(compat.keras().Sequential.build))]


def _building(build: Callable[..., Any]) -> Callable[..., Any]:
    """A Sequential that is met without shapes inside an inference is built as it would be outside, with a graph."""

    @functools.wraps(build)
    def built(self: Any, input_shape: Any = None) -> Any:
        if not STATE.depth or input_shape is None:
            return build(self, input_shape)
        before = STATE.depth, STATE.filled
        STATE.depth, STATE.filled = 0, False
        try:
            return build(self, _without_primes(input_shape))
        finally:
            STATE.depth, STATE.filled = before

    return built


def _without_primes(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {key: _without_primes(part) for key, part in shape.items()}
    if isinstance(shape, list | tuple):
        return type(shape)(_without_primes(part) for part in shape)
    return None if shape in PRIMES else shape


def recording() -> list[Patch]:
    """Inside an inference no graph is recorded and no name is taken."""
    from keras.src.backend.common import keras_tensor
    from keras.src.layers import layer as layer_module
    from keras.src.ops import operation

    cls, layer, auto_name = operation.Operation, compat.keras().layers.Layer, operation.auto_name
    make: Any = cls.__new__

    def named(prefix: str) -> str:
        if STATE.depth and not isinstance(sys._getframe(1).f_locals.get("self"), layer):
            return OPERATION_NAME
        return str(auto_name(prefix))

    def new(kind: Any, *args: Any, **kwargs: Any) -> Any:
        if STATE.depth and not issubclass(kind, layer):
            return object.__new__(kind)  # without its configuration, which nobody will ask for
        return make(kind, *args, **kwargs)

    patches: list[Patch] = [(operation, "auto_name", named), (cls, "__new__", staticmethod(new))]
    if hasattr(keras_tensor, "auto_name"):
        name_tensor = keras_tensor.auto_name
        unnamed: Any = lambda prefix: "tensor" if STATE.depth else name_tensor(prefix)  # noqa: E731
        patches.append((keras_tensor, "auto_name", unnamed))
    for owner in (cls, layer):
        if "symbolic_call" in vars(owner):
            patches.append((owner, "symbolic_call", _without_nodes(owner.symbolic_call, layer)))
    if hasattr(layer_module, "Node"):  # since Keras 3.9 the layer's own ``__call__`` makes it
        make_node = layer_module.Node
        node: Any = lambda *args, **kwargs: None if STATE.depth else make_node(*args, **kwargs)  # noqa: E731
        patches.append((layer_module, "Node", node))
    return patches


def _guarded_call() -> Patch:
    """Layers that are called on numbers hand on."""
    tree = compat.tree()
    from keras.src.backend.common import keras_tensor
    from keras.src.ops import operation

    cls, layer = operation.Operation, compat.keras().layers.Layer
    call, any_symbolic, traced = cls.__call__, keras_tensor.any_symbolic_tensors, compat.in_stateless_scope()

    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not STATE.depth and isinstance(self, layer) and not any_symbolic(args, kwargs):
            why = f"the layer {self.name!r} is called on numbers"
            if not traced():
                raise hand_on(why)
            # A layer that is being opened gives weights to another; only the shape of what comes out matters.
            given = tree.map_structure(_spec, (args, kwargs))
            with inference(filled=False):
                found = call(self, *given[0], **given[1])
            return without_values(found, why)
        return call(self, *args, **kwargs)

    return cls, "__call__", guarded


def _without_nodes(symbolic_call: Callable[..., Any], layer: type) -> Callable[..., Any]:
    """Inside an inference no graph is recorded."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not STATE.depth:
            return symbolic_call(self, *args, **kwargs)
        found = self.compute_output_spec(*args, **kwargs)
        if STATE.filled and isinstance(self, layer) and _unknown(found):
            own: Any = self
            # EinsumDense and its like say None for an axis that is known here; their code knows better.
            with suppress(Exception):
                return compute_output_spec(own.call, *args, **kwargs)
        return found

    return call


def variables() -> list[Patch]:
    """In an inference a variable's value is a symbolic tensor. Stands above the patch of lazy variables."""
    cls = compat.variable_class()
    assign, value = cls.assign, _value_of(cls)
    traced = compat.in_stateless_scope()

    def read(self: Any) -> Any:
        if STATE.depth:
            return symbol(self.shape, self.dtype)
        if self.ndim and getattr(self, "_value", None) is None and traced():
            return valueless(self.shape, self.dtype)  # a layer is being opened
        return value.fget(self)

    def write(self: Any, new: Any) -> Any:
        return new if STATE.depth else assign(self, new)

    return [(cls, "value", property(read)), (cls, "assign", write)]


def _value_of(cls: Any) -> Any:
    return next(base.__dict__["value"] for base in cls.__mro__ if "value" in base.__dict__)
