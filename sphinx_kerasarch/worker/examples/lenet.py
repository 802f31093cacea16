"""LeNet-5, the convolutional network of 1998 that reads digits (LeCun et al.)."""

import keras
from keras import layers


def build_lenet(classes: int = 10) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((32, 32, 1), name="digit"),
            layers.Conv2D(6, 5, activation="tanh", name="c1"),
            layers.AveragePooling2D(2, name="s2"),
            layers.Conv2D(16, 5, activation="tanh", name="c3"),
            layers.AveragePooling2D(2, name="s4"),
            layers.Conv2D(120, 5, activation="tanh", name="c5"),
            layers.Flatten(),
            layers.Dense(84, activation="tanh", name="f6"),
            layers.Dense(classes, activation="softmax", name="output"),
        ],
        name="lenet",
    )
