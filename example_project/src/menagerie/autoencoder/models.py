"""A convolutional autoencoder whose encoder is a model of its own."""

from __future__ import annotations

import keras
from keras import layers

IMAGE = (28, 28, 1)
CODE = (4, 4, 1)
"""The code of an image, as the picture that the decoder starts from."""


def build_encoder() -> keras.Model:
    """Image → 16 numbers."""
    image = keras.Input(IMAGE, name="image")
    x = layers.Conv2D(16, 3, activation="relu")(image)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(3)(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    return keras.Model(image, layers.GlobalMaxPooling2D()(x), name="encoder")


def build_autoencoder() -> keras.Model:
    """Image → 16 numbers → image."""
    image = keras.Input(IMAGE, name="image")
    x = build_encoder()(image)
    x = layers.Reshape(CODE)(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(32, 3, activation="relu")(x)
    x = layers.UpSampling2D(3)(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(1, 3, activation="relu")(x)
    return keras.Model(image, x, name="autoencoder")
