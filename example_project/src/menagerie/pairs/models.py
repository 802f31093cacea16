"""Models with more than one input: two pictures to compare, a picture with a table."""

from __future__ import annotations

import keras
from keras import layers, ops

from menagerie.blocks import convolve

IMAGE = (64, 64, 3)


def build_siamese() -> keras.Model:
    """Do both pictures show the same thing? One encoder looks at each of them."""
    image = keras.Input(IMAGE)
    x = convolve(image, 32)
    x = layers.MaxPooling2D()(x)
    x = convolve(x, 64)
    x = layers.GlobalAveragePooling2D()(x)
    embed = keras.Model(image, layers.Dense(32)(x), name="embed")

    left = keras.Input(IMAGE, name="left")
    right = keras.Input(IMAGE, name="right")
    distance = ops.abs(embed(left) - embed(right))
    same = layers.Dense(1, activation="sigmoid", name="same")(distance)
    return keras.Model([left, right], same, name="siamese")


def build_listing() -> keras.Model:
    """A photo of a flat and its table of facts → kind of the flat and its price."""
    image = keras.Input(IMAGE, name="image")
    facts = keras.Input((12,), name="facts")
    x = image
    for filters in (32, 64, 128):
        x = convolve(x, filters)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    y = layers.Dense(64, activation="relu")(facts)
    y = layers.Dense(32, activation="relu")(y)
    both = layers.Dense(128, activation="relu")(layers.Concatenate()([x, y]))
    return keras.Model(
        {"image": image, "facts": facts},
        {
            "kind": layers.Dense(5, activation="softmax", name="kind")(both),
            "price": layers.Dense(1, name="price")(both),
        },
        name="listing",
    )
