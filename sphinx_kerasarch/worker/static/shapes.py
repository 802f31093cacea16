"""Output shapes from a configuration, for the classes of Keras where they follow from it beyond doubt.

Files tell the shape of every tensor that another layer takes; these fill in the ends of a graph and the stretches of
a ``Sequential``. What is not certain is None, and left to Keras.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Axis = int | None
Axes = tuple[Axis, ...]
Config = Mapping[str, Any]
Rule = Callable[[Config, list[Axes]], list[Axes] | None]


def _per_axis(value: Any, rank: int) -> tuple[Any, ...]:
    return (value,) * rank if isinstance(value, int) else tuple(value)


def _spatial(config: Config, shape: Axes) -> tuple[Axes, Axis]:
    """(spatial axes, channels)."""
    if config.get("data_format") == "channels_first":
        return shape[2:], shape[1]
    return shape[1:-1], shape[-1]


def _joined(config: Config, batch: Axis, spatial: Sequence[Axis], channels: Axis) -> Axes:
    if config.get("data_format") == "channels_first":
        return (batch, channels, *spatial)
    return (batch, *spatial, channels)


def _window(axis: Axis, size: int, stride: int, rate: int, padding: str) -> Axis:
    """Length after a sliding window (keras/src/ops/operation_utils.py, ``compute_conv_output_shape``)."""
    if axis is None:
        return None
    if padding == "valid":
        return (axis - (size - 1) * rate - 1) // stride + 1
    return (axis - 1) // stride + 1


def _slide(config: Config, shape: Axes, key: str) -> tuple[tuple[Axis, ...], Axis]:
    spatial, channels = _spatial(config, shape)
    rank = len(spatial)
    sizes = _per_axis(config[key], rank)
    strides = _per_axis(config.get("strides") or sizes, rank)
    rates = _per_axis(config.get("dilation_rate", 1), rank)
    padding = str(config.get("padding", "valid"))
    return (
        tuple(
            _window(axis, size, stride, rate, padding)
            for axis, size, stride, rate in zip(spatial, sizes, strides, rates, strict=True)
        ),
        channels,
    )


def convolution(config: Config, shapes: list[Axes]) -> list[Axes]:
    spatial, _ = _slide(config, shapes[0], "kernel_size")
    return [_joined(config, shapes[0][0], spatial, config["filters"])]


def depthwise(config: Config, shapes: list[Axes]) -> list[Axes]:
    spatial, channels = _slide(config, shapes[0], "kernel_size")
    made = None if channels is None else channels * int(config.get("depth_multiplier") or 1)
    return [_joined(config, shapes[0][0], spatial, made)]


def pool(config: Config, shapes: list[Axes]) -> list[Axes]:
    spatial, channels = _slide(config, shapes[0], "pool_size")
    return [_joined(config, shapes[0][0], spatial, channels)]


def transposed(config: Config, shapes: list[Axes]) -> list[Axes] | None:
    """(n − 1) · s + k without padding, n · s with; a given output padding is left to Keras."""
    spatial, _ = _spatial(config, shapes[0])
    rank = len(spatial)
    rates = _per_axis(config.get("dilation_rate", 1), rank)
    if config.get("output_padding") is not None or set(rates) != {1}:
        return None
    made: list[Axis] = []
    for axis, size, stride in zip(
        spatial,
        _per_axis(config["kernel_size"], rank),
        _per_axis(config.get("strides", 1), rank),
        strict=True,
    ):
        if axis is None:
            made.append(None)
        elif config.get("padding", "valid") == "valid":
            made.append(axis * stride + max(size - stride, 0))
        else:
            made.append(axis * stride)
    return [_joined(config, shapes[0][0], made, config["filters"])]


def dense(config: Config, shapes: list[Axes]) -> list[Axes]:
    return [(*shapes[0][:-1], config["units"])]


def same(config: Config, shapes: list[Axes]) -> list[Axes]:
    return [shapes[0]]


def flatten(config: Config, shapes: list[Axes]) -> list[Axes]:
    rest = shapes[0][1:]
    known = [axis for axis in rest if axis is not None]
    return [(shapes[0][0], None if len(known) < len(rest) else math.prod(known))]


def reshape(config: Config, shapes: list[Axes]) -> list[Axes] | None:
    target = tuple(config["target_shape"])
    if -1 not in target:
        return [(shapes[0][0], *target)]
    rest = shapes[0][1:]
    known = [axis for axis in rest if axis is not None]
    others = math.prod(axis for axis in target if axis != -1)
    whole = math.prod(known) if len(known) == len(rest) else None
    free = None if whole is None or not others else whole // others
    return [(shapes[0][0], *(free if axis == -1 else axis for axis in target))]


def permute(config: Config, shapes: list[Axes]) -> list[Axes]:
    return [(shapes[0][0], *(shapes[0][axis] for axis in config["dims"]))]


def repeat(config: Config, shapes: list[Axes]) -> list[Axes]:
    return [(shapes[0][0], config["n"], shapes[0][1])]


def embedding(config: Config, shapes: list[Axes]) -> list[Axes]:
    return [(*shapes[0], config["output_dim"])]


def global_pool(config: Config, shapes: list[Axes]) -> list[Axes]:
    spatial, channels = _spatial(config, shapes[0])
    if config.get("keepdims"):
        return [_joined(config, shapes[0][0], (1,) * len(spatial), channels)]
    return [(shapes[0][0], channels)]


def _padded(sign: int, key: str) -> Rule:
    def rule(config: Config, shapes: list[Axes]) -> list[Axes]:
        spatial, channels = _spatial(config, shapes[0])
        amounts = config[key]
        if isinstance(amounts, int):
            amounts = [[amounts, amounts]] * len(spatial)
        elif all(isinstance(item, int) for item in amounts):
            amounts = [amounts] if len(spatial) == 1 else [[item, item] for item in amounts]
        made = [
            None if axis is None else axis + sign * sum(amount)
            for axis, amount in zip(spatial, amounts, strict=True)
        ]
        return [_joined(config, shapes[0][0], made, channels)]

    return rule


def upsampling(config: Config, shapes: list[Axes]) -> list[Axes]:
    spatial, channels = _spatial(config, shapes[0])
    sizes = _per_axis(config["size"], len(spatial))
    made = [None if axis is None else axis * size for axis, size in zip(spatial, sizes, strict=True)]
    return [_joined(config, shapes[0][0], made, channels)]


def broadcast(config: Config, shapes: list[Axes]) -> list[Axes] | None:
    """Of shapes with known axes, or of equal ones."""
    rank = max(map(len, shapes))
    made: list[Axis] = []
    for place in range(-rank, 0):
        lengths = {shape[place] for shape in shapes if len(shape) >= -place}
        lengths = lengths - {1} or lengths
        if len(lengths) > 1:
            return None
        made.append(lengths.pop())
    return [tuple(made)]


def concatenate(config: Config, shapes: list[Axes]) -> list[Axes]:
    made = list(shapes[0])
    axis = config.get("axis", -1)
    lengths = [shape[axis] for shape in shapes]
    made[axis] = None if None in lengths else sum(length for length in lengths if length is not None)
    for place in range(len(made)):
        if place != axis % len(made):
            made[place] = next((shape[place] for shape in shapes if shape[place] is not None), None)
    return [tuple(made)]


def recurrent(config: Config, shapes: list[Axes], states: int = 1) -> list[Axes]:
    batch, steps = shapes[0][0], shapes[0][1]
    units = config["units"]
    first: Axes = (batch, steps, units) if config.get("return_sequences") else (batch, units)
    return [first, *([(batch, units)] * states if config.get("return_state") else [])]


def long_short(config: Config, shapes: list[Axes]) -> list[Axes]:
    return recurrent(config, shapes, 2)


def bidirectional(config: Config, shapes: list[Axes]) -> list[Axes] | None:
    inner = config.get("layer")
    if not isinstance(inner, Mapping) or inner["config"].get("return_state"):
        return None
    made = shapes_of(str(inner["class_name"]), inner["config"], shapes[:1])
    if made is None or config.get("merge_mode") is None:
        return None if made is None else made * 2
    wide = made[0]
    if config["merge_mode"] == "concat":
        last = wide[-1]
        wide = (*wide[:-1], None if last is None else 2 * last)
    return [wide]


def distributed(config: Config, shapes: list[Axes]) -> list[Axes] | None:
    inner = config.get("layer")
    if not isinstance(inner, Mapping):
        return None
    made = shapes_of(str(inner["class_name"]), inner["config"], [(shapes[0][0], *shapes[0][2:])])
    return made and [(shapes[0][0], shapes[0][1], *made[0][1:])]


def wrapped(config: Config, shapes: list[Axes]) -> list[Axes] | None:
    inner = config.get("layer")
    return (
        shapes_of(str(inner["class_name"]), inner["config"], shapes) if isinstance(inner, Mapping) else None
    )


def attention(config: Config, shapes: list[Axes]) -> list[Axes]:
    given = config.get("output_shape")
    if given is None:
        return [shapes[0]]
    return [(*shapes[0][:-1], *((given,) if isinstance(given, int) else given))]


def resizing(config: Config, shapes: list[Axes]) -> list[Axes]:
    _, channels = _spatial(config, shapes[0])
    return [_joined(config, shapes[0][0], (config["height"], config["width"]), channels)]


def _rules(rows: Mapping[Rule, str]) -> dict[str, Rule]:
    return {name: rule for rule, names in rows.items() for name in names.split()}


LAYERS: Mapping[str, Rule] = _rules(
    {
        convolution: "Conv1D Conv2D Conv3D SeparableConv1D SeparableConv2D",
        depthwise: "DepthwiseConv1D DepthwiseConv2D",
        transposed: "Conv1DTranspose Conv2DTranspose Conv3DTranspose",
        pool: "MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D",
        global_pool: "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D "
        "GlobalMaxPooling2D GlobalMaxPooling3D",
        dense: "Dense",
        flatten: "Flatten",
        reshape: "Reshape",
        permute: "Permute",
        repeat: "RepeatVector",
        embedding: "Embedding",
        _padded(1, "padding"): "ZeroPadding1D ZeroPadding2D ZeroPadding3D",
        _padded(-1, "cropping"): "Cropping1D Cropping2D Cropping3D",
        upsampling: "UpSampling1D UpSampling2D UpSampling3D",
        broadcast: "Add Subtract Multiply Average Maximum Minimum",
        concatenate: "Concatenate",
        recurrent: "GRU SimpleRNN",
        long_short: "LSTM",
        bidirectional: "Bidirectional",
        distributed: "TimeDistributed",
        wrapped: "SpectralNormalization",
        attention: "MultiHeadAttention GroupedQueryAttention GroupQueryAttention",
        resizing: "Resizing",
        same: "Activation ReLU LeakyReLU PReLU ELU Softmax BatchNormalization LayerNormalization GroupNormalization "
        "RMSNormalization UnitNormalization Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianNoise "
        "GaussianDropout AlphaDropout ActivityRegularization Identity Masking Rescaling Normalization RandomFlip "
        "RandomRotation RandomZoom RandomContrast RandomBrightness RandomTranslation",
    }
)
"""Layer class → rule."""

OPERATIONS: Mapping[str, Rule] = _rules(
    {
        broadcast: "Add Subtract Multiply Divide TrueDivide Maximum Minimum Power",
        same: "Abs Absolute Relu Relu6 Sigmoid Silu Gelu Tanh Softplus Softmax Exp Log Sqrt Square Negative Clip Elu "
        "LeakyRelu Selu HardSigmoid HardSilu",
    }
)

KEEPS_DTYPE = frozenset({"Flatten", "Reshape", "Permute", "RepeatVector", "Identity"}) | {
    f"{kind}{rank}D" for kind in ("ZeroPadding", "Cropping") for rank in (1, 2, 3)
}
"""Layers that hand on whole numbers as they are."""


def shapes_of(
    class_name: str, config: Config, shapes: list[Axes], operation: bool = False
) -> list[Axes] | None:
    """Shapes of what comes out, None where they are not certain."""
    rule = (OPERATIONS if operation else LAYERS).get(class_name)
    if rule is None or not shapes:
        return None
    try:
        return rule(config, shapes)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def dtype_of(class_name: str, policy: str, given: str) -> str:
    """Dtype of what comes out of a layer with a policy."""
    compute = {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}.get(policy, policy)
    compute = compute.partition("_from_")[2] or compute
    if class_name in KEEPS_DTYPE and "float" not in given:
        return given
    return {"mixed_float16": "float16", "mixed_bfloat16": "bfloat16"}.get(compute, compute)
