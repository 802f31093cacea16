"""What the description says of models whose graph is known."""

from __future__ import annotations

from typing import Any

import pytest

from sphinx_kerasarch.spec import ArchSpec, Port
from sphinx_kerasarch.spec.codec import digest, dumps, loads
from sphinx_kerasarch.spec.query import layer_of, totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]


def port(value: Port) -> str:
    return f"{value.call}.{value.index}" if value.index else value.call


def edges(spec: ArchSpec) -> list[str]:
    return [
        f"{port(edge.source)} > {port(edge.target)}" + (f" ({edge.argument})" if edge.argument else "")
        for edge in spec.edges
    ]


def shape(spec: ArchSpec, call: str, index: int = 0) -> tuple[int | None, ...]:
    return next(item for item in spec.calls if item.id == call).outputs[index].shape


@pytest.fixture
def read(keras: Any) -> Any:
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe

    def reader(name: str, input_shape: str = "") -> ArchSpec:
        model, facts = build(f"graphs:{name}", "", input_shape)
        spec = describe(model, facts)
        assert not model.built or totals(spec).params == model.count_params()
        assert loads(dumps(spec)) == spec
        return spec

    return reader


EDGES = {
    "chain": ["input_layer > a", "a > b"],
    "multi_io": ["a > both", "b > both.1", "both > o1", "both > o2"],
    "shared_layer": ["a > sh", "sh > sh@2", "b > sh@3", "sh@2 > sum", "sh@3 > sum.1"],
    "shared_outside": ["a > sh"],
    "nested": ["o > mid/inner/d", "mid/inner/d > mid/inner@2/d"],
    "nested_sequential": ["o > inner/d", "inner/d > tail/x", "tail/x > tail/y"],
    "nested_new_shape": [
        "a > inner/conv",
        "inner/conv > inner/pool",
        "b > inner@2/conv",
        "inner@2/conv > inner@2/pool",
    ],
    "nested_dict": ["a > cross/att", "b > cross/att.1 (value)"],
    "passed_through": ["a > inner/d", "a > r"],
    "cut": ["input > after"],
    "taps": ["input_layer > a", "a > b"],
    "attention": ["q > att", "v > att.1 (value)", "m > att.2 (attention_mask)"],
    "states": [
        "a > first",
        "b > second",
        "first.1 > second.1 (initial_state)",
        "first.2 > second.2 (initial_state)",
    ],
    "masked": ["i > emb", "emb > rnn"],
    "constant": ["i > plus"],
    "wrappers": ["i > td", "td > flat", "flat > both"],
    "unused_input": ["a > d"],
    "dict_layer": ["p > split", "q > split.1"],
}


@pytest.mark.parametrize("name", EDGES)
def test_edges(read: Any, name: str) -> None:
    assert edges(read(name)) == EDGES[name]


def test_operations_and_their_constants(read: Any) -> None:
    spec = read("operations")
    arguments = {call.id: dict(call.arguments) for call in spec.calls}
    assert arguments["transpose"] == {"axes": [0, 2, 1]}
    assert arguments["get_item"] == {"key": [":", 0]}
    assert arguments["multiply"] == {"x2": 2} and arguments["subtract"] == {"x1": 0.5}
    assert arguments["mean"] == {"axis": -1, "keepdims": True}
    assert "split.1 > mean" in edges(spec) and "mean > where.2" in edges(spec)
    roles = {layer.name: layer.role for layer in spec.layers}
    assert roles["add"] == roles["matmul"] == roles["where"] == "merge"
    assert roles["get_item"] == "reshape" and roles["relu"] == "act"


def test_constant_arrays_are_told_by_their_shape(read: Any) -> None:
    plus = next(call for call in read("constant").calls if call.id == "plus")
    assert dict(plus.arguments) == {"inputs[1]": "array (1, 3) float32"}


def test_structures_keep_their_names(read: Any) -> None:
    spec = read("multi_io")
    assert [(slot.name, port(slot.port)) for slot in spec.inputs] == [("a", "a"), ("b", "b")]
    assert [(slot.name, port(slot.port)) for slot in spec.outputs] == [
        ("one", "o1"),
        ("rest/0", "o2"),
        ("rest/1", "a"),
    ]
    assert [slot.name for slot in read("unused_input").inputs] == ["a", "b"]
    assert [port(slot.port) for slot in read("attention").outputs] == ["att", "att.1"]


def test_blocks_of_nested_models(read: Any) -> None:
    spec = read("nested")
    assert [(block.id, block.parent, block.model) for block in spec.blocks] == [
        ("mid", None, "mid"),
        ("mid/inner", "mid", "mid/inner"),
        ("mid/inner@2", "mid", "mid/inner"),
    ]
    assert {call.layer for call in spec.calls if call.block and call.block.startswith("mid/inner")} == {
        "mid/inner/d"
    }
    assert totals(spec).params == 20
    assert [layer.class_name for layer in spec.layers].count("InputLayer") == 1
    assert [block.class_name for block in read("nested_sequential").blocks] == ["Functional", "Sequential"]


