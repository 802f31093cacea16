"""Chips: normalization, activation and dropout drawn on the card of the weighted layer that they follow.

Padding is told on the card of the convolution or pooling that it was made for.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...figure import Chip
from ...spec import ArchSpec, Edge, Layer

ANCHORS = frozenset({"conv", "dense", "up", "recur", "attn", "embed"})
FOLLOWERS = frozenset({"norm", "act", "reg"})
PADDED = frozenset({"conv", "pool"})

WORDS: Mapping[str, str] = {
    "BatchNormalization": "BN",
    "LayerNormalization": "LN",
    "GroupNormalization": "GN",
    "RMSNormalization": "RMS",
    "UnitNormalization": "unit norm",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "gelu": "GELU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "celu": "CELU",
    "mish": "Mish",
    "softplus": "softplus",
    "selu": "SELU",
    "silu": "SiLU",
    "swish": "SiLU",
    "softmax": "Softmax",
    "sigmoid": "Sigmoid",
    "hard_sigmoid": "hard sigmoid",
    "hard_silu": "hard SiLU",
    "tanh": "tanh",
}
"""Class or activation function → word of a chip; others as they are."""


def word(layer: Layer) -> str:
    """What a chip says of a layer."""
    name = str(layer.activation or layer.class_name) if layer.role == "act" else layer.class_name
    if layer.role == "reg":
        rate = layer.config.get("rate")
        return f"{layer.class_name} {rate}" if isinstance(rate, float | int) else layer.class_name
    return WORDS.get(name, WORDS.get(layer.class_name, name))


def activation_chip(layer: Layer) -> tuple[Chip, ...]:
    """The chip of the activation that a layer applies itself."""
    if layer.role == "act" or not layer.activation or layer.activation == "linear":
        return ()
    if layer.role == "recur" and layer.activation == "tanh":
        return ()  # what every reader expects of a recurrent layer
    return (Chip("act", WORDS.get(layer.activation, layer.activation)),)


def fused(
    spec: ArchSpec,
    layers: Mapping[str, Layer],
    into: Mapping[str, tuple[Edge, ...]],
    out_of: Mapping[str, tuple[Edge, ...]],
) -> dict[str, str]:
    """Call → call of the card that carries it as a chip.

    A follower is fused when it is the only use of what it follows and stands in the same block. A normalization with a
    card of its own carries the activation and dropout behind it.
    """
    anchors: dict[str, str] = {}
    calls = {call.id: call for call in spec.calls}
    outputs = {slot.port.call for slot in spec.outputs}

    def role(call: str) -> str:
        return layers[calls[call].layer].role

    def only(before: str, call: str) -> bool:
        """Whether ``call`` is the only use of ``before``, and its only source, within one block."""
        return (
            len(into[call]) == len(out_of[before]) == 1
            and before not in outputs
            and calls[before].block == calls[call].block
        )

    for call in spec.calls:
        arriving = into[call.id]
        if len(arriving) != 1 or not only(before := arriving[0].source.call, call.id):
            continue
        anchor = anchors.get(before, before)
        following = role(call.id)
        if following in FOLLOWERS and (role(anchor) in ANCHORS or (role(anchor) == "norm" != following)):
            anchors[call.id] = anchor
        elif following in PADDED and is_padding(layers[calls[before].layer]):
            anchors[before] = call.id
    return anchors


def is_padding(layer: Layer) -> bool:
    """Whether a layer only adds zeros around."""
    return layer.class_name.startswith("ZeroPadding")
