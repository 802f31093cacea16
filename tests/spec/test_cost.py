"""Costs against published numbers, against sums done by hand, and question marks where nothing is known."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.spec import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor, Weight
from sphinx_kerasarch.spec.codec import from_json
from sphinx_kerasarch.spec.cost import LAYERS, ModelCost, Work, cost, plain, reasons, receptive_fields
from sphinx_kerasarch.spec.roles import LAYER_CLASSES, OPERATION_CLASSES

SPECS = Path(__file__).parents[1] / "specs"


def recorded(name: str) -> ArchSpec:
    return from_json(json.loads((SPECS / f"{name}.json").read_text("utf-8")))


@pytest.mark.parametrize(
    ("name", "giga"),
    [
        ("vgg16", 15.47),  # Simonyan and Zisserman, as counted by torchvision and timm
        ("resnet50", 3.86),  # He et al. (arXiv:1512.03385), table 1: 3.8
        ("mobilenetv2", 0.30),  # Sandler et al. (arXiv:1801.04381), table 4
        ("densenet121", 2.83),  # Huang et al. (arXiv:1608.06993)
        ("inceptionv3", 5.71),  # Szegedy et al. (arXiv:1512.00567): "5 billion"; timm: 5.71
        ("vit", 17.5),  # Dosovitskiy et al. (arXiv:2010.11929), B/16 with class token
        ("nasnetlarge", 23.8),  # Zoph et al. (arXiv:1707.07012), table 2
    ],
)
def test_published_multiply_accumulates(name: str, giga: float) -> None:
    assert cost(recorded(name)).known.macs / 1e9 == pytest.approx(giga, rel=0.005)


def one(
    class_name: str,
    inputs: list[tuple[int | None, ...]],
    output: tuple[int | None, ...],
    config: dict[str, Any] | None = None,
    *,
    module: str = "keras.src.layers.some",
    names: tuple[str, ...] = (),
    weights: tuple[Weight, ...] = (),
    arguments: dict[str, Any] | None = None,
) -> ArchSpec:
    """A model of one layer."""
    sources = [f"in{index}" for index in range(len(inputs))]
    layers = [
        Layer(name, name, "InputLayer", "keras.src.layers.core.input_layer", "data") for name in sources
    ]
    layer = Layer("x", "x", class_name, module, "custom", weights, config=config or {})
    tensors = tuple(Tensor(shape, "float32") for shape in inputs)
    calls = [Call(name, name, outputs=(tensor,)) for name, tensor in zip(sources, tensors, strict=True)]
    call = Call("x", "x", None, tensors, (Tensor(output, "float32"),), arguments or {})
    edges = tuple(
        Edge(Port(name), Port("x", index), names[index] if names else "")
        for index, name in enumerate(sources)
    )
    return ArchSpec(
        "m", layers=(*layers, layer), calls=(*calls, call), edges=edges, outputs=(Slot("x", Port("x")),)
    )


def work(*args: Any, batch: int = 1, **named: Any) -> Work:
    total = cost(one(*args, **named), batch=batch)
    assert total.work is not None, reasons(one(*args, **named), total)
    return total.work


def unknown(*args: Any, **named: Any) -> str:
    total: ModelCost = cost(one(*args, **named))
    assert total.unknown == ("x",) and total.work is None and total.known == Work()
    return total.calls["x"].reason


CONV = {"kernel_size": [3, 3], "filters": 8, "data_format": "channels_last", "use_bias": True}
OPS = "keras.src.ops.numpy"


@pytest.mark.parametrize(
    ("found", "macs"),
    [
        (lambda: work("Conv2D", [(None, 10, 10, 4)], (None, 8, 8, 8), CONV), 64 * 8 * 9 * 4),
        (lambda: work("Conv2D", [(None, 10, 10, 4)], (None, 8, 8, 8), CONV | {"groups": 2}), 64 * 8 * 9 * 2),
        (
            lambda: work(
                "Conv2D", [(None, 4, 10, 10)], (None, 8, 8, 8), CONV | {"data_format": "channels_first"}
            ),
            64 * 8 * 9 * 4,
        ),
        (lambda: work("Conv2DTranspose", [(None, 5, 5, 4)], (None, 11, 11, 8), CONV), 25 * 4 * 9 * 8),
        (
            lambda: work("DepthwiseConv2D", [(None, 10, 10, 4)], (None, 8, 8, 8), CONV | {"depth_multiplier": 2}),
            64 * 8 * 9,
        ),
        (
            lambda: work("SeparableConv2D", [(None, 10, 10, 4)], (None, 8, 8, 5), CONV | {"depth_multiplier": 2}),
            64 * 8 * 9 + 64 * 5 * 8,
        ),
        (lambda: work("Dense", [(None, 12, 16)], (None, 12, 5)), 12 * 16 * 5),
        (lambda: work("EinsumDense", [(None, 12, 16)], (None, 12, 4, 5), {"equation": "abc,cde->abde"}), 12 * 16 * 20),
        (lambda: work("EinsumDense", [(None, 3, 7, 16)], (None, 3, 7, 5), {"equation": "...c,cd->...d"}), 21 * 80),
        (lambda: work("LSTM", [(None, 12, 16)], (None, 5), {"units": 5}), 12 * 4 * 5 * (16 + 5)),
        (lambda: work("GRU", [(None, 12, 16)], (None, 5), {"units": 5}), 12 * 3 * 5 * (16 + 5)),
        (
            lambda: work(
                "RNN",
                [(None, 12, 16)],
                (None, 3),
                {
                    "cell": {
                        "class_name": "StackedRNNCells",
                        "config": {
                            "cells": [
                                {"class_name": "LSTMCell", "config": {"units": 4}},
                                {"class_name": "SimpleRNNCell", "config": {"units": 3}},
                            ]
                        },
                    }
                },
            ),
            12 * (4 * 4 * 20 + 3 * 7),
        ),
        (
            lambda: work(
                "ConvLSTM2D", [(None, 6, 10, 10, 4)], (None, 8, 8, 8), CONV | {"strides": [1, 1], "padding": "valid"}
            ),
            6 * 64 * 4 * 8 * 9 * (4 + 8),
        ),
        (
            lambda: work(
                "Bidirectional",
                [(None, 12, 16)],
                (None, 10),
                {"layer": {"class_name": "LSTM", "config": {"units": 5}}, "merge_mode": "concat"},
            ),
            2 * 12 * 4 * 5 * 21,
        ),
        (
            lambda: work(
                "TimeDistributed",
                [(None, 6, 10, 10, 4)],
                (None, 6, 8, 8, 8),
                {"layer": {"class_name": "Conv2D", "config": CONV}},
            ),
            6 * 64 * 8 * 9 * 4,
        ),
        (
            lambda: work(
                "MultiHeadAttention",
                [(None, 12, 16), (None, 7, 20)],
                (None, 12, 16),
                {"num_heads": 2, "key_dim": 8, "value_dim": 4},
                names=("", "value"),
            ),
            12 * 16 * 16 + 7 * 20 * 16 + 7 * 20 * 8 + 12 * 8 * 16 + 2 * 12 * 7 * (8 + 4),
        ),
        (
            lambda: work(
                "MultiHeadAttention",
                [(None, 3, 12, 16), (None, 3, 12, 16)],
                (None, 3, 12, 16),
                {"num_heads": 2, "key_dim": 8, "value_dim": 8, "attention_axes": [2]},
                names=("", "value"),
            ),
            36 * 16 * 16 * 4 + 3 * 2 * 12 * 12 * 16,
        ),
        (
            lambda: work(
                "GroupedQueryAttention",
                [(None, 12, 16), (None, 12, 16)],
                (None, 12, 16),
                {"head_dim": 8, "num_query_heads": 4, "num_key_value_heads": 2},
                names=("", "value"),
            ),
            2 * 12 * 16 * 32 + 2 * 12 * 16 * 16 + 4 * 12 * 12 * 16,
        ),
        (lambda: work("Attention", [(None, 12, 16), (None, 7, 16)], (None, 12, 16)), 2 * 12 * 7 * 16),
        (lambda: work("Dot", [(None, 12, 16), (None, 12, 5)], (None, 16, 5), {"axes": [1, 1]}), 16 * 5 * 12),
        (lambda: work("Matmul", [(None, 12, 16), (None, 16, 5)], (None, 12, 5), module=OPS), 12 * 16 * 5),
        (
            lambda: work(
                "Matmul", [(None, 12, 16)], (None, 3, 16), module=OPS, arguments={"x1": "array (3, 12) float32"}
            ),
            3 * 16 * 12,
        ),
        (
            lambda: work(
                "Einsum", [(None, 12, 16), (None, 9, 16)], (None, 12, 9), {"subscripts": "bij,bkj->bik"}, module=OPS
            ),
            12 * 9 * 16,
        ),
        (
            lambda: work(
                "Tensordot", [(None, 12, 16), (5, 16)], (None, 12, 5), module=OPS, arguments={"axes": [[2], [1]]}
            ),
            12 * 5 * 16,
        ),
        (
            lambda: work(
                "Conv", [(None, 10, 10, 4)], (None, 8, 8, 8), module=OPS,
                arguments={"kernel": "array (3, 3, 4, 8) float32"},
            ),
            64 * 8 * 36,
        ),
        (
            lambda: work(
                "DotProductAttention", [(None, 12, 2, 8), (None, 7, 2, 8), (None, 7, 2, 8)], (None, 12, 2, 8),
                module=OPS, names=("", "key", "value"),
            ),
            2 * 2 * 12 * 7 * 8,
        ),
        (lambda: work("ReversibleEmbedding", [(None, 5, 16)], (None, 5, 10), arguments={"reverse": True}), 5 * 16 * 10),
        (lambda: work("BatchNormalization", [(None, 5, 16)], (None, 5, 16)), 0),
    ],
)  # fmt: skip
def test_formulas(found: Any, macs: int) -> None:
    assert found().macs == macs


def test_operations_beside_the_products() -> None:
    conv = work("Conv2D", [(None, 10, 10, 4)], (None, 8, 8, 8), CONV | {"activation": "relu"})
    assert conv.flops == 2 * conv.macs + 512 + 512  # bias, activation
    bare = work("Dense", [(None, 16)], (None, 5), {"use_bias": False, "activation": "linear"})
    assert bare.flops == 2 * 80
    assert work("MaxPooling2D", [(None, 8, 8, 3)], (None, 4, 4, 3), {"pool_size": [2, 2]}).flops == 48 * 4
    assert work("Dropout", [(None, 9)], (None, 9)).flops == 0


def test_lora_adds_the_product_of_its_pair() -> None:
    pair = (Weight("a", "lora_kernel_a", (16, 2), "float32", True),)
    assert work("Dense", [(None, 16)], (None, 5), weights=pair).macs == 80 + 16 * 2 * 5


def test_batch_multiplies() -> None:
    single = work("Dense", [(None, 16)], (None, 5))
    assert work("Dense", [(None, 16)], (None, 5), batch=32) == single.times(32)
    assert work("Dense", [(8, 16)], (8, 5), batch=32) == single.times(8)


def test_what_is_not_known_is_said() -> None:
    assert unknown("Mine", [(None, 4)], (None, 4), module="my.layers") == "no formula for Mine"
    # A name of Keras on a class of one's own proves nothing.
    assert unknown("Dense", [(None, 4)], (None, 4), module="my.layers") == "no formula for Dense"
    assert "not known before it runs" in unknown("Dense", [(None, None, 4)], (None, None, 4))
    assert "cell" in unknown("RNN", [(None, 3, 4)], (None, 4), {"cell": "MyCell"})
    assert "order" in unknown(
        "Einsum", [(1, 2), (2, 3), (3, 4)], (1, 4), {"subscripts": "ab,bc,cd->ad"}, module=OPS
    )
    assert "do not fit" in unknown("LSTM", [(None, 4)], (None, 4), {"units": 4})
    assert "Functional" in unknown("TimeDistributed", [(None, 3, 4)], (None, 3, 4), {"layer": "Functional"})


def test_a_formula_of_ones_own() -> None:
    spec = one("Mine", [(None, 4)], (None, 4), module="my.layers")
    assert cost(spec, formulas={"Mine": lambda use: Work(use.output[-1] * 100)}).known.macs == 400


def test_lookups_cost_nothing_even_of_unknown_length() -> None:
    spec = recorded("lstm_seq2seq")
    costs = cost(spec)
    classes = {layer.id: layer.class_name for layer in spec.layers}
    assert {classes[call.layer] for call in spec.calls if costs.calls[call.id].work == Work()} == {
        "InputLayer"
    } | {"Embedding"}
    assert costs.activations is None and costs.peak is None
    assert len(costs.unknown) == 3


def test_memory() -> None:
    costs = cost(recorded("lenet"))
    assert costs.weights == {"float32": 1_256_080 * 4}
    floats = 784 + 2 * 15_680 + 3_920 + 2 * 9_800 + 2 * 2_450 + 2 * 500 + 2 * 10
    assert costs.activations == 4 * floats
    assert costs.peak == 4 * 2 * 15_680  # the first activation, in and out
    again = cost(recorded("lenet"), batch=10)
    assert again.activations == 10 * costs.activations and again.known == costs.known.times(10)


def test_skips_stay_alive() -> None:
    """The first skip of a U-Net is alive at its last concatenation."""
    spec, costs = recorded("unet"), cost(recorded("unet"))
    assert costs.peak is not None and costs.activations is not None
    widest = max(item.activations or 0 for item in costs.calls.values())
    assert 2 * widest <= costs.peak < costs.activations
    assert {call.id for call in spec.calls} == set(costs.calls)


@pytest.mark.parametrize(
    ("name", "call", "size", "stride"),
    [
        ("vgg16", "block5_pool", 212, 32),  # Araujo, Norris and Sim (2019), table 1
        ("resnet50", "conv5_block3_out", 483, 32),
        ("inceptionv3", "mixed10", 1311, 32),
        ("lenet", "max_pooling2d_1", 16, 4),
    ],
)
def test_receptive_fields(name: str, call: str, size: int, stride: int) -> None:
    field = receptive_fields(recorded(name))[call]
    assert field is not None and not field.whole
    assert field.size == (size, size) and field.stride == (Fraction(stride),) * 2


def test_field_of_upsampling_and_of_pooling_over_all() -> None:
    fields = receptive_fields(recorded("encoder"))
    assert fields["global_max_pooling2d"] is not None and fields["global_max_pooling2d"].whole
    unet = receptive_fields(recorded("unet"))["mask"]
    assert unet is not None and unet.size == (200, 200) and unet.stride == (Fraction(1),) * 2
    assert receptive_fields(recorded("transformer_encoder"))["label"] is None


def test_every_layer_of_keras_has_a_formula_or_is_named_here() -> None:
    without = {
        "JaxLayer", "FlaxLayer", "TorchModuleWrapper", "TFSMLayer", "Lambda", "Layer", "FeatureSpace", "Pipeline",
        "TimeDistributed", "Bidirectional", "SpectralNormalization", "Wrapper", "StackedRNNCells",
        "AutoContrast", "Equalization", "Solarization", "ContrastLimitedAdaptiveHistogramEqualization",
        "RandomCrop", "MelSpectrogram", "STFTSpectrogram",
    }  # fmt: skip
    known = {name for names in LAYER_CLASSES.values() for name in names.split()}
    assert known - set(LAYERS) == without


def test_products_of_keras_ops_have_formulas() -> None:
    from sphinx_kerasarch.spec.cost import OPERATIONS

    merges = set(OPERATION_CLASSES["merge"].split())
    assert merges - set(OPERATIONS) == set()


def test_plain_is_json() -> None:
    data = json.loads(json.dumps(plain(cost(recorded("transformer_encoder")))))
    assert data["complete"] is False and data["calls"]["positions"]["unknown"] == "no formula for Positions"
    assert data["macs"] == sum(item.get("macs", 0) for item in data["calls"].values())
