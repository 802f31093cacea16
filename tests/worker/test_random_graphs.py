"""Random models: the spec is compared with the node data of Keras, output by output and call by call."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from sphinx_kerasarch.spec import ArchSpec, Port
from sphinx_kerasarch.spec.query import layer_of, totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

SHAPE = (6, 4)
SEEDS = range(14)


def layers_for(keras: Any, draw: random.Random) -> dict[str, Any]:
    """What a program may call, any of it several times."""
    layers = keras.layers
    a, b = keras.Input(SHAPE, name="na"), keras.Input(SHAPE, name="nb")
    shared = layers.Dense(4, name="nested_dense")
    inner = keras.Sequential([keras.Input(SHAPE), shared, layers.ReLU(name="nested_relu")], name="chain")
    pair = keras.Model([a, b], [shared(a) - inner(b), layers.Add(name="nested_add")([b, a])], name="pair")
    found = {f"dense{number}": layers.Dense(4, name=f"dense{number}") for number in range(draw.randint(1, 3))}
    found |= {"chain": inner, "pair": pair, "add": layers.Add(name="plus"), "minus": layers.Subtract(name="minus")}
    found["att"] = layers.MultiHeadAttention(2, 3, name="att")
    found["lstm"] = layers.LSTM(4, return_sequences=True, return_state=True, name="lstm")
    return found


Step = tuple[str, tuple[int, ...], int]


def program(draw: random.Random, names: Sequence[str]) -> list[Step]:
    """(layer or operation, operands counted from the newest, a number to choose by)."""
    kinds = [*names, "x+y", "x*2", "split", "ops.maximum"]
    return [
        (draw.choice(kinds), (draw.randint(0, 6), draw.randint(0, 6)), draw.randint(0, 99))
        for _ in range(draw.randint(3, 12))
    ]


def run(keras: Any, steps: list[Step], layers: dict[str, Any], inputs: Sequence[Any]) -> list[Any]:
    """Results of a program: the newest three tensors."""
    known = list(inputs)
    for kind, picks, number in steps:
        x, y = (known[-1 - pick % len(known)] for pick in picks)
        if kind in ("add", "minus", "pair"):
            made = layers[kind]([x, y])
        elif kind == "att":
            made = layers[kind](x, value=y) if number % 2 else layers[kind](key=y, query=x, value=x)
        elif kind == "lstm":
            made, carry, state = layers[kind](x)
            if number % 3 == 0:
                made = layers[kind](y, initial_state=[carry, state])[0]
        elif kind == "x+y":
            made = x + y
        elif kind == "x*2":
            made = x * 2.0
        elif kind == "ops.maximum":
            made = keras.ops.maximum(x, y)
        elif kind == "split":
            made = keras.ops.concatenate(keras.ops.split(x, 2, axis=-1)[:: -1 if number % 2 else 1], axis=-1)
        else:
            made = layers[kind](x)
        known.extend(made if isinstance(made, list | tuple) else [made])
    return known[-3:]


def mark(*parts: Any) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def said_by_keras(model: Any) -> tuple[list[str], Counter[str]]:
    """Marks of the outputs, and of all calls that they follow from: what each computes of what, to the inputs."""
    functional = model._functional if hasattr(model, "_functional") else model
    calls: dict[Any, str] = {}

    def tensor(thing: Any, given: dict[int, str], path: tuple[int, ...]) -> str:
        if id(thing) in given:
            return given[id(thing)]
        operation, number, index = thing._keras_history
        node = operation._inbound_nodes[number]
        inner = getattr(operation, "_functional", operation)
        taken = [tensor(one, given, path) for one in in_order(node)]
        if hasattr(inner, "inputs") and hasattr(inner, "outputs"):
            inside = {id(one): mark_ for one, mark_ in zip(inner.inputs, taken, strict=True)}
            return tensor(inner.outputs[index], inside, (*path, id(node)))
        key = (path, id(node))
        calls[key] = mark(name_of(operation), taken)
        return mark(calls[key], index)

    given = {id(one): mark("input", place) for place, one in enumerate(functional.inputs)}
    outputs = [tensor(one, given, ()) for one in functional.outputs]
    return outputs, Counter(calls.values())


def in_order(node: Any) -> list[Any]:
    """Tensors of a node as its author wrote them: by position, then keywords in their order."""
    found: list[Any] = []

    def walk(thing: Any) -> None:
        if isinstance(thing, dict):
            for part in thing.values():
                walk(part)
        elif isinstance(thing, list | tuple):
            for part in thing:
                walk(part)
        elif hasattr(thing, "_keras_history"):
            found.append(thing)

    walk((node.arguments.args, node.arguments.kwargs))
    return found


def name_of(operation: Any) -> str:
    return str(operation.name) if hasattr(operation, "weights") else type(operation).__name__


def said_by_spec(spec: ArchSpec) -> tuple[list[str], Counter[str]]:
    layers, calls = layer_of(spec), {call.id: call for call in spec.calls}
    into: dict[str, dict[int, Port]] = {call.id: {} for call in spec.calls}
    for edge in spec.edges:
        assert edge.target.index not in into[edge.target.call], "two edges end in one port"
        into[edge.target.call][edge.target.index] = edge.source
    inputs = {slot.port.call: place for place, slot in enumerate(spec.inputs)}
    marks: dict[str, str] = {}

    def call(which: str) -> str:
        if which not in marks:
            taken = [port(into[which][index]) for index in sorted(into[which])]
            layer = layers[calls[which].layer]
            marks[which] = mark(layer.class_name if ".ops." in layer.module else layer.name, taken)
        return marks[which]

    def port(end: Port) -> str:
        return mark("input", inputs[end.call]) if end.call in inputs else mark(call(end.call), end.index)

    outputs = [port(slot.port) for slot in spec.outputs]
    return outputs, Counter(call(one.id) for one in spec.calls if one.id not in inputs)


def model_of(keras: Any, seed: int) -> tuple[Any, Any]:
    draw = random.Random(seed)
    layers = layers_for(keras, draw)
    steps = program(draw, tuple(layers))
    inputs = [keras.Input(SHAPE, name=f"in{number}") for number in range(2)]
    return layers, (steps, inputs, run(keras, steps, layers, inputs))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_graph_is_what_keras_says(keras: Any, seed: int) -> None:
    from sphinx_kerasarch.worker.describe import describe

    _, (_, inputs, outputs) = model_of(keras, seed)
    model = keras.Model(inputs, outputs)
    spec = describe(model)
    wanted, found = said_by_keras(model), said_by_spec(spec)
    assert found[0] == wanted[0]
    # A nested model is shown whole at each call, with calls that this model's outputs do not need.
    assert not wanted[1] - found[1]
    assert totals(spec).params == model.count_params()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_code_in_a_call_gives_the_same_graph(keras: Any, seed: int) -> None:
    from sphinx_kerasarch.worker.describe import describe

    layers, (steps, inputs, outputs) = model_of(keras, seed)
    functional = keras.Model(inputs, outputs)

    class Subclassed(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.parts = layers

        def call(self, x: Any, y: Any) -> Any:
            return run(keras, steps, self.parts, [x, y])

    model = Subclassed()
    model(*(keras.Input(SHAPE) for _ in range(2)))
    spec = describe(model)
    assert not [note for note in spec.notes if note.slug == "no-graph"]
    assert said_by_spec(spec) == said_by_spec(describe(functional))
