"""Questions about recorded specs, answered without Keras."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.spec import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor, Weight, query
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.roles import LAYER_CLASSES, OPERATION_CLASSES, ROLES, role_of

SPECS = Path(__file__).parent.parent / "specs"


def recorded(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


PUBLISHED = {
    "mlp": 7,
    "cnn": 34_826,
    "lenet": 1_256_080,
    "mnist_convnet": 1_199_882,
    "vgg16": 138_357_544,
    "resnet50": 25_636_712,
    "mobilenetv2": 3_538_984,
    "inceptionv3": 23_851_784,
    "densenet121": 8_062_504,
    "efficientnetv2l": 119_027_848,
    "nasnetlarge": 88_949_818,
}
"""As the Keras documentation and the textbooks tell them."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_totals(name: str) -> None:
    sums = query.totals(recorded(name))
    assert sums.params == PUBLISHED[name] == sums.trainable + sums.non_trainable
    assert sums.bytes == 4 * sums.params


def test_resnet50_has_53_120_frozen_statistics() -> None:
    assert query.totals(recorded("resnet50")).non_trainable == 53_120


def test_shared_weights_are_counted_once() -> None:
    weight = Weight("w", "kernel", (3, 4), "int8", True)
    half = Weight("h", "bias", (3,), "float16", False)
    layers = tuple(Layer(name, name, "Dense", "m", "dense", (weight, half)) for name in "ab")
    sums = query.totals(ArchSpec("x", layers=layers))
    assert (sums.params, sums.trainable, sums.non_trainable, sums.bytes) == (15, 12, 3, 12 + 6)
    assert query.layer_params(layers[0]) == 15


def test_producers_and_consumers() -> None:
    spec = recorded("siamese")
    arriving, leaving = query.producers(spec), query.consumers(spec)
    assert [edge.source.call for edge in arriving["subtract"]] == ["embed/dense", "embed@2/dense"]
    assert arriving["left"] == () and leaving["same"] == ()
    assert [edge.target.call for edge in leaving["right"]] == ["embed@2/conv2d"]
    assert [call.id for call in query.calls_of(spec)["embed/dense"]] == ["embed/dense", "embed@2/dense"]
    assert set(query.layer_of(spec)) == {layer.id for layer in spec.layers}
    assert query.tensor_at(spec, Port("left")).shape == (None, 64, 64, 3)


WORDS = {
    "mlp": "mlp: Keras model with 2 dense layers; 7 parameters; input 1, output 1.",
    "lenet": "lenet: Keras model with 2 convolutions, 2 pooling layers and 2 dense layers; 1,256,080 parameters; "
    "input 28×28×1, output 10.",
    "autoencoder": "autoencoder: Keras model with 4 convolutions, 4 transposed convolutions, 1 upsampling layer and "
    "2 pooling layers; 28,241 parameters; input 28×28×1, output 28×28×1.",
    "two_io": "two_io: Keras model with 3 convolutions, 4 pooling layers, 5 dense layers and 1 merge; "
    "117,542 parameters; inputs image 64×64×3 and table 12, outputs class 5 and price 1.",
    "siamese": "siamese: Keras model with 2 convolutions, 2 pooling layers, 2 dense layers and 1 merge; "
    "21,505 parameters; inputs left 64×64×3 and right 64×64×3, output 1.",
}


@pytest.mark.parametrize("name", WORDS)
def test_words(name: str) -> None:
    assert query.describe_words(recorded(name)) == WORDS[name]


def test_words_of_odd_models() -> None:
    assert query.describe_words(ArchSpec("none")) == "none: Keras model; 0 parameters."
    assert query.describe_words(ArchSpec("sequential_3")) == "Keras model; 0 parameters."
    call = Call("i", "i", outputs=(Tensor((None,), "int32"), Tensor((None, None, 3), "f")))
    spec = ArchSpec(
        "odd",
        layers=(Layer("i", "i", "InputLayer", "m", "data"),),
        calls=(call,),
        inputs=(Slot("i", Port("i")),),
        outputs=tuple(Slot(str(k), Port("i", 1)) for k in range(5)),
    )
    assert query.describe_words(spec) == "odd: Keras model; 0 parameters; input scalar, 5 outputs."
    assert query.shape_text(call.outputs[1]) == "?×3"


