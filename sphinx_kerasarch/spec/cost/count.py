"""The cost of every call and of the whole model, from the shapes and configurations of a spec alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..loops import MODULE as LOOP
from ..loops import times_of
from ..model import ArchSpec, Call, Layer, Tensor
from ..query import DTYPE_BITS, layer_of, producers, weight_bytes
from . import elements, products
from .table import LAYERS, OPERATIONS, WRAPPERS
from .work import Axes, Formula, UnknownCost, Use, Work, size

FREE = (elements.nothing, elements.random_at_inference)
"""Formulas that do not look at shapes."""

KERAS = ("keras.", "tf_keras.")


@dataclass(frozen=True, slots=True)
class CallCost:
    work: Work | None
    """None when it is not known."""
    reason: str = ""
    """Why it is not known: a clause without capital and full stop."""
    activations: int | None = None
    """Bytes of the tensors that the call gives; None when an axis is not known."""


@dataclass(frozen=True, slots=True)
class ModelCost:
    batch: int
    calls: Mapping[str, CallCost]
    """Call id → its cost, in running order."""
    known: Work
    """Sum over the calls whose cost is known."""
    unknown: tuple[str, ...]
    """Ids of the calls whose cost is not known: while there are any, ``known`` is a lower bound."""
    weights: Mapping[str, int] = field(default_factory=dict)
    """Dtype → bytes of weights, each weight once."""
    activations: int | None = None
    """Bytes of all tensors of a forward pass, as kept for training."""
    peak: int | None = None
    """Most bytes alive at once at inference, when a tensor is dropped after its last use."""

    @property
    def work(self) -> Work | None:
        """The whole, None when a part of it is not known."""
        return None if self.unknown else self.known


def cost(spec: ArchSpec, *, batch: int = 1, formulas: Mapping[str, Formula] | None = None) -> ModelCost:
    """What one forward pass costs.

    ``batch``: length of an unknown batch axis. ``formulas``: class name of a layer of one's own → its formula, before
    those of Keras. Multiply–accumulates are those of convolutions, dense, recurrent and attention layers with both
    products of attention, and of raw products; biases, activations and normalizations are counted in ``flops`` only.
    Nothing is measured and nothing is guessed: a class without a formula, or a shape that is not known, gives None
    with the reason.
    """
    layers, arguments = layer_of(spec), _argument_names(spec)
    weight_names: dict[str, dict[str, Axes]] = {}
    calls: dict[str, CallCost] = {}
    for call in spec.calls:
        layer = layers[call.layer]
        if layer.id not in weight_names:
            weight_names[layer.id] = {weight.name: weight.shape for weight in layer.weights}
        calls[call.id] = _call_cost(
            layer, call, arguments[call.id], weight_names[layer.id], batch, formulas or {}
        )
    for call_id, often in times_of(spec).items():
        if often != 1:
            calls[call_id] = _repeated(calls[call_id], often)
    known = Work()
    for item in calls.values():
        known += item.work or Work()
    stored = [item.activations for item in calls.values()]
    return ModelCost(
        batch=batch,
        calls=calls,
        known=known,
        unknown=tuple(call for call, item in calls.items() if item.work is None),
        weights=weight_bytes(spec),
        activations=None if None in stored else sum(item for item in stored if item is not None),
        peak=_peak(spec, batch),
    )


def _repeated(one: CallCost, times: int | None) -> CallCost:
    """A call inside a loop, all its steps together."""
    if times is None:
        free = one.work is not None and not one.work.flops
        return CallCost(one.work if free else None, "" if free else "the number of steps is not known before it runs")
    stored = None if one.activations is None else one.activations * times
    return CallCost(one.work and one.work.times(times), one.reason, stored)


def _argument_names(spec: ArchSpec) -> dict[str, tuple[str, ...]]:
    return {call: tuple(edge.argument for edge in edges) for call, edges in producers(spec).items()}


def _call_cost(
    layer: Layer,
    call: Call,
    names: tuple[str, ...],
    weights: Mapping[str, Axes],
    batch: int,
    formulas: Mapping[str, Formula],
) -> CallCost:
    activations = _tensor_bytes(call.outputs, batch)
    try:
        formula = _formula(layer, formulas)
        looked_up = formula is products.embedding and not call.arguments.get("reverse")
        if formula in FREE or looked_up:
            return CallCost(Work(), activations=activations)
        use = Use(
            class_name=layer.class_name,
            config={**layer.config, **call.arguments},
            inputs=tuple(_known(tensor, batch, call) for tensor in call.inputs),
            outputs=tuple(_known(tensor, batch, call) for tensor in call.outputs),
            names=names,
            weights=weights,
        )
        if layer.class_name in WRAPPERS and layer.class_name not in formulas:
            return CallCost(_wrapped(use, formulas), activations=activations)
        if not call.outputs:
            raise UnknownCost("its shapes are not known")
        return CallCost(formula(use), activations=activations)
    except UnknownCost as why:
        return CallCost(None, str(why), activations)
    except (IndexError, ValueError, TypeError, KeyError, ZeroDivisionError):
        # A shape or configuration that the class cannot have; a user's class may borrow a name of Keras.
        return CallCost(None, f"its shapes do not fit the formula of {layer.class_name}", activations)


def _formula(layer: Layer, formulas: Mapping[str, Formula]) -> Formula:
    if layer.class_name in formulas:
        return formulas[layer.class_name]
    if layer.module == LOOP:
        return elements.nothing
    if layer.module.startswith(KERAS) or layer.module == "keras":
        table = OPERATIONS if ".ops." in layer.module else LAYERS
        if layer.class_name in WRAPPERS:
            return _wrapped_later
        if layer.class_name in table:
            return table[layer.class_name]
    raise UnknownCost(f"no formula for {layer.class_name}")


def _wrapped_later(use: Use) -> Work:
    raise UnknownCost(f"no formula for {use.class_name}")


def _wrapped(use: Use, formulas: Mapping[str, Formula]) -> Work:
    """What the layer inside a wrapper costs; ``Bidirectional`` runs two."""
    inner = use.config.get("layer")
    if isinstance(inner, str):
        raise UnknownCost(f"what {inner} costs inside {use.class_name} is not known")
    if not isinstance(inner, Mapping):
        raise UnknownCost(f"the layer inside {use.class_name} is not known")
    name, config = str(inner["class_name"]), dict(inner.get("config", {}))
    if use.class_name == "TimeDistributed":
        source, target = use.input, use.output
        once = Use(
            name, config, ((source[0] * source[1], *source[2:]),), ((target[0] * target[1], *target[2:]),)
        )
        return _inner_work(once, formulas)
    once = Use(name, config, use.inputs, use.outputs, use.names)
    if use.class_name != "Bidirectional":
        return _inner_work(once, formulas)
    back = use.config.get("backward_layer")
    second = (
        Use(str(back["class_name"]), dict(back.get("config", {})), use.inputs, use.outputs, use.names)
        if isinstance(back, Mapping)
        else once
    )
    merged = 0 if use.config.get("merge_mode") in ("concat", None) else size(use.output)
    return _inner_work(once, formulas) + _inner_work(second, formulas) + Work(other=merged)


def _inner_work(use: Use, formulas: Mapping[str, Formula]) -> Work:
    if use.class_name in WRAPPERS:
        return _wrapped(use, formulas)
    formula = formulas.get(use.class_name) or LAYERS.get(use.class_name)
    if formula is None:
        raise UnknownCost(f"no formula for {use.class_name}")
    return formula(use)


def _known(tensor: Tensor, batch: int, call: Call) -> Axes:
    """The axes with the batch filled in; raises when another one is not known."""
    axes: list[int] = []
    for index, axis in enumerate(tensor.shape):
        if axis is None and index:
            raise UnknownCost("an axis of its shapes is not known before it runs")
        axes.append(batch if axis is None else axis)
    return tuple(axes)


def _tensor_bytes(tensors: tuple[Tensor, ...], batch: int) -> int | None:
    if not tensors:
        return None
    bits = 0
    for tensor in tensors:
        if None in tensor.shape[1:] or tensor.dtype == "string":
            return None
        bits += size([batch if axis is None else axis for axis in tensor.shape]) * DTYPE_BITS.get(
            tensor.dtype, 32
        )
    return (bits + 7) // 8


def _peak(spec: ArchSpec, batch: int) -> int | None:
    """Calls run in the order of the spec; what no later call reads and the model does not give is dropped."""
    last: dict[tuple[str, int], int] = {}
    place = {call.id: index for index, call in enumerate(spec.calls)}
    for edge in spec.edges:
        port = (edge.source.call, edge.source.index)
        last[port] = max(last.get(port, -1), place[edge.target.call])
    for slot in spec.outputs:
        last[(slot.port.call, slot.port.index)] = len(spec.calls)
    ends: dict[int, int] = {}
    alive = most = 0
    for index, call in enumerate(spec.calls):
        for number, tensor in enumerate(call.outputs):
            bytes_ = _tensor_bytes((tensor,), batch)
            if bytes_ is None:
                return None
            alive += bytes_
            end = last.get((call.id, number), index)
            ends[end] = ends.get(end, 0) + bytes_
        if not call.outputs:
            return None
        most = max(most, alive)
        alive -= ends.pop(index, 0)
    return most or None


def reasons(spec: ArchSpec, total: ModelCost) -> dict[str, int]:
    """Reason → how many calls it holds for, in running order."""
    found: dict[str, int] = {}
    for call in total.unknown:
        reason = total.calls[call].reason
        found[reason] = found.get(reason, 0) + 1
    return found


def plain(total: ModelCost) -> dict[str, Any]:
    """The cost as JSON: totals, and the calls with their reasons."""
    return {
        "batch": total.batch,
        "macs": total.known.macs,
        "flops": total.known.flops,
        "complete": not total.unknown,
        "weights": dict(total.weights),
        "activations": total.activations,
        "peak": total.peak,
        "calls": {
            call: {"macs": item.work.macs, "flops": item.work.flops, "activations": item.activations}
            if item.work is not None
            else {"unknown": item.reason, "activations": item.activations}
            for call, item in total.calls.items()
        },
    }
