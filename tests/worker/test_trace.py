"""The graph inside ``call`` of subclassed models and layers."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import digest
from sphinx_kerasarch.spec.query import totals

pytestmark = pytest.mark.keras


@pytest.fixture
def trace(keras: Any) -> Any:
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe

    def read(factory: str, shape: str = "") -> ArchSpec:
        model, facts = build(f"subclassed:{factory}", "", shape)
        spec = describe(model, facts)
        assert totals(spec).params == model.count_params()
        trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
        assert totals(spec).trainable == trainable
        return spec

    return read


def edges(spec: ArchSpec) -> set[tuple[str, str]]:
    return {(edge.source.call, edge.target.call) for edge in spec.edges}


def test_layers_with_code_of_their_own_are_blocks(trace: Any) -> None:
    spec = trace("ResNet", "16, 16, 3")
    assert [(block.id, block.kind, block.class_name) for block in spec.blocks] == [
        ("block1", "layer", "Residual"),
        ("block2", "layer", "Residual"),
    ]
    assert [call.id for call in spec.calls if call.block == "block1"] == [
        "block1/conv2d_1",
        "block1/batch_normalization",
        "block1/conv2d_2",
        "block1/multiply",
        "block1/add",
        "block1/relu",
    ]
    assert {("conv2d", "block1/conv2d_1"), ("conv2d", "block1/add"), ("block1/relu", "block2/conv2d_3")} <= edges(spec)
    assert not spec.notes


def test_a_variable_belongs_to_the_operation_that_is_given_it(trace: Any) -> None:
    spec = trace("ResNet", "16, 16, 3")
    (scale,) = next(layer for layer in spec.layers if layer.id == "block1/multiply").weights
    assert (scale.name, scale.shape, scale.trainable) == ("scale", (8,), True)


def test_a_layer_called_twice_is_two_blocks_and_counted_once(trace: Any) -> None:
    spec = trace("functional_with_residuals")
    assert [(block.id, block.model) for block in spec.blocks] == [("twice", "twice"), ("twice@2", "twice")]
    assert len([layer for layer in spec.layers if layer.class_name == "Conv2D"]) == 2
    assert len([call for call in spec.calls if call.layer.endswith("conv2d")]) == 2


def test_inputs_of_a_first_call_keep_keys_and_dtypes(trace: Any) -> None:
    spec = trace("called_on_arrays")
    assert [slot.name for slot in spec.inputs] == ["features", "ids"]
    types = {call.id: (call.outputs[0].shape, call.outputs[0].dtype) for call in spec.calls}
    assert types["ids"] == ((None, 5), "int32")
    assert types["features"] == ((None, 3), "float32")
    assert [slot.name for slot in spec.outputs] == ["features", "score"]


def test_a_loop_calls_its_layer_three_times(trace: Any) -> None:
    spec = trace("Loop", "8")
    assert edges(spec) == {("input_layer", "again"), ("again", "again@2"), ("again@2", "again@3")}


def test_several_arguments_and_named_tensors(trace: Any) -> None:
    spec = trace("TwoInputs", "(5, 4), (6, 4)")
    assert [slot.name for slot in spec.inputs] == ["source", "target"]
    named = {(edge.source.call, edge.argument) for edge in spec.edges if edge.target.call == "attention"}
    assert named == {("target", ""), ("lstm", "value")}
    assert [slot.port.index for slot in spec.outputs] == [0, 1, 2]


def test_code_that_calculates_with_the_number_of_examples(trace: Any) -> None:
    spec = trace("Patches", "32, 32, 3")
    assert [call.outputs[0].shape for call in spec.calls] == [
        (None, 32, 32, 3),
        (None, 4, 4, 192),
        (None, 16, 192),
        (None, 16, 16),
    ]
    assert "331" not in repr(spec)


def test_random_numbers_are_a_constant_without_a_number_of_examples(trace: Any) -> None:
    spec = trace("Vae", "8")
    assert {("mean", "add"), ("multiply_1", "add"), ("add", "decoder/d1")} <= edges(spec)
    assert "331" not in repr(spec)


def test_what_cannot_be_traced_is_a_list_with_the_place(trace: Any) -> None:
    spec = trace("decides_by_value")
    (note,) = spec.notes
    assert note.slug == "no-graph"
    assert "boolean" in note.message
    assert "(subclassed.py, line " in note.message
    assert [call.id for call in spec.calls] == ["dense"]
    assert not spec.edges


def test_a_layer_that_cannot_be_traced_stays_closed(trace: Any) -> None:
    spec = trace("closed_layer")
    (note,) = spec.notes
    assert (note.slug, note.subject) == ("closed", "gate")
    assert "(subclassed.py, line " in note.message
    assert [call.id for call in spec.calls] == ["input_layer", "gate", "dense"]


def test_a_layer_of_operations_alone_stays_whole(trace: Any) -> None:
    spec = trace("with_norm")
    assert [call.id for call in spec.calls] == ["input_layer", "rms", "dense"]
    assert not spec.blocks
    assert [weight.name for weight in spec.layers[1].weights] == ["gain"]


def test_a_decision_by_an_argument_is_noted(trace: Any) -> None:
    spec = trace("Training", "8")
    assert [call.id for call in spec.calls] == ["input_layer", "dense"]
    assert [(note.slug, "'training'" in note.message) for note in spec.notes] == [("decision", True)]


def test_subclassed_inside_subclassed(trace: Any) -> None:
    spec = trace("Outer", "16, 16, 3")
    parents = {block.id: (block.parent, block.kind) for block in spec.blocks}
    assert parents == {
        "resnet": (None, "model"),
        "resnet/block1": ("resnet", "layer"),
        "resnet/block2": ("resnet", "layer"),
    }
    assert ("resnet/dense", "last") in edges(spec)


def test_functions_of_tensorflow_are_operations(trace: Any) -> None:
    pytest.importorskip("tensorflow")
    spec = trace("RawFunctions", "8")
    assert {("a", "relu"), ("relu", "concatenate"), ("b", "concatenate"), ("mean", "c")} <= edges(spec)
    shapes = {call.id: call.outputs[0].shape for call in spec.calls}
    assert shapes["concatenate"] == (None, 8)
    assert shapes["mean"] == (None, 4)
    assert {layer.id: layer.role for layer in spec.layers}["relu"] == "act"
    assert not spec.notes


def test_a_functional_model_with_a_call_of_its_own(trace: Any) -> None:
    spec = trace("Doubled")
    assert edges(spec) == {("first", "dense"), ("dense", "multiply")}
    assert not spec.notes


def test_losses_and_metrics_are_no_architecture(trace: Any) -> None:
    spec = trace("WithLoss", "4")
    assert edges(spec) == {("input_layer", "dense")}
    assert not spec.notes


def test_the_same_twice(trace: Any) -> None:
    assert digest(trace("ResNet", "16, 16, 3")) == digest(trace("ResNet", "16, 16, 3"))
    assert digest(trace("Vae", "8")) == digest(trace("Vae", "8"))
