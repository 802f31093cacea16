"""Rows of a figure: which parts stand beside each other, which lane each way has, and how high all is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations

from .places import LIFT, Edge, Line
from .words import NAME, PITCH, TITLE

PAD = 8.0
WORDS_DROP = 16.0
"""px from the lowest picture to the baseline of the words."""
LANE_GAP, ROW_GAP = 14.0, 26.0
ARC, ARC_FIRST = 9.0, 8.0
"""Pitch of skips above a lane, and their distance from it."""
NAME_PITCH = 11.0
"""px from the size to the name above it."""
STUB = 14.0
"""px that a line takes at both ends of a row."""
WIDER = 0.4
"""Most by which a row is drawn out."""
TRIES = 24


@dataclass(frozen=True, slots=True)
class Row:
    nodes: tuple[str, ...]
    enter: Edge | None
    """The edge that comes from the row above."""
    leave: Edge | None


@dataclass(frozen=True, slots=True)
class Placed:
    """All of a row, or of a figure, in px."""

    x: Mapping[str, float]
    axis: Mapping[str, float]
    words: Mapping[str, tuple[float, float]]
    """Node → centre and first baseline of the words of its operation."""
    titles: Mapping[str, tuple[float, float]]
    """Node → left end and baseline."""
    arcs: Mapping[Edge, float]
    """Skip → height of its level part."""
    turns: Mapping[Edge, tuple[float, float, float]]
    """Edge between rows → right end, level part and left end of its line."""
    width: float
    height: float


def split(line: Line) -> list[tuple[str, ...]]:
    """Parts between which a row may end, from left to right."""
    parts = line.parts
    groups: list[tuple[str, ...]] = []
    done: set[str] = set()
    for edge in parts.cuts:
        inside = [i for i in parts.net if i in parts.cuts[edge] and i not in done]
        groups.append(tuple(inside))
        done.update(inside)
    return [*groups, tuple(i for i in parts.net if i not in done)]


def _extent(line: Line, nodes: Sequence[str]) -> tuple[float, float]:
    lefts, rights = [line.x[i] for i in nodes], [line.right(i) for i in nodes]
    for i in nodes:
        if i in line.title:
            lefts.append(line.title[i][0])
            rights.append(line.title[i][1])
        half = line.parts.words[i].width / 2
        if i in line.slot:
            lefts.append(line.slot[i] - half)
            rights.append(line.slot[i] + half)
    return min(lefts), max(rights)


def _reach(line: Line, nodes: Sequence[str], enters: bool, leaves: bool) -> tuple[float, float]:
    """Extent with the ends of the lines from and to other rows."""
    left, right = _extent(line, nodes)
    if enters:
        left = min(left, min(line.x[i] for i in nodes if line.parts.chain_of[i] == 0) - STUB)
    return left, right + (STUB - 6 if leaves else 0.0)


def balance(line: Line, width: float, most: int) -> list[tuple[str, ...]] | None:
    """As few rows as fit, of even length; None when a part alone is too wide or ``most`` rows are too few."""
    groups = split(line)

    def need(a: int, b: int) -> float:
        nodes = [i for group in groups[a:b] for i in group]
        left, right = _reach(line, nodes, a > 0, b < len(groups))
        return right - left + 2 * PAD

    best: list[tuple[int, float, int] | None] = [(0, 0.0, 0), *([None] * len(groups))]
    for b in range(1, len(groups) + 1):
        for a in range(b - 1, -1, -1):
            head, wide = best[a], need(a, b)
            if wide > width:
                break
            if head is not None:
                key = (head[0] + 1, head[1] + (width - wide) ** 2, a)
                current = best[b]
                if current is None or key[:2] < current[:2]:
                    best[b] = key
    last = best[-1]
    if last is None or last[0] > most:
        return None
    ends, b = [], len(groups)
    while b:
        step = best[b]
        assert step is not None
        ends.append((step[2], b))
        b = step[2]
    return [tuple(i for group in groups[a:b] for i in group) for a, b in reversed(ends)]


def _lanes(line: Line, nodes: Sequence[str], order: Sequence[int]) -> dict[int, int]:
    """Chain → lane: the main line on top, the others in the first lane that is free where they are."""
    parts = line.parts
    taken: list[list[tuple[float, float]]] = []
    result: dict[int, int] = {}
    here = set(nodes)
    for k in order:
        own = [i for i in parts.chains[k] if i in here]
        left, right = _extent(line, own)
        for s, i in (*parts.forks, *parts.joins):
            if i in own and s not in own:
                left = min(left, line.middle(s) - 6)
            if s in own and i not in own:
                right = max(right, line.middle(i) + 6)
        lane = next(
            (n for n, spans in enumerate(taken) if all(right + 12 < a or b + 12 < left for a, b in spans)),
            len(taken),
        )
        if not result:
            left, right = -1e9, 1e9
        if lane == len(taken):
            taken.append([])
        taken[lane].append((left, right))
        result[k] = lane
    return result


def lane_orders(line: Line, nodes: Sequence[str]) -> list[tuple[int, ...]]:
    """Orders in which the chains of a row may be given their lanes."""
    here = set(nodes)
    found = [k for k, chain in enumerate(line.parts.chains) if here.intersection(chain)]
    rest = found[1:]
    if len(rest) > 4:
        return [tuple(found), (*found[:1], *reversed(rest))]
    return [(*found[:1], *order) for order in permutations(rest)][:TRIES]


def _levels(line: Line, here: set[str]) -> dict[Edge, int]:
    """Skip → level above its lane, the shortest lowest."""
    parts = line.parts
    spans = sorted(
        (line.x[i] - line.right(s), line.x[s], line.x[i], s, i) for s, i in parts.skips if s in here
    )
    result: dict[Edge, int] = {}
    used: list[tuple[int, float, float, int]] = []
    for _, left, right, s, i in spans:
        chain = parts.chain_of[s]
        over = [lv for lv, a, b, k in used if k == chain and a < right + 4 and left - 4 < b]
        level = next(n for n in range(len(over) + 1) if n not in over)
        result[s, i] = level
        used.append((level, left, right, chain))
    return result


def _stretch(span: float, most: float, more: bool) -> float:
    """px for each px by which a row is drawn out to be as long as the longest; the last one only a little."""
    needed = most / span - 1
    return max(0.0, min(needed, WIDER)) if more or needed < WIDER / 2 else 0.0


def _over(line: Line, i: str) -> float:
    """px of the title over a picture, with a name of its own above that."""
    if i not in line.title:
        return 0.0
    return LIFT + 0.73 * TITLE + (NAME_PITCH if line.parts.net[i].caption else 0.0)


@dataclass(slots=True)
class _Page:
    """What is placed so far."""

    x: dict[str, float] = field(default_factory=dict)
    axis: dict[str, float] = field(default_factory=dict)
    words: dict[str, tuple[float, float]] = field(default_factory=dict)
    titles: dict[str, tuple[float, float]] = field(default_factory=dict)
    arcs: dict[Edge, float] = field(default_factory=dict)
    turns: dict[Edge, tuple[float, float, float]] = field(default_factory=dict)


def place(line: Line, rows: Sequence[tuple[str, ...]], orders: Sequence[Sequence[int]]) -> Placed:
    """The figure with its chains in lanes by ``orders``, one for each row."""
    page = _Page()
    spans = [_reach(line, nodes, r > 0, r + 1 < len(rows)) for r, nodes in enumerate(rows)]
    most = max(right - left for left, right in spans)
    top, right = PAD, 0.0
    enter: Edge | None = None
    for nodes, (left, end), order in zip(rows, spans, orders, strict=True):
        stretch = _stretch(end - left, most, nodes is not rows[-1])
        move = {i: PAD - left + stretch * (line.x[i] - left) for i in nodes}
        if enter is not None:
            page.turns[enter] = (page.turns[enter][0], top + ROW_GAP / 2 - 3, PAD)
            top += ROW_GAP
        top = _row(line, nodes, order, move, top, page)
        reach = PAD + (end - left) * (1 + stretch)
        right = max(right, reach)
        enter = next((e for e in line.parts.cuts if e[0] in move and e[1] not in move), None)
        if enter is not None:
            page.turns[enter] = (reach, 0.0, 0.0)
    return Placed(page.x, page.axis, page.words, page.titles, page.arcs, page.turns, right + PAD, top + PAD)


def _row(
    line: Line, nodes: Sequence[str], order: Sequence[int], move: Mapping[str, float], top: float, page: _Page
) -> float:
    """Place the lanes of a row from ``top`` on; its lower end."""
    chain_of = line.parts.chain_of
    lane_of = _lanes(line, nodes, order)
    levels = _levels(line, set(nodes))
    for lane in range(1 + max(lane_of.values())):
        own = [i for i in nodes if lane_of[chain_of[i]] == lane]
        up = max(line.size[i].height / 2 + _over(line, i) for i in own)
        arcs = {e: level for e, level in levels.items() if lane_of[chain_of[e[0]]] == lane}
        first = up + ARC_FIRST
        axis = top + (first + ARC * max(arcs.values()) + 2 if arcs else up)
        page.arcs.update({e: axis - first - ARC * level for e, level in arcs.items()})
        top = _lane(line, own, move, axis, page) + LANE_GAP
    return top - LANE_GAP


def _lane(line: Line, own: Sequence[str], move: Mapping[str, float], axis: float, page: _Page) -> float:
    """Place pictures, titles and words of a lane; its lower end."""
    parts, size = line.parts, line.size
    low = axis + max(size[i].height / 2 for i in own)
    base = low + WORDS_DROP
    for i in own:
        page.x[i], page.axis[i] = line.x[i] + move[i], axis
        if i in line.title:
            page.titles[i] = (line.title[i][0] + move[i], axis - size[i].height / 2 - LIFT)
        if i in line.slot:
            # Words between two pictures stay between them when a row is drawn out.
            ahead = [s for s in parts.net[i].inputs if (s, i) in parts.along and s in move]
            moved = [move[i], *(move[s] for s in ahead if size[i].form != "ball")]
            page.words[i] = (line.slot[i] + sum(moved) / len(moved), base)
            count = len(parts.words[i].lines) + bool(parts.words[i].name)
            low = max(low, base + PITCH * (count - 1) + 0.21 * NAME)
    return low
