"""Signs of merge circles and letters of arrows."""

from __future__ import annotations

from collections.abc import Mapping

from ...spec import Edge, Layer

SIGNS: Mapping[str, str] = {
    "Add": "+",
    "Subtract": "−",
    "Multiply": "×",
    "Concatenate": "‖",
    "Concat": "‖",
    "Average": "avg",
    "Maximum": "max",
    "Minimum": "min",
    "Dot": "·",
    "Matmul": "·",
    "Divide": "÷",
    "TrueDivide": "÷",
}
"""Class of a layer or operation with several inputs → sign in its circle."""

LETTERS: Mapping[str, tuple[str, ...]] = {
    "query": ("q",),
    "value": ("v",),
    "key": ("k",),
    "initial_state": ("h", "c"),
    "mask": ("mask",),
    "attention_mask": ("mask",),
}


def sign(layer: Layer, arriving: int) -> str:
    """Sign of a merge, empty when the call is drawn as a card."""
    return SIGNS.get(layer.class_name, "") if arriving > 1 else ""


def letters(layer: Layer, arriving: tuple[Edge, ...]) -> tuple[str, ...]:
    """Letter of each arriving edge, empty where the input needs no name."""
    if len(arriving) < 2:
        return ("",) * len(arriving)
    seen: dict[str, int] = {}
    found = []
    # Without a key of its own, attention takes the value as key.
    alone = layer.role == "attn" and len(arriving) == 2 and all(e.argument != "key" for e in arriving)
    for edge in arriving:
        argument = edge.argument
        if not argument and layer.role == "attn":
            argument = ("query", "value", "key")[edge.target.index] if edge.target.index < 3 else ""
        if alone and argument == "value":
            found.append("k, v")
            continue
        names = LETTERS.get(argument, (argument,) if argument else ("",))
        number = seen.get(argument, 0)
        seen[argument] = number + 1
        found.append(names[min(number, len(names) - 1)])
    return tuple(found)
