"""Models whose edges are known, each with what its description must say."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops


def chain() -> Any:
    return keras.Sequential(
        [keras.Input((8,)), layers.Dense(4, name="a"), layers.Dense(3, name="b")], name="chain"
    )


def multi_io() -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    x = layers.Concatenate(name="both")([a, b])
    return keras.Model(
        {"a": a, "b": b},
        {"one": layers.Dense(2, name="o1")(x), "rest": [layers.Dense(3, name="o2")(x), a]},
    )


def shared_layer() -> Any:
    dense = layers.Dense(4, name="sh")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    return keras.Model([a, b], layers.Add(name="sum")([dense(dense(a)), dense(b)]))


def shared_outside() -> Any:
    dense = layers.Dense(4, name="sh")
    other = keras.Input((4,))
    keras.Model(other, dense(other))
    a = keras.Input((4,), name="a")
    return keras.Model(a, dense(a))


def nested() -> Any:
    i = keras.Input((4,), name="i")
    inner = keras.Model(i, layers.Dense(4, name="d")(i), name="inner")
    j = keras.Input((4,), name="j")
    middle = keras.Model(j, inner(inner(j)), name="mid")
    o = keras.Input((4,), name="o")
    return keras.Model(o, middle(o))


def nested_sequential() -> Any:
    i = keras.Input((4,), name="i")
    inner = keras.Model(i, layers.Dense(4, name="d")(i), name="inner")
    tail = keras.Sequential([layers.Dense(3, name="x"), layers.Dense(2, name="y")], name="tail")
    return keras.Sequential([keras.Input((4,), name="o"), inner, tail])


def nested_new_shape() -> Any:
    i = keras.Input((None, None, 3))
    x = layers.MaxPooling2D(name="pool")(layers.Conv2D(4, 3, name="conv")(i))
    inner = keras.Model(i, x, name="inner")
    a, b = keras.Input((32, 32, 3), name="a"), keras.Input((16, 16, 3), name="b")
    return keras.Model([a, b], [inner(a), inner(b)])


def nested_dict() -> Any:
    q, v = keras.Input((5, 8), name="q"), keras.Input((6, 8), name="v")
    inner = keras.Model({"v": v, "q": q}, layers.MultiHeadAttention(2, 4, name="att")(q, v), name="cross")
    a, b = keras.Input((5, 8), name="a"), keras.Input((6, 8), name="b")
    return keras.Model([a, b], inner({"q": a, "v": b}))


def passed_through() -> Any:
    i = keras.Input((4,), name="i")
    inner = keras.Model(i, [i, layers.Dense(2, name="d")(i)], name="inner")
    a = keras.Input((4,), name="a")
    same, two = inner(a)
    return keras.Model(a, [layers.ReLU(name="r")(same), two])


def fine_tuned() -> Any:
    i = keras.Input((4,), name="i")
    x = layers.Dropout(0.5, name="drop")(layers.BatchNormalization(name="bn")(layers.Dense(4, name="d")(i)))
    inner = keras.Model(i, x, name="base")
    inner.trainable = False
    a = keras.Input((4,), name="a")
    return keras.Model(a, layers.Dense(2, name="head")(inner(a, training=False)))


def cut() -> Any:
    x = layers.Dense(4, name="before")(keras.Input((4,)))
    return keras.Model(x, layers.Dense(2, name="after")(x))


def taps() -> Any:
    model = chain()
    return keras.Model(model.inputs, [layer.output for layer in model.layers])


def operations() -> Any:
    i = keras.Input((4, 4), name="i")
    x = ops.matmul(i, ops.transpose(i, (0, 2, 1)))
    x = x[:, 0] * 2 + 1
    x = 0.5 - ops.relu(x)
    a, b = ops.split(x, 2, axis=1)
    return keras.Model(i, ops.where(a > b, a, ops.mean(b, axis=-1, keepdims=True)))


def attention() -> Any:
    q, v = keras.Input((5, 8), name="q"), keras.Input((6, 8), name="v")
    mask = keras.Input((5, 6), dtype="bool", name="m")
    out, scores = layers.MultiHeadAttention(2, 4, name="att")(
        q, value=v, attention_mask=mask, return_attention_scores=True
    )
    return keras.Model([q, v, mask], [out, scores])


def states() -> Any:
    a, b = keras.Input((5, 3), name="a"), keras.Input((6, 3), name="b")
    _, h, c = layers.LSTM(4, return_state=True, name="first")(a)
    return keras.Model([a, b], layers.LSTM(4, name="second")(b, initial_state=[h, c]))


def masked() -> Any:
    i = keras.Input((None,), dtype="int32", name="i")
    x = layers.Embedding(10, 4, mask_zero=True, name="emb")(i)
    return keras.Model(i, layers.LSTM(3, name="rnn")(x))


def constant() -> Any:
    i = keras.Input((3,), name="i")
    return keras.Model(i, layers.Add(name="plus")([i, np.ones((1, 3), "float32")]))


def wrappers() -> Any:
    i = keras.Input((7, 5, 3), name="i")
    x = layers.TimeDistributed(layers.Dense(2, activation="relu"), name="td")(i)
    x = layers.TimeDistributed(layers.Flatten(), name="flat")(x)
    return keras.Model(i, layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="both")(x))


def frozen() -> Any:
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(4, name="cold"),
            layers.BatchNormalization(name="bn"),
            layers.Dense(2),
        ]
    )
    model.layers[0].trainable = False
    return model


def own_weights() -> Any:
    class Scaled(keras.Model):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.extra = self.add_weight(shape=(3, 2), name="extra")

    i = keras.Input((4,))
    return Scaled(i, layers.Dense(2)(i))


def unused_input() -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((5,), name="b", optional=True)
    return keras.Model([a, b], layers.Dense(2, name="d")(a))


def mixed() -> Any:
    i = keras.Input((4,), name="i")
    x = layers.Dense(4, dtype="mixed_bfloat16", name="half")(i)
    return keras.Model(i, layers.Dense(2, dtype="float32", name="full")(x))


def dict_layer() -> Any:
    class Split(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return {"a": x["p"] + x["q"], "b": (x["p"],)}

    p, q = keras.Input((3,), name="p"), keras.Input((3,), name="q")
    out = Split(name="split")({"p": p, "q": q})
    return keras.Model([p, q], [out["a"], out["b"][0]])


def awkward_names() -> Any:
    return keras.Sequential(
        [keras.Input((4,), name="in<&>"), layers.Dense(2, name="a\"'{}\\$%_#"), layers.Dense(2, name="🙂@2")]
    )


def numbered() -> Any:
    return keras.Sequential(
        [keras.Input((3,)), layers.Dense(2, name="dense_7"), layers.Dense(2, name="fc_3"), layers.Dense(2)]
    )


def clone() -> Any:
    return keras.models.clone_model(keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dense(2)]))


def deep(count: int = 5000) -> Any:
    x = i = keras.Input((4,))
    for _ in range(count):
        x = layers.Activation("relu")(x)
    return keras.Model(i, x)


def deep_sequential(count: int = 5000) -> Any:
    return keras.Sequential([keras.Input((4,)), *(layers.Activation("relu") for _ in range(count))])


class Perceptron(keras.Model):  # type: ignore[misc]
    def __init__(self, units: int = 5) -> None:
        super().__init__()
        self.hidden = layers.Dense(units)
        self.body = keras.Sequential([keras.Input((units,)), layers.Dense(2, name="inside")], name="body")

    def call(self, x: Any) -> Any:
        return self.body(self.hidden(x))


class Shell(keras.Model):  # type: ignore[misc]
    """A GAN shell: two models, no call."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = keras.Sequential([keras.Input((4,)), layers.Dense(8, name="g")], name="generator")
        self.critic = keras.Sequential([keras.Input((8,)), layers.Dense(1, name="c")], name="critic")
