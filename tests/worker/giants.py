"""Models far beyond any memory, and small ones beside them. Imports nothing but Keras."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


class RootMeanSquare(layers.Layer):  # type: ignore[misc]
    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x: Any) -> Any:
        return x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + 1e-5) * self.scale


class GroupedQueryAttention(layers.Layer):  # type: ignore[misc]
    """Rotary positions, a causal mask, fewer keys and values than queries. Says nothing of its output's shape."""

    def __init__(self, width: int, heads: int, groups: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.heads, self.groups, self.size = heads, groups, width // heads
        self.query = layers.EinsumDense("btd,dhk->bthk", (None, heads, self.size), name="query")
        self.key = layers.EinsumDense("btd,dhk->bthk", (None, groups, self.size), name="key")
        self.value = layers.EinsumDense("btd,dhk->bthk", (None, groups, self.size), name="value")
        self.out = layers.EinsumDense("bthk,hkd->btd", (None, width), name="out")

    def rotated(self, x: Any) -> Any:
        half = self.size // 2
        places = ops.cast(ops.arange(ops.shape(x)[1]), "float32")
        speeds = ops.power(10000.0, -ops.arange(0, half, dtype="float32") / half)
        angles = ops.expand_dims(ops.expand_dims(places, -1) * speeds, (0, 2))
        first, second = x[..., :half], x[..., half:]
        cosine, sine = ops.cos(angles), ops.sin(angles)
        return ops.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)

    def call(self, x: Any) -> Any:
        batch, length = ops.shape(x)[0], ops.shape(x)[1]
        query, key, value = self.rotated(self.query(x)), self.rotated(self.key(x)), self.value(x)
        query = ops.reshape(query, (batch, length, self.groups, self.heads // self.groups, self.size))
        scores = ops.einsum("btghk,bsgk->bghts", query, key) / self.size**0.5
        later = ops.triu(ops.ones((length, length), dtype="bool"), k=1)
        scores = ops.where(later, -1e9, scores)
        mixed = ops.einsum("bghts,bsgk->btghk", ops.softmax(scores, axis=-1), value)
        return self.out(ops.reshape(mixed, (batch, length, self.heads, self.size)))


class DecoderBlock(layers.Layer):  # type: ignore[misc]
    def __init__(self, width: int, hidden: int, heads: int, groups: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.before_attention, self.before_hidden = RootMeanSquare(), RootMeanSquare()
        self.attention = GroupedQueryAttention(width, heads, groups)
        self.gate = layers.Dense(hidden, use_bias=False, activation="silu")
        self.up = layers.Dense(hidden, use_bias=False)
        self.down = layers.Dense(width, use_bias=False)

    def call(self, x: Any) -> Any:
        x = x + self.attention(self.before_attention(x))
        hidden = self.before_hidden(x)
        return x + self.down(self.gate(hidden) * self.up(hidden))


def decoder(
    blocks: int = 80,
    width: int = 8192,
    hidden: int = 28672,
    heads: int = 64,
    groups: int = 8,
    vocabulary: int = 128256,
) -> Any:
    """By default of the size of Llama 3 70B: 70 553 706 496 parameters."""
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    x = layers.Embedding(vocabulary, width, name="embedding")(tokens)
    for index in range(blocks):
        x = DecoderBlock(width, hidden, heads, groups, name=f"block_{index}")(x)
    logits = layers.Dense(vocabulary, use_bias=False, name="logits")(RootMeanSquare(name="norm")(x))
    return keras.Model(tokens, logits, name="decoder")


def lenet() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="tanh"),
            layers.Dense(84, activation="tanh"),
            layers.Dense(10, activation="softmax"),
        ],
        name="lenet",
    )
