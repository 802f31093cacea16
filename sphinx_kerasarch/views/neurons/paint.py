"""Circles, dots, fans of lines, boxes and words."""

from __future__ import annotations

from ...figure import Circle, Group, Item, Path, Rect, Text
from ...figure.scene import Command
from ...layout.solid import Point
from ...spec.sample import FIRST
from ..layered.paint import ball, label
from ..layered.strokes import arrow, dashed
from . import weights
from .places import (
    BOX_LINE,
    DETAIL,
    LINE,
    RADIUS,
    VALUE,
    WEIGHT,
    Edge,
    Placed,
    circles,
    half_height,
)
from .steps import Step

FAN, FAINT = 0.5, 0.5
"""Width in px and opacity of the lines between circles."""
KNOT = 16.0
"""px from the circles to the point where their lines meet when they go on together."""
DOT, DOTS = 1.15, 4.4
TOUCH = 1.2


def body(placed: Placed, i: str) -> Group:
    """One step with its words."""
    step, x, y = placed.steps[i], placed.x[i], placed.y[i]
    items: list[Item] = []
    if step.kind == "ball":
        items += ball(step.sign, x, y, i)
    elif step.kind == "box":
        items += _box(placed, i)
    else:
        places = circles(step)
        items += [
            Circle(
                round(x, 1),
                round(y + dy, 1),
                RADIUS,
                fill=f"{step.style}.base",
                stroke=f"{step.style}.outline",
                role="neuron",
                ref=i,
            )
            for dy in places
        ]
        if step.dots:
            middle = y + (places[FIRST - 1] + places[FIRST]) / 2
            items += [
                Circle(round(x, 1), round(middle + k * DOTS, 1), DOT, fill="ink", role="dot", ref=i)
                for k in (-1, 0, 1)
            ]
    for k, text in enumerate(placed.texts[i]):
        if text:
            items.append(_text(x, placed.base[i] + LINE * k, text, i, first=k == 0))
    return Group(tuple(items), ref=i, role="call", label=sentence(step))


def sentence(step: Step) -> str:
    """What assistive technology reads out."""
    if step.kind == "box":
        return f"{', '.join(step.inside)}: {', '.join(step.lines)}."
    units = "1 unit" if step.value == "1" else f"{step.value} units"
    times = f", {step.times} layers" if step.times > 1 else ""
    return f"{', '.join(text for text in step.lines if text)}: {units}{times}."


def _text(x: float, y: float, words: str, ref: str, first: bool) -> Text:
    size, weight, fill = (VALUE, WEIGHT, "ink") if first else (DETAIL, 400, "muted")
    return label(x, y, words, size, weight, fill, ref)


def _box(placed: Placed, i: str) -> list[Item]:
    step, x, y = placed.steps[i], placed.x[i], placed.y[i]
    texts = placed.inside[i]
    w, h = placed.half[i], half_height(step)
    items: list[Item] = [
        Rect(
            round(x - w, 1),
            round(y - h, 1),
            round(2 * w, 1),
            round(2 * h, 1),
            radius=5,
            fill="panel",
            stroke="panelline",
            width=0.8,
            role="panel",
            ref=i,
        )
    ]
    start = y - (len(texts) - 1) * BOX_LINE / 2 + 3.3
    items += [_text(x, start + BOX_LINE * k, text, i, first=k != 1) for k, text in enumerate(texts)]
    return items


def weighted(source: Step, target: Step) -> bool:
    """Whether the weight of each line between two columns is known."""
    rows = target.values
    return len(rows) == source.shown and all(len(row) == target.shown for row in rows)


def edge(placed: Placed, source: str, target: str) -> Group:
    """All lines of one edge."""
    ref = f"{source}->{target}"
    a, b = placed.steps[source], placed.steps[target]
    if (source, target) in placed.direct:
        items = _direct(placed, source, target, ref)
    else:
        items = _wired(placed, (source, target), a, b, ref)
    return Group(tuple(items), ref=ref, role="edge")


