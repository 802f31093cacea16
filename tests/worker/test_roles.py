"""Every class of keras.layers and keras.ops has a role and, where it has settings, texts for its card."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from sphinx_kerasarch.spec import Layer
from sphinx_kerasarch.spec.parameters import BY_CLASS, hyper_parameters, type_text
from sphinx_kerasarch.spec.roles import OPERATION_CLASSES, ROLES, known_layer, role_by_name, role_of

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

NO_LAYERS = {"InputSpec"}


def layer_classes(keras: Any) -> dict[str, Any]:
    found = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    return {thing.__name__: thing for thing in found.values() if inspect.isclass(thing)}


def test_every_layer_has_a_role_and_texts(keras: Any) -> None:
    for name in sorted(set(layer_classes(keras)) - NO_LAYERS):
        assert known_layer(name), name
        assert name in BY_CLASS, name


WHOLE_KEYS = {
    "pool_strides": ("strides",),
    "embedding": ("input_dim", "output_dim"),
    "height_width": ("height", "width"),
    "normalization_groups": ("groups",),
    "margin": ("padding",),
    "normalized": ("axis",),
    "slope": ("negative_slope",),
    "unscaled": ("use_scale",),
    "random_scale": ("scale",),
    "resizing": ("interpolation",),
}
"""Keys of the table that are not arguments → the arguments they tell of."""

LATER = {"lora_rank", "alpha"}
"""In the configuration though not in the signature: set after the layer was made, or by its old name."""

ELSEWHERE = {"self", "args", "kwargs", "name", "dtype", "trainable", "activation", "autocast"}
ELSEWHERE |= {"shape", "batch_size", "batch_shape", "input_tensor", "vocabulary_dtype", "weights", "output_shape"}
"""Arguments that the spec tells by other fields."""

TECHNICAL = {"seed", "data_format", "use_cudnn", "unroll", "flash_attention", "synchronized", "params", "state"}
TECHNICAL |= {"native_serialization_platforms", "quantization_config", "gptq_unpacked_column_size", "variables"}
TECHNICAL |= {"sparse", "ragged", "optional", "encoding", "method", "init_fn", "call_training_endpoint", "mask"}
TECHNICAL |= {"reverse_dtype", "pad_to_max_tokens", "output_mode", "idf_weights", "salt", "oov_method", "oov_token"}
"""How it is computed or stored, not what."""

MINOR = {"use_bias", "bias_axes", "epsilon", "momentum", "center", "scale", "unit_forget_bias", "reset_after"}
MINOR |= {"recurrent_activation", "return_state", "zero_output_for_mask", "noise_shape", "lora_alpha", "arguments"}
MINOR |= {"fill_mode", "fill_value", "value_range", "interpolation", "all_ops", "renorm", "renorm_clipping"}
MINOR |= {"renorm_momentum", "mean", "variance", "standardize", "split", "mask_token", "mask_value"}
MINOR |= {"alpha", "sequence_length", "window", "min_freq", "max_freq", "power_to_db", "top_db", "mag_exp"}
MINOR |= {"min_power", "ref_power", "periodic", "scaling", "expand_dims", "padding", "fft_length"}
"""A figure is readable without them, and most authors leave them as they are."""


def test_every_text_key_is_an_argument_of_its_class(keras: Any) -> None:
    for name, cls in layer_classes(keras).items():
        if name in NO_LAYERS:
            continue
        known = set(inspect.signature(cls.__init__).parameters)
        for key in BY_CLASS[name]:
            for argument in WHOLE_KEYS.get(key, (key,)):
                assert argument in known or argument in LATER, (name, key)


def test_every_argument_that_matters_is_told(keras: Any) -> None:
    ignored = ELSEWHERE | TECHNICAL | MINOR
    for name, cls in layer_classes(keras).items():
        if name in NO_LAYERS | {"InputLayer", "FeatureSpace"}:
            continue
        told = {argument for key in BY_CLASS[name] for argument in WHOLE_KEYS.get(key, (key,))}
        arguments = {
            argument
            for argument in inspect.signature(cls.__init__).parameters
            if not argument.endswith(("_initializer", "_regularizer", "_constraint"))
        }
        assert arguments - ignored - told == set(), name


TEXTS = [
    (lambda k: k.Conv2D(64, 3, strides=2, padding="same"), "3×3, 64, stride 2, same"),
    (lambda k: k.Conv1D(8, 5, padding="causal", dilation_rate=4), "5, 8, rate 4, causal"),
    (lambda k: k.Conv2D(8, 3, groups=4), "3×3, 8, 4 groups"),
    (lambda k: k.Conv2DTranspose(8, 3, strides=2, output_padding=1), "3×3, 8, stride 2, output padding 1"),
    (lambda k: k.DepthwiseConv2D(3, depth_multiplier=2), "3×3, ×2"),
    (lambda k: k.MaxPooling2D(3, strides=1), "3×3, stride 1"),
    (lambda k: k.Embedding(1000, 16, mask_zero=True), "1,000 → 16, zero masked"),
    (lambda k: k.LSTM(8, return_sequences=True, stateful=True, dropout=0.2), "8, sequences, stateful, dropout 0.2"),
    (lambda k: k.MultiHeadAttention(8, 64, value_dim=32, dropout=0.1), "8 heads, d 64, value d 32, dropout 0.1"),
    (lambda k: k.GroupQueryAttention(16, 8, 2), "8 heads, 2 key-value heads, d 16"),
    (lambda k: k.Bidirectional(k.LSTM(16)), "LSTM 16, concat"),
    (lambda k: k.Bidirectional(k.LSTM(16, return_sequences=True), merge_mode="sum"), "LSTM 16, sequences, sum"),
    (
        lambda k: k.Bidirectional(k.LSTM(6), backward_layer=k.GRU(6, go_backwards=True)),
        "LSTM 6, back: GRU 6, concat",
    ),
    (lambda k: k.TimeDistributed(k.Dense(4)), "Dense 4"),
    (lambda k: k.TimeDistributed(k.Bidirectional(k.GRU(4))), "Bidirectional GRU 4, concat"),
    (lambda k: k.SpectralNormalization(k.Conv2D(4, 3), power_iterations=3), "Conv2D 3×3, 4, iterations 3"),
    (lambda k: k.RNN([k.LSTMCell(3), k.GRUCell(4)]), "StackedRNNCells LSTMCell 3 + GRUCell 4"),
    (lambda k: k.RNN(k.GRUCell(4), return_sequences=True), "GRUCell 4, sequences"),
    (lambda k: k.ReLU(6.0, negative_slope=0.1), "≤ 6, slope 0.1"),
    (lambda k: k.BatchNormalization(axis=1), "axis 1"),
    (lambda k: k.BatchNormalization(axis=3), ""),
    (lambda k: k.LayerNormalization(axis=[1, 2]), "axis 1, 2"),
    (lambda k: k.GroupNormalization(8), "8 groups"),
    (lambda k: k.RandomRotation(0.1), "±0.1"),
    (lambda k: k.RandomZoom((-0.3, 0.1)), "-0.3 … 0.1"),
    (lambda k: k.RandomTranslation(0.1, 0.2), "0.1, 0.2"),
    (lambda k: k.ActivityRegularization(l2=0.01), "l2 0.01"),
    (lambda k: k.Dot(axes=(1, 2), normalize=True), "axes 1, 2, normalized"),
    (lambda k: k.StringLookup(vocabulary=["a", "b"]), "2 words"),
    (lambda k: k.Discretization(bin_boundaries=[0.0, 1.0]), "2 boundaries"),
    (lambda k: k.Resizing(8, 9, interpolation="nearest", crop_to_aspect_ratio=True), "8×9, nearest, cropped"),
    (lambda k: k.Pipeline([k.RandomFlip("horizontal"), k.Rescaling(0.5)]), "RandomFlip horizontal + Rescaling × 0.5"),
    (lambda k: k.ZeroPadding2D(((0, 1), (0, 1))), "0+1"),
    (lambda k: k.Cropping1D((1, 2)), "1+2"),
]


@pytest.mark.parametrize(("make", "text"), TEXTS, ids=[text[:30] or "none" for _, text in TEXTS])
def test_texts(keras: Any, make: Any, text: str) -> None:
    from sphinx_kerasarch.worker.layers import config_of

    made = make(keras.layers)
    cls = type(made)
    layer = Layer("x", "x", cls.__name__, cls.__module__, "custom", config=config_of(made))
    assert ", ".join(hyper_parameters(layer)) == text


TYPES = [
    (lambda k: k.Dense(2), "Dense"),
    (lambda k: k.TimeDistributed(k.Dense(2)), "TimeDistributed(Dense)"),
    (lambda k: k.TimeDistributed(k.Flatten()), "TimeDistributed(Flatten)"),
    (lambda k: k.TimeDistributed(k.Bidirectional(k.LSTM(2))), "TimeDistributed(Bidirectional(LSTM))"),
    (lambda k: k.Bidirectional(k.LSTM(2)), "Bidirectional(LSTM)"),
    (lambda k: k.SpectralNormalization(k.Conv2D(2, 3)), "SpectralNormalization(Conv2D)"),
    (lambda k: k.RNN(k.GRUCell(2)), "RNN(GRUCell)"),
    (lambda k: k.RNN([k.LSTMCell(2), k.GRUCell(2)]), "RNN(LSTMCell, GRUCell)"),
]


@pytest.mark.parametrize(("make", "text"), TYPES, ids=[text for _, text in TYPES])
def test_wrappers_say_what_is_inside(keras: Any, make: Any, text: str) -> None:
    from sphinx_kerasarch.worker.layers import config_of

    made = make(keras.layers)
    cls = type(made)
    assert type_text(Layer("x", "x", cls.__name__, cls.__module__, "custom", config=config_of(made))) == text


def test_operations_in_the_table_exist(keras: Any) -> None:
    from importlib import import_module

    there: set[str] = set()
    for module in ("numpy", "nn", "core", "math", "image", "linalg", "einops"):
        there |= set(vars(import_module(f"keras.src.ops.{module}")))
    listed = {name for names in OPERATION_CLASSES.values() for name in names.split()}
    assert listed - there - {"Rearrange"} == set()
    assert set(OPERATION_CLASSES) < set(ROLES)


def test_subclasses_take_the_role_of_their_nearest_keras_class(keras: Any) -> None:
    from sphinx_kerasarch.worker.layers import role

    class Mine(keras.layers.Conv2D):  # type: ignore[misc]
        pass

    class Own(keras.layers.Layer):  # type: ignore[misc]
        pass

    assert role(Mine(3, 3)) == "conv" and role(Own()) == "custom"
    assert role_of([("Thing", "mypackage.layers")]) == "custom"
    assert role_of([("Thing", "mine"), ("Conv2D", "keras.src.layers.convolutional.conv2d")]) == "conv"


NAMES = {
    "WindowAttention": "attn",
    "CausalSelfAttention": "attn",
    "MHA": "attn",
    "ConvBNReLU": "conv",
    "conv_bn": "conv",
    "ConvTransposeBlock": "up",
    "UpSample2D": "up",
    "PixelShuffle": "up",
    "AttentionPooling": "pool",
    "BatchNorm1d": "norm",
    "RMSNorm": "norm",
    "PatchEmbedding": "embed",
    "RotaryEmbedding": "embed",
    "ConvLSTMCell": "recur",
    "MLPBlock": "dense",
    "DropPath": "reg",
    "StochasticDepth": "reg",
    "GELU": "act",
    "Patches": "reshape",
    "RandomShift": "prep",
    "LayerScale": "",
    "TransformerBlock": "",
    "Residual": "",
    "Reconvene": "",
    "Lambda": "",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_users_own_classes_tell_a_role(name: str) -> None:
    assert role_by_name(name) == NAMES[name]


def test_arguments_tell_a_role_when_the_name_does_not(keras: Any) -> None:
    from sphinx_kerasarch.worker.layers import role

    class Magic(keras.layers.Layer):  # type: ignore[misc]
        def __init__(self, filters: int, kernel_size: int) -> None:
            super().__init__()
            self.filters, self.kernel_size = filters, kernel_size

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), "filters": self.filters, "kernel_size": self.kernel_size}

    assert role(Magic(3, 3)) == "conv"


def test_a_class_may_say_its_role(keras: Any) -> None:
    from sphinx_kerasarch.worker.describe import describe

    class Mixer(keras.layers.Layer):  # type: ignore[misc]
        kerasarch_role = "attn"

        def call(self, x: Any) -> Any:
            return x

    class Wrong(Mixer):
        kerasarch_role = "magic"

    class Raises(keras.layers.Dense):  # type: ignore[misc]
        @property
        def kerasarch_role(self) -> str:
            raise RuntimeError("no")

    model = keras.Sequential([keras.Input((4,)), Mixer(name="m"), Wrong(name="w"), Raises(2, name="r")])
    spec = describe(model)
    assert {layer.name: layer.role for layer in spec.layers if layer.role != "data"} == {
        "m": "attn",
        "w": "custom",
        "r": "dense",
    }
    assert [(note.slug, note.subject) for note in spec.notes] == [("role", "w")]
    assert "'magic'" in spec.notes[0].message and "attn" in spec.notes[0].message
