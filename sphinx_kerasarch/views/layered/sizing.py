"""From the lengths of tensors to the lengths of boxes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...layout.solid import KX
from .tensors import Net, Node

FIT: tuple[tuple[float, float], ...] = (
    (44, 132),
    (40, 132),
    (36, 128),
    (32, 124),
    (28, 120),
    (26, 116),
    (24, 112),
    (22, 108),
    (20, 104),
    (18, 98),
    (16, 92),
    (14, 86),
    (12, 80),
    (11, 72),
    (10, 64),
)
"""(widest box, highest box) in px, tried in this order."""

WRAP_FROM = 9
"""In a single column, rows are made rather than going below ``FIT[WRAP_FROM - 1]``."""

BALL = 13.0
MIN_WIDTH, MIN_HEIGHT = 4.0, 7.0


@dataclass(frozen=True, slots=True)
class Size:
    form: str
    """``box``, ``bar``, ``frustum`` or ``ball``."""
    w: float
    h: float
    d: float
    h1: float = 0.0
    """Height and depth of the left end of a frustum."""
    d1: float = 0.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Largest lengths of the figure, and what they become."""

    widest: float
    highest: float
    side: int
    steps: int
    channels: int
    units: int

    def spatial(self, length: int | None) -> float:
        """px of a side of a map. The root halves the area with each pooling: 224 → 7 becomes 5.7 to 1."""
        ratio = (self.side / 2 if length is None else length) / self.side
        return max(MIN_HEIGHT, self.highest * math.sqrt(ratio))

    def thick(self, channels: int | None, least: float) -> float:
        value = self.channels / 2 if channels is None else channels
        scale = min(self.widest / math.sqrt(self.channels), 3.0)
        return min(self.widest, max(least, scale * math.sqrt(value)))

    def tall(self, steps: int | None) -> float:
        return max(
            14.0, 0.8 * self.highest * math.sqrt((self.steps if steps is None else steps) / self.steps)
        )

    def bar(self, units: int | None) -> float:
        ratio = (64 if units is None else units) / max(self.units, 1024)
        return max(MIN_HEIGHT, 0.86 * self.highest * math.pow(ratio, 0.35))


def _largest(values: Iterable[int | None]) -> int:
    return max((v for v in values if v), default=1)


def scale(net: Net, widest: float, highest: float) -> Scale:
    boxes = [node for node in net.values() if node.kind != "ball"]
    return Scale(
        widest,
        highest,
        side=_largest(v for n in net.values() if n.rank >= 3 for v in n.shape[-3:-1]),
        steps=_largest(n.shape[0] for n in net.values() if n.rank == 2),
        channels=_largest(n.shape[-1] for n in boxes if n.rank >= 2),
        units=_largest(n.shape[0] for n in net.values() if n.rank == 1),
    )


def _size(node: Node, sc: Scale) -> Size:
    if node.kind == "ball":
        return Size("ball", BALL, BALL, 0.0)
    shape = node.shape
    if node.rank >= 3:
        w = 10.0 if node.cat == "norm" else sc.thick(shape[-1], MIN_WIDTH)
        if shape[-3] == 1 and shape[-2] == 1:
            return Size("box", w, MIN_HEIGHT + 1, MIN_HEIGHT + 1)
        h, d = sc.spatial(shape[-3]), sc.spatial(shape[-2])
        least = {"attn": 30.0, "cell": 18.0}.get(node.cat, 0.0)
        return Size("box", max(w, least), h, d)
    if node.rank == 2:
        w = 10.0 if node.cat == "norm" else sc.thick(shape[-1], 10.0)
        return Size("box", max(w, 30.0) if node.cat == "attn" else w, sc.tall(shape[0]), 22.0)
    h = sc.bar(shape[0] if shape else 1)
    if node.cat == "attn":
        return Size("box", 30.0, max(h, 30.0), 9.0)
    return Size("bar", 5.0 if node.cat == "reshape" else 9.0, h, 9.0)


def sizes(net: Net, widest: float, highest: float) -> Mapping[str, Size]:
    """Size of every node in px."""
    sc = scale(net, widest, highest)
    result: dict[str, Size] = {}
    for i, node in net.items():
        size = _size(node, sc)
        source = net[node.inputs[0]] if node.inputs else None
        if node.kind in {"pool", "up"} and source is not None and source.rank == node.rank and node.rank >= 3:
            before = _size(source, sc) if source.kind != "ball" else _flat(source, sc)
            w = 7.0 + max(0.0, KX * (size.d - before.d) / 2)
            size = Size("frustum", w, size.h, size.d, before.h, before.d)
        result[i] = size
    return result


def _flat(node: Node, sc: Scale) -> Size:
    """Size of the tensor that leaves a ball."""
    return Size("box", 0.0, sc.spatial(node.shape[-3]), sc.spatial(node.shape[-2]))
