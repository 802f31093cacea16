"""A Transformer encoder that labels a text."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

VOCABULARY = 10_000


class Positions(layers.Layer):
    """Adds a learned vector for each position."""

    def build(self, shape: Any) -> None:
        self.table = self.add_weight(shape=shape[1:], name="table")

    def call(self, x: Any) -> Any:
        return x + self.table


def attend(x: keras.KerasTensor, width: int, heads: int) -> keras.KerasTensor:
    """One block of the encoder: attention, then two dense layers, each with its own bypass."""
    y = layers.MultiHeadAttention(heads, width // heads)(x, x)
    x = layers.LayerNormalization()(layers.Add()([x, layers.Dropout(0.1)(y)]))
    y = layers.Dense(4 * width, activation="gelu")(x)
    y = layers.Dropout(0.1)(layers.Dense(width)(y))
    return layers.LayerNormalization()(layers.Add()([x, y]))


def build_transformer_encoder(
    blocks: int = 2, width: int = 64, heads: int = 4, length: int = 128
) -> keras.Model:
    """``length`` tokens → two probabilities."""
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    x = Positions(name="positions")(layers.Embedding(VOCABULARY, width, name="words")(tokens))
    for _ in range(blocks):
        x = attend(x, width, heads)
    x = layers.GlobalAveragePooling1D()(x)
    label = layers.Dense(2, activation="softmax", name="label")(x)
    return keras.Model(tokens, label, name="transformer_encoder")
