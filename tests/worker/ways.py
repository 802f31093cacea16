"""Every way to write a model that the other files of models leave out, and models that ask for trouble."""

from __future__ import annotations

import os
import random
import sys
from typing import Any

import keras
import numpy as np
from keras import layers, ops

# ---- wrappers, states, masks, keyword tensors -----------------------------------------------------------------------


def time_distributed_model() -> Any:
    """A picture network on each frame of a film."""
    frame = keras.Input((16, 16, 3), name="frame")
    x = layers.Conv2D(4, 3, name="conv")(frame)
    x = layers.BatchNormalization(name="norm")(x)
    encoder = keras.Model(frame, layers.GlobalAveragePooling2D(name="pool")(x), name="encoder")
    film = keras.Input((10, 16, 16, 3), name="film")
    x = layers.TimeDistributed(encoder, name="each_frame")(film)
    return keras.Model(film, layers.LSTM(5, name="lstm")(x), name="video")


def time_distributed_twice() -> Any:
    each = layers.TimeDistributed(layers.Dense(4), name="each")
    a, b = keras.Input((7, 3), name="a"), keras.Input((5, 3), name="b")
    return keras.Model([a, b], [each(a), each(b)])


def bidirectional_states() -> Any:
    x = keras.Input((9, 4), name="x")
    out, fh, fc, bh, bc = layers.Bidirectional(layers.LSTM(3, return_state=True), name="both")(x)
    return keras.Model(x, [out, layers.Concatenate(name="h")([fh, bh]), layers.Concatenate(name="c")([fc, bc])])


def bidirectional_two_layers() -> Any:
    x = keras.Input((9, 4), name="x")
    both = layers.Bidirectional(
        layers.GRU(3, return_sequences=True),
        backward_layer=layers.LSTM(3, return_sequences=True, go_backwards=True),
        merge_mode="sum",
        name="both",
    )
    return keras.Model(x, both(x))


def rnn_of_cells() -> Any:
    x = keras.Input((9, 4), name="x")
    cells = [layers.LSTMCell(8), layers.GRUCell(4)]
    return keras.Model(x, layers.RNN(cells, name="stack")(x))


def spectral_convolution() -> Any:
    x = keras.Input((8, 8, 3), name="x")
    return keras.Model(x, layers.SpectralNormalization(layers.Conv2D(4, 3, name="inner"), name="sn")(x))


class Twice(layers.Wrapper):  # type: ignore[misc]
    """A wrapper of the user's."""

    def call(self, x: Any) -> Any:
        return self.layer(self.layer(x))


def own_wrapper() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, Twice(layers.Dense(4, name="inner"), name="twice")(x))


def attention_keywords() -> Any:
    q, v, k = keras.Input((5, 8), name="q"), keras.Input((6, 8), name="v"), keras.Input((6, 8), name="k")
    mask = keras.Input((5, 6), dtype="bool", name="mask")
    out, scores = layers.MultiHeadAttention(2, 4, name="mha")(
        query=q, value=v, key=k, attention_mask=mask, return_attention_scores=True
    )
    return keras.Model([q, v, k, mask], [out, scores])


def self_attention() -> Any:
    """One tensor in three roles."""
    x = keras.Input((5, 8), name="x")
    return keras.Model(x, layers.MultiHeadAttention(2, 4, name="mha")(x, x, x))


def grouped_attention() -> Any:
    x = keras.Input((5, 8), name="x")
    return keras.Model(x, layers.GroupQueryAttention(4, 4, 2, name="gqa")(x, x))


def masks_through() -> Any:
    x = keras.Input((9,), dtype="int32", name="x")
    y = layers.Embedding(20, 6, mask_zero=True, name="embed")(x)
    y = layers.Dropout(0.1, name="drop")(y)
    y = layers.Bidirectional(layers.LSTM(4, return_sequences=True), name="both")(y)
    return keras.Model(x, layers.GlobalAveragePooling1D(name="pool")(y))


def masking_layer() -> Any:
    x = keras.Input((9, 2), name="x")
    return keras.Model(x, layers.LSTM(3, name="lstm")(layers.Masking(0.5, name="masking")(x)))


# ---- shared, unused, partial, structured ----------------------------------------------------------------------------


