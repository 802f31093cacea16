"""Models of repeated parts, whose specs are recorded in ``folding`` beside this file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

WIDTH = 32


def _attended(x: Any, memory: Any, name: str, **options: Any) -> Any:
    found = layers.MultiHeadAttention(4, WIDTH // 4, name=f"{name}_attention")(x, memory, **options)
    return layers.LayerNormalization(name=f"{name}_norm")(layers.Add(name=f"{name}_add")([x, found]))


def _fed_forward(x: Any, name: str) -> Any:
    found = layers.Dense(4 * WIDTH, activation="relu", name=f"{name}_up")(x)
    found = layers.Dense(WIDTH, name=f"{name}_down")(found)
    return layers.LayerNormalization(name=f"{name}_out")(layers.Add(name=f"{name}_join")([x, found]))


def translator(depth: int = 6) -> Any:
    """Encoder and decoder: the memory enters every layer of the decoder."""
    source = keras.Input((64,), dtype="int32", name="source")
    target = keras.Input((64,), dtype="int32", name="target")
    x = layers.Embedding(8000, WIDTH, name="source_embedding")(source)
    y = layers.Embedding(8000, WIDTH, name="target_embedding")(target)
    for k in range(1, depth + 1):
        x = _fed_forward(_attended(x, x, f"encoder_{k}"), f"encoder_{k}")
    for k in range(1, depth + 1):
        y = _attended(y, y, f"decoder_{k}", use_causal_mask=True)
        y = _fed_forward(_attended(y, x, f"decoder_{k}_cross"), f"decoder_{k}")
    return keras.Model(
        [source, target], layers.Dense(8000, activation="softmax", name="token")(y), name="translator"
    )


def masked(depth: int = 4) -> Any:
    """An encoder whose every layer takes the same mask."""
    tokens = keras.Input((64,), dtype="int32", name="tokens")
    mask = keras.Input((64, 64), dtype="bool", name="mask")
    x = layers.Embedding(8000, WIDTH, name="embedding")(tokens)
    for k in range(1, depth + 1):
        x = _fed_forward(_attended(x, x, f"layer_{k}", attention_mask=mask), f"layer_{k}")
    return keras.Model([tokens, mask], layers.Dense(2, name="label")(x), name="masked")


def diffusion(depth: int = 3) -> Any:
    """Each block projects the embedding of the time by weights of its own."""
    noisy = keras.Input((16, 16, WIDTH), name="noisy")
    time = keras.Input((64,), name="time")
    embedding = layers.Dense(64, activation="silu", name="time_embedding")(time)
    x = noisy
    for k in range(1, depth + 1):
        y = layers.Conv2D(WIDTH, 3, padding="same", name=f"res{k}_conv1")(x)
        shift = layers.Reshape((1, 1, WIDTH), name=f"res{k}_map")(
            layers.Dense(WIDTH, name=f"res{k}_shift")(embedding)
        )
        y = layers.Activation("silu", name=f"res{k}_silu")(layers.Add(name=f"res{k}_condition")([y, shift]))
        y = layers.Conv2D(WIDTH, 3, padding="same", name=f"res{k}_conv2")(y)
        x = layers.Add(name=f"res{k}_add")([x, y])
    return keras.Model([noisy, time], layers.Conv2D(3, 3, padding="same", name="noise")(x), name="diffusion")


def _residual(name: str) -> Any:
    at = keras.Input((16, 16, WIDTH))
    x = layers.Conv2D(WIDTH, 3, padding="same", activation="relu", name="conv1")(at)
    x = layers.Conv2D(WIDTH, 3, padding="same", name="conv2")(x)
    return keras.Model(at, layers.Activation("relu", name="relu")(layers.Add(name="add")([at, x])), name=name)


def _between(blocks: list[Any], name: str) -> Any:
    image = keras.Input((16, 16, 3), name="image")
    x = layers.Conv2D(WIDTH, 3, padding="same", name="stem")(image)
    for block in blocks:
        x = block(x)
    return keras.Model(
        image, layers.Dense(10, name="label")(layers.GlobalAveragePooling2D(name="pool")(x)), name=name
    )


def copies(count: int = 4) -> Any:
    """Nested models of one structure, each with weights of its own."""
    return _between([_residual(f"block_{k}") for k in range(1, count + 1)], "copies")


def refiner(count: int = 4) -> Any:
    """One nested model, called again and again."""
    return _between([_residual("refine")] * count, "refiner")


def tied(count: int = 4) -> Any:
    """One layer, called again and again."""
    state = keras.Input((WIDTH,), name="state")
    step = layers.Dense(WIDTH, activation="tanh", name="step")
    x = state
    for _ in range(count):
        x = step(x)
    return keras.Model(state, layers.Dense(10, name="label")(x), name="tied")


def staged(stages: int = 2, count: int = 3) -> Any:
    """Stages of residual blocks whose first one has a projection; stages that repeat as a whole do not occur."""
    image = keras.Input((32, 32, 3), name="image")
    x = layers.Conv2D(16, 3, padding="same", name="stem")(image)
    for stage in range(1, stages + 1):
        for k in range(1, count + 1):
            name = f"stage{stage}_block{k}"
            filters = 16 * 2**stage
            shortcut = layers.Conv2D(filters, 1, strides=2, name=f"{name}_project")(x) if k == 1 else x
            y = layers.Conv2D(
                filters,
                3,
                strides=2 if k == 1 else 1,
                padding="same",
                activation="relu",
                name=f"{name}_conv1",
            )(x)
            y = layers.Conv2D(filters, 3, padding="same", name=f"{name}_conv2")(y)
            x = layers.Activation("relu", name=f"{name}_out")(layers.Add(name=f"{name}_add")([shortcut, y]))
    return keras.Model(
        image, layers.Dense(10, name="label")(layers.GlobalAveragePooling2D(name="pool")(x)), name="staged"
    )


def towers() -> Any:
    """Two branches of the same layers, beside each other."""
    left, right = keras.Input((28, 28, 1), name="left"), keras.Input((28, 28, 1), name="right")
    parts = [
        layers.Conv2D(16, 3, activation="relu", name="conv"),
        layers.MaxPooling2D(name="pool"),
        layers.Flatten(name="flat"),
        layers.Dense(32, name="embed"),
    ]
    ends = []
    for at in (left, right):
        x = at
        for part in parts:
            x = part(x)
        ends.append(x)
    label = layers.Dense(1, activation="sigmoid", name="same")(layers.Subtract(name="difference")(ends))
    return keras.Model([left, right], label, name="towers")


@keras.saving.register_keras_serializable("tests")
class EncoderLayer(layers.Layer):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.attention = layers.MultiHeadAttention(4, WIDTH // 4)
        self.norms = [layers.LayerNormalization(), layers.LayerNormalization()]
        self.up = layers.Dense(4 * WIDTH, activation="gelu")
        self.down = layers.Dense(WIDTH)

    def call(self, x: Any) -> Any:
        x = self.norms[0](x + self.attention(x, x))
        return self.norms[1](x + self.down(self.up(x)))


@keras.saving.register_keras_serializable("tests")
class Encoder(keras.Model):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.embed = layers.Embedding(1000, WIDTH)
        self.steps = [EncoderLayer() for _ in range(6)]
        self.head = layers.Dense(5)

    def call(self, x: Any) -> Any:
        x = self.embed(x)
        for step in self.steps:
            x = step(x)
        return self.head(x[:, 0])


def subclassed() -> Any:
    """Custom layers, traced."""
    model = Encoder(name="encoder")
    model.build((None, 32))
    return model


FOLDING: dict[str, Callable[[], Any]] = {
    made.__name__: made
    for made in (translator, masked, diffusion, copies, refiner, tied, staged, towers, subclassed)
}
