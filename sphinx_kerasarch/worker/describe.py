"""Live Keras model → ArchSpec.

Nested models are opened to any depth: each call of a nested model becomes a block whose inner calls are connected
directly to the calls outside.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from ..spec.model import ArchSpec, Edge, Layer, Note, Port, Slot, Tensor, Weight
from . import compat, layers
from .draft import Draft, Place, add_block, add_call, start
from .facts import BuildFacts
from .inside import Opened
from .trace import decisions, own_call
from .values import kernels
from .walk import LiveGraph, Use, leaves, pair, parameters_of_call, tensors_in


def describe(model: Any, facts: BuildFacts | None = None) -> ArchSpec:
    """The architecture of a live model.

    ``facts``: how it was built (provenance and notes). Raises :class:`.DescribeError` never for what a model may
    lawfully be: what cannot be found out becomes a :class:`.Note`.
    """
    facts = facts or BuildFacts()
    draft = start(model, facts.wanted, facts.opened)
    graph = draft.graphs[id(model)]
    name = draft.names[id(model)]
    if graph is None:
        inputs, outputs = _describe_list(model, draft)
    else:
        inputs, outputs = _describe_graph(graph, draft)
    _rest_of_weights(model, name, draft)
    _note_masks(draft)
    _note_wrapped(draft)
    _note_traces(model, draft)
    _note_opened(draft)
    values = kernels(draft, facts) if facts.values else {}
    return ArchSpec(
        name=name,
        class_name=type(model).__name__,
        layers=tuple(_as_trained(model, draft)),
        calls=tuple(draft.calls),
        edges=tuple(draft.edges),
        inputs=inputs,
        outputs=outputs,
        blocks=tuple(draft.blocks),
        values=values,
        notes=(*facts.notes, *draft.notes),
        provenance=facts.provenance(),
    )


# ---- a model with a graph -------------------------------------------------------------------------------------------


def _describe_graph(graph: LiveGraph, draft: Draft) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    places: dict[int, Place] = {}
    for tensor in graph.inputs:
        if id(tensor) not in places:
            places[id(tensor)] = _add_input(tensor, draft)
    _add_uses(graph, places, None, draft)
    return (
        _slots(graph.input_structure, places, draft),
        _slots(graph.output_structure, places, draft),
    )


def _add_input(tensor: Any, draft: Draft) -> Place:
    operation = tensor._keras_history[0]
    shown = Tensor(compat.shape_of(tensor), compat.dtype_of(tensor))
    call = add_call(operation, None, (), (shown,), {}, draft)
    return Place(Port(call.id), shown)


def _slots(structure: Any, places: dict[int, Place], draft: Draft) -> tuple[Slot, ...]:
    named = {layer.id: layer.name for layer in draft.layers.values()}
    by_call = {call.id: named[call.layer] for call in draft.calls}
    slots = []
    for path, tensor in leaves(structure):
        if id(tensor) not in places:
            continue
        place = places[id(tensor)]
        told = any(not part.isdigit() for part in path)
        slots.append(Slot("/".join(path) if told else by_call[place.port.call], place.port))
    return tuple(slots)


def _add_uses(
    graph: LiveGraph, places: dict[int, Place], block: str | None, draft: Draft, training: Any = None
) -> None:
    """Calls and blocks for the uses of a graph; ``places`` is filled with their outputs.

    ``training``: as the nested model was called with (``base(x, training=False)``), handed on to the layers that ask.
    """
    for use in graph.uses:
        traced = draft.traces.get(id(use.node))
        if traced is not None and all(id(tensor) in places for tensor in traced.outer):
            pairs = list(zip(traced.graph.inputs, traced.outer, strict=True))
            _open_model(use, traced.graph, pairs, places, block, draft, training, traced)
            continue
        inner = draft.graphs.get(id(use.operation))
        if inner is not None:
            arguments = use.node.arguments
            outer = arguments.args[0] if arguments.args else next(iter(arguments.kwargs.values()), None)
            _open_model(use, inner, pair(inner.input_structure, outer), places, block, draft, training)
            continue
        if _passes_on(use, places, CHANGE_NOTHING if block in draft.inside else CHANGE_NOTHING[:1]):
            continue
        given = [
            (argument, places[id(argument.tensor)])
            for argument in use.arguments
            if id(argument.tensor) in places
        ]
        outputs = tuple(_output(tensor, places) for tensor in use.outputs)
        tensors = tuple(place.tensor for _, place in given)
        constants = _constants(use, training)
        call = add_call(use.operation, block, tensors, outputs, constants, draft, use.variables)
        for index, (argument, place) in enumerate(given):
            draft.edges.append(Edge(place.port, Port(call.id, index), argument.name))
        for index, tensor in enumerate(use.outputs):
            places[id(tensor)] = Place(Port(call.id, index), outputs[index])
        if use.masked:
            draft.masks.append(call.id)


CHANGE_NOTHING = ("ConvertToTensor", "Cast")
"""``convert_to_tensor``, which Keras puts before the inputs of a called Functional model, and the casts that its own
layers make to the dtype that is there."""


def _passes_on(use: Use, places: dict[int, Place], names: tuple[str, ...]) -> bool:
    """Whether a use changes nothing; its output is then its input."""
    if type(use.operation).__name__ not in names or len(use.arguments) != 1:
        return False
    place = places.get(id(use.arguments[0].tensor))
    if place is None or place.tensor.dtype != compat.dtype_of(use.outputs[0]):
        return False
    places[id(use.outputs[0])] = place
    return True


def _output(tensor: Any, places: dict[int, Place]) -> Tensor:
    # A nested model that is called on another shape has its tensors placed beforehand, with the shapes of this call.
    known = places.get(id(tensor))
    return known.tensor if known else Tensor(compat.shape_of(tensor), compat.dtype_of(tensor))


TRAINING_ROLES = frozenset({"norm", "reg", "prep", "recur", "attn", "custom"})
"""Dense and Embedding take ``training`` too, but compute the same with it."""


def _constants(use: Use, training: Any) -> dict[str, Any]:
    constants = dict(use.constants)
    asks = "training" in parameters_of_call(use.operation)
    if training is not None and asks and layers.role(use.operation) in TRAINING_ROLES:
        constants.setdefault("training", training)
    if not compat.is_layer(use.operation):
        constants = {**layers.config_of(use.operation), **constants}
    return {name: layers.plain(value) for name, value in constants.items()}


def _open_model(
    use: Use,
    inner: LiveGraph,
    pairs: list[tuple[Any, Any]],
    places: dict[int, Place],
    block: str | None,
    draft: Draft,
    training: Any,
    traced: Opened | None = None,
) -> None:
    """``pairs``: (input of ``inner``, the tensor outside that it stands for)."""
    path = add_block(use.operation, block, draft, traced)
    given = {id(a): places[id(b)] for a, b in pairs}
    own = dict(given)
    if any(place.tensor.shape != compat.shape_of(tensor) for tensor, place in _with_tensors(inner, given)):
        _reshape(inner, own, path, draft)
    _add_uses(inner, own, path, draft, use.constants.get("training", training))
    for tensor, result in zip(use.outputs, inner.outputs, strict=False):
        places[id(tensor)] = own[id(result)]
    if traced is not None and traced.states:
        _tell_states(traced, own, draft)
    if traced is not None and use.masked:
        draft.masks.append(path)


def _tell_states(traced: Opened, places: dict[int, Place], draft: Draft) -> None:
    """At each state the call that makes it for the next step, by its id."""
    after = {places[id(before)].port.call: places[id(then)].port.call for before, then in traced.states}
    for index, call in enumerate(draft.calls):
        if call.id in after:
            draft.calls[index] = replace(call, arguments={**call.arguments, "next": after[call.id]})


def _with_tensors(graph: LiveGraph, given: dict[int, Place]) -> Iterator[tuple[Any, Place]]:
    return ((tensor, given[id(tensor)]) for tensor in graph.inputs if id(tensor) in given)


def _reshape(graph: LiveGraph, places: dict[int, Place], block: str, draft: Draft) -> None:
    """Shapes of a nested model's inner tensors when it is called on other shapes than it was defined with.

    Their ports are set later, when the calls are added.
    """
    known: dict[int, Any] = {
        id(tensor): compat.symbol_like(tensor, place.tensor.shape, place.tensor.dtype)
        for tensor, place in _with_tensors(graph, places)
    }

    def replace(thing: Any) -> Any:
        if isinstance(thing, dict):
            return {key: replace(part) for key, part in thing.items()}
        if isinstance(thing, list | tuple):
            return type(thing)(replace(part) for part in thing)
        return known.get(id(thing)) if compat.is_symbolic(thing) else thing

    try:
        for use in graph.uses:
            arguments = use.node.arguments
            result = compat.output_spec(use.operation, replace(arguments.args), replace(arguments.kwargs))
            for tensor, new in zip(use.outputs, tensors_in(result), strict=True):
                known[id(tensor)] = new
                shown = Tensor(compat.shape_of(new), compat.dtype_of(new))
                places[id(tensor)] = Place(Port(""), shown)
    except Exception as error:  # any layer's own code runs here
        draft.notes.append(
            Note(
                "shape",
                block,
                f"The shapes inside are those of its definition: {type(error).__name__} at this call's shape.",
            )
        )


# ---- a model without a graph ----------------------------------------------------------------------------------------


def _describe_list(model: Any, draft: Draft) -> tuple[tuple[Slot, ...], tuple[Slot, ...]]:
    """Layers of a subclassed or unbuilt model in the order of their creation, without edges."""
    _list_layers(model, None, draft)
    _, why = draft.refusals.pop(id(model), (model, "it has no graph"))
    said = f"The connections inside {type(model).__name__} are unknown, its layers are listed: {why}."
    draft.notes.append(Note("no-graph", "", said))
    return (), ()


def _list_layers(model: Any, block: str | None, draft: Draft) -> None:
    for operation in model.layers:
        if not compat.is_model(operation):
            add_call(operation, block, (), (), {}, draft)
            continue
        path = add_block(operation, block, draft)
        graph = draft.graphs[id(operation)]
        if graph is None:
            _list_layers(operation, path, draft)
            continue
        places = {id(tensor): _add_inner_input(tensor, path, draft) for tensor in graph.inputs}
        _add_uses(graph, places, path, draft)


def _add_inner_input(tensor: Any, block: str, draft: Draft) -> Place:
    shown = Tensor(compat.shape_of(tensor), compat.dtype_of(tensor))
    call = add_call(tensor._keras_history[0], block, (), (shown,), {}, draft)
    return Place(Port(call.id), shown)


# ---- what the walk did not meet -------------------------------------------------------------------------------------


def _rest_of_weights(model: Any, name: str, draft: Draft) -> None:
    """A layer for weights that no called layer has (a model's own ``add_weight``), so that totals stay right."""
    for operation in draft.opened.values():
        path = draft.models[id(operation)]
        if not compat.is_model(operation) and not own_call(operation):
            _rest_of(operation, draft.names[id(operation)], path, draft)
    _rest_of(model, name, name, draft)


def _rest_of(owner: Any, name: str, place: str, draft: Draft) -> None:
    found, why = layers.listed(owner)
    if why:
        said = f"The property weights of {type(owner).__name__} raises {why}: those that Keras knows of are shown."
        draft.notes.append(Note("weights-property", place, said))
    rest = [variable for variable in found if id(variable) not in draft.weights]
    if not rest:
        return
    path = draft.fresh_layer(f"{place} (own weights)")
    weights = tuple(
        Weight(
            draft.weights.setdefault(id(variable), f"{path}/{index}"),
            compat.path_of(variable).rpartition("/")[2],
            tuple(int(axis) for axis in variable.shape),
            compat.dtype_of(variable),
            bool(variable.trainable),
        )
        for index, variable in enumerate(rest)
    )
    draft.layers[id(owner)] = Layer(
        id=path,
        name=f"{name} (own weights)",
        class_name=type(owner).__name__,
        module=type(owner).__module__,
        role="custom" if compat.is_model(owner) else layers.role(owner),
        weights=weights,
    )
    draft.notes.append(
        Note(
            "uncalled",
            path,
            f"Weights of {name} that belong to no called layer ({len(rest)}) are counted with it"
            f"{_uncalled(owner, rest)}.",
        )
    )


def _as_trained(model: Any, draft: Draft) -> Iterator[Layer]:
    """The layers; none of a model that is frozen as a whole is trained, whatever its parts say (as Keras counts)."""
    if layers.asked(model, "trainable") is not False:
        yield from draft.layers.values()
        return
    for layer in draft.layers.values():
        yield replace(layer, weights=tuple(replace(weight, trainable=False) for weight in layer.weights))


def _uncalled(model: Any, rest: list[Any]) -> str:
    """Names of layers that a model owns and its ``call`` leaves out."""
    loose = {id(variable) for variable in rest}
    found = [
        operation.name
        for operation in getattr(model, "layers", ())
        if operation.weights and all(id(variable) in loose for variable in operation.weights)
    ]
    told = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    return f"; never called: {told}" if found else ""


def _note_wrapped(draft: Draft) -> None:
    """Models inside wrappers stay closed, as what they compute is one step of many; what they are is told."""
    for inner, layer in draft.wrappers:
        size = sum(math.prod(variable.shape) for variable in inner.weights)
        told = f"{len(inner.layers)} layers, {size:,} parameters; its inside is not shown"
        said = f"{layer.class_name} applies {draft.inner_name(inner)} at each step: {told}."
        draft.notes.append(Note("closed", layer.id, said))


def _note_masks(draft: Draft) -> None:
    if draft.masks:
        shown = ", ".join(draft.masks[:3]) + (
            f" and {len(draft.masks) - 3} more" if len(draft.masks) > 3 else ""
        )
        draft.notes.append(
            Note("mask", draft.masks[0], f"A mask that Keras passes on by itself reaches {shown}.")
        )


def _note_opened(draft: Draft) -> None:
    """Loops, and patterns that nothing answers to."""
    for block in draft.blocks:
        if block.times != 1:
            often = "as often as there are steps" if block.times is None else f"{block.times:,} times"
            with_state = any(call.block == block.id and "next" in call.arguments for call in draft.calls)
            what = "from the state that the step before has left" if with_state else "with the same weights"
            said = f"One step of {block.label} is shown. It runs {often}, each time {what}."
            draft.notes.append(Note("loop", block.id, said))
    for pattern in draft.patterns:
        told = [(block.class_name, block.label) for block in draft.blocks]
        told += [(layer.class_name, layer.name) for layer in draft.layers.values()]
        if not any(fnmatchcase(name, pattern) for names in told for name in names):
            draft.notes.append(Note("open", "", f"There is no layer to open for {pattern!r}."))


def _note_traces(model: Any, draft: Draft) -> None:
    """What a trace could not see, and what it took for granted."""
    closed: dict[tuple[str, str], list[str]] = {}
    for operation, why in draft.refusals.values():
        name = type(operation).__name__
        if id(operation) in draft.layers:
            closed.setdefault((name, why), []).append(draft.layers[id(operation)].id)
        elif operation is model or id(operation) in draft.models:
            said = f"The graph that {name} was made with is shown, not what its own call makes of it: {why}."
            draft.notes.append(Note("own-call", draft.models.get(id(operation), ""), said))
    for (name, why), subjects in closed.items():
        many = f" ({len(subjects)} layers)" if len(subjects) > 1 else ""
        draft.notes.append(Note("closed", subjects[0], f"The inside of {name}{many} is not shown: {why}."))
    told: set[str] = set()
    for operation in [*([model] if draft.graphs[id(model)] else []), *draft.opened.values()]:
        for argument in decisions(operation) if own_call(operation) else ():
            said = f"call of {type(operation).__name__} decides by {argument!r}: shown as without it."
            if said not in told:
                told.add(said)
                draft.notes.append(Note("decision", draft.models.get(id(operation), ""), said))
