"""The graph inside ``call``: one symbolic call of a subclassed model or layer, never a number computed.

``call`` runs on symbolic tensors, so each layer and each operation of ``keras.ops`` in it makes a node, exactly as in
a Functional model. What cannot run so (a decision by values, functions of a backend) is told with its place.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from . import compat, foreign, legacy
from .frames import why_not
from .walk import LiveGraph, Use, leaves, live_graph, parameters_of_call, tensors_in

BATCH = 331
"""Stands for the unknown number of examples in code that calculates with it; a prime that no model has as an axis."""

BUILT_IN = frozenset({"keras", "tf_keras"})
"""Packages whose layers stay closed: their names say what they do."""

OPERATORS = tuple(f"__{name}__" for name in ("add", "sub", "mul", "truediv", "floordiv", "matmul", "pow", "mod"))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no graph."""

    why: str


@dataclass(frozen=True, slots=True)
class Called:
    """Arguments of a first call, as symbolic tensors where tensors were given."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


CALLED: dict[int, tuple[Any, Called]] = {}
"""``id()`` of a subclassed model → the model and its first call in the build that runs; cleared when one starts."""


def record_calls() -> None:
    """From now on remember what subclassed models are called with. Idempotent."""
    cls = compat.keras().layers.Layer
    run = cls.__call__
    if getattr(run, "recorded", False):
        return

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807 - Keras shows this name in tracebacks
        if id(self) not in CALLED and compat.is_model(self) and own_call(self):
            CALLED[id(self)] = (self, Called(_specs(args), _specs(kwargs)))
        return run(self, *args, **kwargs)

    __call__.recorded = True  # type: ignore[attr-defined]
    cls.__call__ = __call__


def _specs(value: Any) -> Any:
    """Tensors and arrays become symbolic tensors with an unknown number of examples."""
    if isinstance(value, dict):
        return {key: _specs(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        parts = [_specs(part) for part in value]
        return tuple(parts) if isinstance(value, tuple) else parts
    if isinstance(getattr(value, "shape", None), tuple) or compat.is_symbolic(value) or hasattr(value, "numpy"):
        try:
            shape = tuple(None if axis is None else int(axis) for axis in value.shape)
            return compat.keras().KerasTensor((None, *shape[1:]) if shape else (), dtype=compat.dtype_of(value))
        except (TypeError, ValueError):
            return value
    return value


def called_on(inputs: Any) -> Called:
    """A call with one argument, of which only shapes and dtypes count."""
    return Called((_specs(inputs),), {})


def shapes_of(inputs: Any) -> Any:
    """Shapes without the batch axis, in the structure of ``inputs``."""
    if isinstance(inputs, dict):
        return {key: shapes_of(part) for key, part in inputs.items()}
    if isinstance(inputs, list | tuple):
        return [shapes_of(part) for part in inputs]
    return tuple(None if axis is None else int(axis) for axis in inputs.shape[1:])


def own_call(operation: Any) -> bool:
    """Whether a user's code says what the layer computes."""
    cls = type(operation)
    if not compat.is_layer(operation):
        return False
    call = inspect.unwrap(cls.call)
    root = str(getattr(call, "__module__", "")).partition(".")[0]
    return root not in BUILT_IN and call is not compat.keras().layers.Layer.call


# ---- tracing --------------------------------------------------------------------------------------------------------


def trace_model(model: Any, wanted: Any) -> LiveGraph | Refusal:
    """The graph of a subclassed model from its first call, or from ``wanted`` shapes, or from what it was built for."""
    if not own_call(model):
        return Refusal("it has no call of its own")
    given = _arguments(model, wanted)
    if given is None:
        return Refusal("the shapes of its inputs are not known: give input-shape")

    def inputs(batch: int | None) -> Called:
        named = _named_inputs(model, given)
        of_keras_2 = legacy.is_a(model, "Model")
        return replaced(given, lambda tensor: _input(tensor, named[id(tensor)], batch, of_keras_2))

    return _trace(model, inputs)


def trace_use(use: Use) -> tuple[LiveGraph, tuple[Any, ...]] | Refusal:
    """The graph inside one call of a layer, and the tensors outside that its inputs stand for."""
    arguments = use.node.arguments
    outer: list[Any] = []
    shown = {id(argument.tensor) for argument in use.arguments}

    def inputs(batch: int | None) -> Called:
        outer.clear()
        fresh: dict[int, Any] = {}

        def one(tensor: Any) -> Any:
            if id(tensor) not in shown:
                return None  # a mask that Keras passes on by itself
            if id(tensor) not in fresh:
                fresh[id(tensor)] = like(tensor, batch)
                outer.append(tensor)
            return fresh[id(tensor)]

        return replaced(Called(tuple(arguments.args), dict(arguments.kwargs)), one)

    found = _trace(use.operation, inputs)
    return found if isinstance(found, Refusal) else (found, tuple(outer))


def worth_opening(graph: LiveGraph) -> bool:
    """Whether a graph says more than the layer's name: several uses, of which one is a layer.

    A layer written in operations alone (a normalization, an activation) stays whole, with its weights.
    """
    return len(graph.uses) > 1 and any(compat.is_layer(use.operation) for use in graph.uses)


