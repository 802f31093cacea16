"""Legend: exactly what is drawn, in the order of first appearance."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...figure import Group, Item, Text
from ...layout.solid import Solid, box, frustum
from ...layout.text import measure
from .paint import ball, grid, slices
from .routes import projection
from .strokes import arrow
from .structure import Structure

SIZE = 9.0
SPACE, PITCH = 13.0, 16.0
GAP_ABOVE = 16.0

NAMES: Mapping[str, str] = {
    "conv": "Convolution",
    "pool": "Pooling",
    "up": "Upsampling",
    "dense": "Dense",
    "recur": "Recurrent",
    "attn": "Attention",
    "norm": "Normalization",
    "embed": "Embedding",
    "reshape": "Reshape",
    "reg": "Regularization",
    "prep": "Preprocessing",
    "custom": "Other layer",
    "cell": "Cell (branches merged)",
    "merge": "Merge",
    "act": "Activation",
    "data": "Input",
}

_WORDS = {
    "MaxPooling": "Max pooling",
    "AveragePooling": "Average pooling",
    "GlobalMaxPooling": "Global max pooling",
    "GlobalAveragePooling": "Global average pooling",
    "UpSampling": "Upsampling",
    "MultiHeadAttention": "Multi-head attention",
    "LSTM": "LSTM",
    "GRU": "GRU",
    "SimpleRNN": "RNN",
    "Bidirectional": "Recurrent",
    "ConvLSTM": "Convolutional LSTM",
}

_OTHERS = frozenset({"reshape", "reg", "prep", "custom", "merge", "act"})
"""Categories in one colour: one entry for all of them."""

Entry = tuple[str, str]
BALLS = ("ball ", "acting ")
"""Beginnings of the keys of merge balls, without and with an activation."""
"""(what to draw, words)."""


def class_words(name: str) -> str:
    """``Conv2DTranspose`` → ``Transposed conv``, ``MaxPooling2D`` → ``Max pooling``."""
    if re.fullmatch(r"Conv\dDTranspose", name):
        return "Transposed conv"
    name = re.sub(r"\dD$", "", name)
    return _WORDS.get(name, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize())


def entries(structure: Structure, arrows: bool = False) -> list[Entry]:
    """What the legend tells; empty when there is nothing that needs telling.

    ``arrows``: pooling and upsampling are drawn as arrows.
    """
    net = structure.net
    classes: dict[str, dict[str, None]] = {}
    acts: dict[str, None] = {}
    signs: dict[tuple[str, bool], list[str]] = {}
    for node in net.values():
        if node.kind == "ball":
            signs.setdefault((node.sign, bool(node.act)), []).append(node.act)
        elif node.kind != "input":
            group = "other" if node.cat in _OTHERS else node.cat
            classes.setdefault(group, {})[node.class_name] = None
        if node.act and node.kind != "ball":
            acts[node.act] = None
    result = [(cat, _category(cat, list(names))) for cat, names in classes.items()]
    if acts:
        shown = list(acts)
        result.append(("band", " / ".join(shown) if len(shown) <= 3 else "Activation"))
    if any(node.depthwise and node.volume for node in net.values()):
        result.append(("slices", "depthwise"))
    if structure.skips or structure.skip_wires:
        result.append(("skip", "skip connection"))
    projected = {node.projected for i, node in net.items() if any(t == i for _, t in structure.skips)} - {()}
    if projected:
        blocks = "the first block" if projected == {(1,)} else "some blocks"
        result.append(("projection", f"with convolution in {blocks}"))
    for (word, acting), names in signs.items():
        shown = list(dict.fromkeys(names))
        text = f"{word}, {' / '.join(shown) if len(shown) <= 3 else 'activation'}" if acting else word
        result.append((f"{'acting' if acting else 'ball'} {word}", text))
    return result if len(classes) > 2 or acts or signs or arrows else []


def _category(cat: str, names: list[str]) -> str:
    words = list(dict.fromkeys(class_words(name) for name in names))
    if cat == "other":
        return " / ".join(words) if len(words) <= 2 else "Other layers"
    if cat == "cell":
        return NAMES[cat] if names == ["Cell"] else "Block (layers inside)"
    if cat in {"pool", "recur", "norm", "attn", "embed", "up"} and len(words) == 1:
        return words[0]
    if cat == "up" and any("Transposed" in word for word in words):
        return "Transposed conv, upsampling"
    return NAMES.get(cat, words[0])


def _style(structure: Structure, key: str) -> str:
    """Category token of a swatch."""
    for node in structure.net.values():
        if key == "other" and node.cat in _OTHERS and node.kind != "ball":
            return node.cat
        if key == "band" and node.act and node.kind != "ball":
            return node.cat
    return {"cell": "custom", "slices": "conv"}.get(key, key)


def _swatch(structure: Structure, entry: Entry, x: float, y: float, arrows: bool) -> list[Item]:
    key = entry[0]
    if arrows and key in {"pool", "up"}:
        ends = [(x + 5, y - 6), (x + 5, y + 6)]
        return arrow(
            ends if key == "pool" else ends[::-1], "", style=f"{key}.front", width=2.0, role="legend"
        )
    if key == "skip":
        return arrow([(x, y), (x + 13, y)], "", style="skip", width=1.2, role="legend")
    if key == "projection":
        shaft = arrow([(x, y), (x + 20, y)], "", style="skip", width=1.2, role="legend")
        return [*shaft, *projection(x + 7.5, y, "")]
    if key.startswith(BALLS):
        return ball(key.partition(" ")[2], x + 6, y, "", acts=key.startswith("acting "))
    style = _style(structure, key)
    kinds = {node.kind for node in structure.net.values() if node.cat == key and node.volume}
    if "pool" in kinds:
        return list(frustum(Solid(x + 2, 4, 6, 6, 11, 11), y, style))
    if "up" in kinds:
        return list(frustum(Solid(x + 2, 5, 11, 11, 6, 6), y, style))
    swatch = Solid(x + 1.5, 6.5, 8, 8)
    items: list[Item] = list(box(swatch, y, style, band=2.5 if key == "band" else 0.0))
    if key == "slices":
        items += slices(swatch, y, style, "")
    return [*items, *grid(swatch, y, style, "")] if key == "up" else items


def _width(entry: Entry) -> float:
    return _indent(entry) + measure(entry[1], SIZE)


def _indent(entry: Entry) -> float:
    if entry[0] == "projection":
        return 24.0
    return 17.0 if entry[0] == "skip" or entry[0].startswith(BALLS) else 14.0


def row_width(row: list[Entry]) -> float:
    return sum(_width(entry) for entry in row) + SPACE * (len(row) - 1)


def rows(items: list[Entry], width: float) -> list[list[Entry]]:
    """Split into as few rows as fit, as even as possible."""
    if not items:
        return []
    best: list[tuple[int, float, int] | None] = [(0, 0.0, 0)] + [None] * len(items)
    for b in range(1, len(items) + 1):
        for a in range(b - 1, -1, -1):
            head, wide = best[a], row_width(items[a:b])
            if head is None or (wide > width and b - a > 1):
                continue
            key = (head[0] + 1, head[1] + (width - wide) ** 2, a)
            current = best[b]
            if current is None or key[:2] < current[:2]:
                best[b] = key
    result: list[list[Entry]] = []
    b = len(items)
    while b:
        step = best[b]
        assert step is not None
        result.append(items[step[2] : b])
        b = step[2]
    return result[::-1]


def paint(
    structure: Structure, lines: list[list[Entry]], centre: float, top: float, arrows: bool = False
) -> Group:
    """Rows centred on ``centre``, the first at ``top``."""
    items: list[Item] = []
    for k, row in enumerate(lines):
        y = top + k * PITCH
        x = centre - row_width(row) / 2
        for entry in row:
            items += _swatch(structure, entry, x, y, arrows)
            items.append(
                Text(
                    round(x + _indent(entry), 1),
                    round(y + 3.1, 1),
                    entry[1],
                    SIZE,
                    length=round(measure(entry[1], SIZE), 2),
                    role="legend",
                )
            )
            x += _width(entry) + SPACE
    return Group(tuple(items), role="legend", label="Legend.")