def output_in_part() -> Any:
    x = keras.Input((9, 4), name="x")
    _, state = layers.GRU(3, return_state=True, name="gru")(x)
    return keras.Model(x, state)


def split_in_part() -> Any:
    x = keras.Input((9,), name="x")
    first, _, third = ops.split(x, 3, axis=-1)
    return keras.Model(x, first * third)


def unused_layer() -> Any:
    """The layer ``aside`` is called, but no output needs it."""
    x = keras.Input((4,), name="x")
    layers.Dense(100, name="aside")(x)
    return keras.Model(x, layers.Dense(2, name="out")(x))


def cycle() -> Any:
    """Two shared layers that feed each other in turn."""
    x = keras.Input((4,), name="x")
    a, b = layers.Dense(4, name="a"), layers.Dense(4, name="b")
    return keras.Model(x, b(a(b(a(x)))))


def siamese_of_models() -> Any:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="d")], name="inner")
    middle_in = keras.Input((4,), name="m")
    middle = keras.Model(middle_in, inner(inner_pad(middle_in)) + inner(middle_in), name="middle")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    return keras.Model({"a": a, "b": b}, {"diff": middle(a) - middle(b), "raw": inner(a)})


def inner_pad(x: Any) -> Any:
    return layers.Activation("relu")(x)


def nested_outputs() -> Any:
    x = keras.Input((4,), name="x")
    one, two = layers.Dense(1, name="one")(x), layers.Dense(2, name="two")(x)
    return keras.Model({"deep": {"x": x}}, {"list": [one, two], "pair": (two, one)})


def tuple_input() -> Any:
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    return keras.Model((x, (y,)), [x + y, y])


def same_output_twice() -> Any:
    x = keras.Input((4,), name="x")
    y = layers.Dense(2, name="y")(x)
    return keras.Model(x, {"a": y, "b": y})


def same_names() -> Any:
    """Names repeated across submodels."""
    def part(name: str) -> Any:
        return keras.Sequential([keras.Input((4,)), layers.Dense(4, name="dense"), layers.ReLU(name="act")], name=name)

    return keras.Sequential([keras.Input((4,)), part("left"), part("right"), layers.Dense(4, name="dense")])


def deep_nesting() -> Any:
    inner: Any = keras.Sequential([keras.Input((4,)), layers.Dense(4, name="core")], name="level0")
    for level in range(1, 6):
        inner = keras.Sequential([keras.Input((4,)), inner, layers.ReLU(name=f"act{level}")], name=f"level{level}")
    return inner


def intermediate_model() -> Any:
    base = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="p"), layers.Dense(2, name="q")])
    return keras.Model(base.inputs, [layer.output for layer in base.layers])


# ---- operations -----------------------------------------------------------------------------------------------------


def arithmetic() -> Any:
    x = keras.Input((4, 4), name="x")
    y = 1.0 - x / 2 + x**2 @ x
    z = ops.where(y > 0, y, -y)[:, 1:, None]
    return keras.Model(x, ops.einsum("bijk->bki", z))


def several_operations() -> Any:
    x = keras.Input((8, 6), name="x")
    parts = ops.unstack(ops.reshape(x, (-1, 2, 4, 6)), axis=1)
    y = ops.concatenate([ops.softmax(part) for part in parts], axis=1)
    values, places = ops.top_k(y, 3)
    return keras.Model(x, [ops.stack([values, values], 1), ops.cast(places, "float32")])


def lambda_layers() -> Any:
    x = keras.Input((4,), name="x")
    y = layers.Lambda(lambda t: t * 2, name="double")(x)
    return keras.Model(x, layers.Lambda(lambda t: ops.sum(t, -1), output_shape=(), name="total")(y))


def random_inside() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.GaussianNoise(0.1, seed=3)(layers.Dropout(0.5, seed=2)(x)))


def augmentation() -> Any:
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Resizing(24, 24),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1),
            layers.RandomZoom(0.1),
            layers.RandomContrast(0.1),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 1.0, 1.0]),
        ]
    )


def no_axes() -> Any:
    """Rank 0."""
    x = keras.Input(batch_shape=(), name="x")
    return keras.Model(x, x * 2)


