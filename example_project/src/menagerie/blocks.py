"""Pieces that several models share."""

from __future__ import annotations

import keras
from keras import layers

KERNEL = 3
"""Side of every convolution kernel."""


def convolve(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """Convolution, batch normalization, ReLU: the unit that most image models repeat."""
    x = layers.Conv2D(filters, KERNEL, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)


def convolve_twice(x: keras.KerasTensor, filters: int) -> keras.KerasTensor:
    """One level of a U-Net."""
    return convolve(convolve(x, filters), filters)
