"""Operations that work element by element: no multiply–accumulates, a few operations for each number.

A transcendental function counts as one operation, like an addition (the convention of XLA's cost analysis apart from
its separate count of transcendentals). The numbers are those of the defining expressions in ``keras.ops``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from .work import Axes, Formula, UnknownCost, Use, Work, constant_shape, size

ACTIVATIONS: Mapping[str, int] = {
    "linear": 0,
    "relu": 1,
    "relu6": 2,
    "leaky_relu": 2,
    "prelu": 2,
    "elu": 3,
    "selu": 4,
    "celu": 4,
    "gelu": 5,
    "sigmoid": 3,
    "hard_sigmoid": 4,
    "log_sigmoid": 3,
    "silu": 4,
    "swish": 4,
    "hard_silu": 5,
    "hard_swish": 5,
    "tanh": 1,
    "hard_tanh": 2,
    "tanh_shrink": 2,
    "softplus": 2,
    "softsign": 3,
    "softmax": 5,
    "log_softmax": 5,
    "sparsemax": 5,
    "exponential": 1,
    "mish": 4,
    "threshold": 1,
    "thresholded_relu": 1,
    "squareplus": 5,
    "glu": 4,
}
"""Activation → operations for each number. ``gelu``: x · ½ · (1 + erf(x / √2)); ``softmax``: maximum, difference,
exponential, sum, quotient, as TensorFlow's profiler counts it."""


def activation(use: Use, count: int, key: str = "activation") -> int:
    """Operations of the activation that a layer applies to ``count`` numbers itself."""
    named = use.config.get(key) or "linear"
    name = named.get("class_name") if isinstance(named, Mapping) else named
    # A user's own function works on each number; what it costs beyond one operation is not known.
    return count * ACTIVATIONS.get(str(name).lower(), 1)


def nothing(use: Use) -> Work:
    """Moves or looks up numbers, or does nothing at inference."""
    return Work()


def per_output(count: int) -> Formula:
    """``count`` operations for each number that comes out."""

    def formula(use: Use) -> Work:
        return Work(other=count * sum(map(size, use.outputs)))

    return formula


def per_input(count: int) -> Formula:
    """``count`` operations for each number that goes in."""

    def formula(use: Use) -> Work:
        return Work(other=count * size(use.input))

    return formula


def merge(use: Use) -> Work:
    """One operation less than there are operands, for each number: ``Add``, ``Multiply``, ``Maximum`` …"""
    return Work(other=max(1, len(use.inputs) - 1) * size(use.output))


def average(use: Use) -> Work:
    """The sum and one quotient."""
    return Work(other=len(use.inputs) * size(use.output))


def activated(use: Use) -> Work:
    """The layer ``Activation``."""
    return Work(other=activation(use, size(use.output)))


def relu(use: Use) -> Work:
    """max(x, 0), one more for a slope, a ceiling or a threshold (``keras.layers.ReLU``)."""
    extra = sum(bool(use.config.get(key)) for key in ("negative_slope", "max_value", "threshold"))
    return Work(other=(1 + extra) * size(use.output))


def pool(use: Use) -> Work:
    """Window size for each number that comes out: the comparisons, or the sum and its quotient."""
    rank = len(use.output) - 2
    return Work(other=size(use.output) * math.prod(use.sizes("pool_size", rank)))


def batch_normalization(use: Use) -> Work:
    """x · s + t with s and t folded once per channel (``keras.ops.batch_normalization`` at inference): two for
    each number and four for each channel (sum, root, product, difference)."""
    axis = use.config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list | tuple) else axis
    return Work(other=2 * size(use.output) + 4 * use.output[axis])


def resize(use: Use) -> Work:
    """Bilinear: two products and a sum along each of two axes, seven in all with three interpolations sharing
    differences; nearest neighbours move numbers only."""
    how = use.config.get("interpolation", "nearest")
    if how == "nearest":
        return Work()
    if how == "bilinear":
        return Work(other=7 * size(use.output))
    raise UnknownCost(f"no formula for {how} interpolation")


def random_at_inference(use: Use) -> Work:
    """Augmentation and dropout: the identity when not training."""
    return Work()


def constant_or(use: Use, key: str, axes: Axes | None) -> Axes:
    """Shape of an operand that may be a constant argument instead of a tensor."""
    found = constant_shape(use.config.get(key)) or axes
    if found is None:
        raise UnknownCost(f"the shape of its operand {key} is not known")
    return found
