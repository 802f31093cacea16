"""Names of nested models: square brackets under the labels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from ...figure import Group, Item, Path, Rect, Text
from ...figure.scene import Command
from ...layout.text import ellipsize, measure
from ...spec.loops import times_text
from ...spec.model import ArchSpec, Block
from .folding import LONGEST_TITLE, TITLE
from .lanes import Bracket, title_aside
from .rows import LEVEL, Frame, Page
from .structure import Structure
from .tensors import Net
from .tethers import SAME, told_again

RISE, RADIUS = 6.0, 3.0
DEEPEST = 2
"""Levels of opened layers that have brackets."""


def named_blocks(spec: ArchSpec, net: Net) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """(label, block id, nodes) of the nested models that the author named and of the layers of a class of the author's
    that are opened, outer before inner. An opened layer without a name of its own has that of its class."""
    parents = {block.id: block.parent for block in spec.blocks}
    inside: dict[str, set[str]] = {block.id: set() for block in spec.blocks}
    for i, node in net.items():
        at = node.block
        while at in parents:
            inside[at].add(i)
            at = parents[at]
    shared = told_again(spec.blocks)
    return tuple(
        (
            ellipsize(_name(block) + SAME * shared.get(block.id, False), LONGEST_TITLE, *TITLE),
            block.id,
            frozenset(inside[block.id]),
        )
        for block in spec.blocks
        if _worth(block, inside[block.id], parents, block.id in shared)
    )


def _name(block: Block) -> str:
    """The author's name, else the class; with the steps of a loop."""
    name = block.class_name if block.auto_named else block.label
    return ", ".join(filter(None, (name, times_text(block))))


def _worth(
    block: Block, nodes: Collection[str], parents: Mapping[str, str | None], shared: bool = False
) -> bool:
    """Whether a bracket tells something: not around one box of an opened layer, nor three deep."""
    if block.kind not in {"layer", "opened"}:
        return bool(nodes) and (shared or not block.auto_named)
    depth, at = 0, block.parent
    while at is not None:
        depth, at = depth + 1, parents.get(at)
    return len(nodes) > 1 and depth < DEEPEST


