"""One small model for every way to write one."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops


def _block(units: int = 4, name: str | None = None) -> Any:
    i = keras.Input((units,))
    return keras.Model(i, layers.Dense(units)(layers.Dense(2 * units, activation="relu")(i)), name=name)


# ---- structures of inputs and outputs -------------------------------------------------------------------------------


def sequential() -> Any:
    return keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.ReLU(), layers.Dense(2)])


def built_later() -> Any:
    model = keras.Sequential([layers.Dense(4), layers.Dense(2)])
    model.build((None, 8))
    return model


def list_in_list_out() -> Any:
    a, b = keras.Input((4,)), keras.Input((3,))
    x = layers.Concatenate()([a, b])
    return keras.Model([a, b], [layers.Dense(2)(x), layers.Dense(3)(x)])


def tuple_in_tuple_out() -> Any:
    a, b = keras.Input((4,)), keras.Input((4,))
    return keras.Model((a, b), (a - b, layers.Maximum()((a, b))))


def dict_in_dict_out() -> Any:
    a, b = keras.Input((4,), name="left"), keras.Input((4,), name="right")
    x = layers.Add()([a, b])
    return keras.Model({"left": a, "right": b}, {"z": layers.Dense(2)(x), "y": layers.Dense(3)(x)})


def nested_structures() -> Any:
    a, b, c = (keras.Input((4,), name=name) for name in "abc")
    x = layers.Average()([a, b, c])
    return keras.Model({"p": [a, b], "q": {"c": c}}, {"r": [x, {"s": layers.Dense(2)(x)}]})


def output_twice() -> Any:
    i = keras.Input((4,))
    x = layers.Dense(3)(i)
    return keras.Model(i, [x, x, i])


def scalar_input() -> Any:
    i = keras.Input(())
    return keras.Model(i, layers.Dense(2)(ops.expand_dims(i, -1)))


def several_dtypes() -> Any:
    ids, values = keras.Input((5,), dtype="int32"), keras.Input((5, 4), dtype="float16")
    x = layers.Embedding(10, 4)(ids)
    return keras.Model([ids, values], x + ops.cast(values, "float32"))


# ---- calls ----------------------------------------------------------------------------------------------------------


def keyword_tensors() -> Any:
    q, v, k = keras.Input((5, 8)), keras.Input((6, 8)), keras.Input((6, 8))
    mask = keras.Input((5, 6), dtype="bool")
    x = layers.MultiHeadAttention(2, 4)(query=q, value=v, key=k, attention_mask=mask)
    return keras.Model([q, v, k, mask], x)


def attention_scores() -> Any:
    i = keras.Input((5, 8))
    x, scores = layers.MultiHeadAttention(2, 4)(i, i, return_attention_scores=True, use_causal_mask=True)
    return keras.Model(i, [x, ops.mean(scores, axis=1)])


def states() -> Any:
    source, target = keras.Input((5, 3)), keras.Input((6, 3))
    _, h, c = layers.LSTM(4, return_state=True)(source)
    x, last = layers.GRU(4, return_sequences=True, return_state=True)(target, initial_state=h)
    return keras.Model([source, target], [x, layers.Add()([last, c])])


def cells() -> Any:
    i = keras.Input((5, 3))
    x = layers.RNN([layers.LSTMCell(4), layers.GRUCell(6)], return_sequences=True)(i)
    return keras.Model(i, layers.RNN(layers.SimpleRNNCell(2), go_backwards=True)(x))


def part_of_the_outputs() -> Any:
    i = keras.Input((6,))
    a, _, c = ops.split(layers.Dense(6)(i), 3, axis=-1)
    return keras.Model(i, layers.Multiply()([c, a]))


def unused_outputs() -> Any:
    i = keras.Input((4,))
    x = layers.Dense(4)(i)
    layers.Dense(100)(x)
    ops.relu(x)
    return keras.Model(i, layers.Dense(2)(x))


def lambdas() -> Any:
    i = keras.Input((4,))
    x = layers.Lambda(lambda t: t * 2, output_shape=(4,))(i)
    return keras.Model(i, layers.Lambda(_twice, output_shape=(8,))(x))


def _twice(x: Any) -> Any:
    return ops.concatenate([x, x], axis=-1)


def masking() -> Any:
    i = keras.Input((7,), dtype="int32")
    x = layers.Embedding(20, 4, mask_zero=True)(i)
    x = layers.LSTM(4, return_sequences=True)(x)
    return keras.Model(i, layers.GlobalAveragePooling1D()(layers.TimeDistributed(layers.Dense(3))(x)))


def masking_layer() -> Any:
    i = keras.Input((7, 3))
    return keras.Model(i, layers.Bidirectional(layers.GRU(4))(layers.Masking(-1.0)(i)))


def augmentation() -> Any:
    i = keras.Input((16, 16, 3))
    x = layers.RandomFlip("horizontal")(layers.Rescaling(1 / 255)(i))
    x = layers.RandomZoom(0.1)(layers.RandomRotation(0.2)(x))
    return keras.Model(i, layers.Dropout(0.3)(layers.GaussianNoise(0.1)(x)))


def preprocessing() -> Any:
    number = keras.Input((1,), name="number")
    word = keras.Input((1,), dtype="int64", name="word")
    x = layers.Normalization(mean=1.0, variance=4.0)(number)
    y = layers.CategoryEncoding(num_tokens=5, output_mode="multi_hot")(word)
    return keras.Model([number, word], layers.Dense(2)(layers.Concatenate()([x, y])))


def operations() -> Any:
    i = keras.Input((4, 6))
    x = ops.einsum("btc,bsc->bts", i, i) / 2.0
    x = ops.softmax(x[:, ::-1, 1:3] ** 2 - 1, axis=-1)
    top, where = ops.top_k(x, 1)
    return keras.Model(i, [ops.where(top > 0.5, top, 0.0), -ops.cast(where, "float32") @ ops.ones((1, 3))])


def constants() -> Any:
    i = keras.Input((3,))
    x = layers.Concatenate()([i, np.ones((1, 3), "float32")])
    return keras.Model(i, 1.0 - x * np.arange(6, dtype="float32"))


# ---- wrappers -------------------------------------------------------------------------------------------------------


def time_distributed() -> Any:
    i = keras.Input((5, 8, 8, 3))
    x = layers.TimeDistributed(layers.Conv2D(4, 3, activation="relu"))(i)
    return keras.Model(i, layers.LSTM(2)(layers.TimeDistributed(layers.Flatten())(x)))


def time_distributed_model() -> Any:
    i = keras.Input((5, 4))
    return keras.Model(i, layers.TimeDistributed(_block())(i))


def bidirectional() -> Any:
    i = keras.Input((5, 3))
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True), merge_mode="sum")(i)
    x = layers.Bidirectional(layers.GRU(4), backward_layer=layers.GRU(4, go_backwards=True, activation="relu"))(x)
    return keras.Model(i, x)


def bidirectional_apart() -> Any:
    i = keras.Input((5, 3))
    forth, back = layers.Bidirectional(layers.LSTM(4), merge_mode=None)(i)
    return keras.Model(i, layers.Subtract()([back, forth]))


def bidirectional_states() -> Any:
    i = keras.Input((5, 3))
    x, h1, c1, h2, c2 = layers.Bidirectional(layers.LSTM(4, return_state=True))(i)
    return keras.Model(i, [x, layers.Concatenate()([h1, h2]), layers.Add()([c1, c2])])


def spectral() -> Any:
    i = keras.Input((8, 8, 3))
    return keras.Model(i, layers.SpectralNormalization(layers.Conv2D(4, 3))(i))


class Residual(layers.Wrapper):  # type: ignore[misc]
    """A wrapper of the user's own."""

    def call(self, x: Any) -> Any:
        return x + self.layer(x)


