"""The spec while it grows: layers, calls, blocks and their ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..spec.model import Block, Call, Edge, Layer, Note, Port, Tensor, Weight
from ..spec.roles import ROLES
from . import compat, layers
from .inside import Opened, named, open_layer, wanted
from .naming import auto_named, shown_names
from .trace import Refusal, own_call, trace_model, trace_use, worth_opening
from .walk import LiveGraph, Use, graph_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where a symbolic tensor comes from."""

    port: Port
    tensor: Tensor


@dataclass(slots=True)
class Draft:
    """The spec while it grows. Keys that are numbers are ``id()`` of live objects; none of them leaves this module."""

    names: dict[int, str]
    """Operation or model → name to show."""
    graphs: dict[int, LiveGraph | None]
    """Model → its graph, None where it has none."""
    traces: dict[int, Opened]
    """Node of a layer or model that is opened → what is inside."""
    refusals: dict[int, tuple[Any, str]]
    """Operation that could not be traced → itself, and why."""
    patterns: tuple[str, ...] = ()
    """Classes or names of the layers of Keras that are opened."""
    layers: dict[int, Layer] = field(default_factory=dict)
    models: dict[int, str] = field(default_factory=dict)
    """Nested model or opened layer → id of its first block."""
    opened: dict[int, Any] = field(default_factory=dict)
    """Those of them whose connections come from running their code."""
    inside: set[str | None] = field(default_factory=set)
    """Ids of the blocks of layers of Keras."""
    operations: dict[str, Any] = field(default_factory=dict)
    """Id of a layer → the live one."""
    weights: dict[int, str] = field(default_factory=dict)
    """Variable → weight id."""
    calls: list[Call] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    """Calls that receive a mask through a hidden argument."""
    wrappers: list[tuple[Any, Layer]] = field(default_factory=list)
    """Models inside layers, as in ``TimeDistributed(encoder)``, and these layers."""
    taken: dict[str, int] = field(default_factory=dict)
    """Id of a call or block → how often it was wanted."""
    taken_layers: dict[str, int] = field(default_factory=dict)

    def fresh(self, wanted: str) -> str:
        return _fresh(wanted, self.taken)

    def inner_name(self, thing: Any) -> str:
        """Name of a layer or model inside a wrapper: an author's, else its class."""
        return type(thing).__name__ if auto_named(thing) else str(thing.name)

    def fresh_layer(self, wanted: str) -> str:
        return _fresh(wanted, self.taken_layers)


def _fresh(wanted: str, taken: dict[str, int]) -> str:
    """``wanted``, or with ``@2``, ``@3`` … when it is taken."""
    count = taken.get(wanted, 0) + 1
    name = wanted if count == 1 else f"{wanted}@{count}"
    while count > 1 and name in taken:
        count += 1
        name = f"{wanted}@{count}"
    taken[wanted] = count
    taken.setdefault(name, 1)
    return name


def start(model: Any, shapes: Any = None, patterns: tuple[str, ...] = ()) -> Draft:
    """An empty draft that knows the names and graphs of a model and of all models in it.

    ``shapes``: those of the inputs of a subclassed model, without the batch axis. ``patterns``: classes or names of the
    layers of Keras that are opened.
    """
    draft = Draft({}, {}, {}, {}, patterns)
    draft.names.update(shown_names(_operations(model, shapes, draft)))
    return draft


def _operations(model: Any, shapes: Any, draft: Draft) -> Iterable[Any]:
    """The model, its operations and those of nested models and opened layers, each once."""
    found: dict[int, Any] = {}
    stack = [model]
    while stack:
        thing = stack.pop()
        if id(thing) in found:
            continue
        found[id(thing)] = thing
        if not compat.is_model(thing):
            continue
        graph = draft.graphs[id(thing)] = graph_of(thing)
        if thing is model and (graph is None or own_call(thing)):
            traced = trace_model(thing, shapes)
            if isinstance(traced, Refusal):
                draft.refusals[id(thing)] = (thing, traced.why)
            else:
                graph = draft.graphs[id(thing)] = traced
        if graph is None:
            stack.extend(thing.layers)
        else:
            stack.extend(tensor._keras_history[0] for tensor in graph.inputs)
            stack.extend(use.operation for use in _open(graph, draft))
    return found.values()


