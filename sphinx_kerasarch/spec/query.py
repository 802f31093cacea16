"""Pure questions about a spec."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .model import ArchSpec, Call, Edge, Layer, Port, Tensor, Weight
from .parameters import hyper_parameters

__all__ = [
    "Totals",
    "call_of",
    "calls_of",
    "consumers",
    "describe_words",
    "hyper_parameters",
    "layer_of",
    "layer_params",
    "producers",
    "shape_text",
    "tensor_at",
    "totals",
    "weights_bytes",
]

DTYPE_BITS: Mapping[str, int] = {
    "bool": 8,
    "int4": 4,
    "uint4": 4,
    "int8": 8,
    "uint8": 8,
    "float8_e4m3fn": 8,
    "float8_e5m2": 8,
    "int16": 16,
    "uint16": 16,
    "float16": 16,
    "bfloat16": 16,
    "int64": 64,
    "uint64": 64,
    "float64": 64,
    "complex64": 64,
    "complex128": 128,
}
"""All others have 32."""


@dataclass(frozen=True, slots=True)
class Totals:
    params: int
    """Numbers in all weights, each weight once."""
    trainable: int
    non_trainable: int
    bytes: int
    """Memory of the weights."""


def layer_of(spec: ArchSpec) -> dict[str, Layer]:
    """Layer id → layer."""
    return {layer.id: layer for layer in spec.layers}


def call_of(spec: ArchSpec) -> dict[str, Call]:
    """Call id → call."""
    return {call.id: call for call in spec.calls}


def calls_of(spec: ArchSpec) -> dict[str, tuple[Call, ...]]:
    """Layer id → its calls in running order; none for a layer that is not called."""
    found: dict[str, list[Call]] = {layer.id: [] for layer in spec.layers}
    for call in spec.calls:
        found[call.layer].append(call)
    return {layer: tuple(calls) for layer, calls in found.items()}


def producers(spec: ArchSpec) -> dict[str, tuple[Edge, ...]]:
    """Call id → edges that arrive, in the order of the call's inputs; empty for inputs."""
    found: dict[str, list[Edge]] = {call.id: [] for call in spec.calls}
    for edge in spec.edges:
        found[edge.target.call].append(edge)
    return {call: tuple(sorted(edges, key=lambda edge: edge.target.index)) for call, edges in found.items()}


def consumers(spec: ArchSpec) -> dict[str, tuple[Edge, ...]]:
    """Call id → edges that leave, in the order of the spec."""
    found: dict[str, list[Edge]] = {call.id: [] for call in spec.calls}
    for edge in spec.edges:
        found[edge.source.call].append(edge)
    return {call: tuple(edges) for call, edges in found.items()}


def tensor_at(spec: ArchSpec, port: Port) -> Tensor:
    """The tensor that leaves a port."""
    return call_of(spec)[port.call].outputs[port.index]


def weight_size(weight: Weight) -> int:
    return math.prod(weight.shape)


def layer_params(layer: Layer) -> int:
    """Numbers in the weights of one layer, as in ``layer.count_params()``."""
    return sum(weight_size(weight) for weight in {weight.id: weight for weight in layer.weights}.values())


def weights_bytes(weights: Iterable[Weight]) -> int:
    """Memory of weights, each of them counted."""
    bits = sum(weight_size(weight) * DTYPE_BITS.get(weight.dtype, 32) for weight in weights)
    return (bits + 7) // 8


