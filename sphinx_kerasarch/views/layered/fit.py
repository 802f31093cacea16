"""Which figure: folded or not, at which scale, in how many rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import DrawError
from ...spec.model import ArchSpec
from . import brackets
from .columns import columns
from .folding import Panel, fold
from .lanes import Body, lanes
from .rows import Flat, balance, cuts, flatten
from .sizing import FIT, WRAP_FROM, Size, sizes
from .structure import Structure, build
from .tensors import Net, nodes
from .untangle import Nudges, untangle
from .words import Run, label_widths, runs

MANY = 40
"""Above so many boxes repeats are folded."""
TOO_MANY = 400
NARROW = 400.0
"""px; below this width rows are made before the boxes become small."""
WRAP_PAIRS = FIT[2:]
WRAP_TRIALS = (6, 9, 12)
"""Scales that tell how many rows are needed: (20, 104) and, where a part is wide, smaller ones."""
TIGHT: tuple[tuple[float, float], ...] = (
    (20, 104),
    (18, 98),
    (16, 92),
    (14, 86),
    (12, 80),
    (11, 72),
    (10, 64),
    (9, 56),
)
"""Scales tried with small gaps before a figure is cut into rows."""
UNTANGLE = 5
"""Attempts at keeping lines between lanes apart."""
BLOCK = 4
"""Repeats of so many boxes are folded when the figure does not fit in one row otherwise."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that does not depend on the scale."""

    structure: Structure
    labelled: tuple[Run, ...]
    named: tuple[tuple[str, str, frozenset[str]], ...]
    atoms: tuple[tuple[str, ...], ...]
    branches: bool


@dataclass(frozen=True, slots=True)
class Fitted:
    """The figure at one scale."""

    flat: Flat
    size: Mapping[str, Size]
    inner: frozenset[str]
    """Blocks with a bracket in their lane."""
    rows: tuple[range, ...]


def _arrange(plan: Plan, pair: tuple[float, float], tight: bool) -> Fitted:
    """The figure in one row at a scale."""
    s = plan.structure
    widest, highest = pair
    size = dict(sizes(s.net, widest, highest * (0.72 if plan.branches else 1.0)))
    widths = label_widths(s, plan.labelled)
    nudges: Nudges | None = Nudges()
    for _ in range(UNTANGLE if len(s.chains) > 1 else 1):
        assert nudges is not None
        places = columns(s, size, widths, plan.labelled, tight, nudges.before, nudges.lead)
        spans = {i: (solid.left, solid.right) for i, solid in places.solids.items()}
        inner = brackets.local(s, plan.named, spans) if plan.named and len(s.chains) > 1 else ()
        body: Body = lanes(s, places, plan.labelled, inner, nudges.keep_free)
        nudges = untangle(s, places, body, nudges)
        if nudges is None:
            break
    flat = flatten(s, places, body, plan.atoms)
    return Fitted(flat, size, frozenset(block for _, block, _ in inner), (range(len(flat.atoms)),))


def _first(fits: Callable[[int], bool], count: int) -> int:
    """First of ``count`` scales that fits; ``count`` when none does. Smaller scales need less."""
    if not fits(count - 1):
        return count
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return low


def _fit(plan: Plan, width: float) -> Fitted | None:
    """The largest scale that fits, in one row or, failing that, in as few rows as can be."""
    made: dict[tuple[float, float, bool], Fitted] = {}

    def at(pair: tuple[float, float], tight: bool = False) -> Fitted:
        key = (*pair, tight)
        if key not in made:
            made[key] = _arrange(plan, pair, tight)
        return made[key]

    one_row = FIT[:WRAP_FROM] if width < NARROW and len(plan.atoms) > 1 else FIT
    k = _first(lambda k: at(one_row[k]).flat.width <= width, len(one_row))
    if k < len(one_row):
        return at(one_row[k])
    if width >= NARROW:
        k = _first(lambda k: at(TIGHT[k], True).flat.width <= width, len(TIGHT))
        if k < len(TIGHT):
            return at(TIGHT[k], True)
    trials = (balance(at(WRAP_PAIRS[k]).flat, width) for k in WRAP_TRIALS)
    first = next((found for found in trials if found), None)
    for pair in WRAP_PAIRS if first else ():
        found = balance(at(pair).flat, width)
        if found and first and len(found) <= len(first):
            wrapped = replace(at(pair), rows=tuple(found))
            if width < NARROW and _uneven(wrapped):
                k = _first(lambda k: at(FIT[k]).flat.width <= width, len(FIT))
                return at(FIT[k]) if k < len(FIT) else wrapped
            return wrapped
    return None


def _uneven(fitted: Fitted) -> bool:
    """Whether a row is less than half as long as another."""
    spans = [fitted.flat.extents[r[-1]][1] - fitted.flat.extents[r[0]][0] for r in fitted.rows]
    return min(spans) < max(spans) / 2


def choose(spec: ArchSpec, width: float, folding: str) -> tuple[Fitted, Plan, tuple[str, ...]]:
    """Unfolded when that fits in one row or nothing repeats, folded otherwise."""
    net = nodes(spec)
    failure: DrawError | None = None
    best: tuple[Fitted, Plan, tuple[str, ...]] | None = None
    if folding == "none" or len(net) <= MANY:
        plan = make_plan(spec, net, ())
        best, failure = _attempt(plan, width)
        if best and (folding == "none" or len(best[0].rows) == 1):
            return best
    if folding == "auto":
        net, panels, notes = fold(net, spec, 1 if len(net) > MANY else BLOCK)
        if panels or (best is None and failure is None):
            folded, second = _attempt(make_plan(spec, net, panels), width)
            failure = failure or second
            if folded and (best is None or len(folded[0].rows) < len(best[0].rows)):
                return (*folded[:2], notes)
    if best:
        return best
    raise failure or DrawError(
        f"The layered figure does not fit into {width:.0f} px.",
        advice="Give it more width, draw one of its submodels alone, or take the view 'graph'.",
        data={"width": round(width)},
    )


def _attempt(
    plan: Plan, width: float
) -> tuple[tuple[Fitted, Plan, tuple[str, ...]] | None, DrawError | None]:
    try:
        fitted = _fit(plan, width)
    except DrawError as error:
        return None, error
    return ((fitted, plan, ()) if fitted else None), None


def make_plan(spec: ArchSpec, net: Net, panels: Sequence[Panel]) -> Plan:
    if len(net) > TOO_MANY:
        raise DrawError(
            f"The model has {len(net)} boxes, more than a layered figure can show.",
            advice="Draw one of its submodels alone, or take the view 'graph' or 'summary'.",
            data={"boxes": len(net)},
        )
    if not net:
        raise DrawError("The model has no layers to draw.", advice="Take the view 'summary'.")
    structure = build(net, panels)
    named = brackets.named_blocks(spec, net)
    hidden = brackets.in_panels(structure, named)
    return Plan(
        structure,
        runs(structure),
        tuple(entry for entry in named if entry[1] not in hidden),
        cuts(structure),
        sum(not node.inputs for node in net.values()) > 1,
    )