def _open(graph: LiveGraph, draft: Draft) -> Iterable[Use]:
    """All uses of a graph, and those inside the layers that can be opened, to any depth."""
    uses = list(graph.uses)
    for use in uses:  # grows
        found = _inside(use, draft.patterns)
        if isinstance(found, Refusal):
            draft.refusals[id(use.operation)] = (use.operation, found.why)
        elif found is not None:
            draft.traces[id(use.node)] = found
            uses.extend(found.graph.uses)
    return uses


def _inside(use: Use, patterns: tuple[str, ...]) -> Opened | Refusal | None:
    """What is inside a use that is to be opened; None when it is not."""
    if not own_call(use.operation):
        return open_layer(use) if wanted(use.operation, patterns) else None
    traced = trace_use(use)
    if isinstance(traced, Refusal):
        return traced
    if compat.is_model(use.operation) or worth_opening(traced[0]):
        return Opened(*traced)
    return open_layer(use) if named(use.operation, patterns) else None


def add_block(model: Any, parent: str | None, draft: Draft, inside: Opened | None = None) -> str:
    """One more call of a nested model or opened layer; gives the id of its block."""
    name = draft.names[id(model)]
    path = draft.fresh(f"{parent}/{name}" if parent else name)
    if inside is not None:
        draft.opened[id(model)] = model
    if inside is not None and not own_call(model):
        draft.inside.add(path)
    draft.models.setdefault(id(model), path)
    draft.blocks.append(
        Block(
            id=path,
            label=name,
            parent=parent,
            class_name=type(model).__name__,
            model=draft.models[id(model)],
            kind="model" if compat.is_model(model) else "layer" if own_call(model) else "opened",
            auto_named=auto_named(model),
            times=inside.times if inside is not None else 1,
        )
    )
    return path


def add_layer(operation: Any, block: str | None, draft: Draft, variables: tuple[Any, ...] = ()) -> Layer:
    """The layer of an operation, made when it is called first.

    ``variables``: weights that a raw operation is called with; they are nobody else's.
    """
    known = draft.layers.get(id(operation))
    if known is not None:
        return known
    name = draft.names.get(id(operation), operation.name)
    path = draft.fresh_layer(f"{block}/{name}" if block else name)
    layer = Layer(
        id=path,
        name=name,
        class_name=type(operation).__name__,
        module=type(operation).__module__,
        role=layers.role(operation),
        weights=_weights(operation, path, draft, variables),
        trainable=bool(getattr(operation, "trainable", True)),
        config=layers.config_of(operation),
        activation=layers.activation(operation),
        auto_named=auto_named(operation),
        dtype=compat.policy_of(operation),
    )
    draft.layers[id(operation)] = layer
    draft.operations[path] = operation
    own_role = layers.said_role(operation)
    if own_role and own_role not in ROLES:
        names = ", ".join(ROLES)
        why = f"{layer.class_name} has kerasarch_role {own_role!r}, which is no role ({names}): shown as {layer.role}."
        draft.notes.append(Note("role", path, why))
    inner = layers.wrapped(operation)
    if compat.is_model(inner):
        draft.wrappers.append((inner, layer))
    return layer


def _weights(operation: Any, path: str, draft: Draft, variables: tuple[Any, ...]) -> tuple[Weight, ...]:
    def identity(variable: Any, name: str) -> str:
        return draft.weights.setdefault(id(variable), f"{path}/{name}")

    if variables and not compat.is_layer(operation):
        return layers.weights(list({id(one): one for one in variables}.values()), operation.name, identity)
    why = layers.listed(operation)[1]
    if why:
        said = f"The property weights of {type(operation).__name__} raises {why}: those that Keras knows of are shown."
        draft.notes.append(Note("weights-property", path, said))
    return layers.weights_of(operation, identity)


def add_call(
    operation: Any,
    block: str | None,
    inputs: tuple[Tensor, ...],
    outputs: tuple[Tensor, ...],
    arguments: dict[str, Any],
    draft: Draft,
    variables: tuple[Any, ...] = (),
) -> Call:
    """One more call, with its layer."""
    layer = add_layer(operation, block, draft, variables)
    call = Call(
        id=draft.fresh(f"{block}/{layer.name}" if block else layer.name),
        layer=layer.id,
        block=block,
        inputs=inputs,
        outputs=outputs,
        arguments=arguments,
    )
    draft.calls.append(call)
    return call
