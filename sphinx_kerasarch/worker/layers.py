"""What one Keras layer or operation is: weights, role, activation and the JSON-able part of its configuration."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ..spec.model import Weight
from ..spec.roles import ROLES, role_of
from . import compat, legacy
from .frames import reason
from .naming import renumbered

OWN_FIELDS = frozenset(
    {"name", "trainable", "dtype", "autocast", "batch_shape", "batch_input_shape", "build_config"}
)
"""Keys of a configuration that the spec says elsewhere."""

FLAGS_OFF = frozenset({"sparse", "ragged", "optional"})
"""Flags that are worth a word only when they are on; older Keras does not know them."""

LONG = 64
"""A longer list (a vocabulary) is told by its length only."""

FORMER_NAMES: Mapping[str, str] = {"OrthogonalInitializer": "Orthogonal"}
"""Class in an older Keras → its name now."""

DEEP = 12
"""Levels of nesting of a configuration that are told; one that contains itself has no end."""

ACTIVATION_CLASSES: Mapping[str, str] = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
    "Softmax": "softmax",
    "ThresholdedReLU": "thresholded_relu",
}


def plain(value: Any, depth: int = 0) -> Any:
    """``value`` as JSON: the same for numbers, texts and nests of them, a short text for all else."""
    if depth > DEEP:
        return "…"
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _nest(value, depth)
    return _foreign(value)


def _nest(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        if "class_name" in value:
            return _object(value, depth)
        return {str(k): plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(plain(part, depth + 1)) for part in value)
    return [plain(part, depth + 1) for part in value] if len(value) <= LONG else f"{len(value)} items"


def _foreign(value: Any) -> Any:
    if isinstance(value, slice):
        parts = [value.start, value.stop, *([] if value.step is None else [value.step])]
        return ":".join("" if part is None else str(plain(part)) for part in parts)
    if value is Ellipsis:
        return "..."
    shape = getattr(value, "shape", None)
    if compat.is_variable(value):
        return f"{value.name} ({', '.join(str(int(axis)) for axis in shape or ())})"
    if shape is not None and hasattr(value, "dtype"):
        if len(shape) == 0 and (number := _number(value)) is not None:
            return plain(number)
        return f"array {tuple(int(axis) for axis in shape)} {compat.dtype_of(value)}".replace(",)", ")")
    if hasattr(value, "item") and callable(value.item):
        return plain(value.item())
    name = getattr(value, "__name__", None) or getattr(value, "name", None) or type(value).__name__
    return "lambda" if name == "<lambda>" else str(name)


def _number(value: Any) -> Any:
    """The number in an array without axes; None where it has no value."""
    if hasattr(value, "item"):
        return value.item()
    try:
        return value.numpy().item()  # of TensorFlow
    except (AttributeError, NotImplementedError, RuntimeError):
        return None


def _object(data: Mapping[str, Any], depth: int) -> Any:
    """A serialized object of Keras, without module, names and defaults of None; just its class when nothing is left."""
    name, config = str(data["class_name"]), data.get("config")
    name = FORMER_NAMES.get(name, name)
    if name == "function":
        return plain(config, depth + 1)
    if name.startswith("__"):
        return name.strip("_")
    if not isinstance(config, Mapping) or "layers" in config:
        return name
    rest = clean(config, depth + 1)
    return {"class_name": name, "config": rest} if rest else name


def clean(config: Mapping[str, Any], depth: int = 0) -> dict[str, Any]:
    """A configuration without what the spec says elsewhere, None, and flags of inputs that are off."""
    return {
        str(key): plain(value, depth)
        for key, value in config.items()
        if value is not None and key not in OWN_FIELDS and not (value is False and key in FLAGS_OFF)
    }


def config_of(operation: Any) -> dict[str, Any]:
    """JSON-able part of ``get_config()``; empty when the class has none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = clean(operation.get_config())
            return legacy.settings(operation, found) if legacy.is_a(operation, "Layer") else found
    except Exception:  # a user's get_config may do anything; the layer is drawn all the same
        return {} if compat.is_layer(operation) else clean(_attributes(operation))


def _attributes(operation: Any) -> dict[str, Any]:
    return {key: value for key, value in vars(operation).items() if not key.startswith("_")}


