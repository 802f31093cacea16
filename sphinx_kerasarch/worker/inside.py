"""Layers of Keras opened: what is inside ``MultiHeadAttention``, one step of an ``LSTM``, the model in a wrapper.

Keras runs these layers in one piece; their code is run here on symbolic tensors, as that of a layer of one's own is.
Three kinds need more than that: weights that the code cuts up before it uses them are told at the operation that uses
them; a loop is told as its one step (:mod:`..spec.loops`); and a convolution that Keras hands to its backend whole is
written as its two parts.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any

from ..spec import loops
from . import compat, trace
from .trace import Refusal
from .walk import Argument, LiveGraph, Use, live_graph, tensors_in

State = tuple[Any, Any]
"""(what the step before left, what this one leaves), as symbolic tensors."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The inside of one call of a layer."""

    graph: LiveGraph
    outer: tuple[Any, ...]
    """The tensors outside that the inputs of ``graph`` stand for."""
    times: int | None = 1
    """As :attr:`.Block.times`."""
    states: tuple[State, ...] = ()


class Border:
    """An operation at the border of a loop."""

    def __init__(self, name: str, config: Mapping[str, Any]) -> None:
        self.name = name or compat.snake(type(self).__name__)
        self.config = config
        if not name:
            compat.mark_chosen(self)

    def get_config(self) -> Mapping[str, Any]:
        return self.config

    def call(self, x: Any) -> None:
        raise NotImplementedError


BORDERS: Mapping[str, type[Border]] = {
    name: type(name, (Border,), {"__module__": loops.MODULE}) for name in loops.NAMES
}


_COMPOSITE = """
AdditiveAttention Attention Bidirectional ConvLSTM1D ConvLSTM2D ConvLSTM3D GRU GroupedQueryAttention LSTM
MultiHeadAttention Pipeline RNN SeparableConv1D SeparableConv2D SimpleRNN SpectralNormalization StackedRNNCells
TimeDistributed
"""

COMPOSITE = frozenset(_COMPOSITE.split())
"""Layers with more than one layer's work inside: these are opened by a pattern like ``*``."""

ALIASES: Mapping[str, str] = {"GroupedQueryAttention": "GroupQueryAttention"}
"""Name of a class → the name that Keras exports it by."""


def wanted(operation: Any, patterns: tuple[str, ...]) -> bool:
    """Whether a layer of Keras is to be opened: asked for by class or name, or a wrapper around a whole model.

    A pattern with ``*`` or ``?`` opens what is composite; a full name opens any layer into its operations.
    """
    if not compat.is_layer(operation) or compat.is_model(operation):
        return False
    if named(operation, patterns):
        return type(operation).__name__ != "InputLayer"
    composite = any(cls.__name__ in COMPOSITE for cls in type(operation).__mro__)
    if composite and any(fnmatchcase(name, pattern) for name in _names(operation) for pattern in patterns):
        return True
    return is_loop_around_model(operation)


def named(operation: Any, patterns: tuple[str, ...]) -> bool:
    """Whether one of the patterns is the full name of a layer or of its class."""
    return not _names(operation).isdisjoint(patterns)


def _names(operation: Any) -> set[str]:
    return {type(operation).__name__, str(operation.name), ALIASES.get(type(operation).__name__, "")}


def is_loop_around_model(operation: Any) -> bool:
    return type(operation).__name__ == "TimeDistributed" and compat.is_model(getattr(operation, "layer", None))


def open_layer(use: Use) -> Opened | Refusal:
    """The inside of one call of a layer of Keras; nothing is computed."""
    fresh: dict[int, tuple[Any, Any]] = {}
    shown = {id(argument.tensor) for argument in use.arguments}

    def stand_in(tensor: Any) -> Any:
        if id(tensor) not in shown:
            return None  # a mask that Keras passes on by itself
        if id(tensor) not in fresh:
            fresh[id(tensor)] = (trace.like(tensor), tensor)
        return fresh[id(tensor)][0]

    arguments = use.node.arguments
    given = trace.replaced(trace.Called(tuple(arguments.args), dict(arguments.kwargs)), stand_in)
    try:
        inside = _inside(use, given)
    except Exception as error:  # the code of cells and inner layers runs here
        return trace.refusal(error)
    if isinstance(inside, Refusal):
        return inside
    graph, times, states = inside
    outer = tuple(tensor for _, tensor in fresh.values())
    inner = tuple(symbol for symbol, _ in fresh.values())
    return Opened(replace(graph, inputs=inner), outer, times, states)


