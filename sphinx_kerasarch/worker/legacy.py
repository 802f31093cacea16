"""Models of Keras 2 (``tf_keras``, or ``tf.keras`` with ``TF_USE_LEGACY_KERAS=1``) seen as if they were of Keras 3.

Their nodes have other attributes, functions of TensorFlow are layers there (``TFOpLambda``), and a mask is handed on
without being an argument. Nothing here imports the package: where user code has not, there are no such models.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

PACKAGE = "tf_keras"

VIEW = "_kerasarch_view"
"""Attribute of a node or layer of Keras 2: what stands for it."""

NAMES = {
    "concat": "Concatenate",
    "getitem": "GetItem",
    "neg": "Negative",
    "pow": "Power",
    "truediv": "TrueDivide",
    "floordiv": "FloorDivide",
    "sub": "Subtract",
    "mul": "Multiply",
    "div": "Divide",
}
"""Last part of a function's name in TensorFlow → the operation of ``keras.ops``, where it is called otherwise."""

MODULES = ("numpy", "nn", "math", "core", "linalg", "image")
"""Modules of ``keras.src.ops`` that may have an operation of the same name."""

_UNTOLD = "time_major implementation input_length query_shape key_shape value_shape softmax_robust_masking"

UNTOLD = frozenset(_UNTOLD.split())
"""Settings that Keras 3 does not have: how a layer computes, and what the graph says."""


def package() -> Any | None:
    """The package, when something has imported it."""
    found = sys.modules.get(PACKAGE)
    return found if found is not None and hasattr(found, "Model") else None


def is_a(thing: Any, kind: str) -> bool:
    """Whether a thing is a ``Model``, ``Sequential`` or of a class of ``layers``, by Keras 2."""
    legacy = package()
    if legacy is None:
        return False
    return isinstance(thing, getattr(legacy, kind, None) or getattr(legacy.layers, kind))


def is_symbolic(thing: Any) -> bool:
    return package() is not None and type(thing).__module__ == f"{PACKAGE}.src.engine.keras_tensor"


def is_variable(thing: Any) -> bool:
    if package() is None or not hasattr(thing, "handle"):
        return False
    import tensorflow as tf

    return isinstance(thing, tf.Variable)


def has_graph(model: Any) -> bool:
    if is_a(model, "Sequential"):
        return bool(getattr(model, "_graph_initialized", False) and model.inputs)
    return bool(getattr(model, "_is_graph_network", False))


