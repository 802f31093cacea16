"""What the labels say: values, sizes and captions, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ...layout.text import ellipsize, measure
from .structure import Structure
from .tensors import Net, Node

VALUE, DETAIL = 9.5, 8.7
"""Font sizes in px."""
VALUE_WEIGHT = 500
LONGEST = 110.0
"""px of a detail or caption line; longer ones lose their middle."""
THEN = "→"
"""Between the values of glued boxes. A dash would read as a range."""
LONGEST_JOINED = 64.0
"""px of a line of joined values."""
SPACE = "\u00a0"
"""Between groups of digits: the bundled fonts have no thin space."""


def number(value: int | None) -> str:
    """``25 088`` with a space from five digits on, ``?`` for unknown."""
    if value is None:
        return "?"
    return str(value) if abs(value) < 10_000 else f"{value:,}".replace(",", SPACE)


def value_of(node: Node) -> str:
    """First line of a box."""
    if node.value:
        return node.value
    if node.channels:
        return f"{number(node.channels[0])}–{number(node.channels[1])}"
    return number(node.shape[-1]) if node.shape else "1"


def spatial_of(node: Node, steps: str) -> str:
    axes = node.shape[:-1]
    if not axes:
        return ""
    text = "×".join(number(v) for v in axes)
    return f"{text} {steps}" if len(axes) == 1 else text


@dataclass(frozen=True, slots=True)
class Run:
    """Glued boxes that are labelled as one."""

    nodes: tuple[str, ...]
    detail: str
    caption: str

    @property
    def lines(self) -> int:
        return 1 + bool(self.detail) + bool(self.caption)


def runs(structure: Structure) -> tuple[Run, ...]:
    """Labelled runs of the figure; the spatial size is told by the first run that has it."""
    net = structure.net
    tokens = any(node.cat in {"embed", "attn"} for node in net.values())
    steps = "tokens" if tokens else "steps"
    groups: list[list[str]] = []
    head: dict[str, list[str]] = {}
    for i, node in net.items():
        if node.kind == "ball":
            continue
        p = next((s for s in node.inputs if (s, i) in structure.along), "")
        if p in head and structure.glued(net[p], node):
            head[i] = head[p]
            head[p].append(i)
        else:
            head[i] = [i]
            groups.append(head[i])
    seen: set[tuple[int | None, ...]] = set()
    result = []
    for group in groups:
        boxes = [net[i] for i in group if net[i].kind not in {"pool", "up"} or len(group) == 1] or [
            net[group[0]]
        ]
        first = boxes[0]
        axes = first.shape[:-1]
        detail = next((n.word for n in boxes if n.word), "")
        if first.rank >= 2 and axes not in seen:
            if not first.heads:
                detail = spatial_of(first, steps)
                seen.add(axes)
            words = [n.word for n in boxes if n.word and n.word != detail]
            captions = [*words, *(n.caption for n in boxes if n.caption)]
        else:
            captions = [n.caption for n in boxes if n.caption]
        caption = ellipsize(", ".join(dict.fromkeys(captions)), LONGEST, DETAIL, 400)
        result.append(Run(tuple(group), ellipsize(detail, LONGEST, DETAIL, 400), caption))
    return tuple(result)


def label_width(node: Node) -> float:
    """Width in px that the node's own words need."""
    widths = [measure(value_of(node), VALUE, VALUE_WEIGHT)]
    widths += [min(measure(text, DETAIL), LONGEST) for text in (node.word, node.caption) if text]
    return max(widths) if node.kind != "ball" else 0.0


@dataclass(frozen=True, slots=True)
class LabelWidths:
    """Widths in px of what is written under the boxes; the same at every scale."""

    node: Mapping[str, float]
    """Of the label under each node; the lines of a run count for its only box."""
    run: Mapping[str, tuple[float, float]]
    """First node of a run → width of its values, and of its widest line."""


def label_widths(structure: Structure, labelled: Sequence[Run]) -> LabelWidths:
    result = {i: label_width(node) for i, node in structure.net.items()}
    for run in labelled:
        if len(run.nodes) == 1 and structure.net[run.nodes[0]].rank <= 2:
            texts = [text for text in (run.detail, run.caption) if text]
            result[run.nodes[0]] = max(result[run.nodes[0]], *(measure(t, DETAIL) for t in texts), 0.0)
    return LabelWidths(result, {run.nodes[0]: _run_widths(run, structure.net) for run in labelled})


def joined(nodes: Sequence[Node]) -> tuple[str, ...]:
    """Values of glued boxes that find no room each under its own: in the order of the boxes, ``64→256``.

    Equal neighbours are told once. Long ones go on in further lines; of those that would need more than three, the
    first and the last are told, and of folded copies that differ the least and the largest, ``64–256``.
    """
    values = [value for value, _ in groupby(value_of(node) for node in nodes)]
    if any(node.channels for node in nodes):
        ends = [c for node in nodes for c in (node.channels or node.shape[-1:]) if c is not None]
        least, most = (number(min(ends)), number(max(ends))) if ends else (values[0], values[-1])
        return (least if least == most else f"{least}–{most}",)
    lines = [values[0]]
    for value in values[1:]:
        longer = f"{lines[-1]}{THEN}{value}"
        if measure(longer, VALUE, VALUE_WEIGHT) <= LONGEST_JOINED:
            lines[-1] = longer
        else:
            lines.append(f"{THEN}{value}")
    return tuple(lines) if len(lines) <= 3 else (f"{values[0]}{THEN}…{THEN}{values[-1]}",)


def _run_widths(run: Run, net: Net) -> tuple[float, float]:
    named = [net[i] for i in run.nodes if net[i].kind not in {"pool", "up"}] or [net[run.nodes[0]]]
    values = max(measure(line, VALUE, VALUE_WEIGHT) for line in joined(named))
    return values, max([values, *(measure(text, DETAIL) for text in (run.detail, run.caption) if text)])
