"""Every function of Keras' NumPy backend, made to compute no numbers.

Inside an inference each gives a symbolic tensor. Outside, exact ones (copies, shapes, integers, the four operations,
which are the same on every backend) work on small arrays, because layers do so with what they are configured with;
all others hand on.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from .. import compat
from .abstract import Patch, apply, inference, is_symbol, is_valueless, symbol, valueless, without_values
from .signal import STATE, UnknownError, hand_on

MODULES = ("core", "numpy", "nn", "math", "linalg", "image", "random")

UNTOUCHED = frozenset({"compute_output_spec", "device_scope", "random_seed_dtype", "remat"})

_EXACT = """
convert_to_tensor convert_to_numpy is_tensor shape cast stop_gradient unstack slice add subtract multiply
divide true_divide floor_divide mod negative abs absolute sqrt square sign floor ceil maximum minimum clip
equal not_equal less less_equal greater greater_equal logical_and logical_or logical_not all any isfinite
isnan isinf where max min amax amin arange ones zeros full eye identity tri tril triu ones_like zeros_like
full_like empty empty_like array copy reshape ravel transpose expand_dims squeeze swapaxes moveaxis
broadcast_to concatenate stack hstack vstack split repeat tile flip roll take take_along_axis pad append diag
diagonal meshgrid ndim size argmax argmin argsort sort one_hot multi_hot
"""

EXACT = frozenset(_EXACT.split())
"""The same bits on every backend: copies, comparisons, integers, and what IEEE 754 rounds correctly."""

LIMIT = 1 << 22
"""Elements. Exact work beyond it is no configuration of a layer."""

SHAPE_FIRST = frozenset({"ones", "zeros", "empty", "full", "normal", "uniform", "truncated_normal", "randint"}) | {
    "gamma",
    "binomial",
    "beta",
}
"""Functions whose first parameter is the shape of what they give."""

SAME_SHAPE = frozenset({"dropout", "shuffle"})


def install() -> None:
    """Wrap the functions. Raises AttributeError where a module of the backend has moved."""
    apply(patches(_wrapped))


def patches(wrap: Callable[[str, Callable[..., Any]], Callable[..., Any]]) -> list[Patch]:
    """The backend's functions, each in all of its places, as ``wrap(name, function)``."""
    from keras.src import backend

    found: list[Patch] = []
    for name in MODULES:
        module = getattr(backend, name)
        for item, function in list(vars(module).items()):
            own = inspect.isfunction(function) and function.__module__ == module.__name__
            if not own or item.startswith("_") or item in UNTOUCHED:
                continue
            wrapped = wrap(item, function)
            found.append((module, item, wrapped))
            if getattr(backend, item, None) is function:
                found.append((backend, item, wrapped))
    # Bound by name when Keras was imported.
    from keras.src import ops

    made = {(owner.__name__, item): new for owner, item, new in found}
    for item in ("cast", "is_tensor", "cond"):
        bound = getattr(ops, item)
        if inspect.isfunction(bound) and bound.__module__ == backend.core.__name__:
            found.append((ops, item, made[backend.core.__name__, item]))
    return found


def abstracted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a backend as it is inside an inference: it gives a symbolic tensor."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if STATE.depth:
            return _symbolic(name, function, args, kwargs)
        return function(*args, **kwargs)

    return call


