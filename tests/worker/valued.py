"""Models whose weights are known."""

import keras
import numpy as np
from keras import layers


def counted():
    """Kernels that count: 0, 1, 2, … in rows, with every second number negative."""
    model = keras.Sequential(
        [layers.Input((3,)), layers.Dense(12, name="wide"), layers.Dense(2, name="out")], name="counted"
    )
    for layer in model.layers:
        kernel, bias = layer.get_weights()
        numbers = np.arange(kernel.size, dtype="float32")
        numbers[1::2] *= -1
        layer.set_weights([numbers.reshape(kernel.shape), bias])
    return model


def drawn_by_lot():
    x = image = keras.Input((6, 6, 1))
    x = layers.Flatten()(layers.Conv2D(2, 3, name="conv")(x))
    return keras.Model(image, layers.Dense(4, name="out")(x))


def too_large():
    return keras.Sequential([layers.Input((40_000,)), layers.Dense(4_000, name="huge")])


def not_a_number():
    model = counted()
    kernel, bias = model.layers[0].get_weights()
    kernel[0, 0], kernel[1, 1] = float("nan"), float("inf")
    model.layers[0].set_weights([kernel, bias])
    return model
