"""Operations with a constant: what is written under their ball, and the spelled-out activations among them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...spec.model import Call, Layer

SIGNS: Mapping[str, str] = {
    "Add": "add",
    "Subtract": "subtract",
    "Multiply": "multiply",
    "Average": "average",
    "Maximum": "maximum",
    "Minimum": "minimum",
    "Concatenate": "concatenate",
    "Dot": "dot product",
    "Divide": "divide",
    "TrueDivide": "divide",
    "Matmul": "matrix product",
    "Stack": "stack",
}
"""Merging class → word of its ball."""

REVERSED: Mapping[str, str] = {"Subtract": "−", "Divide": "÷", "TrueDivide": "÷"}
"""Classes for which it matters on which side the constant stands."""

SIXTH = 1 / 6


def is_ball(layer: Layer, call: Call, sources: int) -> bool:
    """Whether a call is drawn as a ball: a merge without weights of several tensors, of a tensor with itself, or of a
    tensor with a constant. A product with a constant matrix is a box: it makes new features."""
    if layer.class_name not in SIGNS or layer.weights:
        return False
    if sources > 1 or len(call.inputs) > 1:
        return True
    return layer.role == "merge" and layer.class_name != "Matmul" and bool(operand(layer, call))


def operand(layer: Layer, call: Call) -> str:
    """The constant of an operation as printed: ``127.5``, ``5×5`` for an array, ``1 − x`` when it stands first."""
    if len(call.inputs) > 1:
        return ""
    for place in ("x1", "x2"):
        if place in call.arguments:
            text = _printed(call.arguments[place])
            mark = REVERSED.get(layer.class_name, "") if place == "x1" else ""
            return f"{text} {mark} x" if mark else text
    return ""


def _printed(value: object) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return f"{value:.4g}".replace("-", "−")
    if isinstance(value, str) and (found := re.match(r"array \(([\d, ]*)\)", value)):
        return "×".join(re.findall(r"\d+", found[1])) or "constant"
    return "constant"


def hard_sigmoids(
    calls: Sequence[Call],
    layers: Mapping[str, Layer],
    producers: Mapping[str, Sequence[str]],
    consumers: Mapping[str, Sequence[str]],
) -> dict[str, str]:
    """Calls that together are ``relu6(x + 3) / 6``: call → its part (``shift``, ``clip``, ``scale``)."""
    found: dict[str, str] = {}
    for call in calls:
        if not _constant(layers[call.layer], call, "Add", 3.0):
            continue
        clip = _only(consumers[call.id])
        scale = _only(consumers[clip]) if clip else ""
        by_id = {c.id: c for c in calls if c.id in {clip, scale}}
        if not scale or len(producers[scale]) != 1:
            continue
        relu = layers[by_id[clip].layer]
        six = relu.class_name in {"Relu6"} or (
            relu.class_name == "ReLU" and relu.config.get("max_value") == 6.0
        )
        last, layer = by_id[scale], layers[by_id[scale].layer]
        if six and (_constant(layer, last, "Multiply", SIXTH) or _constant(layer, last, "TrueDivide", 6.0)):
            found |= {call.id: "shift", clip: "clip", scale: "scale"}
    return found


def _only(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else ""


def _constant(layer: Layer, call: Call, class_name: str, value: float) -> bool:
    given = call.arguments.get("x2", call.arguments.get("x1"))
    if layer.class_name != class_name or len(call.inputs) != 1 or isinstance(given, bool):
        return False
    return isinstance(given, int | float) and abs(given - value) < 1e-6
