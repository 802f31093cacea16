"""Verticals that would coincide, run through a box or through a label: found, and what moves them apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .columns import Columns
from .lanes import Body
from .sizing import BALL
from .structure import Structure

APART = 6.0
"""px between the verticals of lines that have no end in common."""
CLEAR = 4.0
"""px between a vertical and a box that it passes."""


@dataclass(frozen=True, slots=True)
class Vertical:
    x: float
    y0: float
    y1: float
    node: str
    """Where the lines part (source) or meet (target)."""
    meets: bool
    ends: frozenset[str]
    """Sources and targets of its lines."""
    chains: frozenset[int]
    """Of its ends."""


@dataclass(frozen=True, slots=True)
class Nudges:
    """What the next attempt does differently."""

    lead: Mapping[str, float] = field(default_factory=dict)
    """Source → px by which the vertical where its output parts stands farther away."""
    before: Mapping[str, float] = field(default_factory=dict)
    """Node → px added before it."""
    keep_free: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    """Chain → x of verticals of others that its labels must keep clear of."""


def verticals(structure: Structure, columns: Columns, body: Body) -> Iterator[Vertical]:
    """The upright parts of all lines between lanes."""
    s, chain_of = structure, structure.chain_of
    parts: dict[tuple[str, bool], list[tuple[float, str]]] = {}
    for edge in sorted(s.forks):
        parts.setdefault((edge[0], False), []).append((body.axes[chain_of[edge[1]]], edge[1]))
    for edge in sorted(s.wires):
        parts.setdefault((edge[0], False), []).append((body.wires[edge], edge[1]))
        parts.setdefault((edge[1], True), []).append((body.wires[edge], edge[0]))
    for edge in sorted(s.joins):
        parts.setdefault((edge[1], True), []).append((body.axes[chain_of[edge[0]]], edge[0]))
    for (node, meets), found in parts.items():
        axis = body.axes[chain_of[node]]
        solid = columns.solids[node]
        x = columns.gather.get(node, solid.x + BALL / 2) if meets else columns.bus[node]
        ys = [axis, *(y for y, _ in found)]
        others = {other for _, other in found}
        yield Vertical(
            x,
            min(ys),
            max(ys),
            node,
            meets,
            frozenset({node, *others}),
            frozenset(chain_of[i] for i in {node, *others}),
        )


def untangle(structure: Structure, columns: Columns, body: Body, before: Nudges) -> Nudges | None:
    """Nudges for another attempt; None when nothing is in the way of anything."""
    lines = sorted(verticals(structure, columns, body), key=lambda v: (v.x, v.node))
    lead, gaps = dict(before.lead), dict(before.before)
    keep = {k: set(xs) for k, xs in before.keep_free.items()}
    found = False
    moved: set[str] = set()
    for k, first in enumerate(lines):
        for second in lines[k + 1 :]:
            if second.x - first.x >= APART - 0.05:
                break
            if first.node == second.node or second.node in moved or not _beside(first, second):
                continue
            found = True
            moved.add(second.node)
            lack = APART - (second.x - first.x)
            table = gaps if second.meets else lead
            table[second.node] = table.get(second.node, 0.0) + lack
    for line in lines:
        for i, solid in columns.solids.items():
            axis = body.axes[structure.chain_of[i]]
            if i in line.ends or not solid.left - 1 < line.x < solid.right + 1:
                continue
            if line.y0 < axis + solid.bottom and line.y1 > axis + solid.top and i not in moved:
                found = True
                moved.add(i)
                gaps[i] = gaps.get(i, 0.0) + line.x + CLEAR - solid.left
        for k, labels in body.lines.items():
            for label in labels:
                x0, y0, x1, y1 = label.rect
                axis = body.axes[k]
                inside = line.y0 < axis + y1 and line.y1 > axis + y0
                if inside and x0 - 1 < line.x < x1 + 1 and round(line.x, 1) not in keep.get(k, set()):
                    found = True
                    keep.setdefault(k, set()).add(round(line.x, 1))
    if not found:
        return None
    return Nudges(lead, gaps, {k: tuple(sorted(xs)) for k, xs in keep.items()})


def _beside(first: Vertical, second: Vertical) -> bool:
    """Whether two verticals run side by side and belong to different sources (or targets)."""
    if first.y1 <= second.y0 + 0.5 or second.y1 <= first.y0 + 0.5:
        return False
    # Where one line goes from the one into the other, both are parts of it.
    return not (first.meets != second.meets and first.node in second.ends and second.node in first.ends)