def totals(spec: ArchSpec) -> Totals:
    """Sums over all weights; one that several layers share is counted once."""
    weights: Iterable[Weight] = {
        weight.id: weight for layer in spec.layers for weight in layer.weights
    }.values()
    params = trainable = bits = 0
    for weight in weights:
        size = weight_size(weight)
        params += size
        trainable += size if weight.trainable else 0
        bits += size * DTYPE_BITS.get(weight.dtype, 32)
    return Totals(params, trainable, params - trainable, (bits + 7) // 8)


def shape_text(tensor: Tensor) -> str:
    """``28×28×1``: axes without the batch axis, ``?`` for an unknown one, ``scalar`` when none is left."""
    return "×".join("?" if axis is None else str(axis) for axis in tensor.shape[1:]) or "scalar"


WORDS: Mapping[str, tuple[str, str]] = {
    "conv": ("convolution", "convolutions"),
    "transposed": ("transposed convolution", "transposed convolutions"),
    "up": ("upsampling layer", "upsampling layers"),
    "pool": ("pooling layer", "pooling layers"),
    "norm": ("normalization", "normalizations"),
    "recur": ("recurrent layer", "recurrent layers"),
    "attn": ("attention layer", "attention layers"),
    "embed": ("embedding", "embeddings"),
    "dense": ("dense layer", "dense layers"),
    "merge": ("merge", "merges"),
    "custom": ("other layer", "other layers"),
    "operation": ("other operation", "other operations"),
}
"""Role, and transposed convolutions apart from ``up`` → one, many; in the order of telling.
Activations, dropout, reshaping and inputs are not told."""


LAYER_LIKE = frozenset({"conv", "up", "norm", "attn", "embed"})
"""Roles in which an operation of ``keras.ops`` does what a layer of that role does."""
POOLS = re.compile(r"(Adaptive)?(Average|Max)Pool")
JOINS = frozenset(
    {"Add", "Average", "Concatenate", "Hstack", "Maximum", "Minimum", "Multiply", "Stack", "Subtract", "Vstack"}
)
"""Operations that merge when several tensors arrive."""
UNTOLD = frozenset({"data", "act", "reshape", "reg", "prep"})
"""Roles that :data:`WORDS` has no words for."""


def told_role(layer: Layer, arriving: int) -> str:
    """Key of :data:`WORDS` for a layer whose calls take at most ``arriving`` tensors.

    An operation has a role for its colour; but ``ops.sum`` is no pooling layer and ``x * 2`` merges nothing.
    """
    if ".ops." not in f"{layer.module}." or layer.role in UNTOLD:
        return "transposed" if layer.role == "up" and "Transpose" in layer.class_name else layer.role
    if layer.role in LAYER_LIKE or (layer.role == "pool" and POOLS.fullmatch(layer.class_name)):
        return "transposed" if "Transpose" in layer.class_name else layer.role
    joins = layer.role == "merge" and layer.class_name in JOINS and arriving > 1
    return "merge" if joins else "operation"


TANGLE, WIRES = 8, 400
"""Edges per call, and edges, above both of which no picture of wires can be read. The densest networks have two."""


def is_tangle(spec: ArchSpec) -> bool:
    """Whether more is connected with more than any figure that draws each line can show."""
    if len(spec.edges) <= max(WIRES, TANGLE * len(spec.calls)):
        return False
    return len({(edge.source.call, edge.target.call) for edge in spec.edges}) > max(WIRES, TANGLE * len(spec.calls))


AUTO_NAME = re.compile(r"(functional|sequential|model)(_\d+)?")


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _ends(spec: ArchSpec, word: str, ports: Iterable[tuple[str, Port]]) -> str:
    calls = call_of(spec)
    ends = [(name, shape_text(calls[port.call].outputs[port.index])) for name, port in ports]
    if not ends:
        return ""
    if len(ends) == 1:
        return f"{word} {ends[0][1]}"
    if len(ends) > 4:
        return f"{len(ends)} {word}s"
    return f"{word}s {_listed([f'{name} {shape}' for name, shape in ends])}"


def describe_words(spec: ArchSpec) -> str:
    """One sentence for those who do not see the figure: ``lenet: Keras model with 2 convolutions, …``."""
    arriving: dict[str, int] = {}
    given = producers(spec)
    for call in spec.calls:
        arriving[call.layer] = max(arriving.get(call.layer, 0), len(given[call.id]))
    counts = Counter(told_role(layer, arriving[layer.id]) for layer in spec.layers if layer.id in arriving)
    parts = [
        f"{counts[role]} {one if counts[role] == 1 else many}"
        for role, (one, many) in WORDS.items()
        if counts[role]
    ]
    told = f" with {_listed(parts)}" if parts else ""
    params = totals(spec).params
    ends = [
        _ends(spec, "input", ((slot.name, slot.port) for slot in spec.inputs)),
        _ends(spec, "output", ((slot.name, slot.port) for slot in spec.outputs)),
    ]
    tail = ", ".join(end for end in ends if end)
    # A name that Keras chose tells a reader nothing.
    name = "" if AUTO_NAME.fullmatch(spec.name) else f"{spec.name}: "
    return f"{name}Keras model{told}; {params:,} parameter{'' if params == 1 else 's'}" + (
        f"; {tail}." if tail else "."
    )


def weight_bytes(spec: ArchSpec) -> dict[str, int]:
    """Dtype → bytes of the weights, each weight once, in the order of the spec."""
    bits: dict[str, int] = {}
    for weight in {weight.id: weight for layer in spec.layers for weight in layer.weights}.values():
        bits[weight.dtype] = bits.get(weight.dtype, 0) + weight_size(weight) * DTYPE_BITS.get(
            weight.dtype, 32
        )
    return {dtype: (count + 7) // 8 for dtype, count in bits.items()}
