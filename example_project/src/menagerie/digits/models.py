"""Classifiers of handwritten digits, in the order in which one learns about them."""

from __future__ import annotations

import keras
from keras import layers

CLASSES = 10
IMAGE = (28, 28, 1)


def build_mlp() -> keras.Model:
    """Three neurons: just enough to bend a line."""
    return keras.Sequential(
        [
            keras.Input((1,)),
            layers.Dense(2, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="mlp",
    )


def build_cnn(classes: int = CLASSES) -> keras.Model:
    """Two convolutions with leaky activations."""
    return keras.Sequential(
        [
            keras.Input(IMAGE),
            layers.Conv2D(32, 3),
            layers.LeakyReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3),
            layers.LeakyReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(classes, activation="softmax"),
        ],
        name="cnn",
    )


def build_lenet(classes: int = CLASSES) -> keras.Model:
    """LeNet as it is built today: ReLU and max pooling instead of tanh and subsampling."""
    return keras.Sequential(
        [
            keras.Input(IMAGE),
            layers.Conv2D(20, 5, padding="same"),
            layers.Activation("relu"),
            layers.MaxPooling2D(2, strides=2),
            layers.Conv2D(50, 5, padding="same"),
            layers.Activation("relu"),
            layers.MaxPooling2D(2, strides=2),
            layers.Flatten(),
            layers.Dense(500),
            layers.Activation("relu"),
            layers.Dense(classes),
            layers.Activation("softmax"),
        ],
        name="lenet",
    )


def build_convnet(classes: int = CLASSES) -> keras.Model:
    """The convolutional network of many a first tutorial."""
    return keras.Sequential(
        [
            keras.Input(IMAGE),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(classes, activation="softmax", name="preds"),
        ],
        name="mnist_convnet",
    )
