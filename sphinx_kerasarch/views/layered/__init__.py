"""Layered view: every tensor a box in 2.5 dimensions, lengths from its shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
from .tensors import nodes
from .words import Run, label_widths, runs

MANY = 40
"""Above so many boxes repeats are folded."""
TOO_MANY = 400
NARROW = 400.0
"""px; below this width rows are made before the boxes become small."""
WRAP_PAIRS = FIT[2:]


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that does not depend on the scale."""

    structure: Structure
    labelled: tuple[Run, ...]
    named: tuple[tuple[str, str, frozenset[str]], ...]
    atoms: tuple[tuple[str, ...], ...]
    branches: bool


def _arrange(plan: _Plan, pair: tuple[float, float]) -> tuple[Flat, dict[str, Size], set[str]]:
    """The figure in one row at a scale, sizes, and the blocks with a bracket in their lane."""
    s = plan.structure
    widest, highest = pair
    size = dict(sizes(s.net, widest, highest * (0.72 if plan.branches else 1.0)))
    places = columns(s, size, label_widths(s, plan.labelled))
    spans = {i: (solid.left, solid.right) for i, solid in places.solids.items()}
    inner = brackets.local(s, plan.named, spans) if plan.named and len(s.chains) > 1 else ()
    body: Body = lanes(s, places, plan.labelled, inner)
    return flatten(s, places, body, plan.atoms), size, {block for _, block, _ in inner}


def _fit(plan: _Plan, width: float) -> tuple[Flat, dict[str, Size], set[str], list[range]]:
    """The largest scale that fits, in one row or, failing that, in as few rows as can be."""
    one_row = FIT[:WRAP_FROM] if width < NARROW and len(plan.atoms) > 1 else FIT
    for pair in one_row:
        flat, size, inner = _arrange(plan, pair)
        if flat.width <= width:
            return flat, size, inner, [range(len(flat.atoms))]
    made = []
    for pair in WRAP_PAIRS:
        flat, size, inner = _arrange(plan, pair)
        found = balance(flat, width)
        if found:
            made.append((len(found), flat, size, inner, found))
            if pair[0] <= FIT[WRAP_FROM - 1][0]:
                break
    if not made:
        raise DrawError(
            f"The layered figure needs {flat.width:.0f} px and has {width:.0f} px.",
            advice="Give it more width, draw one of its submodels alone, or take the view 'graph'.",
            data={"needed": round(flat.width), "width": round(width)},
        )
    fewest = min(rows for rows, *_ in made)
    _, flat, size, inner, found = next(entry for entry in made if entry[0] == fewest)
    return flat, size, inner, found


def draw(
    spec: ArchSpec, *, width: float = 642.0, legend: bool = True, fold: str = "auto"
) -> Scene:
    """The layered figure of a model, at most ``width`` px wide.

    Raises :class:`.DrawError` with advice when the model cannot be shown legibly in that width.
    """
    plan, notes = _plan(spec, fold)
    flat, size, inner, found = _fit(plan, width)
    outer = [entry for entry in plan.named if entry[1] not in inner]
    level = brackets.levels(outer)
    per_row = {
        r: 1 + max(level[block] for _, block, ids in outer if ids & nodes_here)
        for r, atoms in enumerate(found)
        for nodes_here in [{i for k in atoms for i in flat.atoms[k]}]
        if any(ids & nodes_here for _, _, ids in outer)
    }
    placed = page(flat, found, per_row)
    return _scene(spec, placed, size, outer, width if legend else 0.0, notes)


def _plan(spec: ArchSpec, folding: str) -> tuple[_Plan, tuple[str, ...]]:
    net = nodes(spec)
    panels: tuple[Panel, ...] = ()
    notes: tuple[str, ...] = ()
    if folding == "auto" and len(net) > MANY:
        net, panels, notes = fold(net, spec)
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
    plan = _Plan(
        structure,
        runs(structure),
        tuple(entry for entry in named if entry[1] not in hidden),
        cuts(structure),
        sum(not node.inputs for node in net.values()) > 1,
    )
    return plan, notes


def _scene(
    spec: ArchSpec,
    placed: Page,
    size: dict[str, Size],
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
        Option("width", length, 642.0, "Printed width that the figure must keep to: 85mm, 642px, narrow, wide."),
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
