"""Receptive field: how much of the input a number inside the network can see.

r' = r + (k_eff − 1) · j and j' = j · s along a path, with k_eff = (k − 1) · d + 1, the largest over the paths that
meet. Araujo, Norris and Sim, Computing Receptive Fields of Convolutional Neural Networks, Distill 2019,
doi:10.23915/distill.00021.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..model import ArchSpec, Call, Layer
from ..query import layer_of, producers
from .work import UnknownCost, spread


@dataclass(frozen=True, slots=True)
class Field:
    size: tuple[int, ...]
    """Places of the input along each spatial axis that one place sees, without regard to the border."""
    stride: tuple[Fraction, ...]
    """Places of the input between two neighbours; below one after upsampling."""
    whole: bool = False
    """It sees all of the input, whatever the sizes say."""


Seen = Field | None
"""None: the notion does not apply, or the field is not known."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


WINDOWED = _names(
    "Conv1D Conv2D Conv3D DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D "
    "AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D MaxPooling3D"
)
TRANSPOSED = _names("Conv1DTranspose Conv2DTranspose Conv3DTranspose")
GLOBAL = _names(
    "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D "
    "GlobalMaxPooling3D Flatten MultiHeadAttention GroupedQueryAttention GroupQueryAttention Attention "
    "AdditiveAttention LSTM GRU SimpleRNN RNN Bidirectional"
)
POINTWISE = _names(
    "Activation ELU LeakyReLU PReLU ReLU Softmax BatchNormalization LayerScale Rescaling Normalization Dropout "
    "SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianNoise GaussianDropout AlphaDropout StochasticDepth "
    "Identity ZeroPadding1D ZeroPadding2D ZeroPadding3D Cropping1D Cropping2D Cropping3D Add Multiply Subtract "
    "Average Maximum Minimum Concatenate ActivityRegularization RMSNormalization Dense"
)
"""Layers whose places see what the same places before them see. ``LayerNormalization`` is one on its last axis."""

POINTWISE_OPERATIONS = _names(
    "Add Subtract Multiply Divide TrueDivide Maximum Minimum Power Relu Relu6 Sigmoid Silu Gelu Tanh Softplus "
    "HardSigmoid HardSilu LeakyRelu Elu Selu Abs Absolute Sqrt Square Exp Log Clip Cast Pad"
)


def receptive_fields(spec: ArchSpec) -> dict[str, Seen]:
    """Call id → what its output sees of the inputs of the model."""
    layers, arriving = layer_of(spec), producers(spec)
    seen: dict[str, Seen] = {}
    for call in spec.calls:
        layer = layers[call.layer]
        before = [seen.get(edge.source.call) for edge in arriving[call.id]]
        try:
            seen[call.id] = _next(layer, call, before)
        except (UnknownCost, ValueError, IndexError):
            seen[call.id] = None
    return seen


def _next(layer: Layer, call: Call, before: list[Seen]) -> Seen:
    name = layer.class_name
    if name == "InputLayer":
        rank = len(call.outputs[0].shape) - 2
        return Field((1,) * rank, (Fraction(1),) * rank) if rank > 0 else None
    known = [item for item in before if item is not None]
    if not known or len(known) < len(before) or not layer.module.startswith(("keras.", "tf_keras.")):
        return None
    merged = _largest(known)
    if merged is None:
        return None
    if ".ops." in layer.module:
        # Whatever moves numbers about: of a whole it stays a whole, of a part the places are lost.
        return merged if merged.whole or name in POINTWISE_OPERATIONS else None
    return _through_layer(merged, layer)


def _through_layer(before: Field, layer: Layer) -> Seen:
    name, config, rank = layer.class_name, layer.config, len(before.size)
    if before.whole or name in GLOBAL:
        return Field(before.size, before.stride, whole=True)
    if name in WINDOWED:
        window = config.get("kernel_size", config.get("pool_size"))
        return _window(before, spread(window, rank, ""), config, rank)
    if name in TRANSPOSED or name.startswith("UpSampling"):
        return _up(before, name, config, rank)
    if name in POINTWISE or (name == "LayerNormalization" and config.get("axis") in (-1, [-1], None)):
        return before
    return None


def _largest(fields: list[Field]) -> Seen:
    """Of several paths the farthest sight along each axis."""
    if len({len(item.size) for item in fields}) > 1:
        return None
    return Field(
        tuple(max(sizes) for sizes in zip(*(item.size for item in fields), strict=True)),
        tuple(max(steps) for steps in zip(*(item.stride for item in fields), strict=True)),
        any(item.whole for item in fields),
    )


def _window(field: Field, window: tuple[int, ...], config: Mapping[str, object], rank: int) -> Field:
    strides = spread(config.get("strides", 1), rank, "")
    dilation = spread(config.get("dilation_rate", 1), rank, "")
    grown = tuple(
        _rounded(size + (taps - 1) * rate * step)
        for size, taps, rate, step in zip(field.size, window, dilation, field.stride, strict=True)
    )
    return Field(grown, tuple(step * by for step, by in zip(field.stride, strides, strict=True)))


def _up(field: Field, name: str, config: Mapping[str, object], rank: int) -> Field:
    """A number meets ⌈k / s⌉ of those that go in; nearest neighbours one, bilinear two."""
    if name in TRANSPOSED:
        strides = spread(config.get("strides", 1), rank, "")
        met = tuple(
            -(-k // s) for k, s in zip(spread(config.get("kernel_size"), rank, ""), strides, strict=True)
        )
    else:
        strides = spread(config.get("size", 2), rank, "")
        met = (1 if config.get("interpolation", "nearest") == "nearest" else 2,) * rank
    grown = tuple(
        _rounded(size + (taps - 1) * step)
        for size, taps, step in zip(field.size, met, field.stride, strict=True)
    )
    return Field(grown, tuple(step / by for step, by in zip(field.stride, strides, strict=True)))


def _rounded(value: Fraction | int) -> int:
    return -(-Fraction(value).numerator // Fraction(value).denominator)


def field_text(field: Seen) -> str:
    """``483×483``, ``all`` for the whole input, nothing where it does not apply."""
    if field is None:
        return ""
    return "all" if field.whole else "×".join(str(size) for size in field.size)
