"""Cells: many small branches between two merges, drawn as one box where they are too many to be drawn apart.

Networks that were found by search (NASNet, AmoebaNet, DARTS) consist of cells that take the outputs of the last two
cells. A cell ends in a concatenation of at least three tensors and holds everything before it that no earlier cell
holds; nothing but its end is used by others.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from .folding import Panel
from .tensors import Net, Node

ENDS = 3
"""Inputs of the concatenation that ends a cell."""
LEAST = 6
"""Boxes of a cell."""
CELL = "Cell"
"""Class name of the box of a cell."""


def collapse(net: Net) -> tuple[Net, tuple[Panel, ...], tuple[str, ...]]:
    """Net with its cells as boxes, equal neighbours in panels, and what that leaves untold.

    The same net when it has less than two.
    """
    cell_of: dict[str, str] = {}
    users = _users(net)
    stem = _stem(net, users)
    for hub, node in net.items():
        if node.sign != "concatenate" or len(node.inputs) < ENDS:
            continue
        members = _before(net, hub, {*stem, *cell_of})
        closed = all(u in members for i in members if i != hub for u in users[i])
        if len(members) >= LEAST and closed:
            cell_of |= dict.fromkeys(members, hub)
    if len(set(cell_of.values())) < 2:
        return net, (), ()  # all in one box would show nothing
    members_of: dict[str, list[str]] = {}
    for i in net:
        if i in cell_of:
            members_of.setdefault(cell_of[i], []).append(i)
    result: dict[str, Node] = {}
    for i, node in net.items():
        if i in members_of:
            result[i] = _cell(net, i, members_of[i], cell_of)
        elif i not in cell_of:
            result[i] = replace(node, inputs=_outer(node.inputs, cell_of, ""))
    kinds = {hub: _kind(net, members, result[hub], cell_of) for hub, members in members_of.items()}
    folded, panels = _repeats(result, kinds)
    notes = [
        f"{len(members_of)} cells are drawn as one box each; the layered figure of one shows its branches."
    ]
    if any(len(folded[hub].inputs) > 1 for hub in members_of if hub in folded):
        notes.append("In a panel, each cell also takes the output of the cell before the last one.")
    return folded, panels, tuple(notes if panels else notes[:1])


def _users(net: Net) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {i: [] for i in net}
    for i, node in net.items():
        for s in node.inputs:
            users[s].append(i)
    return users


def _stem(net: Net, users: Mapping[str, Sequence[str]]) -> set[str]:
    """Inputs and the boxes after them up to the first parting."""
    found = set()
    for i, node in net.items():
        if not node.inputs or (
            len(node.inputs) == 1 and node.inputs[0] in found and len(users[node.inputs[0]]) == 1
        ):
            found.add(i)
    return found


def _before(net: Net, hub: str, taken: set[str]) -> set[str]:
    found = {hub}
    stack = [hub]
    while stack:
        for s in net[stack.pop()].inputs:
            if s not in found and s not in taken:
                found.add(s)
                stack.append(s)
    return found


def _outer(inputs: Sequence[str], cell_of: Mapping[str, str], own: str) -> tuple[str, ...]:
    """Sources outside of the cell ``own``, cells by their box."""
    return tuple(dict.fromkeys(cell_of.get(s, s) for s in inputs if not own or cell_of.get(s) != own))


def _cell(net: Net, hub: str, members: Sequence[str], cell_of: Mapping[str, str]) -> Node:
    sources = _outer([s for i in members for s in net[i].inputs], cell_of, hub)
    order = {i: k for k, i in enumerate(net)}
    calls = tuple(call for i in members for call in net[i].calls)
    return Node(
        id=hub,
        cat="cell",
        kind="slab",
        shape=net[hub].shape,
        inputs=tuple(sorted(sources, key=lambda s: -order[s])),
        calls=calls,
        class_name=CELL,
        caption=f"{len(calls)} layers",
        output=any(net[i].output for i in members),
        block=net[hub].block,
    )


def _kind(net: Net, members: Sequence[str], box: Node, cell_of: Mapping[str, str]) -> Hashable:
    """Equal for cells that one box may stand for: same boxes, fed alike by the last cell and the one before."""
    place = {i: k for k, i in enumerate(members)} | {s: -1 - k for k, s in enumerate(box.inputs)}
    return tuple(
        (
            n.cat,
            n.kind,
            n.class_name,
            n.sign,
            n.shape[:-1],
            tuple(place[s] if s in place else place[cell_of[s]] for s in n.inputs),
        )
        for n in (net[i] for i in members)
    )


def _repeats(net: Net, kinds: Mapping[str, Hashable]) -> tuple[Net, tuple[Panel, ...]]:
    """Neighbours of one kind, each fed by the two before it only, as one box with its count."""
    runs: list[list[str]] = []
    previous = before = ""
    for i, node in net.items():
        if i in kinds and runs and runs[-1][-1] == previous and kinds[i] == kinds[previous]:
            near = set(node.inputs) <= {previous, before} and previous in node.inputs
            runs[-1].append(i) if near else runs.append([i])
        elif i in kinds:
            runs.append([i])
        previous, before = i, previous
    first = {i: run[0] for run in runs for i in run}
    result: dict[str, Node] = {}
    for i, node in net.items():
        if first.get(i, i) != i:
            continue
        run = next((r for r in runs if r[0] == i), [i])
        channels = sorted(c for k in run if (c := net[k].shape[-1]) is not None)
        result[i] = replace(
            node,
            inputs=tuple(dict.fromkeys(first.get(s, s) for s in node.inputs)),
            copies=tuple(net[k].calls for k in run[1:]),
            channels=(channels[0], channels[-1]) if len(run) > 1 and channels[0] != channels[-1] else None,
        )
    panels = tuple(Panel((run[0],), len(run), f"×{len(run)}") for run in runs if len(run) > 1)
    return result, panels
