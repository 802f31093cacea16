"""Models whose specs are recorded beside this file, for tests without Keras."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers, ops


def mlp() -> Any:
    return keras.Sequential(
        [keras.Input((1,)), layers.Dense(2, activation="relu"), layers.Dense(1, activation="sigmoid")],
        name="mlp",
    )


def cnn() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3),
            layers.LeakyReLU(),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3),
            layers.LeakyReLU(),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ],
        name="cnn",
    )


def lenet() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(20, 5, padding="same"),
            layers.Activation("relu"),
            layers.MaxPooling2D(2, 2),
            layers.Conv2D(50, 5, padding="same"),
            layers.Activation("relu"),
            layers.MaxPooling2D(2, 2),
            layers.Flatten(),
            layers.Dense(500),
            layers.Activation("relu"),
            layers.Dense(10),
            layers.Activation("softmax"),
        ],
        name="lenet",
    )


def encoder() -> Any:
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Conv2D(16, 3, activation="relu")(image)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(3)(x)
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.Conv2D(16, 3, activation="relu")(x)
    return keras.Model(image, layers.GlobalMaxPooling2D()(x), name="encoder")


def autoencoder() -> Any:
    image = keras.Input((28, 28, 1), name="image")
    x = encoder()(image)
    x = layers.Reshape((4, 4, 1))(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(32, 3, activation="relu")(x)
    x = layers.UpSampling2D(3)(x)
    x = layers.Conv2DTranspose(16, 3, activation="relu")(x)
    x = layers.Conv2DTranspose(1, 3, activation="relu")(x)
    return keras.Model(image, x, name="autoencoder")


def mnist_convnet() -> Any:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax", name="preds"),
        ],
        name="mnist_convnet",
    )


def unet(size: int = 128, filters: int = 64, depth: int = 4) -> Any:
    def double(x: Any, count: int) -> Any:
        for _ in range(2):
            x = layers.Conv2D(count, 3, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
        return x

    x = image = keras.Input((size, size, 3), name="image")
    skips = []
    for level in range(depth):
        x = double(x, filters << level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = double(x, filters << depth)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(filters << level, 2, strides=2, padding="same")(x)
        x = layers.Concatenate()([skips[level], x])
        x = double(x, filters << level)
    return keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid", name="mask")(x), name="unet")


class Positions(layers.Layer):  # type: ignore[misc]
    """Adds a learned vector for each position."""

    def build(self, shape: Any) -> None:
        self.table = self.add_weight(shape=shape[1:], name="table")

    def call(self, x: Any) -> Any:
        return x + self.table


def transformer_encoder(blocks: int = 2, width: int = 64, heads: int = 4, length: int = 128) -> Any:
    tokens = keras.Input((length,), dtype="int32", name="tokens")
    x = Positions(name="positions")(layers.Embedding(10_000, width, name="words")(tokens))
    for _ in range(blocks):
        y = layers.MultiHeadAttention(heads, width // heads)(x, x)
        x = layers.LayerNormalization()(layers.Add()([x, layers.Dropout(0.1)(y)]))
        y = layers.Dense(4 * width, activation="gelu")(x)
        y = layers.Dropout(0.1)(layers.Dense(width)(y))
        x = layers.LayerNormalization()(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(
        tokens, layers.Dense(2, activation="softmax", name="label")(x), name="transformer_encoder"
    )


def siamese() -> Any:
    image = keras.Input((64, 64, 3))
    x = layers.Conv2D(32, 3, activation="relu")(image)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    embed = keras.Model(image, layers.Dense(32)(x), name="embed")
    left, right = keras.Input((64, 64, 3), name="left"), keras.Input((64, 64, 3), name="right")
    distance = ops.abs(embed(left) - embed(right))
    return keras.Model(
        [left, right], layers.Dense(1, activation="sigmoid", name="same")(distance), name="siamese"
    )


def two_io() -> Any:
    image, table = keras.Input((64, 64, 3), name="image"), keras.Input((12,), name="table")
    x = image
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.GlobalAveragePooling2D()(x)
    y = layers.Dense(64, activation="relu")(table)
    y = layers.Dense(32, activation="relu")(y)
    trunk = layers.Dense(128, activation="relu")(layers.Concatenate()([x, y]))
    return keras.Model(
        {"image": image, "table": table},
        {
            "class": layers.Dense(5, activation="softmax", name="class")(trunk),
            "price": layers.Dense(1, name="price")(trunk),
        },
        name="two_io",
    )


class ClassToken(layers.Layer):  # type: ignore[misc]
    """Puts a learned token before the patches and adds learned positions."""

    def build(self, shape: Any) -> None:
        self.token = self.add_weight(shape=(1, 1, shape[-1]), name="token")
        self.positions = self.add_weight(shape=(1, shape[1] + 1, shape[-1]), name="positions")

    def call(self, x: Any) -> Any:
        token = ops.broadcast_to(self.token, (ops.shape(x)[0], 1, x.shape[-1]))
        return ops.concatenate([token, x], axis=1) + self.positions

    def compute_output_shape(self, shape: Any) -> Any:
        return (shape[0], shape[1] + 1, shape[2])


def vit(size: int = 224, patch: int = 16, width: int = 768, blocks: int = 12, heads: int = 12) -> Any:
    image = keras.Input((size, size, 3), name="image")
    x = layers.Conv2D(width, patch, strides=patch, name="patches")(image)
    x = layers.Reshape(((size // patch) ** 2, width))(x)
    x = ClassToken(name="class_token")(x)
    for _ in range(blocks):
        y = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(heads, width // heads)(y, y)])
        y = layers.LayerNormalization()(x)
        y = layers.Dense(width)(layers.Dense(4 * width, activation="gelu")(y))
        x = layers.Add()([x, y])
    x = layers.LayerNormalization()(x)[:, 0]
    return keras.Model(image, layers.Dense(1000, activation="softmax", name="head")(x), name="vit")


def lstm_seq2seq(source: int = 8000, target: int = 6000, width: int = 256) -> Any:
    words = keras.Input((None,), dtype="int32", name="source")
    _, h, c = layers.LSTM(width, return_state=True, name="reader")(
        layers.Embedding(source, width, mask_zero=True)(words)
    )
    shifted = keras.Input((None,), dtype="int32", name="target")
    x = layers.Embedding(target, width, mask_zero=True)(shifted)
    x = layers.LSTM(width, return_sequences=True, name="writer")(x, initial_state=[h, c])
    return keras.Model(
        [words, shifted], layers.Dense(target, activation="softmax", name="next_word")(x), name="lstm_seq2seq"
    )


def _application(name: str) -> Callable[[], Any]:
    return lambda: getattr(keras.applications, name)(weights=None)


MODELS: dict[str, Callable[[], Any]] = {
    "mlp": mlp,
    "cnn": cnn,
    "lenet": lenet,
    "encoder": encoder,
    "autoencoder": autoencoder,
    "mnist_convnet": mnist_convnet,
    "unet": unet,
    "transformer_encoder": transformer_encoder,
    "siamese": siamese,
    "two_io": two_io,
    "vit": vit,
    "lstm_seq2seq": lstm_seq2seq,
    "vgg16": _application("VGG16"),
    "resnet50": _application("ResNet50"),
    "mobilenetv2": _application("MobileNetV2"),
    "inceptionv3": _application("InceptionV3"),
    "densenet121": _application("DenseNet121"),
    "efficientnetv2l": _application("EfficientNetV2L"),
    "nasnetlarge": _application("NASNetLarge"),
}