# ---- nodes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arguments:
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    keras_tensors: list[Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A call as Keras 3 records it."""

    operation: Any
    arguments: Arguments
    outputs: list[Any]
    is_input: bool


class Function:
    """A function of TensorFlow that was called on symbolic tensors."""

    weights: tuple[Any, ...] = ()

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name



def node(made: Any) -> Any:
    """The view of a node; a node of Keras 3 is its own."""
    if not hasattr(made, "call_args"):
        return made
    found = vars(made).get(VIEW)
    if found is None:
        found = _node(made)
        setattr(made, VIEW, found)
    return found


def _node(made: Any) -> Node:
    args, kwargs = tuple(made.call_args), dict(made.call_kwargs)
    layer = made.layer
    if is_function(layer):
        args, kwargs = _of_function(layer, args, kwargs)
    elif (is_a(layer, "RNN") or is_a(layer, "Bidirectional")) and args and isinstance(args[0], list):
        args, kwargs = (args[0][0], *args[1:]), {**kwargs, "initial_state": list(args[0][1:])}
    tensors = list(made.keras_inputs)
    if getattr(layer, "_expects_mask_arg", False) and kwargs.get("mask") is None:
        masks = [mask for one in tensors if (mask := getattr(one, "_keras_mask", None)) is not None]
        kwargs |= {"mask": masks[0]} if masks else {}
    import tensorflow as tf

    outputs = [one for one in tf.nest.flatten(made.outputs) if is_symbolic(one)]
    return Node(operation(layer), Arguments(args, kwargs, tensors), outputs, bool(made.is_input))


# ---- functions ------------------------------------------------------------------------------------------------------


def is_function(layer: Any) -> bool:
    return any(cls.__name__ in {"TFOpLambda", "ClassMethod"} for cls in type(layer).__mro__)


def operation(layer: Any) -> Any:
    """What stands for a layer: itself, or the operation of ``keras.ops`` that a function of TensorFlow is."""
    if not is_function(layer):
        return layer
    found = vars(layer).get(VIEW)
    if found is None:
        last = str(getattr(layer, "symbol", layer.name)).rpartition(".")[2].removesuffix("_v2")
        last = last.removeprefix("reduce_")
        title = NAMES.get(last) or "".join(part.capitalize() for part in last.split("_"))
        cls, module = _class_in_ops(title)
        parts = {"__module__": module, "call": cls.call if cls is not None else _call_like(layer.function)}
        number = layer.name.rpartition("_")[2]
        stem = "_".join(part.lower() for part in _words(title))
        found = type(title, (Function,), parts)(f"{stem}_{number}" if number.isdigit() else stem)
        object.__setattr__(layer, VIEW, found)
    return found


def _words(title: str) -> list[str]:
    from .compat import snake

    return snake(title).split("_")


def _class_in_ops(title: str) -> tuple[Any, str]:
    import importlib

    for name in MODULES:
        module = importlib.import_module(f"keras.src.ops.{name}")
        found = getattr(module, title, None) or next(
            (thing for key, thing in vars(module).items() if key.lower() == title.lower() and isinstance(thing, type)),
            None,
        )
        if isinstance(found, type):
            return found, module.__name__
    return None, "tensorflow.ops.function"


def _call_like(function: Any) -> Any:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        told = inspect.signature(function).parameters.values()
        call.__signature__ = inspect.Signature([own, *told])  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        pass
    return call


def _of_function(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments by the names of ``keras.ops``: tensors first, what is configured by its name."""
    if type(layer).__name__ == "SlicingOpLambda":
        key = kwargs.get("slice_spec", args[1] if len(args) > 1 else None)
        return args[:1], {"key": _slices(key)}
    names = list(inspect.signature(layer.function).parameters)
    taken = list(inspect.signature(type(operation(layer)).call).parameters)[1:]
    given = args[: len(taken)]
    rest = dict(zip(names[len(given) : len(args)], args[len(given) :], strict=False))
    return given, {**rest, **{key: value for key, value in kwargs.items() if key != "name" and value is not None}}


def _slices(key: Any) -> Any:
    if isinstance(key, dict):
        return slice(key["start"], key["stop"], key["step"])
    return tuple(_slices(part) for part in key) if isinstance(key, list | tuple) else key


# ---- layers ---------------------------------------------------------------------------------------------------------


def settings(layer: Any, config: dict[str, Any]) -> dict[str, Any]:
    """A configuration in the words of Keras 3."""
    found: dict[str, Any] = _told(config)
    axis, shape = found.get("axis"), getattr(layer, "_build_input_shape", None)
    if isinstance(axis, list) and shape is not None and is_a(layer, "Layer"):
        # Keras 2 counts the axis of a normalization from the front once it is built.
        axes = [one - len(shape) if one == len(shape) - 1 else one for one in axis]
        found["axis"] = axes[0] if is_a(layer, "BatchNormalization") and len(axes) == 1 else axes
    return found


def _told(config: Any) -> Any:
    if isinstance(config, dict):
        return {key: _told(value) for key, value in config.items() if key not in UNTOLD}
    return config


def frozen(layer: Any) -> frozenset[int]:
    """``id()`` of weights that are not trained although their variables could be: freezing leaves those as they are."""
    return frozenset(id(one) for one in layer.non_trainable_weights) if is_a(layer, "Layer") else frozenset()


def policy(layer: Any) -> str:
    """Name of the dtype policy; an input has that of all, as in Keras 3."""
    legacy: Any = package()
    own = legacy.mixed_precision.global_policy() if is_a(layer, "InputLayer") else layer.dtype_policy
    return str(own.name)


def symbol(shape: tuple[int | None, ...], dtype: str, name: str | None = None) -> Any:
    legacy: Any = package()
    return legacy.Input(shape[1:], batch_size=shape[0], dtype=dtype, name=name)


def call(layer: Any, args: Any, kwargs: Any) -> Any:
    """Call a layer on symbolic tensors; its further node is part of no model."""
    if isinstance(layer, Function):
        raise TypeError("a function of TensorFlow")
    return layer(*args, **kwargs)


def chose_name(thing: Any) -> bool:
    """Whether Keras 2 named a layer, as the form of the name tells: ``dense_1``, ``input_1``, ``dense_input``."""
    from .compat import snake

    if isinstance(thing, Function):
        return True
    if not is_a(thing, "Layer"):
        return False
    stems = {snake(type(thing).__name__)}
    if is_a(thing, "InputLayer"):
        followers = {one.layer.name for one in getattr(thing, "_outbound_nodes", ())}
        stems |= {"input", *(f"{name}_input" for name in followers)}
    elif is_a(thing, "Model"):
        stems.add("model")
    return any(re.fullmatch(rf"{stem}(_\d+)?", thing.name) for stem in stems)


@contextmanager
def lazy_variables(active: bool) -> Iterator[None]:
    """Weights of layers of Keras 2 that are made inside get their values when they are first read."""
    loaded: Any = sys.modules.get("tensorflow")
    if not active or not hasattr(loaded, "variable_creator_scope"):
        yield
        return

    def create(next_creator: Any, **kwargs: Any) -> Any:
        initial = kwargs.get("initial_value")
        if package() is None or not kwargs.get("shape") or not callable(initial) or not _is_weight():
            return next_creator(**kwargs)
        told = {key: kwargs[key] for key in SETTINGS if kwargs.get(key) is not None}
        return waiting_class()(initial, **told)

    with loaded.variable_creator_scope(create):
        yield


SETTINGS = ("trainable", "shape", "dtype", "name", "synchronization", "aggregation", "constraint")


@functools.cache
def waiting_class() -> Any:
    """TensorFlow's variable without a value, which draws it when a number is wanted."""
    import tensorflow as tf
    from tensorflow.python.ops.resource_variable_ops import UninitializedVariable

    from .lazy import size_of, spend

    class Waiting(UninitializedVariable):  # type: ignore[misc]
        def __init__(self, initial: Any, **kwargs: Any) -> None:
            self._kerasarch_initial: Any = None
            super().__init__(**kwargs)
            self._kerasarch_initial = initial

        def _draw(self) -> None:
            initial = self._kerasarch_initial
            if initial is None or _shapes_only(tf):
                return
            self._kerasarch_initial = None
            spend(size_of(self.shape, self.dtype.name), self.name, self.shape)
            with tf.init_scope():
                self.assign(initial())

        def _read_variable_op(self, *args: Any, **kwargs: Any) -> Any:
            self._draw()
            return super()._read_variable_op(*args, **kwargs)

        def sparse_read(self, *args: Any, **kwargs: Any) -> Any:
            self._draw()
            return super().sparse_read(*args, **kwargs)

        def assign(self, *args: Any, **kwargs: Any) -> Any:
            self._kerasarch_initial = None
            return super().assign(*args, **kwargs)

    return Waiting


def _shapes_only(tensorflow: Any) -> bool:
    """Whether code runs in one of the graphs that Keras makes to find shapes, and nobody will run."""
    if tensorflow.executing_eagerly():
        return False
    graph = tensorflow.compat.v1.get_default_graph()
    while graph is not None:
        if str(getattr(graph, "name", "")).endswith(("keras_graph", "build_graph", "scratch_graph")):
            return True
        graph = getattr(graph, "outer_graph", None)
    return False


def _is_weight() -> bool:
    """Whether ``add_weight`` of a layer asks for the variable: the user's own are made as they are."""
    frame: Any = sys._getframe(2)
    for _ in range(12):
        if frame is None:
            return False
        if frame.f_globals.get("__name__") == f"{PACKAGE}.src.engine.base_layer_utils":
            return True
        frame = frame.f_back
    return False