def _points(placed: Placed, i: str, right: bool) -> list[Point]:
    """Right or left ends of the circles of a column."""
    dx = RADIUS if right else -RADIUS
    return [(placed.x[i] + dx, placed.y[i] + dy) for dy in circles(placed.steps[i])]


def _side(placed: Placed, i: str, right: bool) -> Point:
    """Where a line leaves or reaches a ball or a box."""
    w = placed.half[i]
    return placed.x[i] + (w if right else -w), placed.y[i]


def fan(pairs: list[tuple[Point, Point]], ref: str) -> Path:
    """Thin lines, all in one path."""
    commands: list[Command] = []
    for (ax, ay), (bx, by) in pairs:
        commands += [("M", round(ax, 1), round(ay, 1)), ("L", round(bx, 1), round(by, 1))]
    return Path(tuple(commands), stroke="rule", width=FAN, opacity=FAINT, role="fan", ref=ref)


def _direct(placed: Placed, source: str, target: str, ref: str) -> list[Item]:
    a, b = placed.steps[source], placed.steps[target]
    if a.kind == b.kind == "column":
        starts, ends = _points(placed, source, True), _points(placed, target, False)
        if b.link == "all" and weighted(a, b):
            return list(weights.lines(b.values, starts, ends, ref))
        if b.link == "all":
            return [fan([(s, e) for s in starts for e in ends], ref)]
        if b.link == "each" and len(starts) == len(ends):
            return [fan(list(zip(starts, ends, strict=True)), ref)]
        middle = (placed.x[source] + placed.x[target]) / 2, placed.y[source]
        left, right = (middle[0] - 7, middle[1]), (middle[0] + 7, middle[1])
        lines = fan([*((s, left) for s in starts), *((right, e) for e in ends)], ref)
        return [lines, *arrow([left, right], ref)]
    if "box" in {a.kind, b.kind} and "column" in {a.kind, b.kind}:
        return _corners(placed, source, target, ref)
    if a.kind == "column":
        end = _side(placed, target, False)
        return [fan([(s, end) for s in _points(placed, source, True)], ref)]
    if b.kind == "column":
        start = _side(placed, source, True)
        return [fan([(start, e) for e in _points(placed, target, False)], ref)]
    (x0, y0), (x1, y1) = _side(placed, source, True), _side(placed, target, False)
    return arrow([(x0, y0), (x1 - TOUCH, y1)], ref)


def _corners(placed: Placed, source: str, target: str, ref: str) -> list[Item]:
    """A change between a vector and what is none: dashed lines from end to end."""

    def ends(i: str, right: bool) -> tuple[Point, Point]:
        step = placed.steps[i]
        reach = half_height(step) - (4 if step.kind == "box" else 0)
        side = placed.half[i] if step.kind == "box" else 0.0
        x = placed.x[i] + (side if right else -side)
        return (x, placed.y[i] - reach), (x, placed.y[i] + reach)

    return [dashed(s, e, ref) for s, e in zip(ends(source, True), ends(target, False), strict=True)]


def _wired(placed: Placed, link: Edge, a: Step, b: Step, ref: str) -> list[Item]:
    """Lines that meet, go on together between the columns, and part again."""
    items: list[Item] = []
    corners = list(placed.wires[link])
    if a.kind == "column":
        knot = (min(placed.x[a.id] + RADIUS + KNOT, corners[0][0]), placed.y[a.id])
        items.append(fan([(s, knot) for s in _points(placed, a.id, True)], ref))
        start = knot
    else:
        start = _side(placed, a.id, True)
    if b.kind == "column":
        end = (max(placed.x[b.id] - RADIUS - KNOT, corners[-1][0] + 7), placed.y[b.id])
        items.append(fan([(end, e) for e in _points(placed, b.id, False)], ref))
    else:
        end = _side(placed, b.id, False)
        end = (end[0] - TOUCH, end[1])
    return [*items, *arrow([start, *corners, end], ref)]
