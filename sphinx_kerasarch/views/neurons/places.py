"""Columns from left to right, lanes one below the other, lines between lanes in the gutters beside the columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...layout.chains import users
from ...layout.text import ellipsize, measure
from ...spec.sample import FIRST
from .steps import Step, Steps

RADIUS, PITCH, HOLE = 6.0, 17.0, 39.0
"""px: of a circle, from circle to circle, between the two circles around the dots."""
VALUE, DETAIL, WEIGHT = 9.5, 8.7, 500
DROP, LINE = 16.0, 10.5
"""px from the lowest circle to the first baseline, and from line to line."""
BALL = 13.0
FIT: tuple[tuple[float, float], ...] = ((74, 110), (66, 96), (58, 80), (50, 66), (44, 56), (36, 53))
"""(px from layer to layer at least, longest line of words), tried in this order."""
PAD, LANE_GAP, TRACK = 8.0, 16.0, 6.0
GUTTER, NARROW_GUTTER = 10.0, 5.0
NARROW = 50.0
"""px; layers nearer than this have narrow gutters."""
BOX_LINE, BOX_DROP = 11.5, 12.0
INDENT = 12.0
"""px between the words of a box and its border, both sides together."""

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Placed:
    steps: Steps
    x: Mapping[str, float]
    """Centres."""
    y: Mapping[str, float]
    base: Mapping[str, float]
    """First baseline of the words."""
    texts: Mapping[str, tuple[str, ...]]
    """Words under a step, cut to the room that they have; the value first."""
    inside: Mapping[str, tuple[str, ...]]
    half: Mapping[str, float]
    """Half the width of each step without its words."""
    direct: frozenset[Edge]
    """Neighbours in one lane."""
    wires: Mapping[Edge, tuple[tuple[float, float], ...]]
    """Corners of all others, from the axis of one to the axis of the other, without the ends."""
    width: float
    height: float


def half_height(step: Step) -> float:
    if step.kind == "ball":
        return BALL / 2
    if step.kind == "box":
        return (len(step.inside) * BOX_LINE + 14) / 2
    return abs(circles(step)[0]) + RADIUS


def half_width(step: Step, inside: Sequence[str], texts: Sequence[str]) -> float:
    if step.kind == "ball":
        return BALL / 2
    if step.kind == "box":
        wide = [measure(text, VALUE, WEIGHT) + INDENT for text in inside]
        # The words below stand beside no line when the box is as wide as they are.
        return max(52.0, *wide, *(measure(text, DETAIL) for text in texts)) / 2
    return RADIUS


def circles(step: Step) -> tuple[float, ...]:
    """Heights of the circles of a column, counted from its middle."""
    steps = [PITCH] * (step.shown - 1)
    if step.dots:
        steps[FIRST - 1] = HOLE
    total = sum(steps)
    return tuple(sum(steps[:k]) - total / 2 for k in range(step.shown))


def columns(steps: Steps) -> dict[str, int]:
    """Step → column: the longest way to it; ways in stand as far right as they can."""
    feeds = users({i: step.inputs for i, step in steps.items()})
    column: dict[str, int] = {}
    for i, step in steps.items():
        column[i] = 1 + max((column[s] for s in step.inputs), default=-1)
    behind: dict[str, bool] = {}
    for i, step in steps.items():  # whether all that leads to a step has no other use
        behind[i] = all(behind[s] and feeds[s] == (i,) for s in step.inputs)
    for i in reversed(list(steps)):
        if behind[i] and feeds[i]:
            column[i] = min(column[u] for u in feeds[i]) - 1
    return column


@dataclass(slots=True)
class _Strand:
    """What takes a lane from one column to another: steps that follow each other, or a line that passes."""

    first: int
    last: int
    steps: tuple[str, ...]
    edge: Edge | None
    near: tuple[str, ...]
    """Steps beside whose lane it likes to be."""


def _strands(steps: Steps, column: Mapping[str, int]) -> list[_Strand]:
    feeds = users({i: step.inputs for i, step in steps.items()})
    result: list[_Strand] = []
    open_ends: dict[str, _Strand] = {}
    for i, step in steps.items():
        source = step.inputs[0] if len(step.inputs) == 1 else ""
        strand = open_ends.pop(source, None) if source and feeds[source] == (i,) else None
        if strand is not None and column[i] == column[source] + 1:
            strand.steps, strand.last = (*strand.steps, i), column[i]
        else:
            strand = _Strand(column[i], column[i], (i,), None, step.inputs)
            result.append(strand)
        open_ends[i] = strand
    for i, step in steps.items():
        for s in step.inputs:
            if column[i] > column[s] + 1:
                result.append(_Strand(column[s] + 1, column[i] - 1, (), (s, i), (s,)))
    return result


def _lanes(strands: Sequence[_Strand], steps: Steps) -> list[list[int]]:
    """Lanes for strands: those that meet in a column need different ones. Numbers of ``strands``, by lane."""
    place = {i: k for k, strand in enumerate(strands) for i in strand.steps}
    lane_of: dict[int, int] = {}

    def free(lane: int, strand: _Strand) -> bool:
        return all(
            lane_of[k] != lane or strand.last < other.first or other.last < strand.first
            for k, other in enumerate(strands)
            if k in lane_of and other is not strand
        )

    order = sorted(range(len(strands)), key=lambda k: (strands[k].edge is not None, strands[k].first, k))
    for k in order:
        strand = strands[k]
        liked = [lane_of[place[i]] for i in strand.near if place.get(i) in lane_of]
        if strand.edge is not None:
            liked += [lane_of[place[i]] for i in strand.edge[1:] if place.get(i) in lane_of]
        count = 1 + max(lane_of.values(), default=-1)
        choices = [*dict.fromkeys(liked), *range(count), count]
        lane_of[k] = next(lane for lane in choices if free(lane, strand))
    count = 1 + max(lane_of.values(), default=0)
    return [[k for k in lane_of if lane_of[k] == lane] for lane in range(count)]


def _clusters(strands: Sequence[_Strand]) -> list[list[int]]:
    """Strands that share columns, directly or over others: such groups are centred each for itself."""
    order = sorted(range(len(strands)), key=lambda k: strands[k].first)
    result: list[list[int]] = []
    end = -1
    for k in order:
        if result and strands[k].first <= end:
            result[-1].append(k)
        else:
            result.append([k])
        end = max(end, strands[k].last)
    return result


def place(steps: Steps, distance: float, longest: float) -> Placed:
    """The figure when layers stand ``distance`` px apart at least and no line of words is longer than ``longest``."""
    column = columns(steps)
    strands = _strands(steps, column)
    texts = {i: _texts(step, longest) for i, step in steps.items()}
    inside = {
        i: tuple(ellipsize(text, max(longest, 66.0), VALUE, WEIGHT) for text in step.inside)
        for i, step in steps.items()
    }
    y: dict[str, float] = {}
    base: dict[str, float] = {}
    passing: dict[Edge, float] = {}
    for cluster in _clusters(strands):
        _stack([strands[k] for k in cluster], steps, texts, y, base, passing)
    top = min(y[i] - half_height(step) for i, step in steps.items())
    top = min([top, *(v - 4 for v in passing.values())])
    ends = [base[i] + LINE * (len(texts[i]) - 1) + 2 for i in steps if texts[i]]
    low = max([*ends, *(y[i] + half_height(s) for i, s in steps.items()), *(v + 4 for v in passing.values())])
    y = {i: v - top + PAD for i, v in y.items()}
    base = {i: v - top + PAD for i, v in base.items()}
    passing = {e: v - top + PAD for e, v in passing.items()}
    body = {i: half_width(step, inside[i], texts[i]) for i, step in steps.items()}
    half = {i: max([body[i], *_halves(texts[i])]) for i in steps}
    wide = [max(half[i] for i in steps if column[i] == c) for c in range(1 + max(column.values()))]
    thick = [max(body[i] for i in steps if column[i] == c) for c in range(len(wide))]
    edges = [(s, i) for i, step in steps.items() for s in step.inputs]
    direct = frozenset(e for e in edges if abs(y[e[0]] - y[e[1]]) < 0.5 and column[e[1]] == column[e[0]] + 1)
    tracks = _tracks([e for e in edges if e not in direct], column, y, passing)
    gutter = GUTTER if distance >= NARROW else NARROW_GUTTER
    centres = [PAD + wide[0]]
    for c in range(1, len(wide)):
        count = max((t + 1 for (_, at), t in tracks.items() if at == c - 1), default=0)
        gap = wide[c - 1] + wide[c] + (2.8 * gutter + TRACK * (count - 1) if count else 8.0)
        centres.append(centres[-1] + max(distance + thick[c - 1] + thick[c] - 2 * RADIUS, gap))
    x = {i: centres[column[i]] for i in steps}
    wires = {}
    for s, i in (e for e in edges if e not in direct):
        out = centres[column[s]] + wide[column[s]] + gutter + TRACK * tracks[(s, i), column[s]]
        corners = [(out, y[s]), (out, passing.get((s, i), y[i]))]
        if (s, i) in passing:
            last = column[i] - 1
            into = centres[last] + wide[last] + gutter + TRACK * tracks[(s, i), last]
            corners += [(into, passing[s, i]), (into, y[i])]
        wires[s, i] = tuple(corners)
    return Placed(
        steps,
        x,
        y,
        base,
        texts,
        inside,
        body,
        direct,
        wires,
        centres[-1] + wide[-1] + PAD,
        low - top + 2 * PAD,
    )


def _halves(texts: Sequence[str]) -> list[float]:
    return [
        (measure(text, DETAIL) if k else measure(text, VALUE, WEIGHT)) / 2 for k, text in enumerate(texts)
    ]


def _texts(step: Step, longest: float) -> tuple[str, ...]:
    """Value first (empty under a box), then the other lines."""
    if step.kind == "box":
        return ("", *(ellipsize(text, max(longest, 66.0), DETAIL) for text in step.lines))
    first = f"{step.value} ×{step.times}" if step.times > 1 else step.value
    rest = tuple(line for text in step.lines if text for line in _broken(text, longest))
    return (ellipsize(first, longest, VALUE, WEIGHT), *rest) if first or rest else ()


def _broken(text: str, longest: float) -> list[str]:
    """In two lines where one is too long, at a space near the middle."""
    cuts = [k for k, char in enumerate(text) if char == " "]
    if measure(text, DETAIL) <= longest or not cuts:
        return [ellipsize(text, longest, DETAIL)]
    cut = min(cuts, key=lambda k: abs(2 * k - len(text)))
    return [ellipsize(part, longest, DETAIL) for part in (text[:cut], text[cut + 1 :])]


def _stack(
    strands: Sequence[_Strand],
    steps: Steps,
    texts: Mapping[str, Sequence[str]],
    y: dict[str, float],
    base: dict[str, float],
    passing: dict[Edge, float],
) -> None:
    """Lanes of one group below each other, the middle of all at zero."""
    lanes = [[strands[k] for k in lane] for lane in _lanes(strands, steps)]
    axis: list[tuple[float, float]] = []
    at = 0.0
    for lane in lanes:
        here = [i for strand in lane for i in strand.steps]
        half = max((half_height(steps[i]) for i in here), default=4.0)
        lines = max((len(texts[i]) for i in here), default=0)
        axis.append((at + half, at + 2 * half + DROP))
        at += 2 * half + (DROP + LINE * (lines - 1) + 2 if lines else 0.0) + LANE_GAP
    # One lane is centred on its circles, several on their outer ends without the last words.
    shift = sum(a for a, _ in axis) / len(axis)
    for lane, (middle, baseline) in zip(lanes, axis, strict=True):
        for strand in lane:
            for i in strand.steps:
                y[i], base[i] = middle - shift, baseline - shift
                if steps[i].kind == "box":
                    base[i] = y[i] + half_height(steps[i]) + BOX_DROP - LINE
            if strand.edge is not None:
                passing[strand.edge] = middle - shift


def _tracks(
    edges: Sequence[Edge], column: Mapping[str, int], y: Mapping[str, float], passing: Mapping[Edge, float]
) -> dict[tuple[Edge, int], int]:
    """(edge, gutter) → place in the gutter; upright pieces that would touch get different ones, but for those that
    leave one step or reach one step."""
    pieces: list[tuple[int, float, float, Edge, str]] = []
    for s, i in edges:
        middle = passing.get((s, i), y[i])
        gathers = sum(other == i for _, other in edges) > 1
        end = f"to {i}" if gathers and (s, i) not in passing else f"from {s}"
        pieces.append((column[s], min(y[s], middle), max(y[s], middle), (s, i), end))
        if (s, i) in passing:
            pieces.append((column[i] - 1, min(middle, y[i]), max(middle, y[i]), (s, i), "to " + i))
    result: dict[tuple[Edge, int], int] = {}
    taken: list[tuple[int, int, float, float, str]] = []
    for gutter, low, high, edge, end in pieces:
        used = {
            t
            for g, t, a, b, other in taken
            if g == gutter
            and other != end
            and a < high + 3
            and low - 3 < b
            and high - low > 0.5
            and b - a > 0.5
        }
        track = next(t for t in range(len(taken) + 1) if t not in used)
        taken.append((gutter, track, low, high, end))
        result[edge, gutter] = track
    return result
