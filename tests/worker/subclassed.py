"""Models and layers that say in their own code what they compute."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops


class Residual(layers.Layer):  # type: ignore[misc]
    def __init__(self, filters: int, **settings: Any) -> None:
        super().__init__(**settings)
        self.first = layers.Conv2D(filters, 3, padding="same")
        self.norm = layers.BatchNormalization()
        self.second = layers.Conv2D(filters, 3, padding="same")

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(shape[-1],), name="scale")
        super().build(shape)

    def call(self, x: Any, training: Any = None) -> Any:
        inner = self.second(self.norm(self.first(x), training=training))
        return ops.relu(x + self.scale * inner)


class ResNet(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name="resnet")
        self.stem = layers.Conv2D(8, 3, padding="same")
        self.blocks = [Residual(8, name=f"block{number}") for number in (1, 2)]
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(10)

    def call(self, x: Any, training: Any = None) -> Any:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x, training=training)
        return self.head(self.pool(x))


def functional_with_residuals() -> Any:
    block = Residual(4, name="twice")
    first = keras.Input((8, 8, 4), name="picture")
    return keras.Model(first, block(block(first)), name="net")


class DictInputs(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.embedding = layers.Embedding(10, 4)
        self.dense = layers.Dense(4)
        self.out = layers.Dense(1)

    def call(self, given: Any) -> Any:
        words = ops.mean(self.embedding(given["ids"]), axis=1)
        features = self.dense(given["features"])
        return {"score": self.out(ops.concatenate([words, features], -1)), "features": features}


def called_on_arrays() -> Any:
    """Its inputs are known from the call in the factory, with their dtypes."""
    model = DictInputs()
    model({"ids": np.zeros((2, 5), "int32"), "features": np.zeros((2, 3), "float32")})
    return model


class Loop(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(8, name="again")

    def call(self, x: Any) -> Any:
        for _ in range(3):
            x = self.dense(x)
        return x


class TwoInputs(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.attention = layers.MultiHeadAttention(2, 4, name="attention")
        self.lstm = layers.LSTM(4, return_sequences=True, return_state=True, name="lstm")

    def call(self, source: Any, target: Any) -> Any:
        sequence, carry, state = self.lstm(source)
        return target + self.attention(query=target, value=sequence), (carry, state)


class Patches(keras.Model):  # type: ignore[misc]
    """Calculates with the number of examples."""

    def __init__(self) -> None:
        super().__init__()
        self.project = layers.Dense(16, name="project")

    def call(self, x: Any) -> Any:
        patches = ops.image.extract_patches(x, size=8)
        axes = ops.shape(patches)
        return self.project(ops.reshape(patches, (ops.shape(x)[0], axes[1] * axes[2], -1)))


class Vae(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.mean, self.spread = layers.Dense(2, name="mean"), layers.Dense(2, name="spread")
        self.seed = keras.random.SeedGenerator(1)
        self.decoder = keras.Sequential([layers.Dense(8, name="d1"), layers.Dense(8, name="d2")], name="decoder")

    def call(self, x: Any) -> Any:
        mean, spread = self.mean(x), self.spread(x)
        noise = keras.random.normal(ops.shape(mean), seed=self.seed)
        return self.decoder(mean + ops.exp(0.5 * spread) * noise), mean, spread


class DecidesByValue(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(8, name="dense")

    def build(self, shape: Any) -> None:
        self.dense.build(shape)
        self.built = True

    def call(self, x: Any) -> Any:
        y = self.dense(x)
        if ops.sum(y) > 0:
            return y * 2
        return y


def decides_by_value() -> Any:
    model = DecidesByValue()
    model.build((None, 4))
    return model


class DecidesByValueInside(layers.Layer):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name="gate")
        self.dense = layers.Dense(4)

    def build(self, shape: Any) -> None:
        self.dense.build(shape)

    def compute_output_spec(self, x: Any) -> Any:
        return keras.KerasTensor(x.shape, dtype=x.dtype)

    def call(self, x: Any) -> Any:
        return self.dense(x) if ops.max(x) > 0 else x


def closed_layer() -> Any:
    first = keras.Input((4,))
    return keras.Model(first, layers.Dense(2)(DecidesByValueInside()(first)))


class RmsNorm(layers.Layer):  # type: ignore[misc]
    """Operations alone: stays one layer with its weight."""

    def build(self, shape: Any) -> None:
        self.gain = self.add_weight(shape=(shape[-1],), name="gain")

    def call(self, x: Any) -> Any:
        return self.gain * x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + 1e-6)


def with_norm() -> Any:
    first = keras.Input((6,))
    return keras.Model(first, layers.Dense(2)(RmsNorm(name="rms")(first)))


class Training(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.dense, self.dropout = layers.Dense(8), layers.Dropout(0.5)

    def call(self, x: Any, training: bool = False) -> Any:
        x = self.dense(x)
        return self.dropout(x) if training else x


class Outer(keras.Model):  # type: ignore[misc]
    """Subclassed in subclassed in subclassed."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = ResNet()
        self.head = layers.Dense(2, name="last")

    def call(self, x: Any) -> Any:
        return self.head(self.inner(x))


class RawFunctions(keras.Model):  # type: ignore[misc]
    """Functions of TensorFlow instead of keras.ops."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = (layers.Dense(4, name=name) for name in "abc")

    def call(self, x: Any) -> Any:
        import tensorflow as tf

        both = tf.concat([tf.nn.relu(self.a(x)), self.b(x)], axis=-1)
        flat = tf.reshape(both, (tf.shape(both)[0], 2, 4))
        return self.c(tf.reduce_mean(flat, axis=1))


class Doubled(keras.Model):  # type: ignore[misc]
    """A Functional model whose own call goes beyond its graph."""

    def __init__(self) -> None:
        first = keras.Input((3,), name="first")
        super().__init__(first, layers.Dense(2, name="dense")(first), name="doubled")

    def call(self, x: Any, training: Any = None) -> Any:
        return super().call(x, training=training) * 2


class WithLoss(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.dense, self.mean = layers.Dense(3, name="dense"), keras.metrics.Mean(name="mean")

    def call(self, x: Any) -> Any:
        y = self.dense(x)
        self.add_loss(ops.mean(y))
        self.mean.update_state(ops.mean(y))
        return y