def _wrapped(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if STATE.depth or _has_symbol(args) or _has_symbol(tuple(kwargs.values())):
            return _symbolic(name, function, args, kwargs)
        if any(is_valueless(thing) for thing in args) and name not in {"is_tensor", "shape"}:
            return _moved(name, function, args, kwargs)
        if name not in EXACT:
            raise hand_on(f"numbers are computed ({name})")
        if name == "arange" and not any(isinstance(number, int | float) for number in (*args[:2], *kwargs.values())):
            raise UnknownError("arange of an unknown size")  # NumPy makes it empty
        if _elements(name, args, kwargs) > LIMIT:
            raise hand_on(f"an array of more than {LIMIT:,} elements is computed ({name})")
        return function(*args, **kwargs)

    return call


MOVES = frozenset(
    {"convert_to_tensor", "cast", "stop_gradient", "broadcast_to", "reshape", "transpose", "expand_dims", "squeeze"}
)
"""What is done with weights without values, as they are met while a layer is opened, as with any array."""


def _moved(name: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a function makes of arrays without values: such arrays again, of the shape that it says for symbols."""
    if name == "convert_to_numpy" or (name == "reshape" and args[0].size > LIMIT):
        raise hand_on(f"the values of weights are read ({name})")
    if name in {"convert_to_tensor", "cast", "stop_gradient"}:
        dtype = kwargs.get("dtype") or (args[1] if len(args) > 1 else None) or args[0].dtype
        return valueless(args[0].shape, dtype)
    if name in MOVES:
        moved = function(*args, **kwargs)
        return valueless(moved.shape, moved.dtype)
    with inference(filled=False):
        found = _symbolic(name, function, args, kwargs)
    return without_values(found, f"the values of weights are read ({name})")


def _has_symbol(things: Any) -> bool:
    return any(
        is_symbol(thing) or (isinstance(thing, list | tuple) and len(thing) < 1000 and _has_symbol(thing))
        for thing in things
    )


def _elements(name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> int:
    if name in {"convert_to_tensor", "convert_to_numpy", "cast", "is_tensor", "shape"}:
        return 0  # a copy of what is there
    if name in SHAPE_FIRST or name in {"broadcast_to", "reshape"}:
        wanted = args[-1 if name == "broadcast_to" else 0] if args else kwargs.get("shape", ())
        axes = wanted if isinstance(wanted, list | tuple) else (wanted,)
        return math.prod(axis for axis in axes if isinstance(axis, int))
    if name in {"eye", "identity", "tri"}:
        return int(args[0]) ** 2 if args and isinstance(args[0], int) else 0
    if name == "arange":
        return max([0, *(abs(int(number)) for number in args if isinstance(number, int | float))])
    return sum(int(getattr(thing, "size", 0) or 0) for thing in args if compat.is_array(thing))


# ---- in an inference ------------------------------------------------------------------------------------------------

_REDIRECTED: list[tuple[str, int]] = []


def _symbolic(name: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    special = SPECIAL.get(name)
    if special is not None:
        return special(*args, **kwargs)
    if name in SHAPE_FIRST or name in SAME_SHAPE or name in MAKERS or name == "categorical":
        return _made(name, function, args, kwargs)
    from keras.src import ops

    tree = compat.tree()

    operation = getattr(ops, name, None)
    args, kwargs = tree.map_structure(_as_symbol, (args, kwargs))
    if not _has_symbol(args) and not _has_symbol(tuple(kwargs.values())):
        return function(*args, **kwargs)  # of plain Python numbers
    mark = (name, id(args[0]) if args else 0)
    if operation is None or mark in _REDIRECTED:
        raise UnknownError(f"{name} does not take symbolic tensors")
    _REDIRECTED.append(mark)
    try:
        return operation(*args, **kwargs)
    finally:
        _REDIRECTED.pop()


def _as_symbol(thing: Any) -> Any:
    if isinstance(thing, compat.variable_class()) or (compat.is_array(thing) and STATE.depth):
        return symbol(compat.shape_of(thing), compat.dtype_of(thing))
    return thing


def _made(name: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    given = inspect.signature(function).bind(*args, **kwargs)
    given.apply_defaults()
    values = given.arguments
    floatx = compat.keras().config.floatx()
    if name in SAME_SHAPE:
        return _as_symbol(next(iter(values.values())))
    if name == "categorical":
        return symbol((values["logits"].shape[0], values["num_samples"]), values["dtype"])
    if name in SHAPE_FIRST:
        axes = values["shape"]
        shape = tuple(axes) if isinstance(axes, list | tuple) else (axes,)
        dtype = values.get("dtype")
        if name == "full" and dtype is None:
            dtype = getattr(values["fill_value"], "dtype", None) or _dtype_of_number(values["fill_value"])
        return symbol(shape, dtype or floatx)
    return MAKERS[name](values, floatx)


def _dtype_of_number(*numbers: Any) -> str:
    from keras.src.backend.common import dtypes

    return str(dtypes.result_type(*(getattr(number, "dtype", type(number)) for number in numbers)))


def _arange(values: Mapping[str, Any], floatx: str) -> Any:
    start, stop, step = values["start"], values.get("stop"), values.get("step")
    if stop is None:
        start, stop = 0, start
    step = 1 if step is None else step
    numbers = [number for number in (values["start"], values.get("stop"), values.get("step")) if number is not None]
    dtype = values.get("dtype") or _dtype_of_number(*numbers)
    return symbol((max(0, math.ceil((stop - start) / step)),), dtype)


def _square(first: str, second: str = "") -> Callable[[Mapping[str, Any], str], Any]:
    def made(values: Mapping[str, Any], floatx: str) -> Any:
        rows = values[first]
        columns = values.get(second) if second else None
        return symbol((rows, rows if columns is None else columns), values.get("dtype") or floatx)

    return made


def _linspace(values: Mapping[str, Any], floatx: str) -> Any:
    start, stop = values["start"], values["stop"]
    shape = tuple(getattr(start, "shape", ())) or tuple(getattr(stop, "shape", ()))
    place = values["axis"] % (len(shape) + 1)
    found = symbol((*shape[:place], values["num"], *shape[place:]), values.get("dtype") or floatx)
    return (found, symbol(shape, floatx)) if values.get("retstep") else found


MAKERS: Mapping[str, Callable[[Mapping[str, Any], str], Any]] = {
    "arange": _arange,
    "eye": _square("N", "M"),
    "identity": _square("n"),
    "tri": _square("N", "M"),
    "linspace": _linspace,
}


def _convert_to_tensor(x: Any, dtype: Any = None, sparse: Any = None, ragged: Any = None) -> Any:
    from keras.src import ops

    if not is_symbol(x):
        if not (isinstance(x, compat.variable_class()) or compat.is_array(x)):
            x = _nest(x, dtype)
        x = symbol(compat.shape_of(x), dtype or compat.dtype_of(x))
    standard = compat.keras().backend.standardize_dtype
    return x if dtype is None or standard(dtype) == standard(x.dtype) else ops.cast(x, dtype)


def _nest(x: Any, dtype: Any) -> Any:
    """A number, or lists of numbers and symbolic tensors, as one symbolic tensor."""
    tree = compat.tree()

    leaves = tree.flatten(x)
    shape: tuple[Any, ...] = ()
    part = x
    while isinstance(part, list | tuple):
        shape, part = (*shape, len(part)), part[0] if part else None
    inner = tuple(getattr(part, "shape", ()))
    return symbol((*shape, *inner), dtype or _dtype_of_number(*leaves))


def _cast(x: Any, dtype: Any) -> Any:
    return _convert_to_tensor(x, dtype)


def _is_tensor(x: Any) -> bool:
    return (is_symbol(x) and STATE.depth > 0) or compat.is_array(x)


def _convert_to_numpy(x: Any) -> Any:
    if is_symbol(x):
        raise UnknownError("a symbolic tensor has no numbers")
    return x


SPECIAL: Mapping[str, Callable[..., Any]] = {
    "convert_to_tensor": _convert_to_tensor,
    "cast": _cast,
    "is_tensor": _is_tensor,
    "convert_to_numpy": _convert_to_numpy,
    "shape": lambda x: tuple(x.shape),
    "stop_gradient": lambda x, *rest, **more: _as_symbol(x),
}


def modules() -> tuple[ModuleType, ...]:
    """The modules of the backend that are wrapped."""
    from keras.src import backend

    return tuple(getattr(backend, name) for name in MODULES)
