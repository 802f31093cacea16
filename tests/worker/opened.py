"""Models whose layers of Keras are opened."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


def attention() -> Any:
    query, value = keras.Input((5, 16), name="q"), keras.Input((7, 16), name="v")
    return keras.Model([query, value], layers.MultiHeadAttention(2, 8, name="att")(query, value))


def attention_scores() -> Any:
    i = keras.Input((5, 16), name="i")
    return keras.Model(i, layers.MultiHeadAttention(2, 8, dropout=0.1)(i, i, return_attention_scores=True))


def grouped() -> Any:
    i = keras.Input((5, 16), name="i")
    return keras.Model(i, layers.GroupQueryAttention(8, 4, 2)(i, i))


def dot_attention() -> Any:
    i = keras.Input((5, 16), name="i")
    return keras.Model(i, layers.AdditiveAttention()([layers.Attention(use_scale=True)([i, i]), i]))


def lstm() -> Any:
    return keras.Sequential([keras.Input((4, 3)), layers.LSTM(6, return_sequences=True), layers.LSTM(2, name="last")])


def gru() -> Any:
    first, second = layers.GRU(6, return_sequences=True), layers.GRU(2, reset_after=False)
    return keras.Sequential([keras.Input((4, 3)), first, second])


def simple_rnn() -> Any:
    i = keras.Input((4, 3), name="i")
    x, state = layers.SimpleRNN(2, return_state=True, return_sequences=True, go_backwards=True)(i)
    return keras.Model(i, layers.SimpleRNN(2, name="second")(x, initial_state=state))


def cells() -> Any:
    i = keras.Input((4, 3), name="i")
    return keras.Model(i, layers.RNN([layers.LSTMCell(4), layers.GRUCell(5)], return_state=True)(i))


class Leak(layers.Layer):
    """A cell of one's own."""

    state_size = 3
    output_size = 3

    def build(self, shape: Any) -> None:
        self.dense = layers.Dense(3)
        self.dense.build(shape)

    def call(self, x: Any, states: Any) -> Any:
        after = states[0] * 0.5 + self.dense(x)
        return after, [after]


def own_cell() -> Any:
    i = keras.Input((4, 3), name="i")
    return keras.Model(i, layers.RNN(Leak())(i))


def one_step_of_lstm() -> Any:
    i = keras.Input((4, 3), name="i")
    return keras.Model(i, layers.LSTM(2, implementation=1)(i))


def stateful() -> Any:
    i = keras.Input(batch_shape=(2, 4, 3), name="i")
    return keras.Model(i, layers.LSTM(2, stateful=True)(i))


def masked() -> Any:
    return keras.Sequential([keras.Input((4,)), layers.Embedding(9, 3, mask_zero=True), layers.LSTM(2)])


def convolutional_lstm() -> Any:
    i = keras.Input((3, 8, 8, 2), name="i")
    return keras.Model(i, layers.ConvLSTM2D(3, 3, return_sequences=True)(i))


def bidirectional() -> Any:
    i = keras.Input((4, 3), name="i")
    x = layers.Bidirectional(layers.LSTM(2, return_sequences=True), name="bi")(i)
    return keras.Model(i, layers.Bidirectional(layers.GRU(2), merge_mode="sum")(x))


def separable() -> Any:
    i = keras.Input((9, 9, 3), name="i")
    x = layers.SeparableConv2D(8, 3, strides=2, padding="same", activation="relu")(i)
    return keras.Model(i, layers.SeparableConv1D(4, 3, depth_multiplier=2)(layers.Reshape((25, 8))(x)))


def spectral() -> Any:
    i = keras.Input((8, 8, 3), name="i")
    return keras.Model(i, layers.SpectralNormalization(layers.Conv2D(4, 3), name="sn")(i))


def frames(steps: int | None = 3) -> Any:
    encoder = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.Flatten()], name="encoder")
    i = keras.Input((steps, 8, 8, 1), name="i")
    return keras.Model(i, layers.TimeDistributed(encoder, name="frames")(i))


def frames_of_two() -> Any:
    """A wrapper around a model, called twice, with another wrapper inside."""
    part = keras.Sequential([keras.Input((4,)), layers.Dense(2)], name="part")
    inner = keras.Sequential([keras.Input((5, 4)), layers.TimeDistributed(part, name="inner")], name="middle")
    outer = layers.TimeDistributed(inner, name="outer")
    one, two = keras.Input((3, 5, 4), name="one"), keras.Input((3, 5, 4), name="two")
    return keras.Model([one, two], layers.Add(name="sum")([outer(one), outer(two)]))


def steps_of_dense() -> Any:
    i = keras.Input((4, 3), name="i")
    return keras.Model(i, layers.TimeDistributed(layers.Dense(2, activation="relu"), name="steps")(i))


def nested() -> Any:
    """An LSTM in a nested model that is called twice."""
    inner = keras.Sequential([keras.Input((4, 3)), layers.LSTM(2, name="memory")], name="inner")
    one, two = keras.Input((4, 3), name="one"), keras.Input((4, 3), name="two")
    return keras.Model([one, two], layers.Concatenate(name="both")([inner(one), inner(two)]))


class Weighed(layers.Layer):
    """A layer of one's own that is written in operations alone."""

    def build(self, shape: Any) -> None:
        self.gate = self.add_weight(shape=(shape[-1],), name="gate")

    def call(self, x: Any) -> Any:
        return keras.ops.sum(x * keras.ops.softmax(keras.ops.matmul(x, self.gate))[..., None], axis=1)


def own_operations() -> Any:
    x = keras.Input((4, 3), name="i")
    return keras.Model(x, Weighed(name="w")(x))


def dense() -> Any:
    i = keras.Input((3,), name="i")
    return keras.Model(i, layers.BatchNormalization(name="norm")(layers.Dense(2, activation="relu", name="d")(i)))
