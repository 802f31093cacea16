"""Every difference between Keras versions and backends, in one place.

Keras is imported on first use: importing this module costs nothing.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from contextvars import ContextVar
from typing import Any

from . import legacy

GENERATED: set[str] = set()
"""Names that Keras chose in the build that runs; cleared when one starts."""

EVER_GENERATED: set[str] = set()
"""Names that Keras chose since :func:`record_names`."""

COUNTED: ContextVar[bool] = ContextVar("COUNTED", default=False)
"""Whether names were not recorded, because the process is not ours, and Keras' own counters tell which it chose."""

MARK = "_kerasarch_chosen_name"
"""Attribute of an operation that Keras named."""

STUB = "_kerasarch_stand_in"
"""Attribute of a module that stands in for a package: nothing of that package is used."""


@functools.cache
def keras() -> Any:
    """The Keras package; one import, with the backend of ``KERAS_BACKEND``."""
    with _unseen("IPython"):  # 17 MB that its editor of weight files takes when it finds them
        import keras as module

    return module


@contextmanager
def _unseen(name: str) -> Iterator[None]:
    """A package is not there for who imports it, unless it has been imported before."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def hide_tensorflow() -> None:
    """With another backend, get_config() asks whether TensorFlow is there and thereby imports it: 5 s and 500 MB for
    nothing."""
    if backend_name() != "tensorflow" and "tensorflow" not in sys.modules:
        with suppress(AttributeError):
            keras().src.utils.module_utils.tensorflow._available = False


def backend_name(module: Any = None) -> str:
    # Not the public function: the symbolic tier answers there for the backend that others run.
    return str((module or keras()).src.backend.backend())


@functools.cache
def functional_class() -> type:
    """``keras.models.Functional`` is not public."""
    from keras.src.models.functional import Functional

    return Functional  # type: ignore[no-any-return]


def functional_of(model: Any) -> Any | None:
    """The object that has the graph of a model: itself, or the inner Functional of a built Sequential."""
    if isinstance(model, keras().Sequential):
        return getattr(model, "_functional", None)
    if isinstance(model, functional_class()) and getattr(model, "outputs", None) is not None:
        return model
    return model if legacy.is_a(model, "Model") and legacy.has_graph(model) else None


def structures(functional: Any) -> tuple[Any, Any]:
    """Nests of the inputs and of the outputs of what :func:`functional_of` gives."""
    if legacy.is_a(functional, "Model"):
        return functional._nested_inputs, functional._nested_outputs
    return functional._inputs_struct, functional._outputs_struct


def is_model(thing: Any) -> bool:
    return isinstance(thing, keras().Model) or legacy.is_a(thing, "Model")


def is_model_class(cls: type) -> bool:
    other = legacy.package()
    return issubclass(cls, (keras().Model, *([other.Model] if other else [])))


def is_sequential(thing: Any) -> bool:
    return isinstance(thing, keras().Sequential) or legacy.is_a(thing, "Sequential")


def is_symbolic(thing: Any) -> bool:
    return isinstance(thing, keras().KerasTensor) or legacy.is_symbolic(thing)


def symbol_like(tensor: Any, shape: tuple[int | None, ...], dtype: str) -> Any:
    """A symbolic tensor without a history, of the same Keras as ``tensor``."""
    if legacy.is_symbolic(tensor):
        return legacy.symbol(shape, dtype)
    return keras().KerasTensor(shape, dtype=dtype)


def output_spec(operation: Any, args: Any, kwargs: Any) -> Any:
    """What an operation gives for symbolic arguments."""
    if hasattr(operation, "compute_output_spec"):
        return operation.compute_output_spec(*args, **kwargs)
    return legacy.call(operation, args, kwargs)


def is_layer(thing: Any) -> bool:
    return isinstance(thing, keras().layers.Layer) or legacy.is_a(thing, "Layer")


def is_wrapper(thing: Any) -> bool:
    """Whether a layer wraps one other, as TimeDistributed does."""
    layers = keras().layers
    if isinstance(thing, layers.Wrapper):
        return not isinstance(thing, layers.Bidirectional)
    return legacy.is_a(thing, "Wrapper") and not legacy.is_a(thing, "Bidirectional")


def is_variable(thing: Any) -> bool:
    return isinstance(thing, variable_class()) or legacy.is_variable(thing)


def frozen(layer: Any) -> frozenset[int]:
    """``id()`` of weights that are not trained although their variables say so, as in Keras 3.0 and 2."""
    if legacy.is_a(layer, "Layer"):
        return legacy.frozen(layer)
    if getattr(layer, "trainable", True):
        return frozenset()
    return frozenset(id(one) for one in keras().layers.Layer.weights.fget(layer))


def path_of(variable: Any) -> str:
    """Names of the layers that a variable lies in and its own, with ``/`` between."""
    return str(getattr(variable, "path", variable.name)).removesuffix(":0")


def is_array(thing: Any) -> bool:
    """Whether a thing is an array or a scalar of NumPy, or a tensor of the backend that has numbers."""
    import numpy as np

    return isinstance(thing, (np.ndarray, np.generic, *_tensor_classes()))


@functools.cache
def _tensor_classes() -> tuple[type, ...]:
    name = backend_name()
    if name == "tensorflow":
        import tensorflow as tf

        return (tf.Tensor,)
    if name == "jax":
        import jax

        return (jax.Array,)
    if name == "torch":
        import torch

        return (torch.Tensor,)
    return ()


def symbolic_scope() -> Any:
    """Context in which Keras knows that shapes are inferred; Keras 3.3 and older have none."""
    try:
        from keras.src.backend.common.symbolic_scope import SymbolicScope
    except ImportError:
        return nullcontext()
    return SymbolicScope()


@functools.cache
def tree() -> Any:
    """Functions on nests of tensors; Keras 3.0 takes them from a package of its own."""
    try:
        from keras.src import tree as module
    except ImportError:
        import tree as module  # type: ignore[import-not-found]
    return module


def shape_of(tensor: Any) -> tuple[int | None, ...]:
    return tuple(None if axis is None else int(axis) for axis in tensor.shape)


def reshape_symbol(tensor: Any, shape: tuple[int | None, ...]) -> None:
    """Give a symbolic tensor another shape; newer Keras keeps it behind a property."""
    if "_shape" in vars(tensor):
        tensor._shape = shape
    else:
        tensor.shape = shape


def dtype_of(tensor: Any) -> str:
    return str(getattr(tensor.dtype, "name", tensor.dtype)).removeprefix("torch.")


def policy_of(layer: Any) -> str:
    if legacy.is_a(layer, "Layer"):
        return legacy.policy(layer)
    policy = getattr(layer, "dtype_policy", None)
    return str(getattr(policy, "name", "float32"))


def record_names() -> None:
    """From now on remember which names Keras chose, in order to tell them from an author's ``dense_1``."""
    from keras.src.ops import operation

    construct = operation.Operation.__init__
    if getattr(construct, "recorded", False):
        return

    def note(thing: Any, name: str | None) -> None:
        if name is None:
            object.__setattr__(thing, MARK, True)
            GENERATED.add(thing.name)
            EVER_GENERATED.add(thing.name)

    # Keras takes an operation's configuration from this signature, so it has to stay word for word.
    init: Any
    if "dtype" in inspect.signature(construct).parameters:  # Keras 3.3 to 3.7

        def init(self: Any, dtype: Any = None, name: str | None = None) -> None:
            construct(self, dtype=dtype, name=name)
            note(self, name)
    else:

        def init(self: Any, name: str | None = None) -> None:
            construct(self, name=name)
            note(self, name)

    init.recorded = True
    operation.Operation.__init__ = init