def _trace(operation: Any, inputs: Callable[[int | None], Called]) -> LiveGraph | Refusal:
    first: Exception | None = None
    vague: LiveGraph | None = None
    for batch in (None, BATCH):
        given = inputs(batch)
        try:
            with symbolic_run():
                result = operation.call(*given.args, **given.kwargs)
        except Exception as error:  # the user's code runs here
            first = first or error
            continue
        found = tensors_in((given.args, dict(given.kwargs)))
        graph = live_graph(found, tensors_in(result), _structure(given), result)
        lost = [leaf for _, leaf in leaves(result) if leaf is not None and not compat.is_symbolic(leaf)]
        if not graph.outputs or lost:
            return Refusal("its result does not come from its inputs alone")
        if batch is None and _is_vague(graph):
            vague = graph
            continue
        if batch is not None:
            _without_batch(graph)
        return graph
    if vague is not None:
        return vague
    assert first is not None
    return refusal(first)


def refusal(error: Exception) -> Refusal:
    """Why there is no graph, with the place in the user's code."""
    return Refusal(why_not(error))


@contextmanager
def symbolic_run() -> Iterator[None]:
    """Inside, the code of a layer may run on symbolic tensors."""
    with compat.keras().StatelessScope(), _symbolic_operators(), foreign.seen():
        yield


def _is_vague(graph: LiveGraph) -> bool:
    """Whether axes are unknown inside that may be known for a known number of examples."""
    inside = (tensor for use in graph.uses for tensor in use.outputs)
    return not any(None in tensor.shape[1:] for tensor in graph.inputs) and any(
        None in tensor.shape[1:] for tensor in inside
    )


def _structure(given: Called) -> Any:
    """One structure of all inputs: that of a single argument as it is, of several by their names."""
    tensors = [argument for argument in given.args if tensors_in(argument)]
    named = {name: value for name, value in given.kwargs.items() if tensors_in(value)}
    if named:
        return [*tensors, *named.values()]
    return tensors[0] if len(tensors) == 1 else tensors


@contextmanager
def _symbolic_operators() -> Iterator[None]:
    """What knows numbers only is told about symbolic tensors.

    A variable on the left of an operator leaves the work to the symbolic tensor on the right. Losses and the states of
    metrics, which are no part of the architecture, are let go.
    """
    cls, layer = compat.variable_class(), compat.keras().layers.Layer
    assign, add_loss = cls.assign, layer.add_loss
    owners = {name: next((base for base in cls.__mro__ if name in vars(base)), None) for name in OPERATORS}
    kept = {name: (owner, vars(owner)[name]) for name, owner in owners.items() if owner not in (None, object)}

    def leaving(run: Any) -> Any:
        def operator(self: Any, other: Any) -> Any:
            return NotImplemented if compat.is_symbolic(other) else run(self, other)

        return operator

    def assigning(self: Any, value: Any) -> Any:
        return value if compat.is_symbolic(value) else assign(self, value)

    try:
        for name, (owner, run) in kept.items():
            setattr(owner, name, leaving(run))
        cls.assign, layer.add_loss = assigning, lambda self, loss: None
        yield
    finally:
        cls.assign, layer.add_loss = assign, add_loss
        for name, (owner, run) in kept.items():
            setattr(owner, name, run)


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _arguments(model: Any, wanted: Any) -> Called | None:
    known = CALLED.get(id(model))
    if known is not None and known[0] is model:
        return known[1]
    functional = compat.functional_of(model)
    if functional is not None:  # its call goes beyond its graph
        return Called((compat.structures(functional)[0],), {})
    if wanted is not None:
        return called_with(model, wanted)
    shapes = _build_shapes(model)
    if not shapes:
        return None
    if set(shapes) == {"input_shape"} or len(shapes) == 1:
        return Called((_symbols(next(iter(shapes.values()))),), {})
    return Called((), {name.removesuffix("_shape"): _symbols(shape) for name, shape in shapes.items()})


def _build_shapes(model: Any) -> dict[str, Any]:
    try:
        config = model.get_build_config() or {}
    except Exception:  # a user's override
        return {}
    return dict(config.get("shapes_dict") or {name: shape for name, shape in config.items() if shape})


def called_with(model: Any, wanted: Any, batch: int | None = None) -> Called:
    """Symbolic arguments for ``wanted`` shapes (without the batch axis).

    A list of shapes is one list of tensors, or several arguments when ``call`` takes so many.
    """
    symbols = _symbols(wanted, batch, batched=False)
    if isinstance(symbols, list):
        needed = [name for name, default in parameters_of_call(model).items() if default is inspect.Parameter.empty]
        if len(needed) == len(symbols) > 1:
            return Called(tuple(symbols), {})
    return Called((symbols,), {})


