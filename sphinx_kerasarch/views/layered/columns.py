"""Where the boxes stand along the flow: glue, gaps, branches that wait for their merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...layout.solid import KX, Solid
from ...layout.text import measure
from .folding import TITLE
from .sizing import BALL, Size
from .structure import Structure, rank_change
from .tensors import BLOCK, Node
from .words import DETAIL, LONGEST, LabelWidths, Run

RUN_GAP, BAR_GAP, BALL_GAP, RANK_GAP = 13.0, 14.0, 10.0, 20.0
TIGHT_GAP = 8.0
TAP = 10.0
"""Room for a skip that leaves the edge."""
PANEL_GAP = 9.0
LANE_GAP = 8.0
BUS = 12.0
"""From the vertical of a fork or a join to the next silhouette: an arrow head and its shaft."""
LABEL_GAP, LABEL_CAP = 5.0, 44.0
PANEL_SIDE = 6.0


@dataclass(frozen=True, slots=True)
class Columns:
    solids: Mapping[str, Solid]
    """On an axis at height 0."""
    bus: Mapping[str, float]
    """x of the vertical where the node's output parts into several lanes."""
    gather: Mapping[str, float]
    """x of the vertical where lanes meet before a box with several inputs."""

    @property
    def width(self) -> float:
        """px from the first to the last box."""
        return max(s.right for s in self.solids.values()) - min(s.left for s in self.solids.values())


