"""What the author wants folded: parts by their names in panels, what lies deeper than a number of levels in boxes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from ...layout.text import ellipsize, measure
from ...spec.folding import Folding
from ...spec.groups import Group, Home, beside, groups, levels, with_stages
from ...spec.model import ArchSpec
from ...spec.patterns import name_groups
from .folding import Panel, fold, in_order
from .tensors import BLOCK, Net, Node
from .tethers import SAME, told_again
from .words import DETAIL, LONGEST

LOOP = 3
"""Calls of the same weights in a row from which these are drawn as one, also where there is space."""
MANY = 100
"""Boxes from which whole cells are closed too."""

Told = tuple[ArchSpec, Net, tuple[Panel, ...], tuple[str, ...]]


def as_told(spec: ArchSpec, net: Net, folding: Folding) -> Told:
    """Model (with the parts as stages), net, panels and notes of a figure folded by depth or by names."""
    if folding.how == "names":
        return _by_names(spec, net, name_groups(spec, folding.patterns))
    found = _to_depth(spec, net, folding.depth, "alike")
    return found if len(found[1]) <= MANY else _to_depth(spec, net, folding.depth, "cells")


def loops(spec: ArchSpec, net: Net) -> tuple[Net, tuple[Panel, ...], tuple[str, ...]] | None:
    """Net with the same weights that are called again and again drawn once; None when there are none."""
    calls = Counter(call.layer for call in spec.calls)
    if max(calls.values(), default=0) < LOOP:
        return None  # to find repeats takes time
    part_of = {
        call: (group.id, number)
        for group in groups(spec)
        if group.same and len(group.copies) >= LOOP
        for number, copy in enumerate(group.copies)
        for call in copy
    }
    found = fold(net, spec, 1, part_of)
    return found if found[1] else None


def _by_names(spec: ArchSpec, net: Net, found: Sequence[Group]) -> Told:
    """Equal neighbours in one panel, a part that stands alone over a bracket with its name."""
    part_of: dict[str, Hashable] = {}
    for number, group in enumerate(found):
        # The first block of a stage may differ from the others by a convolution on its shortcut.
        for place, copy in enumerate(group.copies):
            part_of |= dict.fromkeys(copy, (number, place))
    shorter, panels, notes = fold(net, spec, 1, part_of)
    shown = {call for panel in panels for i in panel.members for call in shorter[i].calls}
    alone = [group for group in found if not shown.intersection(*group.copies[:1])]
    several = [group.title for group in alone if len(group.copies) > 1]
    if several:
        notes = (
            *notes,
            f"Every copy is drawn of {', '.join(several)}: they do not follow each other in one line.",
        )
    spec = with_stages(spec, [group for group in alone if len(group.copies) == 1])
    block_of = {call.id: call.block for call in spec.calls}
    placed = {i: replace(node, block=block_of[node.calls[0]]) for i, node in shorter.items()}
    return spec, placed, panels, notes


def _to_depth(spec: ArchSpec, net: Net, depth: int, how: str) -> Told:
    """``depth`` levels of nested models and repeats stay open, what is deeper is a box: also what repeats ``how``."""
    equal = groups(spec)
    found = [*equal, *beside(groups(spec, how), equal)]
    level = levels(spec, found)
    home = Home(spec)
    closed = [group for group in found if level[group.id] >= depth and len(home.around(group.block)) <= depth]
    again = told_again(spec.blocks)
    inside = {call for group in closed for copy in group.copies for call in copy}
    for block in spec.blocks:
        calls = tuple(call.id for call in spec.calls if call.id in home.inside[block.id])
        if level[block.id] >= depth and calls and not inside.intersection(calls):
            inside.update(calls)
            title = block.class_name if block.auto_named else block.label
            title += SAME * again.get(block.id, False)
            closed.append(Group(block.id, title, block.parent, (calls,), blocks=(block.id,)))
    shorter = _boxes(net, closed)
    part_of = {
        call: (group.id, number)
        for group in found
        if level[group.id] < depth
        for number, copy in enumerate(group.copies)
        for call in copy
    }
    folded, panels, notes = fold(shorter, spec, 1, part_of) if part_of else (shorter, (), ())
    return spec, folded, panels, notes


def _boxes(net: Net, closed: Sequence[Group]) -> Net:
    """Net with each part as one box; its caption tells the copies that follow each other."""
    part_of: dict[str, tuple[int, int]] = {}
    for number, group in enumerate(closed):
        for place, copy in enumerate(group.copies):
            part_of |= dict.fromkeys(copy, (number, place))
    inside: dict[tuple[int, int], list[str]] = {}
    for i, node in net.items():
        if node.calls[0] in part_of:
            inside.setdefault(part_of[node.calls[0]], []).append(i)
    users: dict[str, list[str]] = {i: [] for i in net}
    for i, node in net.items():
        for source in node.inputs:
            users[source].append(i)
    hub: dict[tuple[int, int], str] = {}
    for part, members in inside.items():
        own = set(members)
        ends = [i for i in members if net[i].output or not users[i] or not own.issuperset(users[i])]
        hub[part] = (ends or members)[-1]
    at = {i: part for part, members in inside.items() for i in members}

    def box_of(i: str) -> str:
        return hub[at[i]] if i in at else i

    result: dict[str, Node] = {}
    gone: dict[str, str] = {}
    for i, node in net.items():
        if i not in at:
            result[i] = replace(node, inputs=tuple(dict.fromkeys(box_of(s) for s in node.inputs)))
        elif i == hub[at[i]]:
            result[i] = _box(net, inside[at[i]], i, closed[at[i][0]], box_of)
    for number, group in enumerate(closed):
        hubs = [hub[number, place] for place in range(len(group.copies)) if (number, place) in hub]
        if len(hubs) < 2:
            continue
        first = hubs[0]
        others = tuple(result[i].calls for i in hubs[1:])
        widths = sorted(c for end in hubs for c in net[end].shape[-1:] if c is not None)
        channels = (widths[0], widths[-1]) if widths and widths[0] != widths[-1] else None
        result[first] = replace(result[first], copies=others, channels=channels)
        gone |= dict.fromkeys(hubs[1:], first)
    kept = {
        i: replace(
            node, inputs=tuple(dict.fromkeys(gone.get(s, s) for s in node.inputs if gone.get(s, s) != i))
        )
        for i, node in result.items()
        if i not in gone
    }
    return in_order(kept)


def _box(net: Net, members: Sequence[str], hub: str, group: Group, box_of: Callable[[str], str]) -> Node:
    own = set(members)
    sources = tuple(dict.fromkeys(box_of(s) for i in members for s in net[i].inputs if s not in own))
    calls = tuple(call for i in members for call in net[i].calls)
    return Node(
        id=hub,
        cat="cell",
        kind="slab",
        shape=net[hub].shape,
        inputs=sources,
        calls=calls,
        class_name=BLOCK,
        caption=_caption(group, len(calls)),
        output=any(net[i].output for i in members),
        block=group.block,
    )


def _caption(group: Group, layers: int) -> str:
    """``conv2_block2–3 ×2``; ``refine called 4×`` of one set of weights."""
    count = len(group.copies)
    times = "" if count < 2 else f" called {count}×" if group.same else f" ×{count}"
    name = group.title if group.title != "block" else f"{layers} layers"
    return ellipsize(name, LONGEST - measure(times, DETAIL), DETAIL) + times
