"""What a formula is given and what it gives."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Axes = tuple[int, ...]


class UnknownCost(Exception):  # noqa: N818 - not an error: the reason for a question mark
    """A cost cannot be told; its text is the reason, as shown to readers."""


@dataclass(frozen=True, slots=True)
class Work:
    """The arithmetic of one call."""

    macs: int = 0
    """Multiply–accumulate pairs of matrix products and convolutions."""
    other: int = 0
    """Floating-point operations beside them: bias, activation, normalization, pooling, element by element."""

    @property
    def flops(self) -> int:
        """Floating-point operations; a multiply–accumulate is two."""
        return 2 * self.macs + self.other

    def __add__(self, more: Work) -> Work:
        return Work(self.macs + more.macs, self.other + more.other)

    def times(self, count: int) -> Work:
        return Work(self.macs * count, self.other * count)


@dataclass(frozen=True, slots=True)
class Use:
    """One call of a layer as a formula sees it: every axis known, the batch axis filled in."""

    class_name: str
    config: Mapping[str, Any]
    """Configuration of the layer, overlaid by the arguments of the call."""
    inputs: tuple[Axes, ...]
    outputs: tuple[Axes, ...]
    names: tuple[str, ...] = ()
    """Argument names of the inputs, empty for the first."""
    weights: Mapping[str, Axes] | None = None
    """Name in the layer → shape; None where the weights are not known (the layer inside a wrapper)."""

    @property
    def input(self) -> Axes:
        if not self.inputs:
            raise UnknownCost("its input is not known")
        return self.inputs[0]

    @property
    def output(self) -> Axes:
        if not self.outputs:
            raise UnknownCost("its output is not known")
        return self.outputs[0]

    def named(self, name: str, fallback: int) -> Axes:
        """The input that was given as ``name``, else the one at ``fallback``."""
        if name in self.names:
            return self.inputs[self.names.index(name)]
        return self.inputs[fallback] if fallback < len(self.inputs) else self.input

    def number(self, key: str) -> int:
        """A whole number of the configuration; raises :class:`UnknownCost` without it."""
        value = self.config.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise UnknownCost(f"its configuration does not say {key}")
        return value

    def sizes(self, key: str, rank: int) -> Axes:
        """One number for each spatial axis; a single number stands for all."""
        return spread(self.config.get(key), rank, key)

    @property
    def channels_first(self) -> bool:
        return self.config.get("data_format") == "channels_first"

    def channels(self, shape: Axes) -> int:
        return shape[1 if self.channels_first else -1]


Formula = Callable[[Use], Work]


def spread(value: Any, rank: int, key: str) -> Axes:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,) * rank
    if isinstance(value, Sequence) and len(value) == rank and all(isinstance(item, int) for item in value):
        return tuple(value)
    raise UnknownCost(f"its configuration does not say {key}")


def size(shape: Sequence[int]) -> int:
    return math.prod(shape)


def constant_shape(value: Any) -> Axes | None:
    """Shape of a constant as specs write it, ``array (16, 5) float32``, of a weight ``kernel (3, 3, 8, 16)``; None for
    anything else.
    """
    match = re.fullmatch(r"[\w, ]+ \(([\d, ]*)\)(?: \w+)?", value) if isinstance(value, str) else None
    return tuple(int(axis) for axis in match[1].split(",") if axis.strip()) if match else None
