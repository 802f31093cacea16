"""Totals and bytes equal Keras, whatever the precision, the freezing and the state beside the weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.query import totals, weight_bytes

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

BYTES = {"float64": 8, "int64": 8, "float32": 4, "int32": 4, "uint32": 4, "float16": 2, "bfloat16": 2}


def check(keras: Any, model: Any) -> ArchSpec:
    """The spec, when its totals are those of ``count_params`` and of Keras' own lists of weights."""
    from sphinx_kerasarch.worker.describe import describe

    spec = describe(model)
    found = totals(spec)

    def numbers(variables: Any) -> int:
        return sum(math.prod(one.shape) for one in {id(one): one for one in variables}.values())

    assert found.params == model.count_params() == numbers(model.weights)
    assert found.trainable == numbers(model.trainable_weights)
    assert found.non_trainable == numbers(model.non_trainable_weights)
    by_type: dict[str, int] = {}
    for one in {id(one): one for one in model.weights}.values():
        kind = str(one.dtype)
        by_type[kind] = by_type.get(kind, 0) + math.prod(one.shape) * BYTES.get(kind, 1)
    assert weight_bytes(spec) == by_type and found.bytes == sum(by_type.values())
    return spec


def body(keras: Any, **settings: Any) -> Any:
    """Every kind of layer that has a policy of its own."""
    k = keras.layers
    i = keras.Input((6,), dtype="int32")
    x = k.Embedding(11, 8, name="embed", **settings)(i)
    x = k.MultiHeadAttention(2, 4, name="attend", **settings)(x, x)
    x = k.LayerNormalization(name="norm", **settings)(x)
    x = k.EinsumDense("abc,cd->abd", (None, 8), name="einsum", bias_axes="d", **settings)(x)
    x = k.LSTM(4, name="memory", recurrent_initializer="ones", **settings)(x)
    return keras.Model(i, k.Dense(3, name="out", **settings)(k.BatchNormalization(**settings)(x)))


@pytest.mark.parametrize("policy", ["float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"])
def test_policies(keras: Any, policy: str) -> None:
    spec = check(keras, body(keras, dtype=policy))
    types = {weight.dtype for layer in spec.layers for weight in layer.weights}
    assert types == {"float32" if policy.startswith("mixed") else policy}
    assert {layer.dtype for layer in spec.layers if layer.weights} == {policy}


@pytest.mark.parametrize("mode", ["int8", "float8", "int4"])
def test_quantized(keras: Any, mode: str) -> None:
    model = body(keras)
    model.quantize(mode)
    spec = check(keras, model)
    named = {weight.id: weight for layer in spec.layers for weight in layer.weights}
    out = {name.rpartition("/")[2]: weight for name, weight in named.items() if name.startswith("out/")}
    if mode == "float8":
        assert out["kernel"].dtype == "float32" and out["kernel_scale"].shape == ()
    else:
        assert (out["kernel"].dtype, out["kernel"].trainable) == ("int8", False)


@pytest.mark.parametrize("quantized", [False, True])
def test_low_rank(keras: Any, quantized: bool) -> None:
    k = keras.layers
    i = keras.Input((6,), dtype="int32")
    parts = k.Embedding(11, 8, name="a"), k.EinsumDense("abc,cd->abd", (None, 8), name="b"), k.Dense(3, name="c")
    x: Any = i
    for part in parts:
        x = part(x)
    model = keras.Model(i, x)
    for part in parts:
        part.enable_lora(2)
    if quantized:
        model.quantize("int8")
    spec = check(keras, model)
    named = [weight for layer in spec.layers for weight in layer.weights if "lora" in weight.name]
    assert len(named) == 6 and all(weight.trainable for weight in named)


def test_low_rank_convolution(keras: Any) -> None:
    layer = keras.layers.Conv2D(4, 3)
    model = keras.Sequential([keras.Input((8, 8, 3)), layer])
    layer.enable_lora(2)
    check(keras, model)


# ---- freezing, sharing, state ---------------------------------------------------------------------------------------


def frozen_layer(keras: Any) -> Any:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(2)])
    model.layers[0].trainable = False
    return model


def frozen_model(keras: Any) -> Any:
    model = body(keras)
    model.trainable = False
    return model


def thawed_part(keras: Any) -> Any:
    model = frozen_model(keras)
    model.get_layer("out").trainable = True
    model.get_layer("norm").trainable = True
    return model


def frozen_variable(keras: Any) -> Any:
    model = frozen_layer(keras)
    model.layers[1].bias.trainable = False
    return model


def tied_by_hand(keras: Any) -> Any:
    table = keras.layers.Embedding(9, 4)

    class Head(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.table = table

        def call(self, x: Any) -> Any:
            return keras.ops.matmul(x, keras.ops.transpose(self.table.embeddings))

    i = keras.Input((5,), dtype="int32")
    return keras.Model(i, Head()(keras.layers.Dense(4)(table(i))))


def shared(keras: Any) -> Any:
    i = keras.Input((4,))
    layer = keras.layers.Dense(4)
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), keras.layers.BatchNormalization()])
    return keras.Model(i, inner(layer(inner(layer(layer(i))))))


def states(keras: Any) -> Any:
    k = keras.layers
    i = keras.Input((8, 8, 3))
    x = k.RandomFlip(seed=1)(k.Normalization(mean=1.0, variance=2.0)(i))
    x = k.SpectralNormalization(k.Conv2D(4, 3))(k.GaussianNoise(0.1)(x))
    return keras.Model(i, k.GlobalAveragePooling2D()(k.Dropout(0.5)(k.BatchNormalization()(x))))


def adapted(keras: Any) -> Any:
    layer = keras.layers.Normalization()
    layer.adapt(np.arange(12.0).reshape(4, 3))
    return keras.Sequential([keras.Input((3,)), layer, keras.layers.Dense(2)])


def trained(keras: Any) -> Any:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dropout(0.5, seed=1), keras.layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae", keras.metrics.RootMeanSquaredError()])
    model.fit(np.zeros((4, 4)), np.zeros((4, 2)), verbose=0)
    assert len(model.optimizer.variables) > 4 and model.metrics_variables
    return model


def stateful(keras: Any) -> Any:
    i = keras.Input(batch_shape=(2, 5, 3))
    return keras.Model(i, keras.layers.GRU(4, stateful=True)(i))


BESIDE = [
    frozen_layer, frozen_model, thawed_part, frozen_variable, tied_by_hand, shared, states, adapted, trained, stateful
]  # fmt: skip


@pytest.mark.parametrize("factory", BESIDE, ids=lambda factory: factory.__name__)
def test_counts(keras: Any, factory: Callable[[Any], Any]) -> None:
    spec = check(keras, factory(keras))
    assert not any("seed" in weight.name for layer in spec.layers for weight in layer.weights)


def test_a_frozen_layer_says_so(keras: Any) -> None:
    spec = check(keras, frozen_layer(keras))
    assert [layer.trainable for layer in spec.layers] == [True, False, True]
    model = check(keras, frozen_variable(keras))
    assert [weight.trainable for weight in model.layers[2].weights] == [True, False]