def chose_name(thing: Any) -> bool | None:
    """Whether Keras chose the name of an operation; None when nothing was recorded.

    A clone carries its original's name as if an author had given it, hence the look at this build's names.
    """
    if legacy.is_a(thing, "Layer") or isinstance(thing, legacy.Function):
        return None
    if COUNTED.get():
        return bool(getattr(thing, MARK, False)) or counted(thing.name)
    if not EVER_GENERATED:
        return None
    return bool(getattr(thing, MARK, False)) or thing.name in GENERATED


def auto_config(operation: Any) -> dict[str, Any]:
    """Arguments that an operation was made with, which its ``get_config`` tells; empty where Keras keeps none."""
    found = getattr(getattr(operation, "_auto_config", None), "config", None)
    return found if isinstance(found, dict) else {}


def mark_chosen(thing: Any) -> None:
    """Let the name of an operation count as one that Keras chose."""
    object.__setattr__(thing, MARK, True)


def chose_segment(segment: str) -> bool:
    """Whether Keras chose a part of a variable's path; Bidirectional puts a word before the name of its layer."""
    plain = segment.removeprefix("forward_").removeprefix("backward_")
    return counted(plain) if COUNTED.get() else plain in EVER_GENERATED


def counted(name: str) -> bool:
    """Whether Keras has given a name in this thread since the session was cleared, by its counters."""
    from keras.src.backend.common import global_state

    counts = global_state.get_global_attribute("object_name_uids") or {}
    stem, _, number = name.rpartition("_")
    return name in counts or (number.isdecimal() and 0 < int(number) < counts.get(stem, 0))


