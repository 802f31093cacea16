"""Recurrent layers: the cell's products times the number of steps.

``C`` numbers go in at each step, ``U`` units. Biases and gates are counted with the operations beside the products.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .elements import ACTIVATIONS
from .work import UnknownCost, Use, Work, spread

GATES: Mapping[str, int] = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
"""Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000); Cho et al. (arXiv:1406.1078)."""


def _kind(class_name: str) -> str:
    return class_name.removesuffix("Cell")


def _beside(kind: str, config: Mapping[str, Any], units: int) -> int:
    """Operations of one step beside the products: sums, biases, gate functions, element products."""
    gate = ACTIVATIONS.get(str(config.get("recurrent_activation", "sigmoid")), 1)
    own = ACTIVATIONS.get(str(config.get("activation", "tanh")), 1)
    gates = GATES[kind]
    sums = gates * units * (2 if config.get("use_bias", True) else 1)
    if kind == "LSTM":  # c = f·c + i·g; h = o·tanh(c)
        return sums + units * (3 * gate + 2 * own + 4)
    if kind == "GRU":  # h = z·h + (1 − z)·tanh(x + r·h)
        return sums + units * (2 * gate + own + 5)
    return sums + units * own


def _step(class_name: str, config: Mapping[str, Any], batch: int, features: int) -> tuple[Work, int]:
    """Work of one step of a cell, and how many numbers it hands on."""
    if class_name == "StackedRNNCells":
        total = Work()
        for cell in config.get("cells", ()):
            if not isinstance(cell, Mapping):
                raise UnknownCost("one of its cells is not known")
            work, features = _step(str(cell["class_name"]), cell.get("config", {}), batch, features)
            total += work
        return total, features
    kind = _kind(class_name)
    units = config.get("units")
    if kind not in GATES or not isinstance(units, int):
        raise UnknownCost(f"no formula for the cell {class_name}")
    macs = GATES[kind] * units * (features + units)
    return Work(batch * macs, batch * _beside(kind, config, units)), units


def recurrent(use: Use) -> Work:
    """T · gates · U · (C + U): LSTM 4 gates, GRU 3, SimpleRNN 1."""
    batch, steps, features = use.input[:3]
    return _step(use.class_name, use.config, batch, features)[0].times(steps)


def cell(use: Use) -> Work:
    """A cell called by itself: one step."""
    return _step(use.class_name, use.config, use.input[0], use.input[1])[0]


def any_cell(use: Use) -> Work:
    """``keras.layers.RNN`` around a cell, or around several."""
    inner = use.config.get("cell")
    if not isinstance(inner, Mapping):
        raise UnknownCost(f"no formula for the cell {inner or 'inside'}")
    batch, steps, features = use.input[:3]
    return _step(str(inner["class_name"]), inner.get("config", {}), batch, features)[0].times(steps)


def convolutional(use: Use) -> Work:
    """``ConvLSTM``: T · P · 4 F · K · (C + F) with P places of the state. Shi et al. (arXiv:1506.04214)."""
    rank = int(use.class_name[-2])
    shape = use.input
    batch, steps = shape[:2]
    channels = shape[2] if use.channels_first else shape[-1]
    filters = use.number("filters")
    kernel = use.sizes("kernel_size", rank)
    places = math.prod(_state(use, rank))
    macs = places * 4 * filters * math.prod(kernel) * (channels + filters)
    beside = places * _beside("LSTM", use.config, filters)
    return Work(macs, beside).times(batch * steps)


def _state(use: Use, rank: int) -> tuple[int, ...]:
    """Spatial axes of the state: as those that come out of the convolution of the input."""
    start = 3 if use.channels_first else 2
    spatial = use.input[start : start + rank]
    strides = spread(use.config.get("strides", 1), rank, "strides")
    if use.config.get("padding", "valid") == "same":
        return tuple(-(-axis // stride) for axis, stride in zip(spatial, strides, strict=True))
    kernel = use.sizes("kernel_size", rank)
    dilation = spread(use.config.get("dilation_rate", 1), rank, "dilation_rate")
    return tuple(
        (axis - (size - 1) * rate - 1) // stride + 1
        for axis, size, rate, stride in zip(spatial, kernel, dilation, strides, strict=True)
    )
