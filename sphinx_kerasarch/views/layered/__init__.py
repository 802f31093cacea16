"""Layered view: every tensor a box in 2.5 dimensions, lengths from its shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...figure import Group, Item, Scene
from ...options import Option, choice, flag, length
from ...registry import View
from ...spec.model import ArchSpec
from ...spec.query import describe_words
from . import brackets, legend, paint, routes
from .fit import choose
from .rows import PAD, Page, page
from .sizing import Size


def draw(spec: ArchSpec, *, width: float = 642.0, legend: bool = True, fold: str = "auto") -> Scene:
    """The layered figure of a model, at most ``width`` px wide.

    Raises :class:`.DrawError` with advice when the model cannot be shown legibly in that width.
    """
    fitted, plan, notes = choose(spec, width, fold)
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
