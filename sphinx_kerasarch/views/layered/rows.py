"""From one long row to places on the page: cuts, balanced rows, extents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...layout.solid import Point, Solid
from ...layout.text import measure
from .columns import Columns
from .folding import TITLE
from .labels import Line, Rect
from .lanes import BRACKET_DROP, BRACKET_HEIGHT, PANEL_SIDE, PANEL_TITLE, Arc, Body, Bracket
from .structure import Edge, Structure, rank_change

PAD = 8.0
TURN = 9.0
"""A connector leaves a row so far right of everything."""
TURN_PANEL = 8.0
ENTER = 14.0
"""And comes in so far left of the next silhouette."""
LEVEL = 18.0
"""Pitch of nested brackets."""


@dataclass(frozen=True, slots=True)
class Row:
    nodes: tuple[str, ...]
    box: Rect
    """Everything of the row, panel titles included, brackets below not."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A repeat panel, or the part of it that is in one row."""

    number: int
    """Of the panel."""
    rect: Rect
    part: int = 0
    parts: int = 1

    def moved(self, dx: float, dy: float) -> Frame:
        x0, y0, x1, y1 = self.rect
        return replace(self, rect=(x0 + dx, y0 + dy, x1 + dx, y1 + dy))


@dataclass(frozen=True, slots=True)
class Page:
    """Everything with its final place."""

    structure: Structure
    solids: Mapping[str, Solid]
    axis: Mapping[str, float]
    """Height of each node's axis."""
    row_of: Mapping[str, int]
    rows: tuple[Row, ...]
    bus: Mapping[str, float]
    lane: Mapping[str, float]
    """Height of the axis of a node in the row where its output parts."""
    gather: Mapping[str, float]
    arcs: tuple[Arc, ...]
    """Heights in the page."""
    lines: tuple[Line, ...]
    wires: Mapping[Edge, float]
    panels: tuple[Frame, ...]
    brackets: tuple[Bracket, ...]
    width: float
    height: float
    """Without legend."""
    links: Mapping[Edge, tuple[Point, ...]] = field(default_factory=dict)
    """Lines that lead up from another storey, but for their last points."""


@dataclass(frozen=True, slots=True)
class Flat:
    """One row with its parts by node: input of the cutting."""

    structure: Structure
    columns: Columns
    body: Body
    atoms: tuple[tuple[str, ...], ...]
    """Nodes between two possible cuts."""
    extents: tuple[tuple[float, float], ...]
    """x range of each atom with labels and panels."""

    @property
    def width(self) -> float:
        return max(e[1] for e in self.extents) - min(e[0] for e in self.extents) + 2 * PAD


CONTINUED = 62.0
"""px for the word after the title of a panel's further part."""
MAX_ACROSS = 6
"""Skips that may lead from one row to later ones."""


def cuts(structure: Structure, across: bool = False, inside: bool = False) -> tuple[tuple[str, ...], ...]:
    """Groups of nodes between which one tensor passes that may turn round to the next row.

    ``across``: skips may pass too. ``inside``: repeat panels may be parted.
    """
    net = structure.net
    order = list(net)
    place = {i: k for k, i in enumerate(order)}
    change = [0] * (len(order) + 1)
    for i, node in net.items():
        for p in node.inputs:
            change[place[p]] += 1
            change[place[i]] -= 1
    for a, b in structure.skips if across else ():
        # From the node after the source on, up to its target, a skip is not in the way.
        change[place[a] + 1] -= 1
        change[place[b]] += 1
    atoms: list[tuple[str, ...]] = []
    start = open_edges = 0
    for k, i in enumerate(order[:-1]):
        open_edges += change[k]
        passing = [a for a, b in structure.skips if place[a] < k < place[b]] if across else []
        if (
            open_edges == len(structure.users[i])
            and _may_part(structure, i, inside)
            and len(passing) <= MAX_ACROSS
        ):
            atoms.append(tuple(order[start : k + 1]))
            start = k + 1
    atoms.append(tuple(order[start:]))
    return tuple(atoms)