def wrapped(operation: Any) -> Any | None:
    """The layer inside TimeDistributed, SpectralNormalization and other wrappers, not inside Bidirectional."""
    if compat.is_wrapper(operation):
        return asked(operation, "layer")
    return None


def asked(thing: Any, name: str) -> Any | None:
    """An attribute; None when it is missing or a property of the user's that raises."""
    try:
        return getattr(thing, name, None)
    except Exception:  # whatever it raises, the layer is drawn without this detail
        return None


def role(operation: Any) -> str:
    own = said_role(operation)
    if own in ROLES:
        return own
    inner = wrapped(operation)
    if inner is not None and not compat.is_model(inner):
        return role(inner)
    ancestry = [(cls.__name__, cls.__module__) for cls in type(operation).__mro__]
    found = role_of(ancestry)
    return (
        role_of(ancestry, config_of(operation)) if found == "custom" and compat.is_layer(operation) else found
    )


def said_role(operation: Any) -> str:
    """What a class says of itself with ``kerasarch_role = "attn"``; empty when it says nothing."""
    said = asked(operation, "kerasarch_role")
    return said if isinstance(said, str) else ""  # a class that answers to every name says nothing


def activation(operation: Any) -> str | None:
    """Name of the activation that the layer applies itself; None for linear."""
    for cls in type(operation).__mro__:
        if cls.__name__ in ACTIVATION_CLASSES and ".layers." in cls.__module__:
            return ACTIVATION_CLASSES[cls.__name__]
    if not compat.is_layer(operation):
        return compat.snake(type(operation).__name__) if role(operation) == "act" else None
    function = asked(operation, "activation")
    if function is None:
        inner = wrapped(operation)
        return activation(inner) if inner is not None else None
    if isinstance(function, str):
        name = function
    elif compat.is_layer(function):
        name = compat.snake(type(function).__name__)
    else:
        name = getattr(function, "__name__", None) or compat.snake(type(function).__name__)
    return None if name == "linear" else name.replace("<lambda>", "lambda")


def _inner_path(variable: Any, owner: str) -> list[str]:
    """Segments of a variable's path below its layer; the variable's name alone when the path does not name it."""
    segments = compat.path_of(variable).split("/")
    owners = segments[:-1]  # a variable may be called as its layer is
    if owner in owners:
        return segments[len(owners) - owners[::-1].index(owner) :]
    return segments[-1:]


def weights_of(layer: Any, identity: Callable[[Any, str], str]) -> tuple[Weight, ...]:
    """Weights of a layer. ``identity(variable, name)`` gives the id, the same for one variable in two layers."""
    return weights(listed(layer)[0], layer.name, identity, compat.frozen(layer))


def listed(thing: Any) -> tuple[list[Any], str]:
    """Variables of a layer or model, and why its own property does not tell them: then Keras' list is taken."""
    try:
        return list(getattr(thing, "weights", ())), ""
    except Exception as error:  # a property of the user's
        why = reason(error)
    with suppress(Exception):
        return list(compat.keras().layers.Layer.weights.fget(thing)), why
    return [], why


def weights(
    variables: list[Any],
    owner: str,
    identity: Callable[[Any, str], str],
    frozen: frozenset[int] = frozenset(),
) -> tuple[Weight, ...]:
    """``variables`` as weights of what is called ``owner``. ``frozen``: ``id()`` of those that are not trained."""
    paths = [_inner_path(variable, owner) for variable in variables]
    short = renumbered(segment for path in paths for segment in path[:-1] if compat.chose_segment(segment))
    taken: dict[str, int] = {}
    result = []
    for variable, path in zip(variables, paths, strict=True):
        name = "/".join([*(short.get(segment, segment) for segment in path[:-1]), path[-1]])
        taken[name] = taken.get(name, 0) + 1
        if taken[name] > 1:
            name = f"{name}_{taken[name]}"
        shape = tuple(int(axis) for axis in variable.shape)
        trained = bool(variable.trainable) and id(variable) not in frozen
        result.append(Weight(identity(variable, name), name, shape, compat.dtype_of(variable), trained))
    return tuple(result)
