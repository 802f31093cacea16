"""Models with several inputs whose lines do not fit beside each other: one storey for each line, its result led up to
where it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...layout.solid import Point
from .axis import roots
from .rows import PAD, TURN, Flat, Frame, Page, page
from .sizing import BALL
from .strokes import CORNER
from .structure import Chain, Edge, Structure
from .tensors import Net

GAP = 24.0
"""Between two storeys."""
TRACK = 9.0
"""Pitch of the lines that lead from storey to storey."""
MARGIN = 18.0
"""px that those lines may take beside the rows."""
SMALL = 4
"""A line of so many boxes that ends in one other line stays beside it."""


def split(net: Net) -> tuple[tuple[Net, frozenset[str]], ...]:
    """Storeys from top to bottom, each with the nodes that are reached from below; one when there is nothing to part.

    A storey holds one line from its input on; what feeds another line stands under it. Empty when lines feed each
    other in turns, or when something is led up from the middle of a line.
    """
    root = roots(net)
    groups = _merged(net, root)
    feeds = {(groups[root[s]], groups[root[i]]) for i, node in net.items() for s in node.inputs}
    feeds = {(a, b) for a, b in feeds if a != b}
    order = _order(list(dict.fromkeys(groups.values())), feeds)
    if order is None:
        return ()
    result = []
    for name in order:
        mine = {i: node for i, node in net.items() if groups[root[i]] == name}
        part = {i: replace(n, inputs=tuple(s for s in n.inputs if s in mine)) for i, n in mine.items()}
        used = {s for n in part.values() for s in n.inputs}
        leaving = {s for i, n in net.items() if i not in mine for s in n.inputs if s in mine}
        if leaving & used:
            return ()
        result.append((part, frozenset(i for i in mine if len(part[i].inputs) < len(net[i].inputs))))
    return tuple(result)


def _merged(net: Net, root: Mapping[str, str]) -> dict[str, str]:
    """Start of a line → start of the line whose storey it is in."""
    members: dict[str, list[str]] = {}
    for i in net:
        members.setdefault(root[i], []).append(i)
    groups = {name: name for name in members}
    for name, nodes in members.items():
        targets = {root[i] for i, node in net.items() if root[i] != name for s in node.inputs if s in nodes}
        if len(nodes) <= SMALL and len(targets) == 1:
            groups[name] = targets.pop()
    return {name: _end(groups, name) for name in groups}


def _end(groups: Mapping[str, str], name: str) -> str:
    seen = {name}
    while groups[name] not in seen:
        name = groups[name]
        seen.add(name)
    return name


def _order(names: Sequence[str], feeds: set[tuple[str, str]]) -> list[str] | None:
    """Users above what they use; None for a circle."""
    waiting, order = list(names), list[str]()
    while waiting:
        free = [n for n in waiting if all(b in order for a, b in feeds if a == n)]
        if not free:
            return None
        order.append(free[-1])
        waiting.remove(free[-1])
    return order


def joined(net: Net, structures: Sequence[Structure]) -> Structure:
    """The storeys as one structure; lines between them are in none of its kinds."""
    users: dict[str, list[str]] = {i: [] for i in net}
    for i, node in net.items():
        for s in node.inputs:
            users[s].append(i)
    chains: list[Chain] = []
    chain_of: dict[str, int] = {}
    panel_of: dict[str, int] = {}
    panels = 0
    for part in structures:
        chain_of |= {i: k + len(chains) for i, k in part.chain_of.items()}
        panel_of |= {i: k + panels for i, k in part.panel_of.items()}
        chains += part.chains
        panels += len(part.panels)
    return Structure(
        net=net,
        users={i: tuple(names) for i, names in users.items()},
        chains=tuple(chains),
        chain_of=chain_of,
        along=frozenset().union(*(s.along for s in structures)),
        forks=frozenset().union(*(s.forks for s in structures)),
        joins=frozenset().union(*(s.joins for s in structures)),
        skips=frozenset().union(*(s.skips for s in structures)),
        wires=frozenset().union(*(s.wires for s in structures)),
        skip_wires=frozenset().union(*(s.skip_wires for s in structures)),
        panels=tuple(p for s in structures for p in s.panels),
        panel_of=panel_of,
        bracket_of={i: block for s in structures for i, block in s.bracket_of.items()},
    )


@dataclass(frozen=True, slots=True)
class Storey:
    flat: Flat
    rows: Sequence[range]
    levels: Mapping[int, int]
    """Row → bracket levels below it."""


def stacked(net: Net, storeys: Sequence[Storey], indent: float = 0.0) -> Page:
    """The storeys under each other, with the lines that lead up. ``indent``: px added on both sides."""
    if len(storeys) == 1:
        return page(storeys[0].flat, storeys[0].rows, storeys[0].levels, indent)
    row_of: dict[str, int] = {}
    first: list[int] = []
    count = 0
    for storey in storeys:
        first.append(count)
        for r, atoms in enumerate(storey.rows):
            row_of |= {i: count + r for k in atoms for i in storey.flat.atoms[k]}
        count += len(storey.rows)
    storey_of = {i: k for k, storey in enumerate(storeys) for atom in storey.flat.atoms for i in atom}
    edges = [(s, i) for i, n in net.items() for s in n.inputs if storey_of[s] != storey_of[i]]
    tracks: dict[int, list[str]] = {}
    for s, i in edges:
        here = tracks.setdefault(row_of[i], [])
        if s not in here:
            here.append(s)
    room = {row: len(sources) * TRACK for row, sources in tracks.items()}
    pages: list[Page] = []
    top = PAD
    for k, storey in enumerate(storeys):
        inside = {r: room.get(first[k] + r, 0.0) for r in range(len(storey.rows))}
        pages.append(page(storey.flat, storey.rows, storey.levels, indent, top, inside))
        top = pages[-1].height + GAP
    structure = joined(net, [p.structure for p in pages])
    merged = _merged_page(structure, pages, row_of)
    links: dict[Edge, tuple[Point, ...]] = {}
    width = merged.width
    for s, i in edges:
        level = merged.rows[row_of[i] + 1].box[1] - 16.0 - TRACK * tracks[row_of[i]].index(s)
        links[s, i] = _line(merged, s, i, level)
        width = max(width, *(x + PAD + indent for x, _ in links[s, i]))
    return replace(merged, links=links, width=width)


def _line(page: Page, source: str, target: str, level: float) -> tuple[Point, ...]:
    """Out to the right, up beside all rows that are passed, along ``level``, up into the target."""
    solid, n = page.solids[source], page.structure.net[target]
    between = page.rows[page.row_of[target] + 1 : page.row_of[source] + 1]
    x = max(row.box[2] for row in between) + TURN + (TRACK if len(between) > 1 else 0.0)
    y = page.axis[source]
    goal = page.solids[target]
    entry = goal.x + BALL / 2 if n.kind == "ball" else page.gather.get(target, goal.axis_left - CORNER * 2)
    return ((solid.x1, y), (x, y), (x, level), (entry, level))


def _merged_page(structure: Structure, pages: Sequence[Page], row_of: Mapping[str, int]) -> Page:
    panels: list[Frame] = []
    offset = 0
    for p in pages:
        panels += [replace(frame, number=frame.number + offset) for frame in p.panels]
        offset += len(p.structure.panels)
    return Page(
        structure=structure,
        solids={i: v for p in pages for i, v in p.solids.items()},
        axis={i: y for p in pages for i, y in p.axis.items()},
        row_of=row_of,
        rows=tuple(row for p in pages for row in p.rows),
        bus={i: x for p in pages for i, x in p.bus.items()},
        lane={i: y for p in pages for i, y in p.lane.items()},
        gather={i: x for p in pages for i, x in p.gather.items()},
        arcs=tuple(arc for p in pages for arc in p.arcs),
        lines=tuple(line for p in pages for line in p.lines),
        wires={edge: y for p in pages for edge, y in p.wires.items()},
        panels=tuple(panels),
        brackets=tuple(b for p in pages for b in p.brackets),
        width=max(p.width for p in pages),
        height=pages[-1].height,
    )
