"""Clusters: each is laid out alone and then stands as one box in the level around it.

A link that crosses a cluster's border is cut there. It ends on the cluster's header, where an *entry* hands it on, and
leaves through an *exit* in the bottom border; a closed level therefore never routes through another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..figure import Card, Cluster, Graph, Link
from .cards import badge_width, card_width, height
from .engines import place
from .flat import Node, Placed, Wire, arrange_rows, least
from .text import measure
from .wires import RADIUS, Routed, route
from .wrap import MOST, wrap

SIDE, BOTTOM, HEADER, BELOW_HEADER = 14.0, 14.0, 26.0, 16.0
LINE, LINE_LABEL, LINE_LETTER = 9.0, 10.0, 8.0
"""Height of a text beside a wire: across it when the wire lies, along it, of a letter along it."""
STACK = 6.0
"""px that the outlines of further copies stand out below and to the right."""
INSET = 10.0
"""Of wires at the head of a column from the header of its cluster."""
STANDS_OUT, PILL, CLEAR_OF_MARK = 9.0, 85.0, 7.0
"""px: of a cluster's badge on the right; a pill at most; between an arrow and either."""
AROUND = 90.0
"""px along the flow that a level needs around a cluster: header, arrows, shapes."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Width and level of giving way of all cards."""

    width: float
    level: int
    turned: bool = False
    """Laid out from left to right: all places are across and along the flow instead of x and y."""
    engine: str = "own"
    limit: float = math.inf
    """px along the flow above which a level is cut into columns (rows, when turned)."""
    beside: Mapping[str, float] = field(default_factory=dict)
    """Card or cluster → px that stay free on its right, for the words of a tether."""


@dataclass(frozen=True, slots=True)
class Level:
    """A cluster (or the whole graph) with its contents placed; origin at the upper left corner."""

    cluster: Cluster | None
    width: float
    height: float
    placed: Placed
    routed: Routed
    wires: tuple[Wire, ...]
    shift: tuple[float, float]
    """Added to the coordinates of ``placed`` and ``routed``."""
    inner: Mapping[str, Level] = field(default_factory=dict)
    ins: Mapping[str, float] = field(default_factory=dict)
    """Producer → x of its entry."""
    outs: Mapping[str, float] = field(default_factory=dict)
    """Producer → x of its exit."""


@dataclass(slots=True)
class _Contents:
    items: dict[str, None] = field(default_factory=dict)
    """Ids of cards and clusters in the order of first appearance."""
    wires: dict[tuple[str, str, str, int], Wire] = field(default_factory=dict)
    entries: dict[str, None] = field(default_factory=dict)
    exits: dict[str, None] = field(default_factory=dict)


def lay_out(graph: Graph, sizes: Sizes) -> Level:
    """Places of everything. Raises ``ValueError`` when the links form a cycle."""
    paths = _paths(graph)
    contents = _contents(graph, paths, sizes.turned)
    cards = {card.id: card for card in graph.cards}
    clusters = {cluster.id: cluster for cluster in graph.clusters}
    return _level(None, contents, cards, clusters, sizes)


def least_size(graph: Graph, sizes: Sizes) -> tuple[float, float]:
    """px across and along the flow that the outermost level takes at least: quick, without an order."""
    own = _contents(graph, _paths(graph), sizes.turned)[None]
    cards = {card.id: card for card in graph.cards}
    nodes = [_node(item, {}, cards, sizes) if item in cards else Node(item, 0.0, 0.0, 0.0) for item in own.items]
    return least(nodes, list(own.wires.values()), MOST)


