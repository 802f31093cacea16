"""Classes of the user's own in saved models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from keras import layers


class Gate(layers.Layer):
    """Another number of channels than it is given, which a file does not tell of the last layer."""

    def __init__(self, units: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.units = units
        self.dense = layers.Dense(2 * units, name="both")

    def build(self, shape: Any) -> None:
        self.dense.build(shape)
        self.built = True

    def call(self, x: Any) -> Any:
        one, two = keras.ops.split(self.dense(x), 2, axis=-1)
        return one * keras.ops.sigmoid(two)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("mine")
class WindowAttention(layers.Layer):
    def call(self, x: Any) -> Any:
        return x[:, ::2]


def leap(x: Any) -> Any:
    return keras.ops.relu(x) * 2.0


def gated() -> Any:
    i = keras.Input((4,), name="i")
    return keras.Model(i, Gate(3, name="gate")(layers.Dense(5, activation=leap, name="d")(i)), name="gated")


def windowed() -> Any:
    i = keras.Input((6, 4), name="i")
    return keras.Model(i, WindowAttention(name="window")(Gate(4, name="gate")(i)), name="windowed")


class Net(keras.Model):
    def __init__(self, units: int = 3, **settings: Any) -> None:
        super().__init__(**settings)
        self.units = units
        self.one, self.two = layers.Dense(units, name="one"), layers.Dense(2, name="two")

    def call(self, x: Any) -> Any:
        return self.two(self.one(x)) + 1.0

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


def save(folder: Path) -> None:
    """All of them as files."""
    for factory in (gated, windowed):
        factory().save(folder / f"{factory.__name__}.keras")
        factory().save(folder / f"{factory.__name__}.h5")
    net = Net(name="net")
    net(keras.ops.zeros((1, 4)))
    net.save(folder / "net.keras")
