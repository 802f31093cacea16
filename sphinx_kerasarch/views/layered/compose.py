"""Scenes from placed parts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from ...errors import DrawError
from ...figure import Group, Item, Scene
from ...spec.model import ArchSpec
from ...spec.query import describe_words
from ...spec.shared import with_shared
from . import brackets, legend, paint, routes, ushape
from .advice import instead
from .fit import Choice, Fitted, choose
from .lattice import lattices
from .lattice import painted as lattice_items
from .patches import with_patches
from .rows import PAD, Page
from .sizing import sizes
from .sound import airy, sound
from .storeys import Storey, stacked
from .structure import Structure, build
from .tensors import nodes
from .tethers import tethers
from .words import label_widths, runs

LEGEND_LEAST = 330.0
"""px that the legend may take even where the figure is narrower."""

TALLEST = 3600.0
"""px, three pages: a higher figure is a strip that nobody reads."""

Named = Sequence[tuple[str, str, frozenset[str]]]


def straight(spec: ArchSpec, width: float, with_legend: bool, folding: str, stage: str = "all") -> Scene:
    """Boxes in one or several rows. ``stage``: as for :func:`.choose`."""
    spec = with_shared(spec)
    chosen = choose(spec, width, folding, stage)
    inner = frozenset[str]().union(*(fitted.inner for fitted, _ in chosen.parts))
    outer = [entry for _, plan in chosen.parts for entry in plan.named if entry[1] not in inner]
    made = [Storey(f.flat, f.rows, _bracket_levels(f, outer)) for f, _ in chosen.parts]
    placed = stacked(chosen.net, made)
    if tracks := routes.across(placed):
        placed = replace(placed, width=max(placed.width, max(tracks.values()) + PAD))
    lines = _legend(placed.structure, with_legend, placed.width, width, up_down=False)
    need = max((legend.row_width(line) for line in lines), default=0.0) + 2 * PAD
    if need > placed.width:
        placed = stacked(chosen.net, made, indent=(need - placed.width) / 2)
    if placed.height > TALLEST:
        raise DrawError(
            f"The layered figure would be {placed.height:.0f} px ({placed.height / 37.8:.0f} cm) high.",
            advice=instead(spec, *(["give it more width"] if placed.width > 0.8 * width else [])),
            data={"height": round(placed.height)},
        )
    painted = _painted(placed, chosen, outer)
    painted += tethers(spec.blocks, [entry for _, plan in chosen.parts for entry in plan.named], painted)
    if not sound(placed, painted):
        raise DrawError(
            "The model has too many ways beside each other for a layered figure.",
            advice=instead(spec),
            data={"boxes": len(chosen.net)},
        )
    return _scene(spec, placed, painted, lines, chosen.notes)


def tangled(spec: ArchSpec, width: float, with_legend: bool) -> Scene:
    """Every line in a lane of its own, however the model looks. Raises :class:`.DrawError` when that does not fit."""
    net = with_patches(nodes(spec), spec)
    notes = tuple(
        f"The brackets of the submodels ({', '.join(names)}) have no place among so many branches."
        for names in [[label for label, _, _ in brackets.named_blocks(spec, net)]]
        if names
    )
    best: Scene | None = None
    for found in lattices(net, width, TALLEST):
        page = found.page
        painted = lattice_items(found)
        if not sound(page, painted):
            continue
        lines = _legend(page.structure, with_legend, page.width, width, up_down=False)
        scene = _scene(spec, page, painted, lines, notes)
        if not airy(scene):
            return scene
        best = best or scene
    if best:
        return best
    raise DrawError(f"The layered figure does not fit into {width:.0f} px.", advice=instead(spec))


def fuller(spec: ArchSpec, width: float, with_legend: bool, scene: Scene) -> Scene:
    """``scene``, or with every line in a lane of its own when that leaves less of the page empty."""
    if airy(scene):
        with suppress(DrawError):
            other = tangled(spec, width, with_legend)
            return scene if airy(other) else other
    return scene


def u_form(spec: ArchSpec, width: float, with_legend: bool) -> Scene:
    """One level for each resolution. Raises :class:`.DrawError` when the model has no nested skips."""
    structure = build(nodes(spec), ())
    form = ushape.levels(structure)
    if form is None:
        raise DrawError(
            "The model does not have the form of a U: nested skips from before each pooling to the merge after the "
            "upsampling of the same size.",
            advice="Leave out shape, or set it to straight.",
        )
    labelled = runs(structure)
    widths = label_widths(structure, labelled).node
    trials = [(pair, steep) for steep in (False, True) for pair in ushape.SCALES[: None if steep else -2]]
    for pair, steep in trials:
        placed, descents = ushape.arrange(
            structure, form, sizes(structure.net, *pair), widths, labelled, steep
        )
        if placed.width <= width:
            lines = _legend(structure, with_legend, placed.width, width, up_down=True)
            painted = ushape.items(placed, form, descents)
            return _scene(spec, placed, painted, lines, ushape.notes(form), arrows=True)
    raise DrawError(
        f"The U form needs {placed.width:.0f} px and has {width:.0f} px.",
        advice="Give it more width, or take the view 'graph'.",
        data={"needed": round(placed.width), "width": round(width)},
    )


def _bracket_levels(fitted: Fitted, outer: Named) -> dict[int, int]:
    """Row → levels of brackets under it."""
    level = brackets.levels(outer)
    result = {}
    for r, atoms in enumerate(fitted.rows):
        here = {i for k in atoms for i in fitted.flat.atoms[k]}
        inside = [level[block] for _, block, ids in outer if ids & here]
        if inside:
            result[r] = 1 + max(inside)
    return result


def _painted(placed: Page, chosen: Choice, outer: Named) -> list[Item]:
    size = {i: size for fitted, _ in chosen.parts for i, size in fitted.size.items()}
    items: list[Item] = [brackets.panel(placed, frame) for frame in placed.panels]
    for i, node in chosen.net.items():
        for ref, role, parts in routes.incoming(placed, node):
            items.append(Group(tuple(parts), ref=ref, role="skip" if role == "skip" else "edge"))
        items.append(paint.body(placed, node, size[i].form == "bar"))
    for ref, _, parts in routes.arcs(placed):
        items.append(Group(tuple(parts), ref=ref, role="skip"))
    items += [paint.text(line) for line in placed.lines]
    items += [brackets.paint(b) for b in (*placed.brackets, *brackets.below_rows(placed, outer))]
    return items


def _legend(
    structure: Structure, wanted: bool, width: float, limit: float, up_down: bool
) -> list[list[legend.Entry]]:
    entries = legend.entries(structure, up_down) if wanted else []
    return legend.rows(entries, max(width, min(limit, LEGEND_LEAST)) - 2 * PAD)


def _scene(
    spec: ArchSpec,
    placed: Page,
    items: list[Item],
    lines: list[list[legend.Entry]],
    notes: tuple[str, ...],
    arrows: bool = False,
) -> Scene:
    boxes = [brackets.extent(item) for item in items if isinstance(item, Group) and item.role == "block"]
    width = max([placed.width, *(b[2] + PAD for b in boxes)])
    low = max([placed.rows[-1].box[3], *(b[3] for b in boxes)])
    if lines:
        width = max(width, max(legend.row_width(line) for line in lines) + 2 * PAD)
        top = low + legend.GAP_ABOVE
        items.append(legend.paint(placed.structure, lines, width / 2, top, arrows))
        low = top + (len(lines) - 1) * legend.PITCH + 7
    return Scene(
        width=round(width, 1),
        height=round(low + PAD, 1),
        items=tuple(items),
        title=spec.name,
        description=describe_words(spec),
        notes=notes,
    )
