"""Shapes found by the symbolic tier's rules in a worker that has a backend: cheaper, and the same.

TensorFlow infers a shape by tracing a graph, JAX and PyTorch by tracing too; a decoder of 80 blocks costs them ten
seconds. Here the code of a layer runs on symbolic tensors first. The patches are in place for that time only, so
compiling, fitting and reading weights meet the backend as it is; whatever fails is left to the backend.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from . import compat
from .symbolic import abstract, numbers, probe
from .symbolic.signal import STATE, HandOn


def install() -> str:
    """Patch Keras, after the lazy variables. Gives why that does not work, or an empty text. Idempotent."""
    from keras.src import backend

    own = backend.compute_output_spec
    if hasattr(own, "backends"):
        return ""
    try:
        patches = [*abstract.recording(), *abstract.variables(), *numbers.patches(numbers.abstracted)]
        fault = _fault(patches)
        if not fault:
            abstract.apply(abstract.inferring(_first_symbolic(patches, own)))
    except (AttributeError, ImportError, KeyError, StopIteration, TypeError) as error:
        return f"{type(error).__name__}: {error}"
    return fault


def of_backend(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What ``function`` gives, found by the backend itself."""
    infer = compat.keras().src.backend.compute_output_spec
    return getattr(infer, "backends", infer)(function, *args, **kwargs)


def _first_symbolic(patches: list[abstract.Patch], own: Callable[..., Any]) -> Callable[..., Any]:
    def compute_output_spec(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if STATE.depth:
            return abstract.compute_output_spec(function, *args, **kwargs)
        if not _is_special((args, kwargs)):
            try:
                with _patched(patches):
                    return abstract.compute_output_spec(function, *args, **kwargs)
            except (Exception, HandOn):
                STATE.why.clear()
        return own(function, *args, **kwargs)

    compute_output_spec.backends = own  # type: ignore[attr-defined]
    return compute_output_spec


@contextlib.contextmanager
def _patched(patches: list[abstract.Patch]) -> Iterator[None]:
    before = abstract.apply(patches)
    try:
        yield
    finally:
        abstract.apply(before)


def _is_special(structure: Any) -> bool:
    """Whether a symbolic tensor is sparse or ragged, of which the rules here know nothing."""
    tree = compat.tree()

    return any(
        getattr(leaf, "sparse", False) or getattr(leaf, "ragged", False)
        for leaf in tree.flatten(structure)
        if abstract.is_symbol(leaf)
    )


def _fault(patches: list[abstract.Patch]) -> str:
    """Why the rules do not work with this Keras and backend, or an empty text. Runs no operation of the backend."""

    def refuse(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        raise TypeError("the backend is asked for a shape")

    def infer(layer: Any, tensor: Any) -> Any:
        with _patched(abstract.inferring(_first_symbolic(patches, refuse))):
            return layer(tensor)

    try:
        return probe(infer)
    except Exception as error:  # whatever a future Keras does, its own inference still works
        return f"{type(error).__name__}: {error}"