def _paths(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Card or cluster id → clusters around it, outermost first."""
    parent = {card.id: card.parent for card in graph.cards}
    parent |= {cluster.id: cluster.parent for cluster in graph.clusters}
    paths = {}
    for item, direct in parent.items():
        path: list[str] = []
        around = direct
        while around is not None:
            path.append(around)
            around = parent[around]
        paths[item] = tuple(reversed(path))
    return paths


def _contents(
    graph: Graph, paths: Mapping[str, tuple[str, ...]], turned: bool
) -> dict[str | None, _Contents]:
    found: dict[str | None, _Contents] = {None: _Contents()}
    found |= {cluster.id: _Contents() for cluster in graph.clusters}
    for card in graph.cards:
        chain: list[str | None] = [None, *paths[card.id]]
        for outer, inner in zip(chain, [*chain[1:], card.id], strict=True):
            assert inner is not None
            found[outer].items[inner] = None
    for link in graph.links:
        if not link.tether:
            _cut(link, paths, found, turned)
    return found


def _cut(
    link: Link,
    paths: Mapping[str, tuple[str, ...]],
    found: Mapping[str | None, _Contents],
    turned: bool,
) -> None:
    """The pieces of a link in each level that it crosses."""
    source, target = (*paths[link.source], link.source), (*paths[link.target], link.target)
    common = 0
    while common < min(len(source), len(target)) - 1 and source[common] == target[common]:
        common += 1
    tag = link.source
    for depth in range(len(source) - 2, common - 1, -1):
        level = found[source[depth]]
        level.exits[tag] = None
        _add(level, Wire(source[depth + 1], f"exit:{tag}", tag))
    label = link.shape
    wide = measure(label, 10.5) if label else 0.0
    letter_length = measure(link.letter, 10, 500) + 4 if turned else LINE_LETTER
    around = source[common - 1] if common else None
    outer = Wire(
        source[common],
        target[common],
        tag,
        link.order,
        label,
        LINE if turned and label else wide,
        link.letter if common == len(target) - 1 else "",
        link.skip and common == len(target) - 1,
        wide if turned else LINE_LABEL,
        letter_length,
    )
    _add(found[around], outer)
    for depth in range(common, len(target) - 1):
        level = found[target[depth]]
        level.entries[tag] = None
        last = depth == len(target) - 2
        letter = link.letter if last else ""
        _add(
            level,
            Wire(
                f"entry:{tag}",
                target[depth + 1],
                tag,
                link.order,
                letter=letter,
                skip=link.skip and last,
                letter_length=letter_length,
            ),
        )


def _add(level: _Contents, wire: Wire) -> None:
    # Two inputs of one card from the same tensor are two wires; a border is crossed once.
    crossing = ":" in wire.target and wire.target.startswith("exit:")
    key = (wire.source, wire.target, wire.tag, -1 if crossing else wire.order)
    level.wires.setdefault(key, wire)


def _level(
    cluster: Cluster | None,
    contents: Mapping[str | None, _Contents],
    cards: Mapping[str, Card],
    clusters: Mapping[str, Cluster],
    sizes: Sizes,
) -> Level:
    own = contents[cluster.id if cluster else None]
    within = replace(sizes, limit=max(sizes.limit - AROUND, 0.5 * sizes.limit))
    inner = {
        item: _level(clusters[item], contents, cards, clusters, within)
        for item in own.items
        if item in clusters
    }
    nodes = [_node(item, inner, cards, sizes) for item in own.items]
    nodes += [Node(f"entry:{tag}", 0.0, 0.0, 0.0, "entry") for tag in own.entries]
    nodes += [Node(f"exit:{tag}", 0.0, _beside(tag, own, contents), 0.0, "exit") for tag in own.exits]
    wires = _deduplicated(own, inner)
    if sizes.engine != "own":
        placed, routed = place(sizes.engine, nodes, wires)
    else:
        placed = arrange_rows(nodes, wires)
        placed, routed = wrap(placed, route(placed, wires), wires, sizes.limit, INSET if cluster else 0.0)
    low, high = _extent(placed, routed, wires)
    # The header stands on top: before the first row, or beside all rows when these run to the right.
    before = (SIDE if own.entries else BELOW_HEADER) if cluster else 0.0
    left = (HEADER + SIDE if sizes.turned else SIDE) if cluster else 0.0
    top = (0.0 if own.entries else before) + (0.0 if sizes.turned or not cluster else HEADER)
    width = high - low + left + (SIDE if cluster else 0.0)
    least = _header_width(cluster) if cluster and not sizes.turned else 0.0
    shift = (left - low + max(0.0, least - width) / 2, top)
    bottom = (BOTTOM if not own.exits else 0.0) if cluster else 0.0
    x_of = {node.id: placed.x[i] + shift[0] for i, node in enumerate(placed.rows.nodes) if node}
    ins = {tag: x_of[f"entry:{tag}"] for tag in own.entries}
    wide = max(width, least)
    return Level(
        cluster,
        wide + (0.0 if sizes.turned else _under_mark(cluster, ins.values(), wide)),
        routed.height + top + bottom,
        placed,
        routed,
        tuple(wires),
        shift,
        inner,
        ins,
        {tag: x_of[f"exit:{tag}"] for tag in own.exits},
    )


def _beside(tag: str, own: _Contents, contents: Mapping[str | None, _Contents]) -> float:
    """px right of an exit for the shape that stands below it; a single exit has no neighbour to keep off."""
    if len(own.exits) < 2:
        return 0.0
    widths = [
        wire.label_width for level in contents.values() for wire in level.wires.values() if wire.tag == tag
    ]
    return max(widths) + 11 if any(widths) else 0.0


def _deduplicated(own: _Contents, inner: Mapping[str, Level]) -> list[Wire]:
    """A cluster is entered once by each tensor, however many of its layers use it."""
    kept: dict[tuple[str, str, str, int], Wire] = {}
    for wire in own.wires.values():
        order = -1 if wire.target in inner or wire.target.startswith("exit:") else wire.order
        kept.setdefault((wire.source, wire.target, wire.tag, order), wire)
    return list(kept.values())


def _node(item: str, inner: Mapping[str, Level], cards: Mapping[str, Card], sizes: Sizes) -> Node:
    if item in inner:
        level = inner[item]
        # The origin lies on the first entry, so that a chain through the cluster stays straight.
        origin = next(iter(level.ins.values()), level.width / 2)
        return Node(
            item,
            origin,
            level.width - origin + sizes.beside.get(item, 0.0),
            level.height,
            "cluster",
            {tag: x - origin for tag, x in level.ins.items()},
            {tag: x - origin for tag, x in level.outs.items()},
            _pill(level.cluster, sizes),
            _over(level.cluster, sizes),
        )
    card = cards[item]
    if card.kind == "merge":
        return Node(item, RADIUS, RADIUS, 2 * RADIUS, "circle")
    if card.kind == "tail":
        return Node(item, 4.0, 4.0, 0.0, "tail")
    tall = height(card, sizes.level, sizes.width)
    wide = card_width(card, sizes.level, sizes.width)
    across, along = (tall, wide) if sizes.turned else (wide, tall)
    along += STACK if card.repeat > 1 else 0.0
    right = across / 2 + sizes.beside.get(item, 0.0)
    return Node(item, across / 2, right, along, before=_pill(card, sizes), over=_over(card, sizes))


def _pill(item: Card | Cluster | None, sizes: Sizes) -> float:
    """px for the pill of a shared call, which stands out above."""
    return 3.0 if item and max(item.call[1], item.called) > 1 and not sizes.turned else 0.0


def _over(item: Card | Cluster | None, sizes: Sizes) -> float:
    """px for that pill where above is beside the flow."""
    return 7.0 if item and max(item.call[1], item.called) > 1 and sizes.turned else 0.0


def _under_mark(cluster: Cluster | None, entries: Iterable[float], width: float) -> float:
    """px by which a cluster is widened so that no wire enters below its badge or pill."""
    last = max(entries, default=0.0)
    reach = 0.0
    if cluster and cluster.repeat > 1:
        reach = badge_width(cluster.repeat) - STANDS_OUT
    elif cluster and max(cluster.call[1], cluster.called) > 1:
        reach = min(width / 2, PILL)
    return max(0.0, last + CLEAR_OF_MARK + reach - width) if reach else 0.0


def _header_width(cluster: Cluster) -> float:
    """Room for title and weights; the class gives way."""
    count = f"{cluster.count:,}{' each' * cluster.each}" if cluster.count else ""
    return min(measure(cluster.title, 12, 600), 160.0) + measure(count, 10) + 24 + 8 + 10 + 12


def _extent(placed: Placed, routed: Routed, wires: Sequence[Wire]) -> tuple[float, float]:
    """Leftmost and rightmost painted x, labels included."""
    low, high = [0.0], [0.0]
    for node, x in zip(placed.rows.nodes, placed.x, strict=True):
        low.append(x - (node.left if node else 0))
        high.append(x + (node.right if node else 0))
    for wire, points in zip(wires, routed.routes, strict=True):
        low.extend(x for x, _ in points)
        high.extend(x for x, _ in points)
        if wire.label:
            high.append(points[0][0] + 7 + wire.label_width)
    return min(low[1:], default=0.0), max(high[1:], default=0.0)