def own_wrapper() -> Any:
    i = keras.Input((4,))
    return keras.Model(i, Residual(layers.Dense(4, activation="tanh"))(i))


# ---- sharing and nesting --------------------------------------------------------------------------------------------


def shared_layer() -> Any:
    dense = layers.Dense(4)
    a, b = keras.Input((4,)), keras.Input((4,))
    return keras.Model([a, b], layers.Add()([dense(dense(a)), dense(b)]))


def shared_model() -> Any:
    inner = _block(name="tower")
    a, b = keras.Input((4,)), keras.Input((4,))
    return keras.Model([a, b], layers.Dot(-1)([inner(inner(a)), inner(b)]))


def cycle_of_calls() -> Any:
    """Two layers that feed each other in turns."""
    one, two = layers.Dense(4), layers.Dense(4)
    x = i = keras.Input((4,))
    for _ in range(3):
        x = two(one(x)) + x
    return keras.Model(i, x)


def three_deep() -> Any:
    inner = _block(name="inner")
    i = keras.Input((4,))
    middle = keras.Model(i, inner(layers.Dense(4)(inner(i))), name="middle")
    i = keras.Input((4,))
    outer = keras.Model(i, [middle(i), inner(i)], name="outer")
    i = keras.Input((4,))
    return keras.Model(i, layers.Add()(outer(layers.LayerNormalization()(i))))


def sequential_of_models() -> Any:
    return keras.Sequential([keras.Input((4,)), _block(), keras.Sequential([layers.Dense(3), layers.ReLU()]), _head()])


def _head() -> Any:
    i = keras.Input((3,))
    return keras.Model(i, layers.Dense(2, activation="softmax")(i), name="head")