def test_shapes_of_each_call(read: Any) -> None:
    spec = read("nested_new_shape")
    assert shape(spec, "inner/pool") == (None, 15, 15, 4) and shape(spec, "inner@2/pool") == (None, 7, 7, 4)
    assert not spec.notes


def test_hidden_masks_are_noted_not_drawn(read: Any) -> None:
    spec = read("masked")
    assert [note.slug for note in spec.notes] == ["mask"]
    assert "NotEqual" not in {layer.class_name for layer in spec.layers}


def test_wrappers_look_like_what_they_wrap(read: Any) -> None:
    layers = layer_of(read("wrappers"))
    assert (layers["td"].role, layers["td"].activation) == ("dense", "relu")
    assert layers["both"].role == "recur" and layers["flat"].role == "reshape"
    assert layers["both"].weights[0].name == "forward_lstm/lstm_cell/kernel"


def test_frozen_and_policies(read: Any) -> None:
    layers = layer_of(read("frozen"))
    assert not layers["cold"].trainable and not any(w.trainable for w in layers["cold"].weights)
    assert [w.trainable for w in layers["bn"].weights] == [True, True, False, False]
    assert layer_of(read("mixed"))["half"].dtype == "mixed_bfloat16"


def test_frozen_base_model_called_without_training(read: Any) -> None:
    spec = read("fine_tuned")
    arguments = {call.id: dict(call.arguments) for call in spec.calls}
    assert arguments["base/bn"] == arguments["base/drop"] == {"training": False}
    assert arguments["base/d"] == arguments["head"] == {}
    assert (totals(spec).trainable, totals(spec).non_trainable) == (10, 36)


def test_a_models_own_weights_are_counted(read: Any) -> None:
    spec = read("own_weights")
    assert totals(spec).params == 16 and [note.slug for note in spec.notes] == ["uncalled"]


def test_names_come_out_as_themselves(read: Any) -> None:
    names = [layer.name for layer in read("awkward_names").layers]
    assert names == ["in<&>", "a\"'{}\\$%_#", "🙂@2"]


def test_subclassed_models_have_the_graph_of_their_code(read: Any) -> None:
    spec = read("Perceptron", "4")
    assert not spec.notes
    assert [call.id for call in spec.calls] == ["input_layer", "dense", "body/inside"]


def test_a_shell_without_code_is_a_list(read: Any) -> None:
    shell = read("Shell")
    assert [note.slug for note in shell.notes] == ["no-graph"]
    assert [block.id for block in shell.blocks] == ["generator", "critic"] and totals(shell).params == 49


@pytest.mark.parametrize("name", ["deep", "deep_sequential"])
def test_five_thousand_layers(read: Any, name: str) -> None:
    spec = read(name)
    assert len(spec.calls) == 5001 and len(spec.edges) == 5000
    assert spec.calls[-1].id == spec.outputs[0].port.call == "activation_4999"


def test_names_and_digest_do_not_tell_what_was_built_before(read: Any, keras: Any) -> None:
    from models import lenet, lstm_seq2seq

    from sphinx_kerasarch.worker.describe import describe

    for factory in (lenet, lstm_seq2seq):
        first, second = describe(factory()), describe(factory())
        assert digest(first) == digest(second)
    assert "conv2d_1" in [layer.name for layer in describe(lenet()).layers]


def test_an_authors_numbers_stay(read: Any) -> None:
    spec = read("numbered")
    assert [(layer.name, layer.auto_named) for layer in spec.layers[1:]] == [
        ("dense_7", False),
        ("fc_3", False),
        ("dense", True),
    ]
    clone = read("clone")
    assert [(layer.name, layer.auto_named) for layer in clone.layers[1:]] == [
        ("dense", True),
        ("dense_1", True),
    ]


def test_recorded_specs_are_what_keras_says_now(keras: Any) -> None:
    from pathlib import Path

    from models import MODELS

    from sphinx_kerasarch.worker.describe import describe

    here = Path(__file__).parent.parent / "specs"
    for name in (
        "mlp",
        "cnn",
        "lenet",
        "autoencoder",
        "siamese",
        "two_io",
        "transformer_encoder",
        "lstm_seq2seq",
    ):
        recorded = loads((here / f"{name}.json").read_text("utf-8"))
        now = describe(MODELS[name]())
        assert edges(now) == edges(recorded), name
        assert totals(now) == totals(recorded), name
        assert [call.outputs for call in now.calls] == [call.outputs for call in recorded.calls], name