def _may_part(structure: Structure, i: str, inside: bool) -> bool:
    """Whether a tensor may go on in the next row: to its neighbour, its branches and over skips that leave the edge."""
    following = structure.following(i)
    users = structure.users[i]
    if not users or any(
        (i, u) not in structure.along and (i, u) not in structure.forks and (i, u) not in structure.skips
        for u in users
    ):
        return False
    if not following:
        return len(users) > 1 and all((i, u) in structure.forks for u in users)
    p, n = structure.net[i], structure.net[following]
    panel = structure.panel_of.get(i)
    if structure.glued(p, n):
        return False
    if not inside and panel is not None and panel == structure.panel_of.get(n.id):
        return False
    return not rank_change(p, n)


def flatten(structure: Structure, columns: Columns, body: Body, atoms: tuple[tuple[str, ...], ...]) -> Flat:
    atom_of = {i: k for k, atom in enumerate(atoms) for i in atom}
    low = [min(columns.solids[i].left for i in atom) for atom in atoms]
    high = [max(columns.solids[i].right for i in atom) for atom in atoms]

    def widen(k: int, a: float, b: float) -> None:
        low[k], high[k] = min(low[k], a), max(high[k], b)

    for lines in body.lines.values():
        for line in lines:
            widen(atom_of[line.ref], line.rect[0], line.rect[2])
    for arcs in body.arcs.values():
        for arc in arcs:
            source, target = arc.edge
            first = source if arc.start else structure.following(source) or source
            if arc.part:
                widen(atom_of[arc.anchor], arc.x0 - 2, arc.x0 + 2)
            elif atom_of[first] == atom_of[target]:
                widen(atom_of[target], arc.x0 - 2, arc.x1 + 2)
            else:  # it may lead from row to row
                widen(atom_of[first], arc.x0 - 2, arc.x0 + 2)
                widen(atom_of[target], arc.x1 - 2, arc.x1 + 2)
    for number, rect in body.panels.items():
        panel = structure.panels[number]
        of = list(dict.fromkeys(sorted(atom_of[i] for i in panel.members)))
        half = measure(panel.title, *TITLE) / 2
        middle = (rect[0] + rect[2]) / 2
        if len(of) == 1:
            widen(of[0], min(rect[0], middle - half), max(rect[2], middle + half))
            continue
        for k in of:
            x0 = rect[0] if k == of[0] else low[k] - PANEL_SIDE
            x1 = rect[2] if k == of[-1] else high[k] + PANEL_SIDE
            wide = max(0.0, 2 * half + CONTINUED - (x1 - x0))
            widen(k, x0, x1 + wide)
    for (source, _), _y in body.wires.items():
        widen(atom_of[source], columns.bus[source], columns.bus[source])
    for i, x in columns.bus.items():
        widen(atom_of[structure.users[i][0]], x, x)
    for bracket in body.brackets:
        inside = [k for k in range(len(atoms)) if low[k] < bracket.x1 and high[k] > bracket.x0]
        widen(inside[0], bracket.x0, bracket.x0)
        widen(inside[-1], bracket.x1, bracket.x1)
    return Flat(structure, columns, body, atoms, tuple(zip(low, high, strict=True)))


def balance(flat: Flat, width: float) -> list[range] | None:
    """Fewest rows within ``width`` px, as even as possible; None when an atom is too wide."""
    n = len(flat.atoms)
    lows, highs = [e[0] for e in flat.extents], [e[1] for e in flat.extents]
    panel_atoms = {k for k, atom in enumerate(flat.atoms) if any(i in flat.structure.panel_of for i in atom)}

    def length(a: int, b: int) -> float:
        extra = 2 * PAD
        if a > 0:
            extra += ENTER + (TURN_PANEL if a in panel_atoms else 0.0)
        if b < n:
            extra += TURN
        return max(highs[a:b]) - min(lows[a:b]) + extra

    best: list[tuple[int, float, int] | None] = [(0, 0.0, 0)] + [None] * n
    for b in range(1, n + 1):
        for a in range(b - 1, -1, -1):
            head = best[a]
            span = length(a, b)
            if span > width:
                break
            if head is None:
                continue
            key = (head[0] + 1, head[1] + (width - span) ** 2, a)
            current = best[b]
            if current is None or key[:2] < current[:2]:
                best[b] = key
    if best[n] is None:
        return None
    rows: list[range] = []
    b = n
    while b:
        step = best[b]
        assert step is not None
        rows.append(range(step[2], b))
        b = step[2]
    return rows[::-1]


