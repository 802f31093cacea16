"""Which figure: folded or not, at which scale, in how many rows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import DrawError
from ...spec.folding import folded
from ...spec.model import ArchSpec
from . import advice, brackets, routes, storeys
from .cells import collapse
from .columns import Columns, columns
from .folding import Panel, fold
from .lanes import Body, lanes
from .parts import as_told, loops
from .patches import with_patches
from .rows import MAX_ACROSS, PAD, TURN, Flat, balance, cuts, flatten
from .siblings import siblings
from .sizing import FIT, WRAP_FROM, Size, sizes
from .structure import Structure, build
from .tensors import Net, nodes
from .untangle import Nudges, untangle
from .words import LabelWidths, Run, label_widths, runs

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
HIGH = 540.0
"""px; many branches above each other are drawn smaller than their width asks for."""
WIDEST, MM = 2000.0, 96 / 25.4
"""px of the widest figure that is worth naming; px per millimetre."""
UNTANGLE = 9
"""Attempts at keeping lines between lanes apart."""
BLOCK = 4
"""Repeats of so many boxes are folded when the figure does not fit in one row otherwise."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that does not depend on the scale."""

    structure: Structure
    labelled: tuple[Run, ...]
    widths: LabelWidths
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


@dataclass(frozen=True, slots=True)
class Choice:
    """The figure that was chosen."""

    net: Net
    parts: tuple[tuple[Fitted, Plan], ...]
    """Storeys from top to bottom."""
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return _rows(self.parts)


def _size(plan: Plan, pair: tuple[float, float], whole: Net | None = None) -> dict[str, Size]:
    """Of the boxes at a scale, which the tensors of ``whole`` set."""
    widest, highest = pair
    return dict(sizes(whole or plan.structure.net, widest, highest * (0.72 if plan.branches else 1.0)))


def _arrange(
    plan: Plan,
    size: dict[str, Size],
    tight: bool = False,
    row_ends: Mapping[str, float] | None = None,
    places: Columns | None = None,
) -> Fitted:
    """The figure in one row at a scale.

    ``row_ends``: node → right end of its row, when skips lead from row to row. ``places``: of the boxes, when known.
    """
    s = plan.structure
    nudges = Nudges()
    places = places or columns(s, size, plan.widths, plan.labelled, tight)
    for attempt in range(UNTANGLE if len(s.chains) > 1 else 1):
        if attempt:
            places = columns(s, size, plan.widths, plan.labelled, tight, nudges.before, nudges.lead)
        spans = {i: (solid.left, solid.right) for i, solid in places.solids.items()}
        inner = brackets.local(s, plan.named, spans) if plan.named and len(s.chains) > 1 else ()
        body: Body = lanes(s, places, plan.labelled, inner, nudges.keep_free, row_ends)
        further = untangle(s, places, body, nudges)
        if further is None:
            break
        nudges = further
    flat = flatten(s, places, body, plan.atoms)
    return Fitted(flat, size, frozenset(block for _, block, _ in inner), (range(len(flat.atoms)),))


def _first(fits: Callable[[int], bool], low: int, count: int) -> int:
    """First of the scales ``low`` … ``count`` − 1 that fits; ``count`` when none does. Smaller scales need less."""
    high = count
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return low


