"""What a reader needs to rebuild a layer, as short texts for cards: ``3×3``, ``64``, ``stride 2``, ``same``.

Order: kernel, units or filters, stride (if not 1), dilation (if not 1), padding (if not valid), groups. Values stand
without argument names but for ``stride``, ``rate`` (dilation), ``heads`` and ``d``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .model import Layer

CONVOLUTION = "kernel_size filters strides dilation_rate padding"
RECURRENCE = "return_sequences go_backwards stateful dropout recurrent_dropout"

KEYS: Mapping[str, str] = {
    "Conv1D Conv2D Conv3D": f"{CONVOLUTION} groups lora_rank",
    "Conv1DTranspose Conv2DTranspose Conv3DTranspose": f"{CONVOLUTION} output_padding",
    "DepthwiseConv1D DepthwiseConv2D": "kernel_size depth_multiplier strides dilation_rate padding",
    "SeparableConv1D SeparableConv2D": "kernel_size filters depth_multiplier strides dilation_rate padding",
    "ConvLSTM1D ConvLSTM2D ConvLSTM3D": f"{CONVOLUTION} {RECURRENCE}",
    "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D": "pool_size "
    "pool_strides padding",
    "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
    "AdaptiveMaxPooling2D AdaptiveMaxPooling3D": "output_size",
    "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D "
    "GlobalMaxPooling3D": "keepdims",
    "UpSampling2D": "size interpolation",
    "UpSampling1D UpSampling3D": "size",
    "Dense": "units lora_rank",
    "EinsumDense": "equation lora_rank",
    "Embedding": "embedding mask_zero lora_rank",
    "ReversibleEmbedding": "embedding tie_weights mask_zero logit_soft_cap",
    "LSTM GRU SimpleRNN": f"units {RECURRENCE}",
    "LSTMCell GRUCell SimpleRNNCell": "units dropout recurrent_dropout",
    "RNN": "cell return_sequences go_backwards stateful",
    "StackedRNNCells": "cells",
    "Bidirectional": "layer backward_layer merge_mode",
    "TimeDistributed Wrapper": "layer",
    "SpectralNormalization": "layer power_iterations",
    "MultiHeadAttention": "num_heads key_dim value_dim attention_axes sliding_window use_gate dropout",
    "GroupedQueryAttention": "num_query_heads num_key_value_heads head_dim sliding_window use_gate dropout",
    "Attention": "score_mode use_scale dropout",
    "AdditiveAttention": "unscaled dropout",
    "Add Average Maximum Minimum Multiply Subtract Flatten Identity InputLayer Layer AutoContrast": "",
    "BatchNormalization LayerNormalization RMSNormalization UnitNormalization": "normalized",
    "GroupNormalization": "normalization_groups normalized",
    "Normalization": "axis invert",
    "Lambda": "function",
    "TFSMLayer": "filepath call_endpoint",
    "FlaxLayer TorchModuleWrapper": "module",
    "JaxLayer": "call_fn",
    "FeatureSpace": "",
    "Pipeline": "layers",
    "ActivityRegularization": "l1 l2",
    "Concatenate": "axis",
    "Dot": "axes normalize",
    "Softmax": "axis",
    "Activation": "activation",
    "ReLU": "max_value slope threshold",
    "ThresholdedReLU": "theta",
    "LeakyReLU": "negative_slope alpha",
    "ELU": "alpha",
    "PReLU": "shared_axes",
    "Dropout AlphaDropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout": "rate",
    "GaussianNoise": "stddev",
    "Reshape": "target_shape",
    "Permute": "dims",
    "RepeatVector": "n",
    "Masking": "mask_value",
    "ZeroPadding1D ZeroPadding2D ZeroPadding3D": "margin",
    "Cropping1D Cropping2D Cropping3D": "cropping",
    "Resizing": "height_width resizing crop_to_aspect_ratio pad_to_aspect_ratio antialias",
    "CenterCrop RandomCrop": "height_width",
    "Rescaling": "scale offset",
    "CategoryEncoding": "num_tokens output_mode",
    "Discretization": "num_bins bin_boundaries output_mode",
    "HashedCrossing Hashing": "num_bins output_mode",
    "IntegerLookup StringLookup": "max_tokens output_mode num_oov_indices vocabulary invert",
    "TextVectorization": "max_tokens output_mode output_sequence_length ngrams vocabulary",
    "MelSpectrogram": "num_mel_bins fft_length sequence_stride sampling_rate",
    "STFTSpectrogram": "frame_length frame_step mode",
    "RandomFlip": "mode",
    "RandomTranslation RandomZoom": "height_factor width_factor",
    "RandomShear": "x_factor y_factor",
    "RandomColorJitter": "brightness_factor contrast_factor saturation_factor hue_factor",
    "RandAugment": "num_ops factor",
    "AugMix": "num_chains chain_depth factor",
    "MixUp": "alpha",
    "MaxNumBoundingBoxes": "max_number",
    "Solarization": "addition_factor threshold_factor",
    "Equalization": "bins",
    "ContrastLimitedAdaptiveHistogramEqualization": "clip_limit tile_grid_size",
    "RandomElasticTransform RandomErasing RandomPerspective": "factor random_scale",
    "RandomGaussianBlur": "factor kernel_size sigma",
    "CutMix RandomBrightness RandomColorDegeneration RandomContrast RandomGrayscale RandomHue RandomInvert "
    "RandomPosterization RandomRotation RandomSaturation RandomSharpness": "factor",
}
"""Classes of ``keras.layers`` → what is told of them, in order."""

FAMILIES: Mapping[str, str] = {
    "conv": "Conv2D",
    "up": "Conv2DTranspose",
    "pool": "MaxPooling2D",
    "dense": "Dense",
    "recur": "LSTM",
    "attn": "MultiHeadAttention",
    "embed": "Embedding",
    "reg": "Dropout",
}
"""Role → class whose keys tell of a user's own subclass."""

