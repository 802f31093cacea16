"""Factories that do more than build, and targets that fail."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

instance = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
number = 3


def base(units: int = 4) -> Any:
    return keras.Sequential([keras.Input((8,)), layers.Dense(16, activation="relu"), layers.Dense(units)])


def compiled() -> Any:
    model = base()
    model.compile("adam", "mse", metrics=["accuracy"])
    return model


def scheduled() -> Any:
    model = base()
    rate = keras.optimizers.schedules.CosineDecay(0.1, 100)
    model.compile(keras.optimizers.SGD(rate, momentum=0.9), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def fitted() -> Any:
    model = compiled()
    model.fit(np.ones((8, 8)), np.ones((8, 4)), verbose=0)
    return model


def predicted() -> Any:
    model = base()
    model.predict(np.ones((2, 8)), verbose=0)
    return model


def called() -> Any:
    model = base()
    model(np.ones((2, 8), "float32"))
    return model


def stateful() -> Any:
    return keras.Sequential([keras.Input(batch_shape=(2, 5, 3)), layers.LSTM(4, stateful=True)])


def adapted() -> Any:
    norm = layers.Normalization()
    norm.adapt(np.arange(12.0).reshape(4, 3))
    return keras.Sequential([keras.Input((3,)), norm, layers.Dense(1)])


def text() -> Any:
    vector = layers.TextVectorization(100, output_sequence_length=5)
    vector.adapt(["a b c", "d e"])
    return keras.Sequential([keras.Input((), dtype="string"), vector, layers.Embedding(100, 4)])


def loaded() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "w.weights.h5")
        base().save_weights(path)
        model = base()
        model.load_weights(path)
    return model


def saved() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "m.keras")
        base().save(path)
        return keras.models.load_model(path)


def set_weights() -> Any:
    model = base()
    model.set_weights([np.zeros_like(value) for value in model.get_weights()])
    return model


def literal_variable() -> Any:
    class Scale(layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.t = keras.Variable(1.0)

        def call(self, x: Any) -> Any:
            return x * self.t

    i = keras.Input((8,))
    return keras.Model(i, Scale()(i))


def reads_in_build() -> Any:
    class Reader(layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.w = self.add_weight(shape=(shape[-1], 4), initializer="glorot_uniform")
            self.k = float(np.asarray(ops.convert_to_numpy(self.w)).mean())

        def call(self, x: Any) -> Any:
            return ops.matmul(x, self.w) * self.k

    i = keras.Input((8,))
    return keras.Model(i, Reader()(i))


def regularized() -> Any:
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4, kernel_regularizer="l2")])
    float(ops.convert_to_numpy(sum(model.losses)))
    return model


def quantized() -> Any:
    model = base()
    model.quantize("int8")
    return model


def lora() -> Any:
    model = base()
    model.layers[0].enable_lora(2)
    return model


def cloned() -> Any:
    return keras.models.clone_model(base())


def spectral() -> Any:
    i = keras.Input((8, 8, 3))
    return keras.Model(i, layers.SpectralNormalization(layers.Conv2D(4, 3))(i))


def augmented() -> Any:
    return keras.Sequential(
        [keras.Input((32, 32, 3)), layers.RandomFlip(), layers.RandomRotation(0.1), layers.Dropout(0.5)]
    )


def big() -> Any:
    return keras.Sequential([keras.Input((20_000,)), layers.Dense(20_000), layers.Dense(20_000)])


def reads_all() -> Any:
    model = keras.Sequential([keras.Input((1000,)), layers.Dense(1000)])
    model.get_weights()
    return model


WORKING = [
    "compiled",
    "scheduled",
    "fitted",
    "predicted",
    "called",
    "stateful",
    "adapted",
    "text",
    "loaded",
    "saved",
    "set_weights",
    "literal_variable",
    "reads_in_build",
    "regularized",
    "quantized",
    "lora",
    "cloned",
    "spectral",
    "augmented",
]


# ---- failures -------------------------------------------------------------------------------------------------------


def exits() -> Any:
    sys.exit(3)


def raises() -> Any:
    return _deeper()


def _deeper() -> Any:
    return layers.Dense(-3)


def keras_raises() -> Any:
    i = keras.Input((3,))
    return keras.Model(i, layers.Conv2D(3, 3)(i))


def nothing() -> None:
    return None


def several() -> Any:
    return base(), base()


def unbuilt() -> Any:
    return keras.Sequential([layers.Dense(3), layers.Dense(2)])


def lacks_package() -> Any:
    import package_that_nobody_has  # type: ignore[import-not-found]

    return package_that_nobody_has


def lacks_torch() -> Any:
    raise ModuleNotFoundError("No module named 'torch'", name="torch")


def breaks_when_lazy() -> Any:
    """Fails only where variables are without values, as an unknown Keras might."""
    from sphinx_kerasarch.worker import lazy

    if lazy.LEDGER.active:
        lazy._spend(None)
    return base()


class Maker:
    def method(self, units: int = 4) -> Any:
        return base(units)

    @staticmethod
    def static(units: int = 4) -> Any:
        return base(units)

    @classmethod
    def of_class(cls) -> Any:
        return base()


assert os.sep


def hides_its_weights() -> Any:
    """A layer whose property ``weights`` raises, in a model whose does too."""

    class Shy(layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(shape=(shape[-1],), name="scale")

        @property
        def weights(self) -> Any:
            raise RuntimeError("not before training")

        def call(self, x: Any) -> Any:
            return x * self.scale

    class Hidden(keras.Model):  # type: ignore[misc]
        @property
        def weights(self) -> Any:
            raise RuntimeError("never")

    x = keras.Input((4,), name="x")
    return Hidden(x, layers.Dense(2, name="out")(Shy(name="shy")(x)))


class Moody(layers.Layer):  # type: ignore[misc]
    """Refuses to be asked once its model is made."""

    angry = False

    def compute_output_shape(self, shape: Any) -> Any:
        return shape

    @property
    def dtype_policy(self) -> Any:
        if Moody.angry:
            raise KeyError("not today")
        return keras.config.dtype_policy()

    @dtype_policy.setter
    def dtype_policy(self, value: Any) -> None:
        pass

    def call(self, x: Any) -> Any:
        return x


def refuses_to_be_read() -> Any:
    x = keras.Input((4,), name="x")
    model = keras.Model(x, Moody(name="moody")(x))
    Moody.angry = True
    return model