def page(
    flat: Flat,
    rows: Sequence[range],
    levels: Mapping[int, int],
    indent: float = 0.0,
    top: float = PAD,
    room: Mapping[int, float] | None = None,
) -> Page:
    """Rows under each other from ``top`` on, each moved as a whole.

    ``levels``: row → bracket levels below it. ``indent``: px added on both sides. ``room``: row → px added below it.
    """
    s, body = flat.structure, flat.body
    frames = _frames(flat, rows)
    solids: dict[str, Solid] = {}
    axis: dict[str, float] = {}
    row_of: dict[str, int] = {}
    shift: dict[int, tuple[float, float]] = {}
    made: list[Row] = []
    right = 0.0
    for r, atoms in enumerate(rows):
        nodes = tuple(i for k in atoms for i in flat.atoms[k])
        x0, x1 = min(flat.extents[k][0] for k in atoms), max(flat.extents[k][1] for k in atoms)
        y0, y1 = _heights(flat, set(nodes), frames[r])
        enter = ENTER + (TURN_PANEL if nodes[0] in s.panel_of else 0.0) if r else 0.0
        dx, dy = PAD + indent + enter - x0, top - y0
        shift[r] = (dx, dy)
        for i in nodes:
            solids[i] = flat.columns.solids[i].moved(dx)
            axis[i] = body.axes[s.chain_of[i]] + dy
            row_of[i] = r
        made.append(Row(nodes, (x0 + dx, y0 + dy, x1 + dx, y1 + dy)))
        more = r + 1 < len(rows)
        right = max(right, x1 + dx + (TURN if more else 0.0))
        below = levels.get(r, 0)
        top = y1 + dy + (BRACKET_DROP + BRACKET_HEIGHT + (below - 1) * LEVEL if below else 0.0)
        top += (24.0 if more else 0.0) + (room or {}).get(r, 0.0)

    def dx_of(i: str) -> float:
        return shift[row_of[i]][0]

    def dy_of(i: str) -> float:
        return shift[row_of[i]][1]

    chains = s.chains
    first = {k: chains[k].nodes[0] for k in body.axes}
    return Page(
        structure=s,
        solids=solids,
        axis=axis,
        row_of=row_of,
        rows=tuple(made),
        bus={i: x + dx_of(s.users[i][0]) for i, x in flat.columns.bus.items()},
        lane={i: body.axes[s.chain_of[i]] + dy_of(s.users[i][0]) for i in flat.columns.bus},
        gather={i: x + dx_of(i) for i, x in flat.columns.gather.items()},
        arcs=tuple(
            replace(a, x0=a.x0 + dx_of(a.anchor), x1=a.x1 + dx_of(a.anchor), y=a.y + axis[a.anchor])
            for arcs in body.arcs.values()
            for a in arcs
        ),
        lines=tuple(
            line.moved(dx_of(line.ref), axis[line.ref]) for lines in body.lines.values() for line in lines
        ),
        wires={edge: y + dy_of(edge[0]) for edge, y in body.wires.items()},
        panels=tuple(frame.moved(*shift[r]) for r, row in enumerate(frames) for frame in row),
        brackets=tuple(
            replace(b, x0=b.x0 + dx, x1=b.x1 + dx, y=b.y + dy)
            for b in body.brackets
            for dx, dy in [_bracket_shift(b, flat, first, shift, row_of)]
        ),
        width=right + PAD + indent,
        height=top,
    )