class _Scales:
    """One figure at many scales, each arranged once."""

    def __init__(self, plan: Plan, width: float) -> None:
        self.plan, self.width = plan, width
        self._bare: dict[tuple[float, float, bool], tuple[dict[str, Size], Columns]] = {}
        self._made: dict[tuple[float, float, bool], Fitted] = {}

    def at(self, pair: tuple[float, float], tight: bool = False) -> Fitted:
        key = (*pair, tight)
        if key not in self._made:
            size, places = self._boxes(pair, tight)
            self._made[key] = _arrange(self.plan, size, tight, places=places)
        return self._made[key]

    def _boxes(self, pair: tuple[float, float], tight: bool) -> tuple[dict[str, Size], Columns]:
        key = (*pair, tight)
        if key not in self._bare:
            size = _size(self.plan, pair)
            plan = self.plan
            self._bare[key] = (size, columns(plan.structure, size, plan.widths, plan.labelled, tight))
        return self._bare[key]

    def _least(self, pair: tuple[float, float], tight: bool) -> float:
        """px that the boxes alone need: lines and labels only add to that."""
        return self._boxes(pair, tight)[1].width + 2 * PAD

    def in_one_row(self, pairs: Sequence[tuple[float, float]], tight: bool = False) -> int:
        """First of ``pairs`` that fits in one row; their number when none does.

        What lines and labels add hardly depends on the scale: it is taken from the last scale that was too wide.
        """
        count, more = len(pairs), 0.0

        def fits(k: int) -> bool:
            return self._least(pairs[k], tight) + more <= self.width

        k = _first(fits, 0, count)
        while k < count and self.at(pairs[k], tight).flat.width > self.width:
            more = self.at(pairs[k], tight).flat.width - self._least(pairs[k], tight)
            last = count - 1
            k = min(_first(fits, k + 1, count), last) if k < last else count
        return k


def _fit(plan: Plan, width: float) -> Fitted | None:
    """The largest scale that fits, in one row or, failing that, in as few rows as can be."""
    scales = _Scales(plan, width)
    at = scales.at
    one_row = FIT[:WRAP_FROM] if width < NARROW and len(plan.atoms) > 1 else FIT
    k = scales.in_one_row(one_row)
    if k < len(one_row):
        while k + 1 < len(one_row) and _height(at(one_row[k])) > HIGH:
            k += 1
        return at(one_row[k])
    if width >= NARROW:
        k = scales.in_one_row(TIGHT, True)
        if k < len(TIGHT):
            return at(TIGHT[k], True)

    def rows(k: int) -> list[range]:
        return list(balance(at(WRAP_PAIRS[k]).flat, width) or ())

    for last in WRAP_TRIALS:
        if not (fewest := len(rows(last))):
            continue

        def as_few(k: int, fewest: int = fewest) -> bool:
            return 0 < len(rows(k)) <= fewest

        k = 0 if as_few(0) else _first(as_few, 1, last)  # most need no search
        wrapped = replace(at(WRAP_PAIRS[k]), rows=tuple(rows(k)))
        if width < NARROW and _uneven(wrapped):
            k = scales.in_one_row(FIT)
            return at(FIT[k]) if k < len(FIT) else wrapped
        return wrapped
    return None


def _height(fitted: Fitted) -> float:
    """px from the highest to the lowest of a figure in one row."""
    rects = fitted.flat.body.rects
    return max(rect[3] for rect in rects) - min(rect[1] for rect in rects)


def _uneven(fitted: Fitted) -> bool:
    """Whether a row is less than half as long as another."""
    spans = [fitted.flat.extents[r[-1]][1] - fitted.flat.extents[r[0]][0] for r in fitted.rows]
    return min(spans) < max(spans) / 2


Trial = tuple[Net, Sequence[Panel], tuple[str, ...]]


def choose(spec: ArchSpec, width: float, fold_text: str, stage: str = "all") -> Choice:
    """Unfolded when that fits in one row or nothing repeats, folded otherwise; in storeys when neither fits.

    The same weights called again and again are drawn once in any case.

    ``fold_text``: as for :func:`.folded`. ``stage``: ``first`` without what follows, only the ``rows`` from which
    skips lead on or in which a panel does, only the ``cells`` as boxes, or ``all`` in turn. Raises
    :class:`.DrawError` when nothing fits.
    """
    net = with_patches(nodes(spec), spec)
    told = folded(fold_text)
    if told.how in {"depth", "names"}:
        spec, net, panels, notes = as_told(spec, net, told)
        return _only(spec, (net, panels, notes), width)
    folding = told.how
    again = loops(spec, net) if folding == "auto" and stage in {"first", "all"} else None
    if again and (best := _attempt(spec, again, width)[0]):
        return best
    net, beside, said = siblings(net) if folding == "auto" else (net, (), ())
    tried: list[Trial] = []
    if folding == "none" or len(net) <= MANY:
        tried.append((net, beside, said))
    if folding == "auto":
        shorter = _folded(net, spec, beside, said)
        if shorter[1] != beside or not tried:
            tried.insert(0, shorter)
    failure: DrawError | None = None
    if stage in {"first", "all"}:
        found, failure = _first_of(spec, tried, width, folding)
        if found:
            return found
    if stage in {"rows", "all"} and (found := _in_rows(spec, tried, width)):
        return found
    if stage in {"cells", "all"} and folding == "auto":
        fewer = collapse(net)
        if len(fewer[0]) < len(net):
            found, _ = _attempt(spec, fewer, width)
            if found:
                return found
    raise failure or DrawError(
        f"The layered figure does not fit into {width:.0f} px.", data={"width": round(width)}
    )


