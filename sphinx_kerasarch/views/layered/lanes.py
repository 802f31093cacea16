"""How high the chains stand: a tidy tree of rigid bodies, each as near to its parent as its labels allow."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ...errors import DrawError
from ...layout.solid import Solid, project
from ...layout.text import measure
from .columns import Columns
from .labels import Line, Rect, on_arc, place, under_ball
from .sizing import BALL
from .structure import Edge, Structure, rank_change
from .words import Run

CLEAR = 14.0
"""Between the labels of a lane and the boxes of the next."""
REACH = 27.0
"""Least distance of two lanes that meet in a ball."""
ARC_CLEAR, ARC_PITCH = 8.0, 9.0
ARC_LABEL = 13.0
"""Height of what is written at the convolution on an arc."""
WIRE_PITCH = 9.0
MAX_ARCS, MAX_WIRES, MAX_LANES = 16, 3, 60
PANEL_SIDE, PANEL_LEAST, PANEL_TITLE = 6.0, 27.0, 14.0
BRACKET_DROP, BRACKET_HEIGHT = 7.0, 14.0


@dataclass(frozen=True, slots=True)
class Arc:
    """A skip above its chain; heights relative to the axis."""

    edge: Edge
    x0: float
    x1: float
    y: float
    start: float
    """Where it leaves: 0 on the edge, or the middle of the top face of a glued box."""
    part: str = ""
    """Of a skip into another row: ``out`` leads from its source to the end of the row, ``in`` from the end of a row
    to its target."""
    anchor: str = ""
    """Node in whose row it stands."""


@dataclass(frozen=True, slots=True)
class Bracket:
    label: str
    x0: float
    x1: float
    y: float
    ref: str
    aside: float = 0.0
    """px by which the title stands off the middle, so that no line runs through it."""


def title_aside(label: str, x0: float, x1: float, lines: Sequence[float]) -> float:
    """How far off the middle of a bracket its title finds a place between upright ``lines``."""
    half, middle = measure(label, 9.5, 600) / 2 + 7, (x0 + x1) / 2
    room = (x1 - x0) / 2 - half - 4
    for step in range(max(1, 2 * int(room / 4))):
        aside = (step + 1) // 2 * 4.0 * (1 if step % 2 else -1)
        if all(abs(middle + aside - x) > half for x in lines):
            return aside
    return 0.0


@dataclass(slots=True)
class Body:
    """A chain with all that hangs on it, relative to its axis."""

    rects: list[Rect] = field(default_factory=list)
    axes: dict[int, float] = field(default_factory=dict)
    arcs: dict[int, list[Arc]] = field(default_factory=dict)
    lines: dict[int, tuple[Line, ...]] = field(default_factory=dict)
    wires: dict[Edge, float] = field(default_factory=dict)
    brackets: list[Bracket] = field(default_factory=list)
    panels: dict[int, Rect] = field(default_factory=dict)
    roofs: list[Rect] = field(default_factory=list)
    """Over panels; what stands inside of one is not meant."""

    def take(self, other: Body, dy: float) -> None:
        self.rects += [(a, b + dy, c, d + dy) for a, b, c, d in other.rects]
        self.axes |= {k: y + dy for k, y in other.axes.items()}
        self.arcs |= other.arcs
        self.lines |= other.lines
        self.wires |= {edge: y + dy for edge, y in other.wires.items()}
        self.panels |= {k: (a, b + dy, c, d + dy) for k, (a, b, c, d) in other.panels.items()}
        self.brackets += [replace(b, y=b.y + dy) for b in other.brackets]


def _over(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] + 4 and b[0] < a[2] + 4


def _below(body: Body, child: Body, clear: float = CLEAR) -> float:
    """Least shift that puts ``child`` under what ``body`` has above it."""
    return max((b[3] + clear - c[1] for c in child.rects for b in body.rects if _over(b, c)), default=0.0)


def _above(body: Body, child: Body, clear: float = CLEAR) -> float:
    return min((b[1] - clear - c[3] for c in child.rects for b in body.rects if _over(b, c)), default=0.0)


@dataclass(slots=True)
class _Builder:
    structure: Structure
    columns: Columns
    labelled: Sequence[Run]
    named: Sequence[tuple[str, str, frozenset[str]]]
    """Brackets that belong to one lane: (label, block id, nodes)."""
    children: dict[int, list[int]] = field(default_factory=dict)
    keep_free: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    """Chain → x of lines between other chains, which its labels must not touch."""
    row_ends: Mapping[str, float] = field(default_factory=dict)
    """Node → right end of its row, when skips lead from row to row."""
    borders: tuple[float, ...] = ()
    """x of the sides of the repeat panels."""

    def target_x(self, n: str) -> float:
        """x where a line from another lane comes in."""
        solid = self.columns.solids[n]
        return self.columns.gather.get(n, solid.x + BALL / 2)

    def verticals(self, k: int) -> list[Rect]:
        """Lines that go down from, or come up to, the axis of a chain."""
        s = self.structure
        found = []
        for c in self.children.get(k, []):
            child = s.chains[c]
            if child.mode in {"below", "output"} and child.fork in self.columns.bus:
                found.append(self.columns.bus[child.fork])
            if child.mode in {"below", "tower"} and child.join:
                found.append(self.target_x(child.join))
        for i in s.chains[k].nodes:
            found += [self.columns.bus[i] for u in s.users[i] if (i, u) in s.wires]
            found += [self.target_x(i) for p in s.net[i].inputs if (p, i) in s.wires]
            found += [self.target_x(i)] if i in s.entries else []
        found += self.keep_free.get(k, ())
        borders = [(x - 3, -1e6, x + 3, 1e6) for x in self.borders]
        return [(x - 1, 0.0, x + 1, 1e6) for x in found] + self.slopes(k) + borders

    def slopes(self, k: int) -> list[Rect]:
        """The lower dashed lines of rank changes, in pieces."""
        s, solids = self.structure, self.columns.solids
        found: list[Rect] = []
        for a, b in pairwise(s.chains[k].nodes):
            if rank_change(s.net[a], s.net[b]):
                p, n = solids[a], solids[b]
                ends = ((p.x1, p.h, p.d), (n.x, *n.start))
                (x0, y0), (x1, y1) = (project(x, h / 2, -d / 2, 0.0) for x, h, d in ends)
                for i in range(8):
                    u, v = (x0 + (x1 - x0) * t / 8 for t in (i, i + 1))
                    y, z = (y0 + (y1 - y0) * t / 8 for t in (i, i + 1))
                    found.append((u, min(y, z), v, max(y, z)))
        return found

    def own(self, k: int) -> Body:
        s, chain = self.structure, self.structure.chains[k]
        solids = {i: self.columns.solids[i] for i in chain.nodes}
        inside = set(chain.nodes)
        body = Body(axes={k: 0.0})
        labelled = [run for run in self.labelled if run.nodes[0] in inside]
        balls = [s.net[i] for i in chain.nodes if s.net[i].kind == "ball"]
        fixed = [line for n in balls for line in under_ball(n, solids[n.id].x + BALL / 2)]
        uprights = self.verticals(k)
        lines = place(labelled, s.net, solids, uprights, fixed)
        body.lines[k] = lines
        body.rects += [(v.left, v.top, v.right, v.bottom) for v in solids.values()]
        body.rects += [line.rect for line in lines]
        for a, b in pairwise(chain.nodes):
            body.rects.append((solids[a].right, -4.0, solids[b].left, 4.0))
        first, last = solids[chain.nodes[0]], solids[chain.nodes[-1]]
        if chain.fork:
            body.rects.append((self.columns.bus[chain.fork], -3.0, first.left, 3.0))
        if chain.join:
            body.rects.append((last.right, -3.0, self.target_x(chain.join), 3.0))
        for label, block, nodes in self.named:
            if nodes <= inside:
                self.bracket(body, label, block, [solids[i] for i in chain.nodes if i in nodes], uprights)
        return body

    def bracket(
        self, body: Body, label: str, block: str, solids: Sequence[Solid], uprights: Sequence[Rect]
    ) -> None:
        x0, x1 = min(v.left for v in solids), max(v.right for v in solids)
        y = max((r[3] for r in body.rects if r[0] < x1 and r[2] > x0), default=0.0) + BRACKET_DROP
        half = measure(label, 9.5, 600) / 2
        aside = title_aside(label, x0, x1, [(r[0] + r[2]) / 2 for r in uprights])
        body.brackets.append(Bracket(label, x0, x1, y, block, aside))
        middle = (x0 + x1) / 2
        body.rects.append((min(x0, middle - half), y, max(x1, middle + half), y + BRACKET_HEIGHT))

    def arcs(self, k: int, body: Body) -> None:
        """Skips of the chain, the shortest first."""
        s, solids = self.structure, self.columns.solids
        chain = s.chains[k]
        wanted: list[Arc] = []
        for i in chain.nodes:
            for u in s.users[i]:
                if (i, u) in s.skips:
                    following = s.following(i)
                    on_top = bool(following) and leaves_on_top(s, i, following)
                    if on_top:
                        x0, start = solids[i].x + solids[i].w / 2, -solids[i].h / 2
                    else:
                        # What joins from the side joins after the skip has left.
                        first = min(solids[following].left, self.target_x(following)) if following else 0.0
                        x0, start = first - 9.0 if following else solids[i].right + 4, 0.0
                    source, x1 = i if on_top or not following else following, self.arc_end(u)
                    ends = (self.row_ends.get(source, x1), self.row_ends.get(u, x1))
                    if ends[0] != ends[1]:
                        wanted.append(Arc((i, u), x0, ends[0], 0.0, start, "out", source))
                        wanted.append(Arc((i, u), x1, ends[1], 0.0, 0.0, "in", u))
                    else:
                        wanted.append(Arc((i, u), x0, x1, 0.0, start, "", u))
        if self.row_ends:
            self.above_panels(k, body, wanted)
        found = self.arc_lanes(wanted, body, bundled=False)
        if len({round(a.y, 1) for a in found}) > MAX_ARCS:
            found = self.arc_lanes(wanted, body, bundled=True)
        if len({round(a.y, 1) for a in found}) > MAX_ARCS:
            raise too_tangled(s, "skip connections over each other")
        body.arcs[k] = found
        body.rects += [(a.x0 - 2, a.y - 1, a.x1 + 2, a.y + 1) for a in found]
        for arc in found:
            if (text := s.net[arc.edge[1]].shortcut) and not arc.part:
                line = on_arc(arc.edge[1], text, (arc.x0 + arc.x1) / 2, arc.y)
                body.lines[k] += (line,)
                body.rects.append(line.rect)

    def above_panels(self, k: int, body: Body, wanted: Sequence[Arc]) -> None:
        """Room over the repeat panels of a chain, which long skips pass: all panels of a row have one height."""
        s, solids = self.structure, self.columns.solids
        inside = [set(p.members) for p in s.panels if s.chain_of[p.members[-1]] == k]
        tops = []
        for members in inside:
            own = [a for a in wanted if a.edge[1] in members and not a.part]
            tops += [a.y for a in self.arc_lanes(own, body, bundled=False)]
            tops += [solids[i].top for i in members]
        for members in inside:
            x0, x1 = min(solids[i].left for i in members), max(solids[i].right for i in members)
            body.roofs.append((x0 - 20, min(tops) - ARC_CLEAR - PANEL_TITLE, x1 + 8, 0.0))

    def arc_lanes(self, wanted: Sequence[Arc], body: Body, bundled: bool) -> list[Arc]:
        """The arcs with their heights; ``bundled``: those into one node share one."""
        groups: dict[Hashable, list[Arc]] = {}
        for entry in wanted:
            groups.setdefault((entry.edge[1] if bundled else entry.edge, entry.part), []).append(entry)
        spans = sorted(
            ((min(a.x0 for a in g), max(a.x1 for a in g), g) for g in groups.values()),
            key=lambda s: (s[1] - s[0], s[0]),
        )
        found: list[Arc] = []
        for x0, x1, group in spans:
            y = min((r[1] for r in body.rects if r[0] <= x1 + 1 and r[2] >= x0 - 1), default=0.0) - ARC_CLEAR
            roofs = [r[1] for r in body.roofs if r[0] < x1 and r[2] > x0 and not r[0] <= x0 <= x1 <= r[2]]
            y = min([y, *(roof - ARC_CLEAR for roof in roofs)])
            for other in found:
                # Arcs that meet end to end may share a height.
                if other.x0 < x1 - 1 and x0 < other.x1 - 1:
                    told = bool(self.structure.net[other.edge[1]].shortcut)
                    y = min(y, other.y - ARC_PITCH - (ARC_LABEL if told else 0.0))
            found += [replace(arc, y=y) for arc in group]
        return found

    def arc_end(self, u: str) -> float:
        solid = self.columns.solids[u]
        return self.columns.gather.get(u, solid.x + solid.w / 2)

    def stack(self, kids: Sequence[tuple[int, Body]]) -> tuple[Body, list[float]]:
        """Bodies under each other, and their axes."""
        pile = Body()
        axes: list[float] = []
        for k, kid in kids:
            dy = _below(pile, kid) if pile.rects else 0.0
            if axes:
                dy = max(dy, axes[-1] + REACH)
            pile.take(kid, dy)
            axes.append(pile.axes[k])
        return pile, axes

    def assemble(self, k: int, bodies: Mapping[int, Body]) -> Body:
        """The chain with its children, whose bodies are known."""
        s, chain = self.structure, self.structure.chains[k]
        body = self.own(k)
        kids = self.children.get(k, [])
        for c in reversed([c for c in kids if s.chains[c].mode == "above"]):
            body.take(bodies[c], min(_above(body, bodies[c]), -REACH))
        self.arcs(k, body)
        for c in sorted((c for c in kids if s.chains[c].mode == "below"), key=self.span):
            body.take(bodies[c], max(_below(body, bodies[c]), REACH))
        towers = [c for c in kids if s.chains[c].mode == "tower"]
        towers.sort(key=lambda c: s.net[chain.nodes[0]].inputs.index(s.chains[c].nodes[-1]))
        for group in (towers, [c for c in kids if s.chains[c].mode == "output"]):
            if group:
                pile, axes = self.stack([(c, bodies[c]) for c in group])
                middle = axes[len(axes) // 2] if len(axes) % 2 else (axes[0] + axes[-1]) / 2
                body.take(pile, -middle)
        self.panels(k, body)
        return body

    def panels(self, k: int, body: Body) -> None:
        """Boxes around the repeats whose members are all here, and not in a child alone."""
        s, solids = self.structure, self.columns.solids
        inside = set(s.chains[k].nodes)
        for number, panel in enumerate(s.panels):
            members = set(panel.members)
            if not members & inside or any(s.chain_of[i] not in body.axes for i in members):
                continue
            axis = {i: body.axes[s.chain_of[i]] for i in members}
            x0, x1 = min(solids[i].left for i in members), max(solids[i].right for i in members)
            top = min(axis[i] + solids[i].top for i in members)
            low = max(axis[i] + solids[i].bottom for i in members)
            labels = low + PANEL_LEAST
            for c in {s.chain_of[i] for i in members}:
                for line in body.lines[c]:
                    if line.ref in members:
                        top = min(top, body.axes[c] + line.rect[1])
                        labels = max(labels, body.axes[c] + line.rect[3] + 6)
                        x0, x1 = min(x0, line.rect[0] + 2), max(x1, line.rect[2] - 2)
                for arc in body.arcs[c]:
                    if arc.edge[1] in members and arc.part != "out":
                        top = min(top, body.axes[c] + arc.y)
                        # An arc that comes over other boxes comes in through the side.
                        over = [i for i in s.chains[c].nodes if i not in members]
                        if not any(arc.x0 < solids[i].right and solids[i].left < x0 for i in over):
                            x0 = min(x0, arc.x0 - 2)
            for i in members:
                for p in s.net[i].inputs:
                    if p not in members and p in self.columns.bus:
                        x0 = min(x0, self.columns.bus[p] - 2)
            body.panels[number] = (x0 - PANEL_SIDE, top - ARC_CLEAR, x1 + PANEL_SIDE, labels)
            body.rects.append((x0 - PANEL_SIDE, top - ARC_CLEAR - PANEL_TITLE, x1 + PANEL_SIDE, labels))

    def span(self, c: int) -> tuple[float, float]:
        """Long neighbours stand farther away; those that leave together keep their order."""
        chain = self.structure.chains[c]
        solids = self.columns.solids
        start = self.columns.bus[chain.fork] if chain.fork else solids[chain.nodes[0]].left
        end = self.target_x(chain.join) if chain.join else solids[chain.nodes[-1]].right
        return (round(end - start, 1), c)

    def wire(self, body: Body, edge: Edge) -> None:
        """A lane below everything between source and target."""
        x0, x1 = self.columns.bus[edge[0]], self.target_x(edge[1])
        x0, x1 = min(x0, x1), max(x0, x1)
        y = max((r[3] for r in body.rects if r[0] < x1 + 3 and r[2] > x0 - 3), default=0.0) + WIRE_PITCH
        body.wires[edge] = y
        body.rects.append((x0, y - 1, x1, y + 1))


def leaves_on_top(structure: Structure, i: str, following: str) -> bool:
    """A skip from a box without an edge to the right starts on its top face."""
    p, n = structure.net[i], structure.net[following]
    return structure.glued(p, n) or rank_change(p, n)


def too_tangled(structure: Structure, what: str) -> DrawError:
    return DrawError(
        f"The model has too many {what} for a layered figure.",
        advice="Take the view 'graph'.",
        data={"boxes": len(structure.net)},
    )


def lanes(
    structure: Structure,
    columns: Columns,
    labelled: Sequence[Run],
    named: Sequence[tuple[str, str, frozenset[str]]],
    keep_free: Mapping[int, tuple[float, ...]] | None = None,
    row_ends: Mapping[str, float] | None = None,
) -> Body:
    """Heights of all chains, arcs, labels and wires in one frame.

    ``keep_free``: chain → x of lines between other chains, which its labels must not touch. ``row_ends``: node → right
    end of its row, when skips lead from row to row.
    """
    if len(structure.wires) > MAX_WIRES:
        raise too_tangled(structure, "connections between its branches")
    if len(structure.chains) > MAX_LANES * 4:
        raise too_tangled(structure, "branches")
    builder = _Builder(
        structure,
        columns,
        labelled,
        named,
        keep_free=keep_free or {},
        row_ends=row_ends or {},
        borders=_borders(structure, columns),
    )
    for k, chain in enumerate(structure.chains):
        builder.children.setdefault(chain.parent, []).append(k)
    wires: dict[int, list[Edge]] = {}
    for edge in sorted(structure.wires, key=lambda e: (columns.solids[e[1]].x - columns.solids[e[0]].x, e)):
        wires.setdefault(_common(structure, edge), []).append(edge)
    bodies: dict[int, Body] = {}
    for k in _bottom_up(builder.children):
        bodies[k] = builder.assemble(k, bodies)
        for edge in wires.get(k, []):
            builder.wire(bodies[k], edge)
    whole = Body()
    for k in builder.children.get(-1, []):
        whole.take(bodies[k], _below(whole, bodies[k], 2 * CLEAR) if whole.rects else 0.0)
    for edge in wires.get(-1, []):
        builder.wire(whole, edge)
    return whole


def _borders(structure: Structure, columns: Columns) -> tuple[float, ...]:
    """Sides of the repeat panels, as far as boxes and lines determine them."""
    solids = columns.solids
    found: list[float] = []
    for panel in structure.panels:
        inside = set(panel.members)
        west = x0 = min(solids[i].left for i in inside)
        for i in panel.members:
            for p in structure.net[i].inputs:
                if p not in inside:
                    x0 = min(x0, columns.bus.get(p, west) - 2)
                    if any((p, u) in structure.skips for u in structure.users[p]):
                        x0 = min(x0, solids[i].left - 11, columns.gather.get(i, solids[i].left) - 11)
        found += [x0 - PANEL_SIDE, max(solids[i].right for i in inside) + PANEL_SIDE]
    return tuple(found)


def _bottom_up(children: Mapping[int, Sequence[int]]) -> list[int]:
    order: list[int] = []
    stack = list(children.get(-1, []))
    while stack:
        k = stack.pop()
        order.append(k)
        stack += children.get(k, [])
    return order[::-1]


def _common(structure: Structure, edge: Edge) -> int:
    """Nearest chain that both ends of an edge hang on."""

    def up(k: int) -> list[int]:
        path = [k]
        while path[-1] != -1:
            path.append(structure.chains[path[-1]].parent)
        return path

    second = set(up(structure.chain_of[edge[1]]))
    return next(k for k in up(structure.chain_of[edge[0]]) if k in second)