def empty_axis() -> Any:
    x = keras.Input((0,), name="x")
    return keras.Model(x, layers.Dense(2, name="out")(x))


def wide() -> Any:
    x = keras.Input((1_000_000,), name="x")
    return keras.Model(x, layers.Dense(1_000_000, name="wide")(x))


def any_size() -> Any:
    x = keras.Input((None, None, 3), name="x")
    return keras.Model(x, layers.GlobalMaxPooling2D(name="pool")(layers.Conv2D(8, 3, name="conv")(x)))


def fixed_batch() -> Any:
    x = keras.Input(batch_shape=(2, 5, 4), name="x")
    return keras.Model(x, layers.LSTM(3, stateful=True, name="lstm")(x))


def constant_input() -> Any:
    x = keras.Input((3,), name="x")
    return keras.Model(x, layers.Add(name="add")([x, ops.convert_to_tensor(np.ones((1, 3), "float32"))]))


# ---- precision ------------------------------------------------------------------------------------------------------


def mixed_by_layer() -> Any:
    x = keras.Input((4,), name="x")
    y = layers.Dense(4, dtype="mixed_bfloat16", name="half")(x)
    return keras.Model(x, layers.Dense(2, dtype="float64", name="double")(y))


def int8() -> Any:
    x = keras.Input((16,), name="x")
    model = keras.Model(x, layers.Dense(4, name="out")(layers.Dense(8, name="hidden")(x)))
    model.quantize("int8")
    return model


def float8() -> Any:
    x = keras.Input((16,), name="x")
    model = keras.Model(x, layers.Dense(4, name="out")(layers.Dense(8, name="hidden")(x)))
    model.quantize("float8")
    return model


def int4() -> Any:
    x = keras.Input((16,), name="x")
    model = keras.Model(x, layers.Dense(4, name="out")(layers.Dense(8, name="hidden")(x)))
    model.quantize("int4")
    return model


def lora() -> Any:
    x = keras.Input((5,), dtype="int32", name="x")
    embedding, dense = layers.Embedding(9, 8, name="embed"), layers.Dense(6, name="out")
    model = keras.Model(x, dense(embedding(x)))
    embedding.enable_lora(2)
    dense.enable_lora(3)
    return model


def tied() -> Any:
    """The output layer multiplies by the embedding's matrix."""
    x = keras.Input((5,), dtype="int32", name="x")
    table = layers.ReversibleEmbedding(11, 8, name="table")
    return keras.Model(x, table(layers.Dense(8, name="body")(table(x)), reverse=True))


class TiedModel(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.table, self.body = layers.Embedding(11, 8, name="table"), layers.Dense(8, name="body")

    def call(self, x: Any) -> Any:
        return ops.matmul(self.body(self.table(ops.cast(x, "int32"))), ops.transpose(self.table.embeddings))


def frozen_part() -> Any:
    base = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()], name="base")
    base.trainable = False
    return keras.Sequential([keras.Input((4,)), base, layers.Dense(1, name="head")])


def trained() -> Any:
    """Metrics, optimizer variables and seeds are no parameters."""
    model = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5, seed=1), layers.Dense(2, name="out")])
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.zeros((4, 4)), np.zeros((4, 2)), verbose=0)
    return model


# ---- subclassed -----------------------------------------------------------------------------------------------------


class Block(layers.Layer):  # type: ignore[misc]
    """No get_config, a property that raises, a list and a dict of layers."""

    def __init__(self, width: int, secret: Any = None) -> None:
        super().__init__()
        self.secret = secret
        self.steps = [layers.Dense(width), layers.Dense(width)]
        self.ways = {"left": layers.Dense(width), "right": layers.Dense(width)}

    @property
    def trouble(self) -> Any:
        raise RuntimeError("no")

    def call(self, x: Any) -> Any:
        for step in self.steps:
            x = step(x)
        return self.ways["left"](x) + self.ways["right"](x)


def no_config() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, Block(4, secret=object())(x))