def _first_of(
    spec: ArchSpec, tried: Sequence[Trial], width: float, folding: str
) -> tuple[Choice | None, DrawError | None]:
    """Of the folded and the unfolded figure the one in fewer rows, the unfolded one in a single row first; storeys."""
    best: Choice | None = None
    failure: DrawError | None = None
    for trial in reversed(tried):
        found, second = _attempt(spec, trial, width)
        failure = failure or second
        if found and (best is None or found.rows < best.rows):
            best = found
        if best and (folding == "none" or best.rows == 1):
            break
    if best:
        return best, None
    beside = (_in_storeys(spec, trial, width) for trial in tried if len(trial[0]) <= TOO_MANY)
    return next((found for found in beside if found), None), failure


def _in_rows(spec: ArchSpec, tried: Sequence[Trial], width: float) -> Choice | None:
    """In rows from which skips lead on, or in which a panel does."""
    few = [trial for trial in tried if len(trial[0]) <= TOO_MANY]
    for trial in few:
        if found := _across(spec, trial, width):
            return found
    for trial in few:
        if trial[1]:
            found, _ = _attempt(spec, trial, width, inside=True)
            if found := found or _in_storeys(spec, trial, width, inside=True):
                return found
    return None


def too_wide(spec: ArchSpec, width: float, folding: str) -> DrawError:
    """What to say when nothing fits: with the width that would do."""
    net = with_patches(nodes(spec), spec)
    net, beside, said = siblings(net) if folding == "auto" else (net, (), ())
    trial: Trial = _folded(net, spec, beside, said) if folding == "auto" else (net, beside, said)
    return _too_wide(spec, trial, width)


def _only(spec: ArchSpec, trial: Trial, width: float) -> Choice:
    """What is folded as its author wants it: in one row or several, in storeys."""
    found, failure = _attempt(spec, trial, width)
    if found:
        return found
    if len(trial[0]) <= TOO_MANY:
        beside = _in_storeys(spec, trial, width) or _across(spec, trial, width)
        if beside:
            return beside
    raise failure or _too_wide(spec, trial, width)


def _folded(net: Net, spec: ArchSpec, beside: tuple[Panel, ...], said: tuple[str, ...]) -> Trial:
    """Repeats in panels, unless branches that are drawn as one are part of them."""
    shorter, panels, notes = fold(net, spec, 1 if len(net) > MANY else BLOCK)
    taken = {i for panel in panels for i in panel.members}
    if any(i not in shorter or i in taken for panel in beside for i in panel.members):
        return net, beside, said
    return shorter, (*beside, *panels), (*said, *notes)


def _too_wide(spec: ArchSpec, trial: Trial, width: float) -> DrawError:
    """With the width that would do."""
    need = width
    while need < WIDEST and len(trial[0]) <= 3 * MANY:
        need = 1.2 * need
        fitted, _ = _attempt(spec, trial, need)
        if fitted or _in_storeys(spec, trial, need) or _across(spec, trial, need):
            break
    else:
        need = WIDEST
    more = [f"give it {need:.0f} px ({need / MM:.0f} mm)"] if need < WIDEST else []
    return DrawError(
        f"The layered figure does not fit into {width:.0f} px.",
        advice=advice.instead(spec, *more),
        data={"width": round(width), "needed": round(need)},
    )


