"""The symbolic tier: Keras without a backend. It knows shapes and dtypes and computes no numbers.

Keras is imported with its NumPy backend, whose functions are wrapped, and with stand-ins for what that backend and
user code import of TensorFlow, JAX and PyTorch. What it cannot do it hands on to the next tier, by the signal
:class:`.HandOn`. :func:`start` is called once in a worker process that is of this tier alone.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

from ...wire.record import keras_config
from .. import compat
from ..inputs import preferred_backends
from . import abstract, numbers, stubs
from .signal import STATE, HandOn, hand_on

__all__ = ["STATE", "HandOn", "hand_on", "probe", "self_test", "start"]


def start() -> str:
    """Import Keras without a backend and prepare it. Gives why that does not work, or an empty text.

    Raises ModuleNotFoundError where Keras is not installed.
    """
    STATE.active = True
    stubs.install()
    before = os.environ.get("KERAS_BACKEND")
    os.environ["KERAS_BACKEND"] = "numpy"
    try:
        compat.keras()
        _no_lazy_packages()
        stubs.keras_is_there()
    except ModuleNotFoundError as error:
        if error.name == "keras":
            raise
        return f"{type(error).__name__}: {error}"
    except Exception as error:  # whatever a future Keras does, there is a next tier
        return f"{type(error).__name__}: {error}"
    finally:
        # User code meets the variable as a worker with a backend would show it.
        if before is None:
            del os.environ["KERAS_BACKEND"]
        else:
            os.environ["KERAS_BACKEND"] = before
    return ""


def install() -> str:
    """Patch Keras, after the lazy variables. Gives why that does not work, or an empty text."""
    try:
        abstract.install()
        numbers.install()
        _pretend()
    except (AttributeError, ImportError, StopIteration, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return self_test()


FINAL = frozenset({"import", "arguments", "target", "not-a-model", "unbuilt"})
"""Errors of the request itself: when no line of user code raised them, no other tier can do better."""

STOOD_FOR = frozenset({"keras", "tensorflow", "numpy", *stubs.FOR_KERAS, *stubs.REFUSED, *stubs.UNNEEDED})
"""Packages that may be missing here and there for another tier."""

SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})
"""What no backend changes. An author who mistypes meets them often, and each tier more is seconds of waiting."""


def judged(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer frame, or one that hands on. An error goes along, for the case that there is no next tier."""
    why, asked = STATE.why, STATE.asked_backend
    STATE.why, STATE.asked_backend = [], False
    error = answer.get("error")
    if why:
        return handing_on(answer["id"], why[0])
    if error is not None and not _certain(error):
        return {**handing_on(answer["id"], str(error["message"])), "error": error}
    if asked and "inputs" in answer:
        answer["inputs"]["packages"].update(preferred_backends(backend_of_others()))
    return answer


def _certain(error: dict[str, Any]) -> bool:
    """Whether this error is the answer of every tier."""
    if error["slug"] == "missing-package":
        package = str(error["data"].get("package") or "")
        return package not in STOOD_FOR and bool(package) and importlib.util.find_spec(package) is None
    if error["data"].get("exception") in SYNTAX:
        return True
    if error["slug"] == "import" and error["data"].get("package"):
        return error["data"]["package"] not in STOOD_FOR
    return error["slug"] in FINAL and not error.get("traceback")


def handing_on(request: Any, why: str) -> dict[str, Any]:
    """The answer frame that sends a request to the backend that would be taken without this tier."""
    return {"id": request, "backend": "", "handed_on": why}


def _no_lazy_packages() -> None:
    """Keras asks these by itself whether they are there, and would take the stand-ins for them."""
    from keras.src.utils import module_utils

    for name in ("tensorflow", "jax", "torch_xla", "scipy"):
        module: Any = getattr(module_utils, name, None)
        if module is not None:
            module._available = False


def backend_of_others() -> str:
    """The backend that a worker with one would run: what the code is told, and builds its models for."""
    STATE.asked_backend = True
    return os.environ.get("KERAS_BACKEND") or str(keras_config(os.environ).get("backend", "tensorflow"))


TENSORFLOW_DTYPES = {int: "int64", "int": "int64", complex: "complex128"}
"""What Keras makes of a Python type with TensorFlow, narrower with its other backends."""

TENSORFLOW_WIDTHS = {"int64": "int64", "float64": "float64"}
"""What it makes of wide dtypes that meet others."""


def _pretend() -> None:
    from keras.src.backend.common import dtypes

    dtypes.PYTHON_DTYPES_MAP.update(TENSORFLOW_DTYPES)
    dtypes.BIT64_TO_BIT32_DTYPE.update(TENSORFLOW_WIDTHS)
    keras = compat.keras()
    _keep_masks(keras.layers.Layer, keras.src.backend)
    keras.config.backend = backend_of_others
    keras.backend.backend = backend_of_others
    import keras._tf_keras.keras as other

    other.config.backend = backend_of_others
    other.backend.backend = backend_of_others


def _keep_masks(layer: Any, backend: Any) -> None:
    """Until Keras 3.10 no mask is passed on with the NumPy backend, although a symbolic one can be."""
    run = getattr(layer, "_set_mask_metadata", None)
    if run is None:
        return

    def _set_mask_metadata(self: Any, *args: Any) -> Any:
        own, backend.backend = backend.backend, lambda: "tensorflow"
        try:
            return run(self, *args)
        finally:
            backend.backend = own

    layer._set_mask_metadata = _set_mask_metadata


def self_test() -> str:
    """Why shapes cannot be found without numbers in this Keras, or an empty text."""
    keras = compat.keras()
    reads = STATE.why, STATE.asked_backend
    STATE.why = []
    try:
        fault = probe(lambda layer, tensor: layer(tensor))
        if fault:
            return fault
        try:
            keras.ops.exp(keras.ops.ones((2,)))
        except HandOn:
            return ""
        return "numbers are computed"
    except HandOn as signal:
        return str(signal)
    except Exception as error:  # whatever a future Keras does, there is a next tier
        return f"{type(error).__name__}: {error}"
    finally:
        STATE.why, STATE.asked_backend = reads
        keras.utils.clear_session()


def probe(infer: Callable[[Any, Any], Any]) -> str:
    """What is wrong with ``infer(layer, tensor)``, tried on a layer that uses most of what the tier stands for."""
    from ..lazy import lazy_variables

    keras = compat.keras()

    class Probe(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(name="kerasarch_self_test")
            self.inner = keras.layers.Dense(3, name="kerasarch_self_test_inner")
            self.scale = self.add_weight(shape=(3,), initializer="ones", name="scale")

        def call(self, x: Any) -> Any:
            places = keras.ops.arange(keras.ops.shape(x)[1])
            x = self.inner(x) * self.scale + keras.ops.cast(keras.ops.expand_dims(places, -1), x.dtype)
            return keras.ops.reshape(x, (-1, 15))

    with lazy_variables():
        layer = Probe()
        found = infer(layer, keras.KerasTensor((None, 5, 4)))
    if tuple(found.shape) != (None, 15) or str(found.dtype) != "float32":
        return f"a shape is wrong: {tuple(found.shape)}"
    if getattr(layer.inner.kernel, "_value", None) is not None:
        return "variables are allocated"
    return "" if layer.count_params() == 18 else "weights are not counted"