@dataclass(frozen=True, slots=True)
class _Rules:
    structure: Structure
    sizes: Mapping[str, Size]
    widths: Mapping[str, float]
    overhang: Mapping[str, float]
    """How far the label of a run reaches beyond its front, for the nodes at its ends."""
    values: Mapping[str, float]
    """The same for the value line alone."""
    extra: Mapping[str, float]
    """px added before a node so that panel titles fit and lines keep apart."""
    tight: bool = False
    leads: Mapping[str, float] = field(default_factory=dict)
    """px added between a node and the vertical where its output parts."""

    def half(self, i: str) -> float:
        size = self.sizes[i]
        return KX * (size.d1 or size.d) / 2

    def over_left(self, i: str) -> float:
        """How far the label reaches left of the silhouette."""
        return max(0.0, self.overhang.get(i, 0.0) - 1)

    def over_right(self, i: str) -> float:
        size = self.sizes[i]
        return max(0.0, self.overhang.get(i, 0.0) - KX * max(size.d, size.d1))

    def forks(self, p: str) -> bool:
        s = self.structure
        return any((p, u) in s.forks or (p, u) in s.wires for u in s.users[p])

    def gathers(self, n: str) -> bool:
        s = self.structure
        return s.net[n].kind != "ball" and (
            n in s.entries
            or any((p, n) in s.joins or (p, n) in s.wires or (p, n) in s.skips for p in s.net[n].inputs)
        )

    def tapped(self, p: str) -> bool:
        s = self.structure
        following = s.following(p)
        if following and rank_change(s.net[p], s.net[following]):
            return False
        return any((p, u) in s.skips for u in s.users[p])

    def joined(self, n: str) -> bool:
        s = self.structure
        return n in s.entries or any((p, n) in s.joins or (p, n) in s.wires for p in s.net[n].inputs)

    def gap(self, p: Node, n: Node) -> float:
        """px between the silhouettes of two neighbours that are not glued."""
        s, ball, n_half = self.structure, "ball" in {p.kind, n.kind}, BALL / 2
        bars = self.sizes[p.id].form == self.sizes[n.id].form == "bar"
        gap = BAR_GAP if bars else BALL_GAP if ball else RUN_GAP
        if self.tight:
            gap = min(gap, TIGHT_GAP)
        if not ball and p.rank != n.rank:
            gap = RANK_GAP
        if not ball and (p.rank <= 2 or n.rank <= 2):
            a, b = self.sizes[p.id], self.sizes[n.id]
            need = (
                (self.widths[p.id] + self.widths[n.id]) / 2
                + LABEL_GAP
                - (a.w + b.w) / 2
                - KX * (a.d + b.d) / 2
            )
            if self.pushed_aside(p):
                # Its label stands flush left, beside the dashed lines.
                flush = self.widths[p.id] + LABEL_GAP + (self.widths[n.id] - b.w) / 2 - a.w - KX * a.d
                gap = max(gap, min(flush, LABEL_CAP))
            gap = max(gap, min(need + KX * (a.d - b.d) / 2, LABEL_CAP))
        elif not ball:
            # Value lines of neighbours stay beside each other; details may drop below.
            wide = KX * max(self.sizes[p.id].d, self.sizes[p.id].d1)
            need = self.values.get(p.id, 0.0) + self.values.get(n.id, 0.0) - wide + LABEL_GAP
            gap = max(gap, min(need, LABEL_CAP))
        else:
            # The constant under a ball stands between the boxes.
            under = [
                min(max(measure(i.word, DETAIL), measure(i.caption, DETAIL)), LONGEST) / 2 - n_half
                for i in (p, n)
                if i.kind == "ball" and (i.word or i.caption)
            ]
            gap = max([gap, sum(under) + 4] if under else [gap])
            other = n if p.kind == "ball" else p
            over = self.over_left(n.id) if p.kind == "ball" else self.over_right(p.id)
            if other.rank <= 2 or other.class_name == BLOCK:
                gap = max(gap, min(over + 4, LABEL_CAP))
            elif n is other and self.joined(p.id) and self.opens(n):
                # Dashed lines on its right and an upright line on its left: the label stands flush right.
                gap = max(gap, min(2 * over + 4, LABEL_CAP))
        mine, other_panel = s.panel_of.get(n.id), s.panel_of.get(p.id)
        if mine != other_panel:
            gap += PANEL_GAP * ((mine is not None) + (other_panel is not None)) - 4
            # The label of what stands outside keeps clear of the border, even where it is pushed aside by
            # the dashed lines of a rank change.
            following = s.following(n.id)
            aside = following and rank_change(n, s.net[following])
            left = 2 * self.over_left(n.id) + 6 if aside else self.over_left(n.id)
            over = left if mine is None else self.over_right(p.id)
            gap = max(gap, PANEL_SIDE + 7 + over)
        if self.joined(n.id) and n.kind == "ball":
            gap = max(gap, self.over_right(p.id) + 4)
        if self.tapped(p.id):
            gap += TAP
        if self.gathers(n.id):
            gap = max(gap, BUS + LANE_GAP + (TAP if self.tapped(p.id) else 0.0)) + self.over_left(n.id)
        if self.forks(p.id):
            gap = max(gap + LANE_GAP, self.lead(p.id) + BUS + 6 + self.over_left(n.id))
        return gap + self.extra.get(n.id, 0.0)

    def opens(self, n: Node) -> bool:
        """Whether the run that begins here ends in a rank change."""
        s = self.structure
        following = s.following(n.id)
        while following and s.glued(n, s.net[following]):
            n = s.net[following]
            following = s.following(n.id)
        return bool(following) and rank_change(n, s.net[following])

    def pushed_aside(self, p: Node) -> bool:
        """Whether the dashed lines of a rank change from something higher take the place of the label's left part."""
        if len(p.inputs) != 1 or p.rank > 1:
            return False
        source = self.structure.net[p.inputs[0]]
        mine, other = self.sizes[p.id], self.sizes[source.id]
        return rank_change(source, p) and other.h > mine.h and self.widths[p.id] > mine.w + KX * mine.d

    def lead(self, p: str) -> float:
        """From the silhouette of a node to the vertical where its output parts."""
        panel_of = self.structure.panel_of
        lead = max(6.0, self.over_right(p) + 4) + self.leads.get(p, 0.0)
        following = next(iter(self.structure.users[p]), "")
        if following and panel_of.get(p) != panel_of.get(following):
            # The vertical of a fork into a panel stands inside the panel.
            lead += PANEL_GAP if p in panel_of else 0.0
            lead += PANEL_GAP + PANEL_SIDE if following in panel_of else 0.0
        return lead


