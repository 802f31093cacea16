"""Where everything stands: from left to right by constraints, lanes below each other, rows cut where one line joins.

A *slot* is what a lane has in the band of words under it: the operation between two pictures, a name, or the room of
a line that leads down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ...layout.chains import bridges, paths, users
from ...layout.text import measure
from ..layered.tensors import Net, Node
from .sizing import BAR, Size
from .words import DETAIL, TITLE, WEIGHT, Words, title

GAP, BALL_GAP, WIRE_GAP = 26.0, 15.0, 34.0
"""px between neighbours, beside a merge, and where a line comes from another lane."""
TAP = 10.0
"""px more where a skip leaves."""
APART = 8.0
"""px between words beside each other."""
DOWN = 4.0
"""px that a line which leads down keeps free on each side."""
LIFT = 5.0
"""px between a title and its picture."""

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Parts:
    """A net in chains: the first is the main line."""

    net: Net
    words: Mapping[str, Words]
    chains: tuple[tuple[str, ...], ...]
    chain_of: Mapping[str, int]
    along: frozenset[Edge]
    skips: frozenset[Edge]
    """Between two of one chain that are not neighbours."""
    forks: frozenset[Edge]
    """To the head of another chain."""
    joins: frozenset[Edge]
    """All others."""
    users: Mapping[str, tuple[str, ...]]
    cuts: Mapping[Edge, frozenset[str]]
    """Where the main line may be continued in another row."""


def chained(net: Net, words: Mapping[str, Words]) -> Parts:
    inputs = {i: node.inputs for i, node in net.items()}
    chains = paths(inputs)
    chain_of = {i: k for k, chain in enumerate(chains) for i in chain}
    along = {edge for chain in chains for edge in pairwise(chain)}
    edges = [(s, i) for i, node in net.items() for s in node.inputs if (s, i) not in along]
    skips = {edge for edge in edges if chain_of[edge[0]] == chain_of[edge[1]]}
    forks = {(s, i) for s, i in edges if (s, i) not in skips and chains[chain_of[i]][0] == i}
    forks = {edge for edge in forks if net[edge[1]].inputs[0] == edge[0]}
    return Parts(
        net,
        words,
        tuple(map(tuple, chains)),
        chain_of,
        frozenset(along),
        frozenset(skips),
        frozenset(forks),
        frozenset(set(edges) - skips - forks),
        users(inputs),
        bridges(inputs, chains[0]) if chains else {},
    )


@dataclass(slots=True)
class Line:
    """All of a model beside each other, at one scale. x only; y follows from the lanes."""

    parts: Parts
    size: Mapping[str, Size]
    x: dict[str, float] = field(default_factory=dict)
    slot: dict[str, float] = field(default_factory=dict)
    """Node → centre of the words of its operation."""
    title: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Node → left and right end of its title."""

    def right(self, i: str) -> float:
        return self.x[i] + self.size[i].width

    def middle(self, i: str) -> float:
        """Where a line leaves downwards."""
        size = self.size[i]
        if size.form == "bar":
            return self.x[i] + size.width - BAR / 2
        return self.x[i] + size.front[0] + size.side[0] / 2

    def moved(self, nodes: Sequence[str], dx: float) -> None:
        for i in nodes:
            self.x[i] += dx
            if i in self.slot:
                self.slot[i] += dx
            if i in self.title:
                self.title[i] = (self.title[i][0] + dx, self.title[i][1] + dx)


def title_width(node: Node) -> float:
    """px of the wider of size and name."""
    return max(measure(title(node), TITLE, WEIGHT), measure(node.caption, DETAIL) if node.caption else 0.0)


def _title_span(line: Line, i: str) -> tuple[float, float]:
    """Over the middle of a stack and the upper end of a bar; drawn back where a line rises from its right end."""
    parts, size = line.parts, line.size[i]
    wide = title_width(parts.net[i])
    mid = size.width / 2 if size.form != "bar" else BAR / 2 + 1.0
    right = mid + wide / 2
    edge = size.front[0] + size.side[0] if size.form != "bar" else BAR
    rising = any(
        line.size[u].form == "bar"
        and line.size[u].height / 2 > -(size.front[1] if size.form != "bar" else -size.height / 2)
        for u in parts.users[i]
        if (i, u) in parts.along
    )
    if rising and right > edge + 1 and (size.form == "bar" or size.count < 4):
        right = max(edge + 1, wide)
    return right - wide, right


