"""Matrix products and convolutions: the formulas of the multiply–accumulates.

Shapes have the batch axis first. ``K`` is the product of the kernel's spatial axes, ``C`` channels in, ``F`` filters,
``|y|`` the numbers that come out. A padded tap counts like any other, as in the papers of the models.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from .elements import activation, constant_or
from .work import Axes, UnknownCost, Use, Work, constant_shape, size


def _finished(use: Use, macs: int) -> Work:
    """With the bias (one addition for each number) and the activation."""
    count = size(use.output)
    biased = use.config.get("use_bias", True)
    return Work(macs, (count if biased else 0) + activation(use, count))


def convolution(use: Use) -> Work:
    """|y| · K · C / groups. Dumoulin and Visin, A guide to convolution arithmetic (arXiv:1603.07285), §2."""
    taps = math.prod(use.sizes("kernel_size", len(use.output) - 2))
    channels = use.channels(use.input) // (use.config.get("groups") or 1)
    return _finished(use, size(use.output) * taps * channels)


def depthwise(use: Use) -> Work:
    """|y| · K. Howard et al., MobileNets (arXiv:1704.04861), equation 3."""
    taps = math.prod(use.sizes("kernel_size", len(use.output) - 2))
    return _finished(use, size(use.output) * taps)


def separable(use: Use) -> Work:
    """Depthwise |y|/F · C · M · K, then pointwise |y| · C · M (M the depth multiplier). MobileNets, equation 5."""
    taps = math.prod(use.sizes("kernel_size", len(use.output) - 2))
    between = use.channels(use.input) * (use.config.get("depth_multiplier") or 1)
    places = size(use.output) // use.channels(use.output)
    return _finished(use, places * between * taps + size(use.output) * between)


def transposed(use: Use) -> Work:
    """|x| · K · F: every number that goes in meets every tap. Dumoulin and Visin, §4."""
    taps = math.prod(use.sizes("kernel_size", len(use.output) - 2))
    return _finished(use, size(use.input) * taps * use.channels(use.output))


def dense(use: Use) -> Work:
    """|y| · C, at every position of the axes before the last. A LoRA pair adds its product C · r · F, since
    ``keras.layers.Dense`` merges the pair into the kernel at each call."""
    channels, units = use.input[-1], use.output[-1]
    work = _finished(use, size(use.output) * channels)
    rank = (use.weights or {}).get("lora_kernel_a")
    return work + Work(channels * rank[-1] * units, 2 * channels * units) if rank else work


def einsum_dense(use: Use) -> Work:
    """Product of all axes that the equation names. Bias and activation as in ``Dense``."""
    equation = str(use.config.get("equation", "")).replace(" ", "")
    match = re.fullmatch(r"([\w.]*),(\w*)->([\w.]*)", equation)
    if not match:
        raise UnknownCost(f"its equation {equation!r} is not understood")
    axes = _axes(match[1], use.input, {})
    axes = _axes(match[3], use.output, axes)
    if missing := [letter for letter in match[2] if letter not in axes]:
        raise UnknownCost(f"axis {missing[0]} of its equation is not known")
    count = size(use.output)
    biased = count if use.config.get("bias_axes") else 0
    return Work(math.prod(axes.values()), biased + activation(use, count))


def _axes(letters: str, shape: Axes, known: dict[str, int]) -> dict[str, int]:
    """Letters of one operand → lengths; the axes of an ellipsis are numbered from the right."""
    axes = dict(known)
    head, dots, tail = letters.partition("...")
    hidden = len(shape) - len(head) - len(tail)
    if hidden < 0 or (hidden and not dots):
        raise UnknownCost("its equation does not fit its shapes")
    named = [*head, *(f"...{index}" for index in range(hidden, 0, -1)), *tail]
    for name, length in zip(named, shape, strict=True):
        axes[name] = max(length, axes.get(name, 1))
    return axes


def einsum(use: Use) -> Work:
    """``keras.ops.einsum`` of two operands: the product of all axes named; of one: a sum or a move."""
    equation = str(use.config.get("subscripts", "")).replace(" ", "")
    operands = equation.partition("->")[0].split(",")
    shapes = list(use.inputs)
    constants = [shape for value in use.config.values() if (shape := constant_shape(value)) is not None]
    if len(shapes) + len(constants) != len(operands) or (constants and len(operands) > 1):
        # Which place a constant has is not recorded; its letters would be guessed.
        raise UnknownCost("the shapes of its operands are not all known")
    if len(operands) == 1:
        return Work(other=size(shapes[0]))
    if len(operands) > 2:
        raise UnknownCost("the order in which more than two operands are contracted is the backend's choice")
    axes: dict[str, int] = {}
    for letters, shape in zip(operands, shapes, strict=True):
        axes = _axes(letters, shape, axes)
    return Work(math.prod(axes.values()))


def matmul(use: Use) -> Work:
    """|y| times the length of the contracted axis: the last of the first operand."""
    first = constant_shape(use.config.get("x1"))
    if first is not None:
        return Work(size(use.output) * first[-1])
    return Work(size(use.output) * use.input[-1])


def vector_dot(use: Use) -> Work:
    """``keras.ops.dot``, ``inner`` and ``vdot``: the last axis of the first operand is contracted."""
    first = constant_shape(use.config.get("x1")) or use.input
    if use.class_name == "Vdot":
        return Work(size(first))
    return Work(size(use.output) * (first[-1] if first else 1))


def tensordot(use: Use) -> Work:
    """|x1| · |x2| / the contracted axes."""
    first, second = _operands(use)
    axes = use.config.get("axes", 2)
    if isinstance(axes, int):
        contracted = math.prod(first[len(first) - axes :])
    else:
        left = axes[0] if isinstance(axes[0], Sequence) else [axes[0]]
        contracted = math.prod(first[axis] for axis in left)
    return Work(size(first) * size(second) // max(1, contracted))


def outer(use: Use) -> Work:
    """One product for each number that comes out, nothing is summed: ``outer``, ``kron``, ``cross``."""
    return Work(other=size(use.output))


def _operands(use: Use) -> tuple[Axes, Axes]:
    left = constant_shape(use.config.get("x1"))
    if left is not None:
        return left, use.input
    second = use.inputs[1] if len(use.inputs) > 1 else None
    return use.input, constant_or(use, "x2", second)


def dot_layer(use: Use) -> Work:
    """``keras.layers.Dot``: |y| times the contracted axis."""
    axes = use.config.get("axes")
    axis = axes[0] if isinstance(axes, Sequence) else axes
    if not isinstance(axis, int):
        raise UnknownCost("its axes are not known")
    extra = 3 * sum(map(size, use.inputs)) if use.config.get("normalize") else 0
    return Work(size(use.output) * use.input[axis], extra)


def raw_convolution(use: Use) -> Work:
    """``keras.ops.conv``, ``depthwise_conv``, ``separable_conv`` and ``conv_transpose`` from the kernel's shape."""
    if use.class_name == "SeparableConv":
        tensors = list(use.inputs[1:])
        first = constant_shape(use.config.get("depthwise_kernel")) or (tensors.pop(0) if tensors else None)
        second = constant_shape(use.config.get("pointwise_kernel")) or (tensors.pop(0) if tensors else None)
        if first is None or second is None:
            raise UnknownCost("the shape of its kernel is not known")
        places = size(use.output) // use.channels(use.output)
        return Work(places * (size(first) + size(second)))
    kernel = constant_or(use, "kernel", use.inputs[1] if len(use.inputs) > 1 else None)
    if use.class_name == "DepthwiseConv":
        return Work(size(use.output) * math.prod(kernel[:-2]))
    if use.class_name == "ConvTranspose":
        return Work(size(use.input) * math.prod(kernel[:-1]))
    return Work(size(use.output) * math.prod(kernel[:-1]))


def embedding(use: Use) -> Work:
    """A look-up; ``ReversibleEmbedding(reverse=True)`` is the product with the transposed table."""
    if use.config.get("reverse") is True:
        return Work(size(use.output) * use.input[-1])
    return Work()


def first_sizes(value: Any) -> Axes:
    """Axes of a configuration: a number or a list of them."""
    return (value,) if isinstance(value, int) else tuple(value)