def columns(
    structure: Structure,
    sizes: Mapping[str, Size],
    widths: LabelWidths,
    labelled: Sequence[Run],
    tight: bool = False,
    before: Mapping[str, float] | None = None,
    leads: Mapping[str, float] | None = None,
) -> Columns:
    """x of every node. Widens the gaps around panels whose titles are wider than their contents.

    ``before``: px added before nodes. ``leads``: px added before the verticals where outputs part.
    """
    overhang: dict[str, float] = {}
    values: dict[str, float] = {}
    for run in labelled:
        boxes = [i for i in run.nodes if sizes[i].form != "frustum"] or list(run.nodes)
        front = sum(sizes[i].w for i in boxes)
        for i in (run.nodes[0], run.nodes[-1]):
            values[i], overhang[i] = ((wide - front) / 2 for wide in widths.run[run.nodes[0]])
    extra = dict(before or {})
    rules = _Rules(structure, sizes, widths.node, overhang, values, extra, tight, leads or {})
    found = _place(rules)
    titled: dict[str, float] = {}
    for panel in structure.panels:
        left = min(found.solids[i].left for i in panel.members) - PANEL_SIDE
        right = max(found.solids[i].right for i in panel.members) + PANEL_SIDE
        lack = measure(panel.title, *TITLE) + 6 - (right - left)
        if lack > 0:
            inside = set(panel.members)
            for i in panel.members:
                if not inside & set(structure.net[i].inputs):
                    titled[i] = lack / 2
                for u in structure.users[i]:
                    if u not in inside:
                        titled[u] = titled.get(u, 0.0) + lack / 2
    for i, more in titled.items():
        extra[i] = extra.get(i, 0.0) + more
    return _place(rules) if titled else found


def _place(rules: _Rules) -> Columns:
    s, net = rules.structure, rules.structure.net
    solids: dict[str, Solid] = {}
    bus: dict[str, float] = {}
    for i, node in net.items():
        size = rules.sizes[i]
        x = rules.half(i)
        for source in node.inputs:
            p = solids[source]
            extra = rules.extra.get(i, 0.0)
            if s.glued(net[source], node):
                x = p.x1
            elif (source, i) in s.skips:
                x = max(x, p.right + TAP + rules.half(i))
            elif (source, i) in s.forks:
                x = max(x, p.right + rules.lead(source) + BUS + rules.over_left(i) + rules.half(i) + extra)
            else:
                x = max(x, p.right + rules.gap(net[source], node) + rules.half(i))
        solids[i] = Solid(x, size.w, size.h, size.d, size.h1, size.d1)
    _wait(rules, solids)
    for i in net:
        if rules.forks(i):
            bus[i] = solids[i].right + rules.lead(i)
    gather = {i: solids[i].axis_left - BUS - rules.over_left(i) for i in net if rules.gathers(i)}
    return Columns(solids, bus, gather)


def _wait(rules: _Rules, solids: dict[str, Solid]) -> None:
    """Chains that start with an input slide right to where they are needed."""
    s, net = rules.structure, rules.structure.net
    for chain in reversed(s.chains):
        if chain.fork or not chain.join or net[chain.nodes[0]].inputs:
            continue
        own = set(chain.nodes)
        slack = min(
            (
                solids[u].left
                - solids[i].right
                - (
                    rules.gap(net[i], net[u])
                    if (i, u) not in s.forks
                    else rules.lead(i) + BUS + rules.over_left(u)
                )
                for i in chain.nodes
                for u in s.users[i]
                if u not in own
            ),
            default=0.0,
        )
        if slack > 0.05:
            for i in chain.nodes:
                solids[i] = solids[i].moved(slack)