Inside = tuple[LiveGraph, int | None, tuple[State, ...]]


def _inside(use: Use, given: trace.Called) -> Inside | Refusal:
    operation = use.operation
    if type(operation).__name__ == "TimeDistributed":
        return _each_step(operation, given)
    if _is_recurrent(operation):
        return _recurrent(use, given)
    run = CALLS.get(type(operation).__name__)
    with _exact_shapes(), _symbolic_weights(operation) as symbols:
        result = run(operation, *given.args, **given.kwargs) if run else operation.call(*given.args, **given.kwargs)
    graph = _graph(given, result, symbols)
    if len(graph.uses) < 2 and not any(compat.is_layer(one.operation) for one in graph.uses):
        return Refusal("there is nothing inside")
    lost = [leaf for leaf in _flat(result) if leaf is not None and not compat.is_symbolic(leaf)]
    return Refusal("its result does not come from its inputs alone") if lost else (graph, 1, ())


def _flat(result: Any) -> list[Any]:
    """Leaves of nested lists and tuples."""
    return [leaf for part in result for leaf in _flat(part)] if isinstance(result, list | tuple) else [result]


# ---- weights as symbolic tensors ------------------------------------------------------------------------------------


@contextmanager
def _symbolic_weights(*operations: Any) -> Iterator[dict[int, tuple[Any, ...]]]:
    """Variables that layers hold are symbolic tensors inside. Yields ``id()`` of each of these → its variable.

    Code that slices a kernel before it multiplies would need the kernel's numbers otherwise.
    """
    found: dict[int, tuple[Any, ...]] = {}
    kept: list[tuple[dict[str, Any], str, Any]] = []
    symbols: list[Any] = []  # alive as long as their ids are in use
    for operation in operations:
        held = vars(operation)
        for name, value in list(held.items()):
            if isinstance(value, compat.variable_class()):
                symbol = compat.keras().KerasTensor(compat.shape_of(value), dtype=compat.dtype_of(value))
                found[id(symbol)] = (value,)
                symbols.append(symbol)
                kept.append((held, name, value))
                held[name] = symbol
    try:
        with trace.symbolic_run():
            yield found
    finally:
        for held, name, value in kept:
            held[name] = value


def _graph(given: trace.Called, result: Any, weights: dict[int, tuple[Any, ...]]) -> LiveGraph:
    inputs = tensors_in([list(given.args), dict(given.kwargs)])
    return _with_weights(live_graph(inputs, tensors_in(result), list(inputs), result), weights)


def _with_weights(graph: LiveGraph, weights: dict[int, tuple[Any, ...]]) -> LiveGraph:
    """Operations on weights alone are left out; what they make of them is told at the operation that uses it."""
    known = dict(weights)
    uses = []
    for use in graph.uses:
        own = [argument for argument in use.arguments if id(argument.tensor) in known]
        found = tuple({id(v): v for one in own for v in known[id(one.tensor)]}.values())
        if own and len(own) == len(use.arguments):
            known.update((id(tensor), found) for tensor in use.outputs)
            continue
        rest = tuple(argument for argument in use.arguments if id(argument.tensor) not in known)
        told = {one.name: _told(one.tensor, known[id(one.tensor)]) for one in own if one.name}
        constants = {**use.constants, **told}
        variables = (*use.variables, *found)
        uses.append(replace(use, arguments=rest, constants=constants, variables=variables) if own else use)
    return replace(graph, uses=tuple(uses))


@contextmanager
def _exact_shapes() -> Iterator[None]:
    """``EinsumDense`` says None for every axis that is not in its configuration; here those of its input are kept."""
    cls = compat.keras().layers.EinsumDense
    told = cls.compute_output_shape

    def compute_output_shape(self: Any, input_shape: Any) -> Any:
        shape = tuple(told(self, input_shape))
        given, _, rest = str(self.equation).partition(",")
        axes = dict(zip(given, input_shape, strict=False))
        target = rest.partition("->")[2]
        if "." in self.equation or len(target) != len(shape):
            return shape
        return tuple(axes.get(name) if axis is None else axis for name, axis in zip(target, shape, strict=True))

    cls.compute_output_shape = compute_output_shape
    try:
        yield
    finally:
        cls.compute_output_shape = told


