"""The same models written with Keras 2 and with Keras 3: each takes the package."""

from __future__ import annotations

from typing import Any


def sequential(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
            layers.AveragePooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.Dropout(0.2),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ],
        name="lenet",
    )


def built_later(keras: Any) -> Any:
    model = keras.Sequential([keras.layers.Dense(4), keras.layers.ReLU(), keras.layers.Dense(2)], name="later")
    model.build((None, 8))
    return model


def operations(keras: Any) -> Any:
    x = keras.Input((4, 8), name="x")
    y = keras.layers.Dense(8, name="d")(x)
    y = (x + y) * 2.0 - 1.0
    y = -y[:, 0]
    return keras.Model(x, keras.layers.Dense(3, name="out")(y), name="operations")


def several(keras: Any) -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    x = keras.layers.Concatenate(name="both")([a, b])
    y, z = keras.layers.Dense(2, name="y")(x), keras.layers.Dense(3, name="z")(x)
    return keras.Model({"a": a, "b": b}, {"y": y, "z": z}, name="several")


def shared(keras: Any) -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    inside = keras.Input((4,), name="inside")
    encoder = keras.Model(inside, keras.layers.Dense(6, name="code")(inside), name="encoder")
    dense = keras.layers.Dense(5, name="dense_of_both")
    joined = keras.layers.Subtract(name="minus")([dense(encoder(a)), dense(encoder(b))])
    return keras.Model([a, b], joined, name="shared")


def nested(keras: Any) -> Any:
    layers = keras.layers
    block = keras.Sequential([keras.Input((8,)), layers.Dense(16, name="up"), layers.Dense(8, name="down")], name="ffn")
    i = keras.Input((8,), name="i")
    m = keras.Model(i, layers.Add(name="add")([i, block(i)]), name="middle")
    x = keras.Input((8,), name="x")
    return keras.Model(x, layers.Dense(2, name="out")(m(m(x))), name="outer")


def recurrent(keras: Any) -> Any:
    layers = keras.layers
    x = keras.Input((9, 4), name="x")
    first, h, c = layers.LSTM(3, return_sequences=True, return_state=True, name="encoder")(x)
    again = layers.LSTM(3, return_sequences=True, name="decoder")(first, initial_state=[h, c])
    both = layers.Bidirectional(layers.GRU(2, return_sequences=True), name="both")(again)
    each = layers.TimeDistributed(layers.Dense(5), name="each")(both)
    return keras.Model(x, each, name="recurrent")


def attention(keras: Any) -> Any:
    layers = keras.layers
    q, v = keras.Input((5, 8), name="q"), keras.Input((7, 8), name="v")
    x = layers.MultiHeadAttention(2, 4, name="mha")(query=q, value=v)
    x = layers.LayerNormalization(name="norm")(layers.Add(name="add")([q, x]))
    return keras.Model([q, v], layers.GlobalAveragePooling1D(name="pool")(x), name="attention")


def masks(keras: Any) -> Any:
    tokens = keras.Input((7,), dtype="int32", name="tokens")
    x = keras.layers.Embedding(50, 6, mask_zero=True, name="embedding")(tokens)
    return keras.Model(tokens, keras.layers.LSTM(3, name="lstm")(x), name="masks")


def frozen(keras: Any) -> Any:
    model = sequential(keras)
    for layer in model.layers[:2]:
        layer.trainable = False
    return model


def any_size(keras: Any) -> Any:
    layers = keras.layers
    i = keras.Input((None, None, 3), name="i")
    body = keras.Model(i, layers.Conv2D(4, 3, strides=2, name="conv")(i), name="body")
    x = keras.Input((32, 32, 3), name="x")
    return keras.Model(x, layers.GlobalMaxPooling2D(name="pool")(body(x)), name="any_size")


def own_layer(keras: Any) -> Any:
    class Residual(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self, units: int, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.one = keras.layers.Dense(units, activation="relu", name="one")
            self.two = keras.layers.Dense(units, name="two")

        def call(self, x: Any) -> Any:
            return x + self.two(self.one(x))

    x = keras.Input((8,), name="x")
    return keras.Model(x, Residual(8, name="residual")(x), name="own_layer")


def subclassed(keras: Any) -> Any:
    class Net(keras.Model):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(name="net")
            self.one = keras.layers.Dense(6, name="one")
            self.two = keras.layers.Dense(6, name="two")

        def call(self, x: Any) -> Any:
            x = self.one(x)
            return x + self.two(x)

    model = Net()
    model.build((None, 4))
    return model


MODELS = (
    sequential,
    built_later,
    operations,
    several,
    shared,
    nested,
    recurrent,
    attention,
    masks,
    frozen,
    any_size,
    own_layer,
    subclassed,
)


def of_keras_2(name: str) -> Any:
    import tf_keras

    return globals()[name](tf_keras)


def of_keras_3(name: str) -> Any:
    import keras

    return globals()[name](keras)


def of_tensorflow(name: str) -> Any:
    """``tf.keras``, whichever that is."""
    import tensorflow as tf

    return globals()[name](tf.keras)


def of_tensorflow_functions() -> Any:
    import tensorflow as tf
    import tf_keras as keras

    x = keras.Input((4, 8), name="x")
    y = tf.nn.relu(x)
    y = tf.concat([y, x], axis=-1)
    y = tf.reduce_mean(y, axis=1)
    y = tf.where(y > 0.5, y, tf.zeros_like(y))
    return keras.Model(x, keras.layers.Dense(2)(y))


def reads_weights() -> Any:
    import tf_keras as keras

    model = sequential(keras)
    kernel = model.layers[0].get_weights()[0]
    assert kernel.shape == (5, 5, 1, 6) and kernel.std() > 0.01
    return model


def vgg() -> Any:
    import tf_keras

    return tf_keras.applications.VGG16(weights=None)


def trains() -> Any:
    import numpy as np
    import tf_keras as keras

    model = several(keras)
    model.compile("adam", {"y": "mse", "z": "mse"})
    rows = {"a": np.ones((8, 4), "float32"), "b": np.ones((8, 3), "float32")}
    said = model.fit(rows, {"y": np.ones((8, 2)), "z": np.ones((8, 3))}, epochs=2, verbose=0).history
    assert said["loss"][0] > said["loss"][1] > 0
    assert np.isfinite(model.predict(rows, verbose=0)["y"]).all()
    return model


def enormous() -> Any:
    """160 GB of weights."""
    import tf_keras as keras

    return keras.Sequential([keras.Input((200_000,)), keras.layers.Dense(200_000)])
