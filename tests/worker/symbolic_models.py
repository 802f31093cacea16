"""Factories as tutorials write them, for the tier without a backend."""

from __future__ import annotations

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.layers import Dense


@tf.function
def train_step(images: tf.Tensor, labels: tf.Tensor | None = None) -> tf.Tensor:
    return tf.reduce_mean(images)


def tutorial():
    return tf.keras.Sequential(
        [keras.Input((28, 28)), tf.keras.layers.Flatten(), Dense(128, activation="relu"), layers.Dense(10)],
        name="tutorial",
    )


def stands_in():
    assert type(tf).__name__ == "StandIn"
    import keras as other

    assert tf.keras.layers.Dense is other.layers.Dense
    return tutorial()


def small():
    return keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(1)], name="small")


def uses_constant():
    tf.constant(1.0)
    return small()


def swallows():
    try:
        tf.constant(1.0)
    except BaseException:
        print('never mind')
    return small()


def fits():
    model = small()
    model.compile("adam", "mse")
    model.fit(np.zeros((8, 8)), np.zeros((8, 1)), verbose=0)
    return model


def predicts():
    model = small()
    model.predict(np.zeros((2, 8)), verbose=0)
    return model


def compiles():
    model = small()
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    model.compile(keras.optimizers.SGD(schedule, momentum=0.9), "mse", metrics=["accuracy"])
    return model


def adapts():
    scale = layers.Normalization()
    scale.adapt(np.arange(60.0).reshape(20, 3))
    return keras.Sequential([keras.Input((3,)), scale, layers.Dense(1)])


def quantizes():
    model = small()
    model.quantize("int8")
    return model


def reads_weights():
    model = small()
    model.set_weights([weight * 0 for weight in model.get_weights()])
    return model


def sets_weights():
    model = small()
    model.set_weights([np.zeros(weight.shape) for weight in model.weights])
    return model


def asks_for_backend():
    return keras.Sequential([keras.Input((8,)), layers.Dense(4)], name=keras.backend.backend())


def raw_operations():
    first = keras.Input((8,))
    return keras.Model(first, layers.Lambda(lambda x: tf.nn.relu(x) + 1)(first))


def casts():
    first = keras.Input((8,))
    x = layers.Dense(4, dtype="mixed_bfloat16")(first)
    y = keras.ops.softmax(x @ keras.ops.transpose(x) * 2 + np.eye(1, dtype="float32"))
    return keras.Model(first, [y, keras.ops.mean(y, axis=-1)])


class Places(layers.Layer):
    """Learned positions, counted in ``call``; a mask of the length that it meets."""

    def __init__(self, width):
        super().__init__()
        self.table = layers.Embedding(100, width)

    def call(self, x):
        length = keras.ops.shape(x)[1]
        mask = keras.ops.tril(keras.ops.ones((length, length)))
        noise = keras.random.normal(keras.ops.shape(x), seed=3)
        shown = x + self.table(keras.ops.arange(length)) + noise
        return keras.ops.matmul(mask, shown), keras.ops.max(self.table.embeddings * 2)


def places():
    first = keras.Input((None, 16))
    x, top = Places(16)(first)
    return keras.Model(first, [layers.Dense(3)(x), top])


def none_needed():
    raise ValueError("classes must be positive")