def local(
    structure: Structure,
    named: Sequence[tuple[str, str, frozenset[str]]],
    spans: Mapping[str, tuple[float, float]],
) -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Those whose nodes are on one axis while others run beside it: they get their bracket in the lane."""
    found = []
    for entry in named:
        nodes = entry[2]
        chains = {structure.chain_of[i] for i in nodes}
        x0, x1 = min(spans[i][0] for i in nodes), max(spans[i][1] for i in nodes)
        beside = any(
            spans[i][0] < x1 and spans[i][1] > x0 for i in spans if structure.chain_of[i] not in chains
        )
        if len(chains) == 1 and beside:
            found.append(entry)
    return tuple(found)


def in_panels(structure: Structure, named: Sequence[tuple[str, str, frozenset[str]]]) -> set[str]:
    """Blocks that a repeat panel already shows."""
    return {
        block for _, block, nodes in named if any(nodes <= set(panel.members) for panel in structure.panels)
    }


def levels(named: Sequence[tuple[str, str, frozenset[str]]]) -> dict[str, int]:
    """Block → 0 for the innermost, counted outwards."""
    level: dict[str, int] = {}
    for k in range(len(named) - 1, -1, -1):
        _, block, nodes = named[k]
        inner = [level[b] for _, b, other in named[k + 1 :] if other < nodes or other == nodes]
        level[block] = 1 + max(inner) if inner else 0
    return level


def below_rows(page: Page, named: Sequence[tuple[str, str, frozenset[str]]]) -> tuple[Bracket, ...]:
    """One bracket for each row that a block is in; titles keep clear of each other and of the left border."""
    level = levels(named)
    result: list[Bracket] = []
    for r, row in enumerate(page.rows):
        # A connector runs beside the row; titles stay inside of it.
        west = row.box[0] - 8 if r else 4.0
        east = row.box[2] + (6 if r + 1 < len(page.rows) else 60)
        links = [line[-1][0] for (_, i), line in page.links.items() if page.row_of[i] == r]
        found: dict[int, list[Bracket]] = {}
        for label, block, nodes in named:
            here = [page.solids[i] for i in row.nodes if i in nodes]
            if here:
                x0, x1 = min(v.left for v in here), max(v.right for v in here)
                found.setdefault(level[block], []).append(Bracket(label, x0, x1, 0.0, block))
        y = row.box[3] + 7.0
        for number in range(max(found, default=-1) + 1):
            brackets = found.get(number, [])
            brackets.sort(key=lambda b: b.x0)
            middles = [(b.x0 + b.x1) / 2 for b in brackets]
            for k, bracket in enumerate(brackets):
                room = min(
                    [abs(middles[k] - m) - 6 for m in middles[max(0, k - 1) : k + 2] if m != middles[k]]
                    + [2 * (middles[k] - west), 2 * (east - middles[k])]
                )
                wide = max(room, bracket.x1 - bracket.x0 - 22)
                label = ellipsize(bracket.label, wide, *TITLE)
                aside = title_aside(label, bracket.x0, bracket.x1, links) if links else 0.0
                result.append(replace(bracket, label=label, y=y, aside=aside))
            # The title of a narrow bracket stands below its line, where the next level would run through it.
            y += LEVEL + (TITLE[0] + 3 if any(narrow(b) for b in result if b.y == y) else 0.0)
    return tuple(result)


def narrow(bracket: Bracket) -> bool:
    """Whether the title has no room in a break of the line."""
    return bracket.x1 - bracket.x0 <= measure(bracket.label, *TITLE) + 22


def paint(bracket: Bracket) -> Group:
    x0, x1, y = round(bracket.x0, 1), round(bracket.x1, 1), bracket.y
    width = measure(bracket.label, *TITLE)
    middle = (x0 + x1) / 2 + bracket.aside
    low = round(y + RISE, 1)
    top = round(y, 1)
    left: tuple[Command, ...] = (
        ("M", x0, top),
        ("L", x0, round(low - RADIUS, 1)),
        ("Q", x0, low, round(x0 + RADIUS, 1), low),
    )
    right: tuple[Command, ...] = (
        ("L", round(x1 - RADIUS, 1), low),
        ("Q", x1, low, x1, round(low - RADIUS, 1)),
        ("L", x1, top),
    )
    items: list[Item] = []
    if not narrow(bracket):
        a, b = round(middle - width / 2 - 5, 1), round(middle + width / 2 + 5, 1)
        paths: list[tuple[Command, ...]] = [(*left, ("L", a, low)), (("M", b, low), *right)]
        baseline = low + TITLE[0] * 0.35
    else:
        paths = [(*left, *right)]
        baseline = low + TITLE[0] + 3
    items += [Path(p, stroke="rule", width=0.9, role="bracket", ref=bracket.ref) for p in paths]
    items.append(
        Text(
            round(middle, 1),
            round(baseline, 1),
            bracket.label,
            TITLE[0],
            weight=TITLE[1],
            anchor="middle",
            length=round(width, 2),
            role="title",
            ref=bracket.ref,
        )
    )
    return Group(tuple(items), ref=bracket.ref, role="block", label=f"Submodel {bracket.label}.")


def extent(group: Group) -> tuple[float, float, float, float]:
    """Rectangle of a painted bracket with its title."""
    xs: list[float] = []
    ys: list[float] = []
    for item in group.items:
        if isinstance(item, Text):
            xs += [item.x - item.length / 2, item.x + item.length / 2]
            ys += [item.y - 0.74 * item.size, item.y + 0.22 * item.size]
        elif isinstance(item, Path):
            xs += [float(c[-2]) for c in item.commands if len(c) > 1]
            ys += [float(c[-1]) for c in item.commands if len(c) > 1]
    return (min(xs), min(ys), max(xs), max(ys))


def _sides(frame: Frame, ref: str) -> list[Item]:
    """Border of a parted panel."""
    x0, y0, x1, y1 = (round(v, 1) for v in frame.rect)
    r = 5.0
    west, east = frame.part == 0, frame.part == frame.parts - 1
    upper: list[Command] = [("M", x0, round(y0 + r, 1)), ("Q", x0, y0, round(x0 + r, 1), y0)]
    lower: list[Command] = [("M", x0, round(y1 - r, 1)), ("Q", x0, y1, round(x0 + r, 1), y1)]
    if not west:
        upper, lower = [("M", x0, y0)], [("M", x0, y1)]
    sides: list[list[Command]] = [upper, lower]
    for side, y, inner in ((upper, y0, round(y0 + r, 1)), (lower, y1, round(y1 - r, 1))):
        side.extend([("L", round(x1 - r, 1), y), ("Q", x1, y, x1, inner)] if east else [("L", x1, y)])
    for x, closed in ((x0, west), (x1, east)):
        if closed:
            sides.append([("M", x, round(y0 + r, 1)), ("L", x, round(y1 - r, 1))])
    return [Path(tuple(side), stroke="panelline", width=0.8, role="decoration", ref=ref) for side in sides]


def panel(page: Page, frame: Frame) -> Group:
    """Rounded rectangle and its title; the sides on which a parted panel goes on are open."""
    x0, y0, x1, y1 = frame.rect
    info = page.structure.panels[frame.number]
    ref = info.members[0]
    words = f"{info.title}, continued" if frame.part else info.title
    title = Text(
        round((x0 + x1) / 2, 1),
        round(y0 - 4, 1),
        words,
        TITLE[0],
        weight=TITLE[1],
        anchor="middle",
        length=round(measure(words, *TITLE), 2),
        role="title",
        ref=ref,
    )
    rect = Rect(
        round(x0, 1),
        round(y0, 1),
        round(x1 - x0, 1),
        round(y1 - y0, 1),
        radius=5.0,
        fill="panel",
        stroke="panelline" if frame.parts == 1 else None,
        width=0.8,
        role="panel",
        ref=ref,
    )
    items: tuple[Item, ...] = (rect, title) if frame.parts == 1 else (rect, *_sides(frame, ref), title)
    return Group(items, ref=ref, role="panel", label=f"Repeated {info.count} times.")
