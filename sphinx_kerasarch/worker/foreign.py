"""Functions of TensorFlow in a ``call`` that is traced: ``tf.nn.relu(x)`` becomes an operation of the graph.

TensorFlow asks its dispatchers what to do with an argument that it cannot convert; Keras 2 answered there, Keras 3 no
longer does. Shapes come from a symbolic run of the function alone.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from . import compat, shapes
from .walk import tensors_in

ACTIVE: list[bool] = []
"""Not empty while a ``call`` is traced."""

NAMES = {
    "concat": "Concatenate",
    "reduce_mean": "Mean",
    "reduce_sum": "Sum",
    "reduce_max": "Max",
    "reduce_min": "Min",
    "pow": "Power",
    "sub": "Subtract",
    "mul": "Multiply",
}
"""Functions whose name in ``keras.ops`` is another one."""


@contextmanager
def seen() -> Iterator[None]:
    """Functions of TensorFlow that are called on symbolic tensors inside become operations."""
    if compat.backend_name() == "tensorflow" and "tensorflow" in sys.modules:
        _register()
    ACTIVE.append(True)
    try:
        yield
    finally:
        ACTIVE.pop()


@functools.cache
def _register() -> None:
    from tensorflow.python.util import dispatch

    class Functions(dispatch.GlobalOpDispatcher):  # type: ignore[misc]
        def handle(self, function: Any, args: Any, kwargs: Any) -> Any:
            given = tensors_in([list(args), dict(kwargs)]) if ACTIVE else []
            if any(isinstance(tensor, compat.keras().KerasTensor) for tensor in given):
                return operation(function)(*args, **kwargs)
            return self.NOT_SUPPORTED

    Functions().register()


def operation(function: Callable[..., Any]) -> Any:
    """A Keras operation that computes what a function computes."""
    return _class_of(function)()


@functools.cache
def _class_of(function: Callable[..., Any]) -> type:
    plain = str(getattr(function, "__name__", "function")).removesuffix("_v2")
    title = NAMES.get(plain) or "".join(part.capitalize() for part in plain.split("_"))

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    def compute_output_spec(self: Any, *args: Any, **kwargs: Any) -> Any:
        return shapes.of_backend(function, *args, **kwargs)

    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        told = inspect.signature(function).parameters.values()
        call.__signature__ = inspect.Signature([own, *told])  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        pass
    parts = {"call": call, "compute_output_spec": compute_output_spec, "__module__": "tensorflow.ops.function"}
    return type(title, (compat.keras().Operation,), parts)