def snake(name: str) -> str:
    """The stem of the names that Keras chooses for a class: ``Conv2D`` → ``conv2d``."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def quiet_environment(backend: str = "") -> None:
    """Variables to be set before Keras is imported: no log lines, no search for GPUs, no colours."""
    if backend:
        os.environ["KERAS_BACKEND"] = backend
    for name, value in {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        "JAX_PLATFORMS": "cpu",
        "NO_COLOR": "1",
    }.items():
        os.environ.setdefault(name, value)


def variable_class() -> Any:
    """The backend's Variable."""
    return keras().src.backend.Variable


def in_stateless_scope() -> Any:
    from keras.src.backend.common.stateless_scope import in_stateless_scope as inside

    return inside


def unmirror_torch() -> None:
    """On PyTorch each layer copies its variables into a ParameterDict, which would allocate them all."""
    if backend_name() != "torch":
        return
    from keras.src.backend.torch.layer import TorchLayer

    for name in ("_post_build", "_post_track_variable"):
        if hasattr(TorchLayer, name):
            setattr(TorchLayer, name, lambda self, *args: None)


@contextmanager
def no_downloads() -> Iterator[list[str]]:
    """``weights="imagenet"`` builds the same architecture without touching the network.

    Yields the list of files that were asked for.
    """
    from keras.src.utils import file_utils

    model_class = keras().Model
    get_file, load_weights = file_utils.get_file, model_class.load_weights
    asked: list[str] = []

    def pretend(*args: Any, **kwargs: Any) -> Any:
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if not caller.startswith("keras.src.applications."):
            return get_file(*args, **kwargs)
        asked.append(str(kwargs.get("fname") or (args[0] if args else "")))
        return _Absent(asked[-1])

    def skip(self: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        return None if isinstance(filepath, _Absent) else load_weights(self, filepath, *args, **kwargs)

    file_utils.get_file, model_class.load_weights = pretend, skip
    try:
        yield asked
    finally:
        file_utils.get_file, model_class.load_weights = get_file, load_weights


class _Absent(str):
    """Path of a checkpoint that was not fetched."""

    __slots__ = ()


def seed() -> None:
    """The same numbers in every build, for factories that draw their architecture."""
    keras().utils.set_random_seed(20)


def choose_backend() -> str:
    """The backend to set when nobody has: the first that is installed, empty to leave it to Keras."""
    if os.environ.get("KERAS_BACKEND"):
        return ""
    found = [name for name in ("tensorflow", "jax", "torch") if importlib.util.find_spec(name) is not None]
    return "" if not found or found[0] == "tensorflow" else found[0]