def layer(class_name: str, role: str = "custom", module: str = "keras.src.layers.x", **config: Any) -> Layer:
    return Layer("x", "x", class_name, module, role, config=config)


TEXTS = [
    (("Conv2D", {"kernel_size": [3, 3], "filters": 64, "strides": [2, 2], "padding": "same"}),
     "3×3, 64, stride 2, same"),
    (("Conv2D", {"kernel_size": [1, 7], "filters": 1024, "strides": [2, 1], "dilation_rate": [2, 2], "groups": 32}),
     "1×7, 1,024, stride 2×1, rate 2, 32 groups"),
    (("Conv1D", {"kernel_size": [5], "filters": 8, "strides": [1], "padding": "causal"}), "5, 8, causal"),
    (("DepthwiseConv2D", {"kernel_size": [3, 3], "depth_multiplier": 2, "strides": [1, 1]}), "3×3, ×2"),
    (("MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}), "2×2"),
    (("MaxPooling2D", {"pool_size": [3, 3], "strides": [1, 1], "padding": "same"}), "3×3, stride 1, same"),
    (("GlobalMaxPooling2D", {"keepdims": False}), ""),
    (("Dense", {"units": 4096, "activation": "relu"}), "4,096"),
    (("Embedding", {"input_dim": 10000, "output_dim": 64}), "10,000 → 64"),
    (("LSTM", {"units": 64, "return_sequences": True}), "64, sequences"),
    (("Bidirectional", {"layer": {"class_name": "LSTM", "config": {"units": 64}}, "merge_mode": "sum"}),
     "LSTM 64, sum"),
    (("TimeDistributed", {"layer": {"class_name": "Dense", "config": {"units": 2}}}), "Dense 2"),
    (("RNN", {"cell": {"class_name": "StackedRNNCells", "config": {"cells": [
        {"class_name": "LSTMCell", "config": {"units": 3}}, {"class_name": "GRUCell", "config": {"units": 4}}]}}}),
     "StackedRNNCells LSTMCell 3 + GRUCell 4"),
    (("MultiHeadAttention", {"num_heads": 12, "key_dim": 64}), "12 heads, d 64"),
    (("GroupedQueryAttention", {"head_dim": 8, "num_query_heads": 4, "num_key_value_heads": 2}),
     "4 heads, 2 key-value heads, d 8"),
    (("Dropout", {"rate": 0.5}), "0.5"),
    (("Rescaling", {"scale": 1 / 255, "offset": -1.0}), "× 0.003922, − 1"),
    (("Rescaling", {"scale": [0.1, 0.2, 0.3], "offset": [0, 0, 0]}), "× 3 values"),
    (("Reshape", {"target_shape": [4, -1]}), "4×?"),
    (("ZeroPadding2D", {"padding": [[3, 3], [3, 3]]}), "3"),
    (("ZeroPadding2D", {"padding": [[0, 1], [0, 1]]}), "0+1"),
    (("ZeroPadding1D", {"padding": [1, 2]}), "1+2"),
    (("Cropping2D", {"cropping": [[1, 1], [2, 3]]}), "1, 2+3"),
    (("Concatenate", {"axis": -1}), ""),
    (("Concatenate", {"axis": 1}), "axis 1"),
    (("Dot", {"axes": [1, 2]}), "axes 1, 2"),
    (("ReLU", {"max_value": 6.0, "negative_slope": 0.0}), "≤ 6"),
    (("Activation", {"activation": "gelu"}), "gelu"),
    (("GroupNormalization", {"groups": 8}), "8 groups"),
    (("Resizing", {"height": 224, "width": 192}), "224×192"),
    (("UpSampling2D", {"size": [2, 2], "interpolation": "bilinear"}), "2×2, bilinear"),
    (("RandomRotation", {"factor": [-0.1, 0.1]}), "±0.1"),
    (("RandomFlip", {"mode": "horizontal_and_vertical"}), "horizontal and vertical"),
    (("RepeatVector", {"n": 3}), "×3"),
    (("Permute", {"dims": [2, 1]}), "2, 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"), TEXTS, ids=lambda value: value[0] if isinstance(value, tuple) else ""
)
def test_hyper_parameters(given: tuple[str, dict[str, Any]], expected: str) -> None:
    assert ", ".join(query.hyper_parameters(layer(given[0], **given[1]))) == expected


def test_hyper_parameters_of_own_classes_and_operations() -> None:
    mine = layer("MyConv", "conv", "mypkg", kernel_size=[3, 3], filters=8, strides=[2, 2])
    assert query.hyper_parameters(mine) == ("3×3", "8", "stride 2")
    block = layer(
        "Block", "custom", "mypkg", units=64, heads=8, name_of_it="x" * 40, sizes=[[1], [2]], flag=True
    )
    assert query.hyper_parameters(block) == ("units 64", "heads 8")
    mean = layer("Mean", "pool", "keras.src.ops.numpy", axis=-1, keepdims=False)
    assert query.hyper_parameters(mean) == ("axis -1",)
    assert query.hyper_parameters(layer("Softmax", "act", "keras.src.ops.nn", axis=2)) == ("axis 2",)


def test_no_recorded_layer_raises_or_is_long() -> None:
    for path in SPECS.glob("*.json"):
        for item in loads(path.read_text("utf-8")).layers:
            assert all(0 < len(text) <= 40 for text in query.hyper_parameters(item)), item


def test_roles_are_known_and_each_class_has_one() -> None:
    for table in (LAYER_CLASSES, OPERATION_CLASSES):
        assert set(table) <= set(ROLES)
        names = [name for text in table.values() for name in text.split()]
        assert len(names) == len(set(names))
    assert role_of([("Add", "keras.src.ops.numpy"), ("Operation", "keras.src.ops.operation")]) == "merge"
    assert role_of([("Mine", "pkg"), ("LSTM", "keras.src.layers.rnn.lstm")]) == "recur"


def test_uncalled_layers_are_not_in_the_words() -> None:
    spec = recorded("mlp")
    extra = replace(spec.layers[1], id="extra", name="extra")
    assert "2 dense layers" in query.describe_words(replace(spec, layers=(*spec.layers, extra)))


def test_operations_are_told_as_what_they_do() -> None:
    """Their roles give colours: a sum is painted like a pooling layer, but is none."""

    def operation(name: str, role: str, arriving: int) -> tuple[Layer, Call, list[Edge]]:
        layer = Layer(name, name, name, "keras.src.ops.numpy", role)
        ins = (Tensor((None, 3), "f"),) * max(arriving, 1)
        edges = [Edge(Port("x", 0), Port(name, index)) for index in range(arriving)]
        return layer, Call(name, name, inputs=ins, outputs=ins[:1]), edges

    made = [
        operation("Sum", "pool", 1),
        operation("Multiply", "merge", 1),
        operation("Matmul", "merge", 2),
        operation("Add", "merge", 2),
        operation("MaxPool", "pool", 1),
        operation("Sin", "act", 1),
    ]
    source = Call("x", "x", outputs=(Tensor((None, 3), "f"),))
    spec = ArchSpec(
        "ops",
        layers=(Layer("x", "x", "InputLayer", "keras.layers", "data"), *(layer for layer, _, _ in made)),
        calls=(source, *(call for _, call, _ in made)),
        edges=tuple(edge for _, _, edges in made for edge in edges),
    )
    words = query.describe_words(spec)
    assert words == "ops: Keras model with 1 pooling layer, 1 merge and 3 other operations; 0 parameters."
