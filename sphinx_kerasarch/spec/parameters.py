"""What a reader needs to rebuild a layer, as short texts for cards: ``3×3``, ``64``, ``stride 2``, ``same``.

Order: kernel, units or filters, stride (if not 1), dilation (if not 1), padding (if not valid), groups. Values stand
without argument names but for ``stride``, ``rate`` (dilation), ``heads`` and ``d``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .model import Layer

KEYS: Mapping[str, str] = {
    "Conv1D Conv2D Conv3D": "kernel_size filters strides dilation_rate padding groups",
    "Conv1DTranspose Conv2DTranspose Conv3DTranspose": "kernel_size filters strides dilation_rate padding",
    "DepthwiseConv1D DepthwiseConv2D": "kernel_size depth_multiplier strides dilation_rate padding",
    "SeparableConv1D SeparableConv2D": "kernel_size filters depth_multiplier strides dilation_rate padding",
    "ConvLSTM1D ConvLSTM2D ConvLSTM3D": "kernel_size filters strides dilation_rate padding return_sequences",
    "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D": "pool_size "
    "pool_strides padding",
    "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D "
    "AdaptiveMaxPooling2D AdaptiveMaxPooling3D": "output_size",
    "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D "
    "GlobalMaxPooling3D": "keepdims",
    "UpSampling2D": "size interpolation",
    "UpSampling1D UpSampling3D": "size",
    "Dense": "units",
    "EinsumDense": "equation",
    "Embedding ReversibleEmbedding": "embedding",
    "LSTM GRU SimpleRNN": "units return_sequences go_backwards",
    "LSTMCell GRUCell SimpleRNNCell": "units",
    "RNN": "cell return_sequences go_backwards",
    "StackedRNNCells": "cells",
    "Bidirectional": "layer merge_mode",
    "TimeDistributed SpectralNormalization Wrapper": "layer",
    "MultiHeadAttention": "num_heads key_dim",
    "GroupedQueryAttention": "num_query_heads num_key_value_heads head_dim",
    "Attention": "score_mode",
    "AdditiveAttention Add Average Maximum Minimum Multiply Subtract Flatten Identity BatchNormalization "
    "LayerNormalization RMSNormalization UnitNormalization InputLayer Layer TFSMLayer FlaxLayer JaxLayer "
    "TorchModuleWrapper Lambda AutoContrast Equalization ContrastLimitedAdaptiveHistogramEqualization Pipeline "
    "ActivityRegularization Normalization RandomColorJitter Solarization FeatureSpace": "",
    "GroupNormalization": "normalization_groups",
    "Concatenate": "axis",
    "Dot": "axes",
    "Softmax": "axis",
    "Activation": "activation",
    "ReLU": "max_value",
    "ThresholdedReLU": "theta",
    "LeakyReLU": "negative_slope alpha",
    "ELU": "alpha",
    "PReLU": "shared_axes",
    "Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout": "rate",
    "GaussianNoise": "stddev",
    "Reshape": "target_shape",
    "Permute": "dims",
    "RepeatVector": "n",
    "Masking": "mask_value",
    "ZeroPadding1D ZeroPadding2D ZeroPadding3D": "margin",
    "Cropping1D Cropping2D Cropping3D": "cropping",
    "Resizing CenterCrop RandomCrop": "height_width",
    "Rescaling": "scale offset",
    "CategoryEncoding": "num_tokens output_mode",
    "Discretization HashedCrossing Hashing": "num_bins output_mode",
    "IntegerLookup StringLookup": "max_tokens output_mode",
    "TextVectorization": "max_tokens output_mode output_sequence_length",
    "MelSpectrogram": "num_mel_bins fft_length sequence_stride",
    "STFTSpectrogram": "frame_length frame_step mode",
    "RandomFlip": "mode",
    "RandomTranslation RandomZoom": "height_factor width_factor",
    "RandomShear": "x_factor y_factor",
    "RandAugment": "num_ops factor",
    "AugMix": "num_chains factor",
    "MixUp": "alpha",
    "MaxNumBoundingBoxes": "max_number",
    "CutMix RandomBrightness RandomColorDegeneration RandomContrast RandomElasticTransform RandomErasing "
    "RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation "
    "RandomSaturation RandomSharpness": "factor",
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
    if isinstance(value, list | tuple) and len(set(value)) == 1:
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


def _child(value: Any) -> str:
    """Class of a layer inside a wrapper with its own hyper-parameters: ``LSTM 64``."""
    if isinstance(value, list):
        return ", ".join(_child(part) for part in value)
    if isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or "class_name" not in value:
        return ""
    name = str(value["class_name"])
    texts = _texts(BY_CLASS.get(name, ()), value.get("config", {}))
    return " ".join([name, ", ".join(texts)]).strip()


WHOLE: Mapping[str, Callable[[Config], str]] = {
    "strides": _strides,
    "pool_strides": _pool_strides,
    "embedding": lambda config: f"{number(config.get('input_dim'))} → {number(config.get('output_dim'))}",
    "height_width": lambda config: f"{config.get('height')}×{config.get('width')}",
    "normalization_groups": lambda config: f"{config.get('groups')} groups",
    "margin": lambda config: _sides(config.get("padding", "")),
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
    "merge_mode": lambda value: "" if value == "concat" else str(value),
    "factor": lambda value: (
        times(value) if not isinstance(value, list) else " … ".join(number(v) for v in value)
    ),
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


def hyper_parameters(layer: Layer) -> tuple[str, ...]:
    """Short texts in a fixed order; empty for a layer that has nothing to tell. The activation is not among them
    (see ``Layer.activation``) but for the class Activation itself."""
    keys = BY_CLASS.get(layer.class_name) if ".ops." not in layer.module else None
    if keys is None and layer.role in FAMILIES and ".ops." not in layer.module:
        known = tuple(key for key in BY_CLASS[FAMILIES[layer.role]] if key in layer.config)
        texts = _texts(known, layer.config)
        if texts:
            return texts
    return _generic(layer.config) if keys is None else _texts(keys, layer.config)
