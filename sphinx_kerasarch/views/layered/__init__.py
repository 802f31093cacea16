"""Layered view: every tensor a box in 2.5 dimensions, lengths from its shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...errors import DrawError
from ...figure import Group, Item, Scene
from ...options import Option, choice, flag, length
from ...registry import View
from ...spec.model import ArchSpec
from ...spec.query import describe_words
from . import brackets, legend, paint, routes
from .columns import columns
from .folding import Panel, fold
from .lanes import Body, lanes
from .rows import PAD, Flat, Page, balance, cuts, flatten, page
from .sizing import FIT, WRAP_FROM, Size, sizes
from .structure import Structure, build
from .tensors import Net, nodes
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
BLOCK = 4
"""Repeats of so many boxes are folded when the figure does not fit in one row otherwise."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that does not depend on the scale."""

    structure: Structure
    labelled: tuple[Run, ...]
    named: tuple[tuple[str, str, frozenset[str]], ...]
    atoms: tuple[tuple[str, ...], ...]
    branches: bool


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The figure at one scale."""

    flat: Flat
    size: Mapping[str, Size]
    inner: frozenset[str]
    """Blocks with a bracket in their lane."""
    rows: tuple[range, ...]


def _arrange(plan: _Plan, pair: tuple[float, float], tight: bool) -> _Fitted:
    """The figure in one row at a scale."""
    s = plan.structure
    widest, highest = pair
    size = dict(sizes(s.net, widest, highest * (0.72 if plan.branches else 1.0)))
    places = columns(s, size, label_widths(s, plan.labelled), plan.labelled, tight)
    spans = {i: (solid.left, solid.right) for i, solid in places.solids.items()}
    inner = brackets.local(s, plan.named, spans) if plan.named and len(s.chains) > 1 else ()
    body: Body = lanes(s, places, plan.labelled, inner)
    flat = flatten(s, places, body, plan.atoms)
    return _Fitted(flat, size, frozenset(block for _, block, _ in inner), (range(len(flat.atoms)),))


def _first(fits: Callable[[int], bool], count: int) -> int:
    """First of ``count`` scales that fits; ``count`` when none does. Smaller scales need less."""
    if not fits(count - 1):
        return count
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return low


def _fit(plan: _Plan, width: float) -> _Fitted | None:
    """The largest scale that fits, in one row or, failing that, in as few rows as can be."""
    made: dict[tuple[float, float, bool], _Fitted] = {}

    def at(pair: tuple[float, float], tight: bool = False) -> _Fitted:
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


def _uneven(fitted: _Fitted) -> bool:
    """Whether a row is less than half as long as another."""
    spans = [fitted.flat.extents[r[-1]][1] - fitted.flat.extents[r[0]][0] for r in fitted.rows]
    return min(spans) < max(spans) / 2


def draw(spec: ArchSpec, *, width: float = 642.0, legend: bool = True, fold: str = "auto") -> Scene:
    """The layered figure of a model, at most ``width`` px wide.

    Raises :class:`.DrawError` with advice when the model cannot be shown legibly in that width.
    """
    fitted, plan, notes = _choose(spec, width, fold)
    flat, found = fitted.flat, fitted.rows
    outer = [entry for entry in plan.named if entry[1] not in fitted.inner]
    level = brackets.levels(outer)
    per_row = {
        r: 1 + max(level[block] for _, block, ids in outer if ids & nodes_here)
        for r, atoms in enumerate(found)
        for nodes_here in [{i for k in atoms for i in flat.atoms[k]}]
        if any(ids & nodes_here for _, _, ids in outer)
    }
    placed = page(flat, found, per_row)
    return _scene(spec, placed, fitted.size, outer, width if legend else 0.0, notes)


def _choose(spec: ArchSpec, width: float, folding: str) -> tuple[_Fitted, _Plan, tuple[str, ...]]:
    """Unfolded when that fits in one row or nothing repeats, folded otherwise."""
    net = nodes(spec)
    failure: DrawError | None = None
    best: tuple[_Fitted, _Plan, tuple[str, ...]] | None = None
    if folding == "none" or len(net) <= MANY:
        plan = _plan(spec, net, ())
        best, failure = _attempt(plan, width)
        if best and (folding == "none" or len(best[0].rows) == 1):
            return best
    if folding == "auto":
        net, panels, notes = fold(net, spec, 1 if len(net) > MANY else BLOCK)
        if panels or (best is None and failure is None):
            folded, second = _attempt(_plan(spec, net, panels), width)
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
    plan: _Plan, width: float
) -> tuple[tuple[_Fitted, _Plan, tuple[str, ...]] | None, DrawError | None]:
    try:
        fitted = _fit(plan, width)
    except DrawError as error:
        return None, error
    return ((fitted, plan, ()) if fitted else None), None


def _plan(spec: ArchSpec, net: Net, panels: Sequence[Panel]) -> _Plan:
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
    return _Plan(
        structure,
        runs(structure),
        tuple(entry for entry in named if entry[1] not in hidden),
        cuts(structure),
        sum(not node.inputs for node in net.values()) > 1,
    )


def _scene(
    spec: ArchSpec,
    placed: Page,
    size: Mapping[str, Size],
    outer: Sequence[tuple[str, str, frozenset[str]]],
    legend_width: float,
    notes: tuple[str, ...],
) -> Scene:
    s = placed.structure
    under = brackets.below_rows(placed, outer)
    items: list[Item] = [brackets.panel(placed, number) for number in sorted(placed.panels)]
    for i, node in s.net.items():
        for ref, role, parts in routes.incoming(placed, node):
            items.append(Group(tuple(parts), ref=ref, role="edge" if role != "skip" else "skip"))
        items.append(paint.body(placed, node, size[i].form == "bar"))
    for ref, _, parts in routes.arcs(placed):
        items.append(Group(tuple(parts), ref=ref, role="skip"))
    items += [paint.text(line) for line in placed.lines]
    boxes = [brackets.title_box(b) for b in (*placed.brackets, *under)]
    items += [brackets.paint(b) for b in (*placed.brackets, *under)]
    width = max([placed.width, *(b[2] + PAD for b in boxes)])
    low = max([placed.rows[-1].box[3], *(b[3] for b in boxes)])
    entries = legend.entries(s) if legend_width else []
    if entries:
        lines = legend.rows(entries, max(width, min(legend_width, 330.0)) - 2 * PAD)
        need = max(legend.row_width(line) for line in lines) + 2 * PAD
        width = max(width, need)
        top = low + legend.GAP_ABOVE
        items.append(legend.paint(s, lines, width / 2, top))
        low = top + (len(lines) - 1) * legend.PITCH + 7
    return Scene(
        width=round(width, 1),
        height=round(low + PAD, 1),
        items=tuple(items),
        title=spec.name,
        description=describe_words(spec),
        notes=notes,
    )


VIEW = View(
    name="layered",
    title="Layered",
    draw=draw,
    options=(
        Option(
            "width", length, 642.0, "Printed width that the figure must keep to: 85mm, 642px, narrow, wide."
        ),
        Option("legend", flag, True, "Whether a legend is drawn under the figure."),
        Option(
            "fold",
            choice("auto", "none"),
            "auto",
            "Whether repeated blocks of large models are drawn once, with their count.",
            ("auto", "none"),
        ),
    ),
)
