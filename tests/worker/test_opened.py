"""Layers of Keras opened: what the graph inside computes is what the layer computes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch import api
from sphinx_kerasarch.errors import KerasarchError
from sphinx_kerasarch.inspector import Description, Inspector, Request
from sphinx_kerasarch.spec import ArchSpec, loops
from sphinx_kerasarch.spec.codec import digest, dumps, loads
from sphinx_kerasarch.spec.cost import cost
from sphinx_kerasarch.spec.query import totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

HERE = Path(__file__).parent
NAMES = """
attention attention_scores grouped dot_attention lstm gru simple_rnn cells own_cell one_step_of_lstm stateful masked
convolutional_lstm bidirectional separable spectral frames frames_of_two steps_of_dense nested
"""
MODELS = NAMES.split()


def read(keras: Any, name: str, patterns: str = "*") -> ArchSpec:
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe

    keras.utils.clear_session()
    model, facts = build(f"opened:{name}", opened=patterns)
    spec = describe(model, facts)
    assert totals(spec).params == model.count_params()
    assert totals(spec).trainable == sum(math.prod(weight.shape) for weight in model.trainable_weights)
    return spec


def edges(spec: ArchSpec) -> set[tuple[str, str]]:
    return {(edge.source.call, edge.target.call) for edge in spec.edges}


# ---- the graph computes what the layer computes ---------------------------------------------------------------------


class Run:
    """Runs the inside of a layer on numbers, with a loop in Python where the graph says so."""

    def __init__(self, keras: Any, opened: Any, weights: Mapping[int, Any]) -> None:
        self.keras, self.opened = keras, opened
        self.values: dict[int, Any] = {key: variables[0].value for key, variables in weights.items()}

    def __call__(self, given: list[Any]) -> list[Any]:
        opened = self.opened
        self.values.update((id(symbol), value) for symbol, value in zip(opened.graph.inputs, given, strict=True))
        collected: dict[int, list[Any]] = {}
        uses = opened.graph.uses
        states = {id(before): after for before, after in opened.states}
        backwards = any(getattr(use.operation, "config", {}).get("order") == "backwards" for use in uses[:1])
        steps = range(opened.times or 1)
        for number in reversed(steps) if backwards else steps:
            for use in uses:
                name = type(use.operation).__name__
                if name == loops.EACH_STEP:
                    self.values[id(use.outputs[0])] = self.values[id(use.arguments[0].tensor)][:, number]
                elif name == loops.PREVIOUS_STATE:
                    self._state(use, states, first=not collected)
                elif name == loops.ALL_STEPS:
                    collected.setdefault(id(use.outputs[0]), []).append(self.values[id(use.arguments[0].tensor)])
                elif name == loops.LAST_STEP:
                    collected[id(use.outputs[0])] = [self.values[id(use.arguments[0].tensor)]]
                else:
                    self._run(use)
        for use in uses:
            name = type(use.operation).__name__
            if name in {loops.ALL_STEPS, loops.LAST_STEP}:
                found = collected[id(use.outputs[0])]
                stacked = self.keras.ops.stack(found, axis=1) if name == loops.ALL_STEPS else found[0]
                self.values[id(use.outputs[0])] = stacked
        return [self.values[id(tensor)] for tensor in opened.graph.outputs]

    def _state(self, use: Any, states: Mapping[int, Any], *, first: bool) -> None:
        symbol = use.outputs[0]
        if not first:
            self.values[id(symbol)] = self.values[id(states[id(symbol)])]
        elif use.arguments:
            self.values[id(symbol)] = self.values[id(use.arguments[0].tensor)]
        else:
            self.values[id(symbol)] = self.keras.ops.zeros([2 if axis is None else axis for axis in symbol.shape])

    def _run(self, use: Any) -> None:
        arguments = use.node.arguments
        args, kwargs = self._filled(arguments.args), self._filled(arguments.kwargs)
        result = self.keras.tree.flatten(use.operation(*args, **kwargs))
        self.values.update((id(tensor), value) for tensor, value in zip(use.outputs, result, strict=True))

    def _filled(self, thing: Any) -> Any:
        if isinstance(thing, dict):
            return {key: self._filled(part) for key, part in thing.items()}
        if isinstance(thing, list | tuple):
            return type(thing)(self._filled(part) for part in thing)
        return self.values[id(thing)] if isinstance(thing, self.keras.KerasTensor) else thing


@pytest.mark.parametrize("name", [name for name in MODELS if name not in {"frames_of_two", "nested"}])
def test_the_inside_computes_what_the_layer_computes(keras: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy
    import opened as models

    from sphinx_kerasarch.worker import inside
    from sphinx_kerasarch.worker.walk import graph_of

    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = getattr(models, name)()
    weights: dict[int, Any] = {}
    monkeypatch.setattr(inside, "_with_weights", lambda graph, found: (weights.update(found), graph)[1])
    graph = graph_of(model)
    assert graph is not None
    tried = 0
    for use in graph.uses:
        if not inside.wanted(use.operation, ("*",)):
            continue
        found = inside.open_layer(use)
        assert isinstance(found, inside.Opened), found
        source = numpy.random.default_rng(3)
        given = [
            numpy.float32(source.normal(size=[2 if axis is None else axis for axis in tensor.shape]))
            for tensor in found.outer
        ]
        tensors = {id(tensor): value for tensor, value in zip(found.outer, given, strict=True)}
        run = Run(keras, found, weights)
        arguments = use.node.arguments
        fill = Run(keras, found, {})
        fill.values.update(tensors)
        hidden = {key: value for key, value in arguments.kwargs.items() if key != "mask"}
        expected = keras.tree.flatten(use.operation(*fill._filled(arguments.args), **fill._filled(hidden)))
        result = run(given)
        assert len(result) == len(expected)
        for one, two in zip(result, expected, strict=True):
            if two is not None:
                numpy.testing.assert_allclose(one, two, atol=1e-5)
        tried += 1
    assert tried


# ---- specs ----------------------------------------------------------------------------------------------------------


def test_attention(keras: Any) -> None:
    spec = read(keras, "attention", "MultiHeadAttention")
    assert edges(spec) == {
        ("q", "att/query"),
        ("v", "att/key"),
        ("v", "att/value"),
        ("att/query", "att/dot_product_attention"),
        ("att/key", "att/dot_product_attention"),
        ("att/value", "att/dot_product_attention"),
        ("att/dot_product_attention", "att/attention_output"),
    }
    assert [(block.id, block.kind, block.times) for block in spec.blocks] == [("att", "opened", 1)]
    shapes = {call.id: call.outputs[0].shape for call in spec.calls}
    assert shapes["att/key"] == (None, 7, 2, 8) and shapes["att/attention_output"] == (None, 5, 16)


def test_closed_unless_asked(keras: Any) -> None:
    spec = read(keras, "attention", "")
    assert not spec.blocks and [call.id for call in spec.calls] == ["q", "v", "att"]


def test_one_step_of_an_lstm(keras: Any) -> None:
    spec = read(keras, "lstm", "last")
    assert [(block.id, block.class_name, block.times) for block in spec.blocks] == [("last", "LSTM", 4)]
    calls = {call.id: call for call in spec.calls}
    assert calls["lstm"].layer == "lstm"
    first, final = calls["last/each_step"], calls["last/last_step"]
    assert (first.inputs[0].shape, first.outputs[0].shape) == ((None, 4, 6), (None, 6))
    assert final.outputs[0].shape == (None, 2)
    (state,) = (edge.source.call for edge in spec.edges if edge.target.call == "last/last_step")
    assert calls["last/hidden"].arguments == {"first": 0, "next": state}
    assert calls["last/carry"].arguments["next"] != state
    held = [(weight.name, layer.class_name) for layer in spec.layers for weight in layer.weights]
    weights = {name: kind for name, kind in held if "/" not in name}
    assert weights["recurrent_kernel"] == weights["kernel"] == "Matmul" and weights["bias"] == "Add"
    assert [(note.slug, note.subject) for note in spec.notes] == [("loop", "last")]
    assert "4 times" in spec.notes[0].message


def test_an_initial_state_arrives_at_the_state(keras: Any) -> None:
    spec = read(keras, "simple_rnn", "second")
    (edge,) = (edge for edge in spec.edges if edge.argument == "initial_state")
    assert (edge.source.call, edge.source.index, edge.target.call) == ("simple_rnn", 1, "second/state")


def test_a_model_in_a_wrapper_is_opened_by_itself(keras: Any) -> None:
    spec = read(keras, "frames", "")
    assert [(block.id, block.times) for block in spec.blocks] == [("frames", 3), ("frames/encoder", 1)]
    shapes = {call.id: call.outputs[0].shape for call in spec.calls}
    assert shapes == {
        "i": (None, 3, 8, 8, 1),
        "frames/each_step": (None, 8, 8, 1),
        "frames/encoder/conv2d": (None, 6, 6, 2),
        "frames/encoder/flatten": (None, 72),
        "frames/all_steps": (None, 3, 72),
    }
    assert not read(keras, "steps_of_dense", "").blocks


def test_wrappers_in_wrappers(keras: Any) -> None:
    spec = read(keras, "frames_of_two", "")
    assert loops.times_of(spec)["outer/middle/inner/part/dense"] == 15
    assert cost(spec).calls["outer/middle/inner/part/dense"].work.macs == 15 * 4 * 2  # type: ignore[union-attr]
    assert len([layer for layer in spec.layers if layer.class_name == "Dense"]) == 1
    assert {("outer/all_steps", "sum"), ("outer@2/all_steps", "sum")} <= edges(spec)


def test_both_directions_with_their_own_weights(keras: Any) -> None:
    spec = read(keras, "bidirectional", "bi")
    sizes = {layer.id: sum(math.prod(weight.shape) for weight in layer.weights) for layer in spec.layers}
    assert sizes["bi/forward_lstm"] == sizes["bi/backward_lstm"] == 4 * (3 + 2 + 1) * 2
    assert ("bi/backward_lstm", "bi/flip") in edges(spec) and "bidirectional" in sizes


def test_own_weights_of_a_wrapper_are_counted_with_it(keras: Any) -> None:
    spec = read(keras, "spectral")
    (own,) = (layer for layer in spec.layers if layer.name == "sn (own weights)")
    assert [weight.trainable for weight in own.weights] == [False] and own.role == "conv"


def test_a_full_name_opens_any_layer(keras: Any) -> None:
    assert not read(keras, "dense", "*").blocks
    spec = read(keras, "dense", "Dense, norm")
    assert [block.id for block in spec.blocks] == ["d", "norm"]
    assert {("i", "d/matmul"), ("d/matmul", "d/add"), ("d/add", "d/re_lu")} <= edges(spec)


def test_a_full_name_opens_a_layer_of_ones_own_into_operations(keras: Any) -> None:
    assert not read(keras, "own_operations", "*").blocks
    for pattern in ("Weighed", "w"):
        spec = read(keras, "own_operations", pattern)
        assert [(block.id, block.class_name) for block in spec.blocks] == [("w", "Weighed")]
        assert {("i", "w/matmul"), ("w/matmul", "w/softmax"), ("w/multiply", "w/sum")} <= edges(spec)


def test_a_name_that_nothing_has_is_told(keras: Any) -> None:
    spec = read(keras, "lstm", "lstn")
    assert [note.message for note in spec.notes] == ["There is no layer to open for 'lstn'."]


@pytest.mark.parametrize("name", MODELS)
def test_cost_is_that_of_the_closed_layer(keras: Any, name: str) -> None:
    """Multiply–accumulates; beside them an opened layer also counts scales and differences that formulas leave out."""
    closed, opened = cost(read(keras, name, "")), cost(read(keras, name))
    # Additive attention multiplies and sums where others have a product.
    beside = 5 * 5 * 16 if name == "dot_attention" else 0
    if not closed.unknown:  # a cell of one's own is known only when it is opened
        assert opened.known.macs + beside == closed.known.macs
    assert not opened.unknown


def test_an_unknown_number_of_steps(keras: Any) -> None:
    import opened as models

    from sphinx_kerasarch.worker.describe import describe

    spec = describe(models.frames(None))
    assert spec.blocks[0].times is None and loads(dumps(spec)).blocks[0].times is None
    found = cost(spec)
    assert "steps" in found.calls["frames/encoder/conv2d"].reason
    assert not found.calls["frames/each_step"].reason


@pytest.mark.parametrize("name", ["attention", "lstm", "frames", "bidirectional", "separable", "nested"])
def test_views(keras: Any, name: str) -> None:
    spec = read(keras, name)
    drawn = api.draw(spec, "graph", width="400mm")
    assert len(drawn.svg()) > 1000
    table = drawn.text() + api.draw(spec, "summary").text()
    for block in spec.blocks:
        assert block.times == 1 or f"{block.class_name}, {block.times} steps" in table
    try:
        svg = api.draw(spec, "layered").svg()
    except KerasarchError as error:
        assert error.slug == "draw" and error.advice
    else:
        assert len(svg) > 1000


# ---- tiers ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiers() -> Iterator[tuple[Inspector, Inspector]]:
    pytest.importorskip("tensorflow")
    with (
        Inspector(path=(str(HERE),), timeout=60.0, backend="symbolic") as one,
        Inspector(path=(str(HERE),), timeout=60.0, backend="tensorflow") as two,
    ):
        yield one, two


def test_the_same_in_the_symbolic_tier(tiers: tuple[Inspector, Inspector]) -> None:
    asked = [Request(f"opened:{name}", open="*") for name in MODELS]
    found: list[dict[str, ArchSpec]] = []
    for inspector in tiers:
        answers = dict(inspector.describe_many(asked))
        assert all(isinstance(answer, Description) for answer in answers.values()), answers
        found.append({request.target: answer.spec for request, answer in answers.items()})  # type: ignore[union-attr]
    for target, spec in found[0].items():
        assert digest(spec) == digest(found[1][target]), target


def test_a_request_with_other_layers_to_open_is_another(tmp_path: Path) -> None:
    from sphinx_kerasarch.cache.keys import request_key

    one = Request("opened:lstm")
    keys = {request_key(request, {}) for request in (one, replace(one, open="LSTM"), replace(one, open="last"))}
    assert len(keys) == 3


def test_raw_convolutions_are_told_as_layers_are(keras: Any) -> None:
    from sphinx_kerasarch.spec.parameters import hyper_parameters

    told = {layer.name: hyper_parameters(layer) for layer in read(keras, "separable").layers}
    assert told["depthwise_conv"] == ("3×3", "stride 2", "same") and told["conv"] == ("1×1",)