def _bracket_shift(
    bracket: Bracket,
    flat: Flat,
    first: Mapping[int, str],
    shift: Mapping[int, tuple[float, float]],
    row_of: Mapping[str, int],
) -> tuple[float, float]:
    """A bracket of one lane moves with the row of a node above it."""
    for i, solid in flat.columns.solids.items():
        if abs(solid.left - bracket.x0) < 0.05:
            return shift[row_of[i]]
    return shift[0]


def _frames(flat: Flat, rows: Sequence[range]) -> list[list[Frame]]:
    """Panels, or their parts, of each row."""
    found = [_framed(flat, {i for k in atoms for i in flat.atoms[k]}) for atoms in rows]
    order = [frame.number for row in found for frame in row]
    result: list[list[Frame]] = []
    seen: list[int] = []
    for row in found:
        counted = [replace(f, part=seen.count(f.number), parts=order.count(f.number)) for f in row]
        result.append(counted)
        seen += [frame.number for frame in row]
    return result


def _framed(flat: Flat, nodes: set[str]) -> list[Frame]:
    """Panels of one row, or what of them is in it. Those on one axis share top and bottom."""
    s = flat.structure
    found: dict[int, list[Frame]] = {}
    for number, rect in flat.body.panels.items():
        members = s.panels[number].members
        here = [i for i in members if i in nodes]
        if here:
            whole = len(here) == len(members)
            frame = Frame(number, rect if whole else _cut_rect(flat, number, here, rect))
            found.setdefault(s.chain_of[members[-1]], []).append(frame)
    frames: list[Frame] = []
    for row in found.values():
        top = min(frame.rect[1] for frame in row)
        low = max(frame.rect[3] for frame in row)
        frames += [replace(f, rect=(f.rect[0], top, f.rect[2], low)) for f in row]
    return sorted(frames, key=lambda frame: frame.number)


def _cut_rect(flat: Flat, number: int, here: Sequence[str], rect: Rect) -> Rect:
    """What stands around some members of a panel that is parted."""
    s, solids = flat.structure, flat.columns.solids
    atoms = [k for k, atom in enumerate(flat.atoms) if set(atom) & set(here)]
    lines = [line.rect for found in flat.body.lines.values() for line in found if line.ref in here]
    members = s.panels[number].members
    x0 = rect[0] if members[0] in here else min(flat.extents[k][0] for k in atoms)
    x1 = rect[2] if members[-1] in here else max(solids[i].right for i in here) + PANEL_SIDE
    x1 = max([x1, *(r[2] + 4 for r in lines)])
    return (x0, rect[1], x1, rect[3])


def _heights(flat: Flat, nodes: set[str], frames: Sequence[Frame]) -> tuple[float, float]:
    s, body, solids = flat.structure, flat.body, flat.columns.solids
    ys = [(body.axes[s.chain_of[i]], solids[i]) for i in nodes]
    tops = [y + v.top for y, v in ys]
    lows = [y + v.bottom for y, v in ys]
    tops += [y + v.top - 3.2 * 2 for (y, v), i in zip(ys, nodes, strict=True) if s.net[i].rank >= 4]
    for k, arcs in body.arcs.items():
        tops += [body.axes[k] + a.y - 1 for a in arcs if a.anchor in nodes]
    for k, lines in body.lines.items():
        lows += [body.axes[k] + line.rect[3] for line in lines if line.ref in nodes]
        tops += [body.axes[k] + line.rect[1] for line in lines if line.ref in nodes]
    for frame in frames:
        tops.append(frame.rect[1] - PANEL_TITLE)
        lows.append(frame.rect[3])
    lows += [y + 1 for (source, _), y in body.wires.items() if source in nodes]
    xs = (min(v.left for _, v in ys), max(v.right for _, v in ys))
    lows += [b.y + BRACKET_HEIGHT for b in body.brackets if xs[0] - 1 <= b.x0 <= xs[1]]
    return min(tops), max(lows)
