"""A transformer encoder that sorts texts, with two blocks (Vaswani et al., 2017)."""

import keras
from keras import layers, ops


class Positions(layers.Layer):
    """Adds a learned vector for each position."""

    def build(self, shape: tuple[int, ...]) -> None:
        self.table = self.add_weight(shape=shape[1:], initializer="random_normal", name="table")

    def call(self, words: keras.KerasTensor) -> keras.KerasTensor:
        return ops.add(words, self.table)


def block(x: keras.KerasTensor, width: int, heads: int, name: str) -> keras.KerasTensor:
    seen = layers.MultiHeadAttention(heads, width // heads, name=f"{name}_attention")(x, x)
    x = layers.LayerNormalization(name=f"{name}_norm1")(layers.Add(name=f"{name}_add1")([x, seen]))
    wide = layers.Dense(4 * width, activation="gelu", name=f"{name}_wide")(x)
    back = layers.Dense(width, name=f"{name}_back")(wide)
    return layers.LayerNormalization(name=f"{name}_norm2")(layers.Add(name=f"{name}_add2")([x, back]))


def build_transformer(words: int = 20_000, length: int = 128, width: int = 64, blocks: int = 2) -> keras.Model:
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    x = Positions(name="positions")(layers.Embedding(words, width, name="words")(tokens))
    for number in range(blocks):
        x = block(x, width, 4, f"block{number + 1}")
    x = layers.GlobalAveragePooling1D(name="pool")(x)
    label = layers.Dense(2, activation="softmax", name="label")(x)
    return keras.Model(tokens, label, name="transformer")
