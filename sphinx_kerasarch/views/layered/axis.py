"""Which input a node stands in line with, and where the line begins."""

from __future__ import annotations

from collections.abc import Mapping

from .tensors import Net, Node

LED_BY_FIRST = frozenset({"attn", "recur"})
"""Categories whose first input is what they work on; the others tell them how."""


def depths(net: Net) -> dict[str, int]:
    """Node → boxes on the longest way from an input to it."""
    depth: dict[str, int] = {}
    for i, node in net.items():
        depth[i] = 1 + max((depth[s] for s in node.inputs), default=0)
    return depth


def main_input(node: Node, depth: Mapping[str, int]) -> str:
    """The input on whose axis a node stands: the longest way, but for attention and recurrent layers the query or
    the sequence, which keys, values and states join from the side. Empty for inputs."""
    if not node.inputs:
        return ""
    return node.inputs[0] if node.cat in LED_BY_FIRST else max(node.inputs, key=lambda s: depth[s])


def roots(net: Net) -> dict[str, str]:
    """Node → the input (or other start) that its main inputs lead back to."""
    depth = depths(net)
    root: dict[str, str] = {}
    for i, node in net.items():
        main = main_input(node, depth)
        root[i] = root[main] if main else i
    return root


def side_inputs(net: Net) -> dict[str, tuple[str, ...]]:
    """Node → what it takes from the line of another input as keys, values or states: the memory of a decoder."""
    root = roots(net)
    found = {}
    for i, node in net.items():
        if node.cat in LED_BY_FIRST:
            sides = tuple(s for s in node.inputs[1:] if root[s] != root[i])
            if sides:
                found[i] = sides
    return found
