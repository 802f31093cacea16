"""Rows, where a model has more layers than fit beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...layout.chains import bridges, paths
from .paint import KNOT
from .places import FIT, PAD, RADIUS, Edge, Placed, place
from .steps import Step, Steps

ENTER = 8.0 + KNOT + RADIUS
"""px from the left end of a line to the middle of the first column."""
LEAVE = 10.0
ROW_GAP = 26.0
MOST_ROWS = 6
NARROWER = 16.0
"""px by which rows are tried shorter, to make them even."""


def fitted(found: Steps, width: float, most: int) -> Placed | None:
    """With as few rows as can be, then with as much room between the layers; None for more than ``most`` rows."""
    groups = _groups(found) if most > 1 else [tuple(found)]
    least = most
    if most > 1:
        tight = _split(found, groups, FIT[-1], width)
        if tight is None:
            return None
        least = len(tight)
    for pair in FIT:
        rows = _split(found, groups, pair, width)
        if rows is not None and len(rows) <= least:
            limit = width
            while limit > NARROWER:
                limit -= NARROWER
                shorter = _split(found, groups, pair, limit)
                if shorter is None or len(shorter) > len(rows):
                    break
                rows = shorter
            return _joined(found, rows)
    return None


def _groups(found: Steps) -> list[tuple[str, ...]]:
    """Parts between which a row may end."""
    inputs = {i: step.inputs for i, step in found.items()}
    done: set[str] = set()
    result = []
    for before in bridges(inputs, paths(inputs)[0]).values():
        result.append(tuple(i for i in found if i in before and i not in done))
        done |= before
    return [*result, tuple(i for i in found if i not in done)]


def _part(found: Steps, names: Sequence[str]) -> dict[str, Step]:
    here = set(names)
    return {
        i: replace(step, inputs=tuple(s for s in step.inputs if s in here))
        for i, step in found.items()
        if i in here
    }


def _split(
    found: Steps, groups: Sequence[Sequence[str]], pair: tuple[float, float], width: float
) -> list[Placed] | None:
    """Rows filled one after the other; None when a part alone is too wide or rows are too many."""
    rows: list[Placed] = []
    names: list[str] = []
    last: Placed | None = None
    for k, group in enumerate(groups):
        tried = place(_part(found, [*names, *group]), *pair)
        need = tried.width + (_enter(tried) if rows else 0.0) + (LEAVE if k + 1 < len(groups) else 0.0)
        if need <= width:
            names, last = [*names, *group], tried
            continue
        if last is None or len(rows) + 1 >= MOST_ROWS:
            return None
        rows.append(last)
        names, last = list(group), place(_part(found, group), *pair)
        if last.width + _enter(last) + (LEAVE if k + 1 < len(groups) else 0.0) > width:
            return None
    return [*rows, last] if last else None


def _enter(placed: Placed) -> float:
    """px to the right by which a row makes room for the line that enters it."""
    return max(0.0, PAD + ENTER - min(placed.x.values()))


def _joined(found: Steps, rows: Sequence[Placed]) -> Placed:
    """Rows below each other, with the lines that lead from one to the next."""
    if len(rows) == 1:
        return rows[0]
    merged = replace(rows[0], steps=found)
    right = max(row.width + (_enter(row) if k else 0.0) + LEAVE for k, row in enumerate(rows[:-1]))
    right = max(right, rows[-1].width + _enter(rows[-1]))
    top = rows[0].height
    for row in rows[1:]:
        dx, dy = _enter(row), top - 2 * PAD + ROW_GAP
        level = top - PAD + (ROW_GAP - PAD) / 2
        link = next((s, i) for i in row.steps for s in found[i].inputs if s in merged.x)
        merged = _below(merged, row, dx, dy)
        out = right - PAD - LEAVE / 2
        merged = replace(
            merged,
            wires={**merged.wires, link: _turn(merged, link, out, level)},
            width=right,
            height=row.height + dy,
        )
        top = merged.height
    return merged


def _turn(placed: Placed, link: Edge, right: float, level: float) -> tuple[tuple[float, float], ...]:
    source, target = placed.y[link[0]], placed.y[link[1]]
    return ((right, source), (right, level), (PAD, level), (PAD, target))


def _below(upper: Placed, row: Placed, dx: float, dy: float) -> Placed:
    return replace(
        upper,
        x={**upper.x, **{i: x + dx for i, x in row.x.items()}},
        y={**upper.y, **{i: y + dy for i, y in row.y.items()}},
        base={**upper.base, **{i: y + dy for i, y in row.base.items()}},
        texts={**upper.texts, **row.texts},
        inside={**upper.inside, **row.inside},
        half={**upper.half, **row.half},
        direct=upper.direct | row.direct,
        wires={**upper.wires, **{e: tuple((x + dx, y + dy) for x, y in c) for e, c in row.wires.items()}},
    )
