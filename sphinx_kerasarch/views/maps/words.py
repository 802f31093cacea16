"""What is written: the size of a tensor over it, the operation between two of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...layout.text import ellipsize, measure
from ...spec.model import ArchSpec, Layer
from ...spec.parameters import hyper_parameters
from ..layered.legend import class_words
from ..layered.tensors import Node, activation_name, printed_activation
from ..layered.words import number

TITLE, NAME, DETAIL = 9.5, 9.0, 8.7
"""Font sizes in px: over a tensor, name of an operation, its arguments."""
WEIGHT = 500
LONGEST = 88.0
"""px of a line under the figure; longer ones are broken at commas, single words lose their middle."""
MOST_LINES = 4
PITCH = 11.0

NAMES: Mapping[str, str] = {
    "Conv1D": "Convolution",
    "Conv2D": "Convolution",
    "Conv3D": "Convolution",
    "Conv1DTranspose": "Transposed conv",
    "Conv2DTranspose": "Transposed conv",
    "Conv3DTranspose": "Transposed conv",
    "DepthwiseConv1D": "Depthwise conv",
    "DepthwiseConv2D": "Depthwise conv",
    "SeparableConv1D": "Separable conv",
    "SeparableConv2D": "Separable conv",
    "GlobalAveragePooling1D": "Global avg pooling",
    "GlobalAveragePooling2D": "Global avg pooling",
    "GlobalAveragePooling3D": "Global avg pooling",
    "BatchNormalization": "Batch norm",
    "LayerNormalization": "Layer norm",
    "GroupNormalization": "Group norm",
    "MultiHeadAttention": "Attention",
}
SHORT: Mapping[str, str] = {
    "BatchNormalization": "BN",
    "LayerNormalization": "LN",
    "GroupNormalization": "GN",
}
DROPS = re.compile(r"(Alpha|Spatial|Gaussian)?Dropout(\dD)?")
GROUPED = re.compile(r"\d{1,3}(,\d{3})+")
"""Numbers as the cards of a graph have them; here they are printed as over the pictures."""
SILENT = frozenset({"same", "valid"})


@dataclass(frozen=True, slots=True)
class Words:
    """The operation that makes a tensor."""

    name: str = ""
    lines: tuple[str, ...] = ()

    @property
    def width(self) -> float:
        """px of the widest line."""
        return max([measure(self.name, NAME, WEIGHT), *(measure(line, DETAIL) for line in self.lines)])


def title(node: Node) -> str:
    """``20 @ 28×28`` for feature maps, ``128 @ 100`` for sequences, ``2450`` for a vector."""
    if not node.shape:
        return "1"
    *axes, channels = node.shape
    count = number(channels)
    return f"{count} @ {'×'.join(number(v) for v in axes)}" if axes else count


def _arguments(layer: Layer, node: Node) -> list[str]:
    """Hyper-parameters without those that the sizes of the tensors tell."""
    told = {str(layer.config.get(key)) for key in ("filters", "units")} - {"None"}
    found = [text for text in hyper_parameters(layer) if text.replace(",", "") not in SILENT | told]
    if layer.class_name in {"Reshape", "Dense", "Activation"} or layer.role == "act":
        found = []
    return [GROUPED.sub(lambda match: number(int(match[0].replace(",", ""))), text) for text in found]


def _fused(layer: Layer, act: str) -> str:
    """One word for a layer that has no picture of its own."""
    if layer.class_name in SHORT:
        return SHORT[layer.class_name]
    if layer.role == "norm" or layer.class_name == "Normalization":
        return NAMES.get(layer.class_name, class_words(layer.class_name)).lower()
    if layer.role == "act":
        return printed_activation(act)
    if DROPS.fullmatch(layer.class_name):
        return f"dropout {layer.config.get('rate', '')}".strip()
    if layer.class_name.startswith("ZeroPadding"):
        return " ".join(("padding", *hyper_parameters(layer)))
    return class_words(layer.class_name).lower()


def words(spec: ArchSpec, net: Mapping[str, Node]) -> dict[str, Words]:
    """Node → its operation; nothing for inputs."""
    layers = {layer.id: layer for layer in spec.layers}
    owner = {call.id: layers[call.layer] for call in spec.calls}
    called: dict[str, int] = {}
    for use in spec.calls:
        called[use.layer] = called.get(use.layer, 0) + 1
    result = {}
    for i, node in net.items():
        first = owner[i]
        act = "" if first.activation in {None, "linear"} else printed_activation(str(first.activation))
        parts: list[str] = []
        for call in node.calls:
            layer = owner[call]
            if call == i:
                parts += [] if node.kind == "input" else _arguments(layer, node)
                parts += [act] if act and layer.role != "act" else []
            elif not _silent(layer):
                parts.append(_fused(layer, activation_name(layer)))
        if node.kind == "ball":
            parts = [*([node.word] if node.word else []), *(p for p in parts if p != act)]
            if node.sign in {"concatenate", "stack"}:
                parts.insert(0, title(node))
        if called[first.id] > 1 and first.weights:
            parts.append("shared weights")
        if first.role == "act":
            parts = [printed_activation(activation_name(first)), *parts]
        name = "" if node.kind == "input" else _name(first)
        result[i] = Words(ellipsize(name, LONGEST, NAME, WEIGHT), _broken(parts))
    return result


def _silent(layer: Layer) -> bool:
    """Layers that do nothing to the numbers."""
    return layer.class_name in {"Identity", "Masking", "StopGradient", "Cast"} or (
        layer.role == "act" and activation_name(layer) == "linear"
    )


def _name(layer: Layer) -> str:
    if layer.label:
        return layer.label
    if layer.role == "act":
        return "Activation"
    return NAMES.get(layer.class_name, class_words(layer.class_name))


def _broken(parts: list[str]) -> tuple[str, ...]:
    """Lines broken at commas; what needs more than four of them ends in ``…``."""
    lines: list[str] = []
    for part in parts:
        text = ellipsize(" ".join(part.split()), LONGEST, DETAIL)
        if lines and measure(f"{lines[-1]}, {text}", DETAIL) <= LONGEST * 0.8:
            lines[-1] += f", {text}"
        else:
            if lines:
                lines[-1] += ","
            lines.append(text)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], "…"]
    return tuple(lines)


def counted(text: Words, times: int) -> Words:
    """``Convolution ×2``."""
    return Words(f"{text.name} ×{times}", text.lines) if times > 1 else text
