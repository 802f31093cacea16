"""Chips: normalization, activation and dropout drawn on the card of the weighted layer that they follow."""

from __future__ import annotations

from collections.abc import Mapping

from ...figure import Chip
from ...spec import ArchSpec, Edge, Layer

ANCHORS = frozenset({"conv", "dense", "up", "recur", "attn", "embed"})
FOLLOWERS = frozenset({"norm", "act", "reg"})

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

    A follower is fused when it is the only use of what it follows and stands in the same block.
    """
    anchors: dict[str, str] = {}
    calls = {call.id: call for call in spec.calls}
    outputs = {slot.port.call for slot in spec.outputs}
    for call in spec.calls:
        layer = layers[call.layer]
        arriving = into[call.id]
        if layer.role not in FOLLOWERS or len(arriving) != 1:
            continue
        before = arriving[0].source.call
        anchor = anchors.get(before, before)
        if (
            len(out_of[before]) == 1
            and before not in outputs
            and layers[calls[anchor].layer].role in ANCHORS
            and calls[before].block == call.block
        ):
            anchors[call.id] = anchor
    return anchors