def _attempt(
    spec: ArchSpec, trial: Trial, width: float, inside: bool = False
) -> tuple[Choice | None, DrawError | None]:
    """``inside``: panels may be parted."""
    net, panels, notes = trial
    try:
        plan = make_plan(spec, net, panels, inside=inside)
        fitted = _fit(plan, width)
    except DrawError as error:
        error.advice = advice.instead(spec)
        return None, error
    return (Choice(net, ((fitted, plan),), notes) if fitted else None), None


def _in_storeys(spec: ArchSpec, trial: Trial, width: float, inside: bool = False) -> Choice | None:
    """Each line of inputs in rows of its own, all at one scale. ``inside``: panels may be parted."""
    net, panels, notes = trial
    parts = storeys.split(net)
    if len(parts) < 2:
        return None
    plans = []
    for part, entries in parts:
        own = [panel for panel in panels if set(panel.members) <= set(part)]
        plans.append(make_plan(spec, part, own, entries, inside))
    if sum(len(plan.structure.panels) for plan in plans) < len(panels):
        return None
    room = width - storeys.MARGIN

    def at(pair: tuple[float, float]) -> tuple[tuple[Fitted, Plan], ...] | None:
        made = []
        for plan in plans:
            fitted = _arrange(plan, _size(plan, pair, net))
            found = balance(fitted.flat, room)
            if not found:
                return None
            made.append((replace(fitted, rows=tuple(found)), plan))
        return tuple(made)

    try:
        trials = (at(WRAP_PAIRS[k]) for k in WRAP_TRIALS)
        first = next((found for found in trials if found), None)
        for pair in WRAP_PAIRS if first else ():
            found = at(pair)
            if found and first and _rows(found) <= _rows(first):
                return Choice(net, found, notes)
    except DrawError:
        return None
    return None


def _across(spec: ArchSpec, trial: Trial, width: float) -> Choice | None:
    """In rows, with skips that lead from row to row on their right."""
    net, panels, notes = trial
    plan = make_plan(spec, net, panels)
    wider = cuts(plan.structure, across=True)
    if len(wider) == len(plan.atoms):
        return None
    plan = replace(plan, atoms=wider)

    @functools.cache
    def flat_of(pair: tuple[float, float]) -> Flat:
        return _arrange(plan, _size(plan, pair)).flat

    try:
        for count in range(1, MAX_ACROSS + 1):
            room = width - routes.TRACK * count - TURN
            trials = (balance(flat_of(WRAP_PAIRS[k]), room) for k in WRAP_TRIALS)
            first = next((found for found in trials if found), None)
            for pair in WRAP_PAIRS if first else ():
                flat = flat_of(pair)
                found = balance(flat, room)
                if not (found and first and len(found) <= len(first)):
                    continue
                ends = {i: flat.extents[r[-1]][1] for r in found for k in r for i in flat.atoms[k]}
                fitted = replace(_arrange(plan, _size(plan, pair), row_ends=ends), rows=tuple(found))
                arcs = [a for found in fitted.flat.body.arcs.values() for a in found if a.part == "out"]
                if len(arcs) <= count:
                    return Choice(net, ((fitted, plan),), notes)
                break
    except DrawError:
        return None
    return None


def _rows(parts: Sequence[tuple[Fitted, Plan]]) -> int:
    return sum(len(fitted.rows) for fitted, _ in parts)


def make_plan(
    spec: ArchSpec,
    net: Net,
    panels: Sequence[Panel],
    entries: frozenset[str] = frozenset(),
    inside: bool = False,
) -> Plan:
    """``entries``: nodes that a line from another storey reaches. ``inside``: panels may be parted."""
    if len(net) > TOO_MANY:
        raise DrawError(
            f"The model has {len(net)} boxes, more than a layered figure can show.",
            advice=advice.instead(spec),
            data={"boxes": len(net)},
        )
    named = brackets.named_blocks(spec, net)
    bracket_of = {i: block for _, block, nodes in named for i in net if i in nodes}
    structure = build(net, panels, entries, bracket_of)
    hidden = brackets.in_panels(structure, named)
    labelled = runs(structure)
    return Plan(
        structure,
        labelled,
        label_widths(structure, labelled),
        tuple(entry for entry in named if entry[1] not in hidden),
        cuts(structure, inside=inside),
        sum(not node.inputs for node in net.values()) > 1,
    )