BY_CLASS: Mapping[str, tuple[str, ...]] = {
    name: tuple(keys.split()) for names, keys in KEYS.items() for name in names.split()
}

QUIET: frozenset[str] = frozenset(
    {"data_format", "seed", "autocast", "sparse", "ragged", "optional", "keepdims"}
)
"""Never told of a custom layer or an operation."""

Config = Mapping[str, Any]


def number(value: Any) -> str:
    """``1500`` → ``1,500``, ``0.00392156862`` → ``0.003922``; texts as they are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def times(value: Any) -> str:
    """``[3, 3]`` → ``3×3``."""
    if isinstance(value, list | tuple):
        return "×".join("?" if axis in (None, -1) else str(axis) for axis in value)
    return str(value)


def _uniform(value: Any) -> str:
    """``[2, 2]`` → ``2``, ``[2, 1]`` → ``2×1``."""
    if isinstance(value, list | tuple) and value and all(item == value[0] for item in value):
        return str(value[0])
    return times(value)


def _all_one(value: Any) -> bool:
    return all(axis == 1 for axis in (value if isinstance(value, list | tuple) else [value]))


def _sides(value: Any) -> str:
    """Margins of padding and cropping: ``[[3, 3], [3, 3]]`` → ``3``, ``[[0, 1], [0, 1]]`` → ``0+1``."""
    if not isinstance(value, list | tuple):
        return str(value)
    parts = [
        "+".join(map(str, side)) if isinstance(side, list) and len(set(side)) > 1 else _uniform(side)
        for side in value
    ]
    if all(not isinstance(side, list) for side in value) and len(value) == 2:
        return str(value[0]) if value[0] == value[1] else f"{value[0]}+{value[1]}"
    return parts[0] if len(set(parts)) == 1 else ", ".join(parts)


def _strides(config: Config) -> str:
    value = config["strides"]
    return "" if _all_one(value) else f"stride {_uniform(value)}"


def _pool_strides(config: Config) -> str:
    value, size = config.get("strides"), config.get("pool_size")
    return "" if value is None or value == size else f"stride {_uniform(value)}"


def _offset(value: Any) -> str:
    if isinstance(value, list) or not value:
        return ""
    return f"{'+' if value > 0 else '−'} {number(abs(value))}"


def _flag(word: str) -> Callable[[Any], str]:
    return lambda value: word if value else ""


def _said(word: str, usual: Any = 0) -> Callable[[Any], str]:
    """``dropout 0.2``, unless it is the usual value."""
    return lambda value: "" if value == usual else f"{word} {_listed(value)}"


def _listed(value: Any) -> str:
    return ", ".join(map(number, value)) if isinstance(value, list) else number(value)


def _range(value: Any) -> str:
    """``[-0.2, 0.2]`` → ``±0.2``, ``[0, 0.5]`` → ``0 … 0.5``."""
    if not isinstance(value, list) or len(value) != 2:
        return _listed(value)
    low, high = value
    return f"±{number(high)}" if low == -high and high else f"{number(low)} … {number(high)}"


def _ranged(word: str) -> Callable[[Any], str]:
    return lambda value: "" if value in (0, [0, 0]) else f"{word} {_range(value)}"


def _normalized(config: Config) -> str:
    """Axes of a normalization. The last axis, the usual one, is also written by its number (``axis=3``)."""
    axis = config.get("axis", -1)
    axes = axis if isinstance(axis, list) else [axis]
    if len(axes) == 1 and (axes[0] == -1 or (isinstance(axes[0], int) and axes[0] > 1)):
        return ""
    return f"axis {_listed(axis)}" if axes else "all axes"


def _vocabulary(value: Any) -> str:
    """A vocabulary is a list, or the number of its items when it is long."""
    return f"{len(value)} words" if isinstance(value, list) else str(value).replace("items", "words")


def _backward(config: Config) -> str:
    """The layer that runs backwards, when it is more than the other one turned round."""
    forward, backward = config.get("layer"), config.get("backward_layer")
    if not isinstance(forward, Mapping) or not isinstance(backward, Mapping):
        return ""
    turned = {**forward.get("config", {}), "go_backwards": None}
    if backward.get("class_name") == forward.get("class_name") and turned == {
        **backward.get("config", {}),
        "go_backwards": None,
    }:
        return ""
    return f"back: {_child({**backward, 'config': {**backward.get('config', {}), 'go_backwards': None}})}"


def _child(value: Any) -> str:
    """Class of a layer inside a wrapper with its own hyper-parameters: ``LSTM 64``."""
    if isinstance(value, list):
        return " + ".join(_child(part) for part in value)
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or "class_name" not in value:
        return ""
    name = str(value["class_name"])
    config = value.get("config", {})
    keys = BY_CLASS.get(name)
    texts = _generic(config) if keys is None else _texts(keys, config)
    return " ".join([name, ", ".join(texts)]).strip()


INSIDE = ("layer", "cell", "cells")
"""Arguments of wrappers that are layers."""


def type_text(layer: Layer) -> str:
    """Class of a layer, of a wrapper with what is inside: ``TimeDistributed(Dense)``, ``RNN(LSTMCell, GRUCell)``."""
    found = next((layer.config[key] for key in INSIDE if key in layer.config), None)
    inside = _classes(found) if ".ops." not in layer.module else ""
    return f"{layer.class_name}({inside})" if inside else layer.class_name


def _classes(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_classes, value)))
    if isinstance(value, str):  # an object without settings: a class name
        return value if value.isidentifier() and value[:1].isupper() else ""
    if not isinstance(value, Mapping) or "class_name" not in value:
        return ""
    name, config = str(value["class_name"]), value.get("config", {})
    deeper = next((_classes(config[key]) for key in INSIDE if key in config), "")
    return deeper if deeper and name == "StackedRNNCells" else f"{name}({deeper})" if deeper else name


WHOLE: Mapping[str, Callable[[Config], str]] = {
    "strides": _strides,
    "pool_strides": _pool_strides,
    "embedding": lambda config: f"{number(config.get('input_dim'))} → {number(config.get('output_dim'))}",
    "height_width": lambda config: f"{config.get('height')}×{config.get('width')}",
    "normalization_groups": lambda config: f"{config.get('groups')} groups",
    "margin": lambda config: _sides(config.get("padding", "")),
    "normalized": _normalized,
    "unscaled": lambda config: "" if config.get("use_scale", True) else "unscaled",
    "backward_layer": _backward,
    "value_dim": lambda config: (
        "" if config.get("value_dim") in (None, config.get("key_dim")) else f"value d {config['value_dim']}"
    ),
    "slope": lambda config: _said("slope")(config.get("negative_slope", 0)),
    "random_scale": lambda config: _ranged("scale")(config.get("scale", 0)),
    "resizing": lambda config: _said("", "bilinear")(config.get("interpolation", "bilinear")).strip(),
    "vocabulary": lambda config: (
        _vocabulary(config["vocabulary"]) if config.get("vocabulary") and not config.get("max_tokens") else ""
    ),
}
"""Keys that look at the whole configuration."""

ONE: Mapping[str, Callable[[Any], str]] = {
    "kernel_size": times,
    "pool_size": times,
    "size": times,
    "output_size": times,
    "target_shape": times,
    "dims": lambda value: ", ".join(map(str, value)),
    "dilation_rate": lambda value: "" if _all_one(value) else f"rate {_uniform(value)}",
    "padding": lambda value: "" if value == "valid" else str(value),
    "groups": lambda value: "" if value == 1 else f"{value} groups",
    "depth_multiplier": lambda value: "" if value == 1 else f"×{value}",
    "keepdims": _flag("keepdims"),
    "interpolation": lambda value: "" if value == "nearest" else str(value),
    "return_sequences": _flag("sequences"),
    "go_backwards": _flag("backwards"),
    "num_heads": lambda value: f"{value} heads",
    "num_query_heads": lambda value: f"{value} heads",
    "num_key_value_heads": lambda value: f"{value} key-value heads",
    "key_dim": lambda value: f"d {value}",
    "head_dim": lambda value: f"d {value}",
    "score_mode": lambda value: "" if value == "dot" else str(value),
    "axis": lambda value: "" if value == -1 else f"axis {value}",
    "axes": lambda value: (
        f"axes {value}" if not isinstance(value, list) else f"axes {', '.join(map(str, value))}"
    ),
    "shared_axes": lambda value: (
        f"shared axes {', '.join(map(str, value))}" if isinstance(value, list) else str(value)
    ),
    "n": lambda value: f"×{value}",
    "max_value": lambda value: f"≤ {number(value)}",
    "scale": lambda value: f"× {number(value)}" if not isinstance(value, list) else f"× {len(value)} values",
    "offset": _offset,
    "cropping": _sides,
    "mask_value": lambda value: "" if value in (0, 0.0) else number(value),
    "output_mode": lambda value: "" if value == "int" else str(value).replace("_", " "),
    "mode": lambda value: str(value).replace("_", " "),
    "layer": _child,
    "cell": _child,
    "cells": _child,
    "merge_mode": str,
    "layers": _child,
    "factor": _range,
    "height_factor": _range,
    "width_factor": _range,
    "x_factor": _ranged("x"),
    "y_factor": _ranged("y"),
    "brightness_factor": _ranged("brightness"),
    "contrast_factor": _ranged("contrast"),
    "saturation_factor": _ranged("saturation"),
    "hue_factor": _ranged("hue"),
    "addition_factor": _ranged("add"),
    "threshold_factor": _ranged("threshold"),
    "sigma": _ranged("σ"),
    "dropout": _said("dropout"),
    "recurrent_dropout": _said("recurrent dropout"),
    "stateful": _flag("stateful"),
    "output_padding": lambda value: f"output padding {_uniform(value)}",
    "lora_rank": lambda value: f"LoRA {value}",
    "mask_zero": _flag("zero masked"),
    "tie_weights": lambda value: "" if value else "not tied",
    "logit_soft_cap": _said("cap"),
    "power_iterations": _said("iterations", 1),
    "attention_axes": lambda value: f"axes {_listed(value)}",
    "sliding_window": _said("window"),
    "use_gate": _flag("gated"),
    "use_scale": _flag("scaled"),
    "normalize": _flag("normalized"),
    "invert": _flag("inverted"),
    "l1": _said("l1"),
    "l2": _said("l2"),
    "threshold": _said("threshold"),
    "crop_to_aspect_ratio": _flag("cropped"),
    "pad_to_aspect_ratio": _flag("padded"),
    "antialias": _flag("antialias"),
    "bin_boundaries": lambda value: f"{len(value)} boundaries" if isinstance(value, list) else str(value),
    "num_oov_indices": _said("out of vocabulary", 1),
    "ngrams": lambda value: f"{_listed(value)}-grams",
    "sampling_rate": _said("Hz", 16000),
    "chain_depth": _said("depth", 3),
    "bins": _said("bins", 256),
    "clip_limit": _said("limit", 4.0),
    "tile_grid_size": times,
    "call_endpoint": _said("", "serve"),
    "filepath": lambda value: str(value).replace("\\", "/").rsplit("/", 1)[-1],
}
"""Keys whose text is not just the number."""


def _texts(keys: tuple[str, ...], config: Config) -> tuple[str, ...]:
    found = []
    for key in keys:
        if key in WHOLE and (key != "strides" or "strides" in config):
            text = WHOLE[key](config)
        elif config.get(key) is not None and key not in WHOLE:
            value = config[key]
            text = ONE[key](value) if key in ONE else number(value)
        else:
            continue
        if text:
            found.append(text)
    return tuple(found)


def _generic(config: Config) -> tuple[str, ...]:
    """Up to three short settings of a custom layer or operation, by name."""
    shown = [
        f"{key.replace('_', ' ')} {_uniform(value) if isinstance(value, list) else number(value)}"
        for key, value in config.items()
        if key not in QUIET
        and not isinstance(value, bool | Mapping)
        and not (isinstance(value, list) and any(isinstance(part, list | Mapping) for part in value))
    ]
    return tuple(text for text in shown if len(text) <= 32)[:3]


RAW_CONVOLUTIONS = frozenset({"Conv", "DepthwiseConv", "ConvTranspose"})
"""Operations of ``keras.ops`` that are told as the layers are."""


def _raw_convolution(layer: Layer) -> tuple[str, ...]:
    """``3×3``, stride, dilation and padding; the kernel's size from the weight, where it is one."""
    kernels = [weight.shape[:-2] for weight in layer.weights if len(weight.shape) > 2]
    return (*(times(kernel) for kernel in kernels[:1]), *_texts(("strides", "dilation_rate", "padding"), layer.config))


def hyper_parameters(layer: Layer) -> tuple[str, ...]:
    """Short texts in a fixed order; empty for a layer that has nothing to tell. The activation is not among them
    (see ``Layer.activation``) but for the class Activation itself."""
    if layer.class_name in RAW_CONVOLUTIONS and ".ops." in layer.module:
        return _raw_convolution(layer)
    keys = BY_CLASS.get(layer.class_name) if ".ops." not in layer.module else None
    if keys is None and layer.role in FAMILIES and ".ops." not in layer.module:
        known = tuple(key for key in BY_CLASS[FAMILIES[layer.role]] if key in layer.config)
        texts = _texts(known, layer.config)
        if texts:
            return texts
    return _generic(layer.config) if keys is None else _texts(keys, layer.config)
