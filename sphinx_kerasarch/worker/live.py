"""A model of the very process that asks → ArchSpec, leaving no trace in it.

For notebooks, where a model is born in a cell and no target names it. Nothing that the worker does to Keras for its own
sake (lazy weights, recorded names) happens here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import DescribeError, KerasarchError, NotAModelError, UnbuiltModelError, place_in
from ..spec.model import ArchSpec
from ..spec.target import shapes
from . import compat, legacy, trace
from .build import shape, unbuilt, versions, words
from .describe import describe
from .facts import BuildFacts
from .frames import own_traceback, reason
from .untouched import untouched

BUILD_IT = "Call it once, or model.build((None, 28, 28, 1)); or tell from_model(model, input_shape=(28, 28, 1))."


def is_live(thing: Any) -> bool:
    """Whether a thing is of a class of Keras. Imports nothing: who has a model has Keras."""
    return any(cls.__module__.partition(".")[0] in {"keras", legacy.PACKAGE} for cls in type(thing).__mro__)


def describe_live(
    model: Any,
    *,
    input_shape: Any = None,
    inputs: Any = None,
    open: str | Sequence[str] = "",
    weights: bool = False,
) -> ArchSpec:
    """The architecture of ``model``, which stays as it is. See :func:`.api.from_model`."""
    if not is_live(model) or not compat.is_model(model):
        kind = f"{type(model).__module__}.{type(model).__qualname__}"
        advice = "Give a keras.Model; describe() takes the name of a factory."
        if is_live(model) and compat.is_layer(model):
            advice = "It is a layer: put it into a model, as keras.Sequential([keras.Input(shape), layer])."
        raise NotAModelError(f"from_model() takes a Keras model, not an object of {kind}.", advice=advice)
    told = f"The {type(model).__name__} model"
    wanted = None if input_shape is None or input_shape == "" else shapes(str(input_shape))
    opened = words(open) if isinstance(open, str) else tuple(open)
    with untouched(model):
        try:
            return _describe(model, told, wanted, inputs, opened, weights)
        except KerasarchError:
            raise
        except RecursionError as error:
            advice = "Give describe() its factory: the worker has a deeper stack; or raise sys.setrecursionlimit()."
            raise DescribeError(f"{told} is nested too deeply for this process.", advice=advice) from error
        except Exception as error:
            advice = "Please report this with the model."
            own = own_traceback(error)
            if own.count("\n"):
                advice = f"Code of your own raises it, {place_in(own)}: mend the class."
            said = f"{told} could not be read: {reason(error)}."
            raise DescribeError(said, advice=advice, traceback=own) from error


def _describe(model: Any, told: str, wanted: Any, inputs: Any, opened: tuple[str, ...], weights: bool) -> ArchSpec:
    if unbuilt(model) and wanted is None:
        if inputs is None:
            raise UnbuiltModelError(f"{told} has no shapes yet.", advice=BUILD_IT)
        wanted = trace.shapes_of(inputs)
    # Builds the model where it has no shapes; taken back with all else.
    notes = shape(model, wanted, told)
    if inputs is not None:
        trace.CALLED[id(model)] = (model, trace.called_on(inputs))
    facts = BuildFacts(
        backend=compat.backend_name(),
        versions=versions("", model),
        notes=tuple(notes),
        wanted=wanted,
        opened=opened,
        values=weights,
    )
    try:
        return describe(model, facts)
    finally:
        trace.CALLED.pop(id(model), None)