def _told(tensor: Any, variables: tuple[Any, ...]) -> str:
    """A weight, or a part of it, as an argument: ``kernel (3, 3, 8, 16)``."""
    axes = ", ".join(map(str, compat.shape_of(tensor)))
    return f"{', '.join(str(variable.name) for variable in variables)} ({axes})"


# ---- loops ----------------------------------------------------------------------------------------------------------


def _border(
    kind: str, given: list[Argument], outputs: tuple[Any, ...], name: str = "", **config: Any
) -> Use:
    operation = BORDERS[kind](name, config)
    tensors = [argument.tensor for argument in given]
    node = SimpleNamespace(
        operation=operation,
        arguments=SimpleNamespace(args=tuple(tensors), kwargs={}, keras_tensors=tensors),
        outputs=outputs,
        is_input=False,
    )
    return Use(node, operation, tuple(given), {}, (), outputs, masked=False)


def _symbol(shape: Any, dtype: Any) -> Any:
    return compat.keras().KerasTensor(tuple(shape), dtype=str(dtype))


def _each_step(operation: Any, given: trace.Called) -> Inside:
    """``TimeDistributed``: the layer inside on one step, along the second axis."""
    bound = _bound(operation, given)
    sequence = bound.pop("inputs")
    batch, steps, *rest = compat.shape_of(sequence)
    step = _symbol((batch, *rest), compat.dtype_of(sequence))
    begin = _border(loops.EACH_STEP, _border_arguments(sequence, bound), (step,))
    with trace.symbolic_run():
        result = operation.layer(step)
    graph = live_graph([step], tensors_in(result), [step], result)
    ends = []
    for tensor in graph.outputs:
        shape = compat.shape_of(tensor)
        whole = _symbol((shape[0], steps, *shape[1:]), compat.dtype_of(tensor))
        ends.append(_border(loops.ALL_STEPS, [Argument(tensor, "")], (whole,)))
    outputs = tuple(end.outputs[0] for end in ends)
    return replace(graph, uses=(begin, *graph.uses, *ends), outputs=outputs), steps, ()


def _bound(operation: Any, given: trace.Called) -> dict[str, Any]:
    """Arguments of a call by their names."""
    return dict(inspect.signature(type(operation).call).bind(operation, *given.args, **given.kwargs).arguments)


def _border_arguments(sequence: Any, others: Mapping[str, Any]) -> list[Argument]:
    """The sequence, and a mask that the author gave."""
    mask = others.get("mask")
    return [Argument(sequence, ""), *([Argument(mask, "mask")] if compat.is_symbolic(mask) else [])]


def _is_recurrent(operation: Any) -> bool:
    return any(cls.__name__ == "RNN" and cls.__module__.startswith("keras.") for cls in type(operation).__mro__)


STATES = ("hidden", "carry")
"""Names of the two states of an LSTM."""


def _recurrent(use: Use, given: trace.Called) -> Inside | Refusal:
    """One step of a recurrent layer: what its cell makes of one step of the sequence and of the states before."""
    operation = use.operation
    bound = _bound(operation, given)
    sequence = bound["sequences"]
    batch, steps, *rest = compat.shape_of(sequence)
    cell = operation.cell
    shapes = _state_shapes(cell, (batch, *rest))
    if shapes is None:
        return Refusal("the states of its cell have a form of their own")
    step = _symbol((batch, *rest), compat.dtype_of(sequence))
    order = {"order": "backwards"} if operation.go_backwards else {}
    begin = _border(loops.EACH_STEP, _border_arguments(sequence, bound), (step,), **order)
    initial = tensors_in(bound.get("initial_state"))
    before: list[Use] = []

    def state(shape: Any) -> Any:
        number = len(before)
        symbol = _symbol(shape, getattr(cell, "compute_dtype", compat.dtype_of(sequence)))
        source = [Argument(initial[number], "initial_state")] if number < len(initial) else []
        first = {} if source else {"first": "kept from the last call" if operation.stateful else 0}
        names = STATES if "LSTM" in type(cell).__name__ else ("state",)
        name = names[number] if number < len(names) else f"state_{number}"
        before.append(_border(loops.PREVIOUS_STATE, source, (symbol,), name, **first))
        return symbol

    states = _nested(shapes, state)
    states = states if isinstance(states, list) else [states]
    with _symbolic_weights(*([cell] if not trace.own_call(cell) else [])) as weights:
        result, after = cell.call(step, states)
    known = [tensor for one in before for tensor in one.outputs]
    flat_after = tensors_in(after)
    wanted_ends = [result, *flat_after]
    graph = _with_weights(live_graph([step, *known], wanted_ends, [step], result), weights)
    ends, outputs = _ends(operation, result, flat_after, steps)
    uses = (begin, *before, *graph.uses, *ends)
    pairs = tuple(zip(known, flat_after, strict=True))
    return replace(graph, uses=uses, outputs=outputs), steps, pairs


