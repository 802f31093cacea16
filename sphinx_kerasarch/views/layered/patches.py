"""Patch embeddings: a convolution whose kernel is its stride, and the reshape that makes a sequence of its map."""

from __future__ import annotations

import math
from dataclasses import replace

from ...spec.model import ArchSpec, Layer
from .tensors import Net, Node

CLASS = "PatchEmbedding"


def with_patches(net: Net, spec: ArchSpec) -> Net:
    """Net with each such pair as one embedding: what the two are for, and one box less."""
    layers = {layer.id: layer for layer in spec.layers}
    owner = {call.id: layers[call.layer] for call in spec.calls}
    uses: dict[str, int] = {}
    for node in net.values():
        for s in node.inputs:
            uses[s] = uses.get(s, 0) + 1
    gone: dict[str, Node] = {}
    result: dict[str, Node] = {}
    for i, node in net.items():
        source = net[node.inputs[0]] if len(node.inputs) == 1 else None
        if source and uses[source.id] == 1 and _is_pair(source, node, owner[source.id]):
            gone[source.id] = source
            size = "×".join(map(str, owner[source.id].config["kernel_size"]))
            result[i] = replace(
                node,
                cat="embed",
                class_name=CLASS,
                inputs=source.inputs,
                calls=(*source.calls, *node.calls),
                caption=f"patches {size}",
            )
        else:
            result[i] = node
    return {i: node for i, node in result.items() if i not in gone}


def _is_pair(source: Node, node: Node, layer: Layer) -> bool:
    kernel, strides = layer.config.get("kernel_size"), layer.config.get("strides")
    if (
        source.cat != "conv"
        or source.act
        or source.output
        or not kernel
        or list(kernel) != list(strides or ())
    ):
        return False
    *axes, channels = source.shape
    if node.class_name != "Reshape" or node.output or node.rank != 2 or len(kernel) < 2 or max(kernel) < 2:
        return False
    count = math.prod(a for a in axes if a) if None not in axes else None
    return node.shape[1] == channels and node.shape[0] == count