def _gap(line: Line, s: str, i: str) -> float:
    parts, size = line.parts, line.size
    if (s, i) not in parts.along:
        return WIRE_GAP
    gap = BALL_GAP if "ball" in {size[s].form, size[i].form} else GAP
    return gap + (TAP if any(a == s for a, _ in parts.skips) else 0.0)


def arrange(parts: Parts, size: Mapping[str, Size]) -> Line:
    """Each as far left as its neighbours, its title and its words allow; ways in slide right to where they lead."""
    line = Line(parts, size)
    ends: dict[int, float] = {}
    before: dict[int, str] = {}
    for i in parts.net:
        k = parts.chain_of[i]
        prev, last = before.get(k), ends.get(k, -1e9)
        span = _title_span(line, i) if size[i].form != "ball" else None
        x = _behind(line, i, prev, span[0] if span else 0.0)
        line.x[i] = x = max(x, _clear(line, i, prev, last))
        if span:
            line.title[i] = (x + span[0], x + span[1])
        ends[k], before[k] = _say(line, i, prev, last), i
    for chain in parts.chains[1:]:
        if not parts.net[chain[0]].inputs:
            room = [
                line.x[u] - _gap(line, i, u) - line.right(i)
                for i in chain
                for u in parts.users[i]
                if parts.chain_of[u] != parts.chain_of[i]
            ]
            line.moved(chain, max(0.0, min(room, default=0.0)))
    return line


def _behind(line: Line, i: str, prev: str | None, title_left: float) -> float:
    """Least left end behind all that feeds a picture, and behind the title of the picture before it."""
    parts = line.parts
    x = max((line.right(s) + _gap(line, s, i) for s in parts.net[i].inputs), default=0.0)
    if prev is None:
        return x
    x = max(x, line.right(prev) + 4 - title_left)
    if prev in line.title:
        end = line.title[prev][1]
        x = max(x, end + 4, end + APART - title_left)
        # A skip rises between the title and the next picture.
        x += TAP if any(a == prev for a, _ in parts.skips) and x < end + 12 else 0.0
    return x


def _clear(line: Line, i: str, prev: str | None, last: float) -> float:
    """Least left end at which the words of an operation are clear of those before, which end at ``last``.

    The words of an operation stand in the middle between two pictures, so that they move half as far as the second.
    """
    size, half = line.size[i], line.parts.words[i].width / 2
    x = -1e9
    if half and size.form == "ball":
        x = last + APART + half - size.width / 2 - _aside(line, i)
    elif half and prev is not None and line.size[prev].form == "ball":
        x = last + APART + half
    elif half and prev is not None:
        x = 2 * (last + APART + half) - line.right(prev)
    if _leads_down(line.parts, i):
        middle = size.front[0] + size.side[0] / 2 if size.form != "bar" else size.width - BAR / 2
        x = max(x, last + APART + DOWN - middle)
        if half and prev is not None:
            x = max(x, 2 * (DOWN + half + APART - middle) + line.right(prev))
    return x


def _say(line: Line, i: str, prev: str | None, last: float) -> float:
    """Give the words of an operation their place; the right end of what is said and led down so far."""
    half = line.parts.words[i].width / 2
    if half:
        if line.size[i].form == "ball":
            line.slot[i] = line.x[i] + line.size[i].width / 2 + _aside(line, i)
        elif prev is not None:
            line.slot[i] = max((line.right(prev) + line.x[i]) / 2, last + APART + half)
        else:
            line.slot[i] = line.x[i] - WIRE_GAP / 2 + 3
        last = line.slot[i] + half
    return max(last, line.middle(i) + DOWN) if _leads_down(line.parts, i) else last


def _aside(line: Line, i: str) -> float:
    """px that the words of a merge stand to the right of a line that comes from below."""
    from_below = any(b == i for _, b in line.parts.joins)
    return line.parts.words[i].width / 2 + 6 if from_below and line.parts.words[i].width else 0.0


def _leads_down(parts: Parts, i: str) -> bool:
    return any(a == i for a, _ in parts.forks)
