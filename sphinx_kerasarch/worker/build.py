"""Target → live model: import, seed, call the factory without allocating weights, give shapes where they are missing.

Tiers: ``symbolic`` in a worker of its own (Keras without a backend, see :mod:`.symbolic`); ``backend`` builds with lazy
variables; ``plain`` is the ordinary build, taken when the lazy one fails by its own means. The tier is recorded.
"""

from __future__ import annotations

import functools
import platform
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..errors import (
    ArgumentsError,
    BuildError,
    KerasarchError,
    NotAModelError,
    UnbuiltModelError,
)
from ..spec.model import Note
from ..spec.target import Target, parse, shapes
from . import compat, lazy, legacy, originals, symbolic, trace
from .facts import BuildFacts
from .frames import own_traceback, passes_through, reason
from .locate import EXTRAS, call, check_arguments, locate, missing
from .restore import load

__all__ = ["BuildFacts", "build"]

RECURSION = 200_000
"""Enough for a chain of 5 000 layers with room for the user's own recursion."""

SHAPE_ADVICE = "Give it an input shape (without the batch axis): input-shape: 28, 28, 1."


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be built."""

    target: Target
    shapes: Any
    """As asked for, without the batch axis; None when they were not."""
    opened: tuple[str, ...]
    custom_objects: str
    values: bool
    """Whether the numbers in a saved model are needed."""


def words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def build(
    target: str,
    arguments: str = "",
    input_shape: str = "",
    opened: str = "",
    custom_objects: str = "",
    values: bool = False,
) -> tuple[Any, BuildFacts]:
    """The live model that a target names, and how it was built.

    ``arguments``: more literal arguments, as in the directive. ``input_shape``: shapes without the batch axis.
    ``opened``: layers of Keras to open, ``custom_objects``: what a saved model needs, both separated by commas.
    ``values``: load the weights of a saved model as well.
    Raises :class:`.KerasarchError` of the class that names the cause.
    """
    wanted = shapes(input_shape) if input_shape.strip() else None
    parsed = Asked(parse(target, arguments), wanted, words(opened), custom_objects, values)
    start()
    lacking = _lazy_fault()
    if lacking:
        return _attempt(parsed, "plain", lacking)
    if symbolic.STATE.active:
        return _attempt(parsed, "symbolic")
    try:
        return _attempt(parsed, "backend")
    except KerasarchError as error:
        # Only a failure inside our own patch is worth a second, ordinary try: the factory's own faults would repeat.
        cause = error.__cause__
        if cause is None or not passes_through(cause, lazy.__file__):
            raise
        return _attempt(parsed, "plain", reason(cause))


def start() -> None:
    """Import Keras and prepare it. Idempotent. Raises MissingPackageError."""
    # Keras walks a graph by recursion, two calls of Python for each layer.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    try:
        compat.keras()
        compat.hide_tensorflow()
    except ModuleNotFoundError as error:
        raise missing(error.name or "keras", "Describing a model") from None
    with suppress(ImportError):
        import numpy.random  # noqa: F401 - seeding imports it; better here than in each fork
    compat.record_names()
    trace.record_calls()
    lazy.install()
    _lazy_fault()


@functools.cache
def _lazy_fault() -> str:
    return lazy.self_test()


def _attempt(asked: Asked, tier: str, why_plain: str = "") -> tuple[Any, BuildFacts]:
    target, wanted = asked.target, asked.shapes
    compat.seed()
    compat.GENERATED.clear()
    trace.CALLED.clear()
    before = lazy.LEDGER.bytes
    lazy.LEDGER.active = tier != "plain"
    try:
        with compat.no_downloads() as skipped, legacy.lazy_variables(tier == "backend"):
            notes: list[Note] = []
            if target.file:
                model, notes = load(target.file, asked.custom_objects, asked.values)
            else:
                model = _as_model(_make(target), target.file or f"{target.module}:{target.attribute}")
            notes += shape(model, wanted, str(target))
    finally:
        lazy.LEDGER.active = False
    if skipped:
        notes.append(
            Note("weights", "", "Trained weights were not fetched; they do not change the architecture.")
        )
    if why_plain:
        notes.append(Note("plain-build", "", f"Built with all its weights allocated, because {why_plain}."))
    return model, BuildFacts(
        target=str(target),
        tier=tier,
        backend="" if tier == "symbolic" else compat.backend_name(),
        versions=versions(tier, model),
        materialized=lazy.LEDGER.bytes - before,
        notes=tuple(notes),
        wanted=wanted,
        opened=asked.opened,
    )


def versions(tier: str = "", model: Any = None) -> dict[str, str]:
    """Python, Keras and backend → version; also of the Keras 2 that ``model`` is of."""
    found = {"python": platform.python_version(), "keras": str(compat.keras().__version__)}
    if legacy.is_a(model, "Model"):
        found[legacy.PACKAGE] = str(getattr(legacy.package(), "__version__", ""))
    if tier == "symbolic":
        return found
    backend = compat.backend_name()
    for name in (backend, f"{backend}-cpu"):
        try:
            found[backend] = version(name)
            break
        except PackageNotFoundError:
            continue
    return found


# ---- from the target to an object -----------------------------------------------------------------------------------


def _make(target: Target) -> Any:
    """What the target gives: an object as it is, or the result of a call."""
    thing = _guarded(lambda: locate(target), target)
    if compat.is_model(thing) or not callable(thing):
        if target.args or target.kwargs:
            raise ArgumentsError(
                f"{target.module}:{target.attribute} is not a function: it takes no arguments.",
                advice="Leave the arguments out.",
            )
        return thing
    if isinstance(thing, type) and not compat.is_model_class(thing):
        raise NotAModelError(
            f"{target.module}:{target.attribute} is the class {thing.__name__}, not a Keras model.",
            advice="Point to a function that returns a keras.Model, or to a subclass of keras.Model.",
        )
    args, kwargs = tuple(target.args), dict(target.kwargs)
    check_arguments(thing, args, kwargs, f"{target.module}:{target.attribute}")
    return _guarded(lambda: call(thing, args, kwargs, str(target)), target)


def _guarded(work: Callable[[], Any], target: Target) -> Any:
    """Run the user's code; turn what it raises into a BuildError with the user's own frames."""
    try:
        try:
            return work()
        finally:
            originals.restore()
    except KerasarchError:
        raise
    except SystemExit as error:
        raise BuildError(
            f"{target.module}:{target.attribute} leaves with sys.exit({error.code!r}).".replace(
                "(None)", "()"
            ),
            advice="A factory must return its model; keep sys.exit to scripts.",
            traceback=own_traceback(error),
        ) from error
    except ModuleNotFoundError as error:
        raise missing(error.name or "?", f"{target.module}:{target.attribute}") from error
    except ImportError as error:
        named = [name for name in EXTRAS if f"pip install {name}" in str(error)]
        if named:  # a layer of Keras that works with one backend only
            raise missing(named[0], f"{target.module}:{target.attribute}") from error
        raise _raised(target, error) from error
    except MemoryError as error:
        raise BuildError(
            f"{target.module}:{target.attribute} runs out of memory.",
            advice="Build the model without data, or with smaller arguments.",
            traceback=own_traceback(error),
        ) from error
    except Exception as error:
        raise _raised(target, error) from error


def _raised(target: Target, error: Exception) -> BuildError:
    return BuildError(
        f"{target.module}:{target.attribute} raises {reason(error)}.",
        advice="Mend the factory.",
        traceback=own_traceback(error),
        data={"exception": type(error).__name__},
    )


# ---- from an object to a model with shapes --------------------------------------------------------------------------


def _as_model(thing: Any, name: str) -> Any:
    """``thing``, which is called ``name``, if it is a model. Raises :class:`.NotAModelError`."""
    if compat.is_model(thing):
        return thing
    if thing is None:
        raise NotAModelError(f"{name} returns nothing.", advice="Let it return the model.")
    inner = [part for part in _parts(thing) if compat.is_model(part)]
    if inner:
        raise NotAModelError(
            f"{name} gives a {type(thing).__name__} with {len(inner)} model{'s'[: len(inner) != 1]} in it.",
            advice="Write a function that returns one of them.",
            data={"type": type(thing).__name__},
        )
    advice = "Point to a function that returns a keras.Model."
    if type(thing).__module__.startswith("keras.src.engine."):
        advice = "It is a model of the package keras 2: install keras 3, and tf_keras for what needs Keras 2."
    if compat.is_layer(thing):
        advice = "It is a layer: put it into a model, as keras.Sequential([keras.Input(shape), layer])."
    raise NotAModelError(
        f"{name} gives an object of {type(thing).__module__}.{type(thing).__qualname__}, not a Keras model.",
        advice=advice,
        data={"type": type(thing).__name__},
    )


def _parts(thing: Any) -> list[Any]:
    if isinstance(thing, dict):
        return list(thing.values())
    return list(thing) if isinstance(thing, list | tuple) else []


def shape(model: Any, wanted: Any, name: str) -> list[Note]:
    """Give an unbuilt model its shapes. Raises :class:`.UnbuiltModelError`."""
    if compat.functional_of(model) is not None:
        if wanted is None:
            return []
        return [
            Note("input-shape", "", "The model has shapes of its own; the given input shape was not needed.")
        ]
    sequential = compat.is_sequential(model)
    if wanted is None:
        if unbuilt(model):
            raise UnbuiltModelError(
                f"The {type(model).__name__} model of {name} has no shapes yet.", advice=SHAPE_ADVICE
            )
        return []
    try:
        if sequential or (legacy.is_a(model, "Model") and not model.built):
            model.build(_batched(wanted))
        elif not model.built:
            _call(model, wanted)
    except Exception as error:
        raise UnbuiltModelError(
            f"The {type(model).__name__} model of {name} cannot be built for the shape {wanted!r}: {reason(error)}.",
            advice="Is the shape right, and without the batch axis?",
            traceback=own_traceback(error),
        ) from error
    return []


def unbuilt(model: Any) -> bool:
    """Whether a model has no shapes yet. A shell without ``call`` (a GAN) is described by its layers when those are
    built."""
    if compat.functional_of(model) is not None:
        return False
    whole = model.built or (bool(model.layers) and all(layer.built for layer in model.layers))
    return compat.is_sequential(model) or not whole


def _call(model: Any, wanted: Any) -> None:
    """Build a subclassed model by a call; with a number of examples, when its code calculates with that."""
    given = trace.called_with(model, wanted)
    try:
        model(*given.args, **given.kwargs)
    except Exception as first:
        given = trace.called_with(model, wanted, trace.BATCH)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model(*given.args, **given.kwargs)
        except Exception:
            raise first from None


def _is_shape(value: Any) -> bool:
    return all(axis is None or isinstance(axis, int) for axis in value)


def _batched(wanted: Any) -> Any:
    if isinstance(wanted, dict):
        return {key: _batched(part) for key, part in wanted.items()}
    return (None, *wanted) if _is_shape(wanted) else [_batched(part) for part in wanted]