def nested_with_structures() -> Any:
    a, b = keras.Input((4,)), keras.Input((4,))
    inner = keras.Model({"b": b, "a": a}, {"sum": a + b, "both": [a, layers.Dense(4)(b)]}, name="inner")
    c, d = keras.Input((4,)), keras.Input((4,))
    found = inner({"a": c, "b": d})
    return keras.Model([c, d], [layers.Dense(1)(found["both"][1]), found["sum"], found["both"][0]])


def nested_in_part() -> Any:
    i = keras.Input((4,))
    inner = keras.Model(i, [layers.Dense(2)(i), layers.Dense(3)(i)], name="two_heads")
    j = keras.Input((4,))
    return keras.Model(j, layers.ReLU()(inner(j)[1]))


def same_names_in_two_submodels() -> Any:
    def part(name: str) -> Any:
        i = keras.Input((4,), name="x")
        return keras.Model(i, layers.Dense(4, name="dense")(layers.Dense(4, name="first")(i)), name=name)

    i = keras.Input((4,), name="x")
    return keras.Model(i, layers.Dense(2, name="dense")(part("right")(part("left")(i))))


def cut_out() -> Any:
    whole = sequential()
    return keras.Model(whole.layers[0].output, whole.layers[1].output)


# ---- precision and counting -----------------------------------------------------------------------------------------


def frozen() -> Any:
    i = keras.Input((4,))
    inner = _block(name="base")
    inner.trainable = False
    cold = layers.Dense(4)
    cold.trainable = False
    return keras.Model(i, layers.BatchNormalization()(layers.Dense(2)(cold(inner(i)))))


class Output(layers.Layer):  # type: ignore[misc]
    """Projects on the vocabulary with the transposed table of an embedding."""

    def __init__(self, table: Any, **settings: Any) -> None:
        super().__init__(**settings)
        self.table = table

    def call(self, x: Any) -> Any:
        return ops.matmul(x, ops.transpose(self.table.embeddings))


def tied() -> Any:
    i = keras.Input((5,), dtype="int32")
    table = layers.Embedding(20, 4)
    return keras.Model(i, Output(table)(layers.Dense(4)(table(i))))


def reversible() -> Any:
    i = keras.Input((5,), dtype="int32")
    table = layers.ReversibleEmbedding(20, 4)
    return keras.Model(i, table(layers.Dense(4)(table(i)), reverse=True))


def mixed_precision() -> Any:
    i = keras.Input((8, 8, 3))
    x = layers.BatchNormalization(dtype="mixed_float16")(layers.Conv2D(4, 3, dtype="mixed_float16")(i))
    return keras.Model(i, layers.Dense(2, dtype="float32")(layers.GlobalMaxPooling2D()(x)))


def quantized() -> Any:
    model = keras.Sequential([keras.Input((8,)), layers.Dense(16), layers.Dense(4)])
    model.quantize("int8")
    return model


def low_rank() -> Any:
    model = keras.Sequential([keras.Input((8,)), layers.Dense(16), layers.Dense(4)])
    model.layers[0].enable_lora(2)
    return model


class Counter(layers.Layer):  # type: ignore[misc]
    """State that nobody trains."""

    def build(self, shape: Any) -> None:
        self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False, name="seen")
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x: Any) -> Any:
        return x * self.scale + self.seen


def untrained_state() -> Any:
    i = keras.Input((4,))
    return keras.Model(i, Counter()(i))


def compiled() -> Any:
    """Variables of the optimizer, of metrics and of random layers are no parameters."""
    model = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5), layers.Dense(2)])
    model.compile("adam", "mse", metrics=["mae", "accuracy"])
    model.fit(np.ones((4, 4)), np.ones((4, 2)), verbose=0)
    return model


def no_layers() -> Any:
    i = keras.Input((4,))
    return keras.Model(i, i)


def convolutional() -> Any:
    i = keras.Input((None, None, 3))
    x = layers.SeparableConv2D(8, 3, strides=2, padding="same")(layers.ZeroPadding2D(1)(i))
    x = layers.DepthwiseConv2D(3, dilation_rate=2)(layers.Cropping2D(1)(x))
    x = layers.UpSampling2D()(layers.AveragePooling2D(2)(x))
    x = layers.GroupNormalization(4)(layers.PReLU(shared_axes=(1, 2))(x))
    return keras.Model(i, layers.Conv2DTranspose(3, 2, strides=2)(x))


def volumes() -> Any:
    i = keras.Input((4, 8, 8, 3))
    x = layers.MaxPooling3D()(layers.Conv3D(4, 3, padding="same")(i))
    return keras.Model(i, layers.ConvLSTM2D(4, 3)(x))


_FACTORIES = {name: thing for name, thing in globals().items() if getattr(thing, "__module__", "") == __name__}
NAMES = [name for name in _FACTORIES if name[0].islower()]