class Encoder(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.body = keras.Sequential([layers.Dense(8, name="e1"), layers.Dense(4, name="e2")], name="body")

    def call(self, x: Any) -> Any:
        return self.body(x)


class Siamese(keras.Model):  # type: ignore[misc]
    """A subclassed model called twice within another."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.head = Encoder(), layers.Dense(1, name="head")

    def call(self, pair: Any) -> Any:
        left, right = pair
        return self.head(ops.abs(self.encoder(left) - self.encoder(right)))


class SubclassedFunctional(keras.Model):  # type: ignore[misc]
    """Functional by its constructor."""

    def __init__(self) -> None:
        x = keras.Input((4,), name="x")
        super().__init__(inputs=x, outputs=layers.Dense(2, name="out")(x))


class SubclassedSequential(keras.Sequential):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__([keras.Input((4,)), layers.Dense(2, name="out")])


class UsesNumpy(keras.Model):  # type: ignore[misc]
    """Takes numbers out of its tensors: cannot be traced."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(4, name="dense")

    def build(self, shape: Any) -> None:
        self.dense.build(shape)
        self.built = True

    def call(self, x: Any) -> Any:
        return self.dense(np.asarray(x) * 2)


def uses_numpy() -> Any:
    model = UsesNumpy()
    model.build((None, 4))
    return model


class Unused(keras.Model):  # type: ignore[misc]
    """Has a layer that its call leaves out."""

    def __init__(self) -> None:
        super().__init__()
        self.used, self.left_out = layers.Dense(4, name="used"), layers.Dense(5, name="left_out")
        self.left_out.build((None, 4))

    def call(self, x: Any) -> Any:
        return self.used(x)


class Marked(layers.Layer):  # type: ignore[misc]
    """Says its category itself."""

    kerasarch_role = "attn"

    def call(self, x: Any) -> Any:
        return x * 2


class Table(layers.Layer):  # type: ignore[misc]
    """Its weight has the layer's own name."""

    def build(self, shape: Any) -> None:
        self.table = self.add_weight(shape=(shape[-1],), name=self.name)

    def call(self, x: Any) -> Any:
        return x * self.table


def named_as_its_layer() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, Table(name="table")(x))


def marked() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, Marked(name="marked")(x))


# ---- trouble --------------------------------------------------------------------------------------------------------


def changes_everything() -> Any:
    """Global state of Keras, Python and the process."""
    keras.config.set_dtype_policy("mixed_float16")
    keras.config.set_floatx("float64")
    keras.config.set_epsilon(1e-3)
    keras.config.set_image_data_format("channels_first")
    keras.utils.set_random_seed(7)
    random.seed(8)
    os.environ["KERAS_BACKEND"] = "jax"
    sys.path.insert(0, "/nowhere")
    sys.setrecursionlimit(3000)
    keras.saving.register_keras_serializable("mine")(Block)
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.Dense(3, name="out")(x))


def plain_after() -> Any:
    x = keras.Input((6, 6, 2), name="x")
    return keras.Model(x, layers.Dense(3)(layers.Flatten()(layers.Conv2D(2, 3)(x))))


def random_shape() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, layers.Dense(random.randint(1, 10**6), name="out")(x))


class BadConfig(layers.Layer):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return x + 1

    def get_config(self) -> Any:
        return {"self": self, "nan": float("nan"), "bytes": b"\xff", "set": {3, 1}, 4: object(), "loop": LOOP}


LOOP: list[Any] = []
LOOP.append(LOOP)


def bad_config() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, BadConfig(name="bad")(x))


class Raises(layers.Layer):  # type: ignore[misc]
    """Every question about it fails."""

    def call(self, x: Any) -> Any:
        return x + 1

    def get_config(self) -> Any:
        raise RuntimeError("no config")

    @property
    def activation(self) -> Any:
        raise RuntimeError("no activation")

    @property
    def layer(self) -> Any:
        raise RuntimeError("no layer")

    def get_build_config(self) -> Any:
        raise RuntimeError("no build config")


def raises_everywhere() -> Any:
    x = keras.Input((4,), name="x")
    return keras.Model(x, Raises(name="raises")(x))


class NeedsData(keras.Model):  # type: ignore[misc]
    """Knows its width when it sees data only."""

    def __init__(self) -> None:
        super().__init__()
        self.norm, self.out = layers.Normalization(name="norm"), layers.Dense(2, name="out")

    def call(self, x: Any) -> Any:
        return self.out(self.norm(x))