def _symbols(shape: Any, batch: int | None = None, *, batched: bool = True) -> Any:
    if isinstance(shape, dict):
        return {key: _symbols(part, batch, batched=batched) for key, part in shape.items()}
    if all(axis is None or isinstance(axis, int) for axis in shape):
        rest = tuple(shape[1:]) if batched else tuple(shape)
        return compat.keras().KerasTensor((batch, *rest), dtype=compat.keras().config.floatx())
    return [_symbols(part, batch, batched=batched) for part in shape]


def _named_inputs(model: Any, given: Called) -> dict[int, str]:
    """``id()`` of each tensor → the name of its input: the key of a dict or the argument; empty for a single one."""
    if compat.functional_of(model) is not None:
        made = [(tensor, tensor._keras_history[0]) for tensor in tensors_in([*given.args])]
        return {id(tensor): "" if compat.chose_name(layer) else str(layer.name) for tensor, layer in made}
    parameters = list(parameters_of_call(model))
    found: dict[int, str] = {}
    bound = [(parameters[index], value) for index, value in enumerate(given.args) if index < len(parameters)]
    for argument, value in [*bound, *given.kwargs.items()]:
        for path, leaf in leaves(value):
            if compat.is_symbolic(leaf):
                keys = [part for part in path if not part.isdigit()]
                found[id(leaf)] = keys[-1] if keys else "_".join([argument, *path])
    if len(found) == 1 and not any(path for path, _ in leaves(given.args[0] if given.args else ())):
        return dict.fromkeys(found, "")
    return found


def _input(tensor: Any, name: str, batch: int | None, of_keras_2: bool = False) -> Any:
    shape = compat.shape_of(tensor)
    if of_keras_2:
        return legacy.symbol((batch, *shape[1:]), compat.dtype_of(tensor), name if name.isidentifier() else None)
    settings = {"batch_shape": (batch, *shape[1:]) if shape else (), "dtype": compat.dtype_of(tensor)}
    if name.isidentifier():
        return compat.keras().Input(**settings, name=name)
    found = compat.keras().Input(**settings, name="input_layer")
    compat.mark_chosen(found._keras_history[0])
    return found


def like(tensor: Any, batch: int | None = None) -> Any:
    """A symbolic tensor of the same shape, of which nothing is known where it comes from."""
    shape = compat.shape_of(tensor)
    if batch is not None and shape and shape[0] is None:
        shape = (batch, *shape[1:])
    fresh = compat.symbol_like(tensor, shape, compat.dtype_of(tensor))
    mask = getattr(tensor, "_keras_mask", None)
    if mask is not None and batch is None:
        fresh._keras_mask = mask
    return fresh


def replaced(given: Called, new: Callable[[Any], Any]) -> Called:
    """Arguments with ``new(tensor)`` in place of each symbolic tensor."""
    def inside(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: inside(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            parts = [inside(part) for part in value]
            return tuple(parts) if isinstance(value, tuple) else parts
        return new(value) if compat.is_symbolic(value) else value

    return Called(tuple(inside(value) for value in given.args), {name: inside(v) for name, v in given.kwargs.items()})


def _without_batch(graph: LiveGraph) -> None:
    """Axes that were calculated from the number of examples are unknown again."""
    every = {id(tensor): tensor for tensor in (*graph.inputs, *(one for use in graph.uses for one in use.outputs))}
    for tensor in every.values():
        compat.reshape_symbol(tensor, _unknown(tuple(tensor.shape)))
    for use in graph.uses:
        for name, value in list(use.constants.items()):
            use.constants[name] = _without(value)
        if not compat.is_layer(use.operation):  # made by the trace: nobody else reads it
            for kept in (vars(use.operation), compat.auto_config(use.operation)):
                for name, value in list(kept.items()):
                    if isinstance(value, tuple | list):
                        kept[name] = _without(value)


def _unknown(axes: tuple[int | None, ...]) -> tuple[int | None, ...]:
    return tuple(None if axis and axis % BATCH == 0 else axis for axis in axes)


def _without(value: Any) -> Any:
    """A shape, or an array that was made for the number of examples, told without it."""
    if isinstance(value, tuple | list) and all(isinstance(part, int | None) for part in value):
        return type(value)(_unknown(tuple(value)))
    shape = getattr(value, "shape", None)
    if shape is not None and any(axis and axis % BATCH == 0 for axis in shape):
        axes = ", ".join("?" if axis is None else str(axis) for axis in _unknown(tuple(int(a) for a in shape)))
        return f"array ({axes}) {compat.dtype_of(value)}"
    return value


# ---- decisions ------------------------------------------------------------------------------------------------------


def decisions(operation: Any) -> tuple[str, ...]:
    """Arguments of ``call`` that are not tensors and by which it decides what to run, as ``training``."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(type(operation).call))))
    except (OSError, TypeError, SyntaxError):
        return ()
    defaults = parameters_of_call(operation).items()
    parameters = {name for name, default in defaults if isinstance(default, bool) or name == "training"}
    tests = [node.test for node in ast.walk(tree) if isinstance(node, ast.If | ast.IfExp)]
    named = {node.id for test in tests for node in ast.walk(test) if isinstance(node, ast.Name)}
    return tuple(sorted(parameters & named))