def _ends(operation: Any, result: Any, states: list[Any], steps: int | None) -> tuple[list[Use], tuple[Any, ...]]:
    """What leaves the loop: the sequence or its last step, and the last states where they are asked for."""
    ends: dict[tuple[str, int], Use] = {}

    def end(name: str, tensor: Any) -> Any:
        if (name, id(tensor)) not in ends:
            shape = compat.shape_of(tensor)
            given = (shape[0], steps, *shape[1:]) if name == loops.ALL_STEPS else shape
            symbol = _symbol(given, compat.dtype_of(tensor))
            ends[name, id(tensor)] = _border(name, [Argument(tensor, "")], (symbol,))
        return ends[name, id(tensor)].outputs[0]

    first = end(loops.ALL_STEPS if operation.return_sequences else loops.LAST_STEP, result)
    rest = [end(loops.LAST_STEP, tensor) for tensor in states] if operation.return_state else []
    return list(ends.values()), (first, *rest)


def _state_shapes(cell: Any, step: tuple[int | None, ...]) -> Any:
    """Shapes of the states, nested as the cell takes them; None where they cannot be told."""
    if type(cell).__name__.startswith("ConvLSTM"):
        return [tuple(shape) for shape in cell.compute_output_shape(step)[1]]

    def shaped(size: Any) -> Any:
        if isinstance(size, list | tuple):
            return [shaped(part) for part in size]
        return (step[0], int(size))

    try:
        return shaped(cell.state_size)
    except (TypeError, ValueError):
        return None


def _nested(shapes: Any, make: Callable[[Any], Any]) -> Any:
    return [_nested(part, make) for part in shapes] if isinstance(shapes, list) else make(shapes)


# ---- layers whose code says less than they do -----------------------------------------------------------------------


def _separable(layer: Any, inputs: Any) -> Any:
    """``SeparableConv``: a convolution of each channel, then one of 1×1 over all, as the backends compute it.

    keras/src/backend/tensorflow/nn.py, ``separable_conv``: strides, padding and dilation are those of the first.
    """
    ops = compat.keras().ops
    settings = {"strides": layer.strides, "padding": layer.padding, "dilation_rate": layer.dilation_rate}
    x = ops.depthwise_conv(inputs, layer.depthwise_kernel, data_format=layer.data_format, **settings)
    x = ops.conv(x, layer.pointwise_kernel, strides=1, padding="valid", data_format=layer.data_format)
    if layer.use_bias:
        last = layer.data_format == "channels_last"
        bias = layer.bias if last else ops.reshape(layer.bias, (1, layer.filters, *(1,) * layer.rank))
        x = ops.add(x, bias)
    return x if layer.activation is None else layer.activation(x)


def _bidirectional(layer: Any, *args: Any, **kwargs: Any) -> Any:
    """Two layers, without the shortcut for both that a backend may have."""
    shortcuts = ("_can_attempt_fused_lstm", "_can_attempt_fused_gru")
    vars(layer).update({name: lambda *args, **kwargs: False for name in shortcuts})
    try:
        return layer.call(*args, **kwargs)
    finally:
        for name in shortcuts:
            vars(layer).pop(name)


CALLS: Mapping[str, Callable[..., Any]] = {
    "SeparableConv1D": _separable,
    "SeparableConv2D": _separable,
    "Bidirectional": _bidirectional,
}
