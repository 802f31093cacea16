"""Graph → Scene: card width that fits the page, places, drawing."""

from __future__ import annotations

from dataclasses import replace

from ..errors import DrawError
from ..figure import Card, Circle, Cluster, Graph, Group, Item, Path, Rect, Scene, Text
from .cards import badge, draw_card, level_for, natural_width, pill, reduced, styled
from .flat import Node, Wire
from .icons import draw_icon
from .nested import HEADER, Level, Sizes, lay_out
from .strokes import head, rounded_line
from .text import ellipsize, measure
from .wires import RADIUS, Point

PAD = 12.0
WIDEST, COMFORTABLE, NARROWEST = 286.0, 132.0, 92.0
MARGIN = 11.0
"""Room for the badge that stands out of a card."""


def arrange(graph: Graph) -> Scene:
    """The drawing of a graph.

    Raises :class:`.DrawError` when it cannot be drawn legibly within ``graph.width``.
    """
    if graph.engine != "own":
        raise DrawError(
            f"Engine {graph.engine!r} is not available.",
            advice="Take engine: own.",
            data={"engine": graph.engine},
        )
    level, sizes = _fitting(graph)
    margin = MARGIN if any(card.repeat > 1 or card.call[1] > 1 for card in graph.cards) else 0.0
    margin = max(margin, 8.0 if any(c.repeat > 1 for c in graph.clusters) else 0.0)
    cards = {card.id: card for card in graph.cards}
    top = 12.0 if margin else 0.0
    items = _draw(level, PAD, PAD + top, cards, sizes, 0)
    return Scene(
        width=round(level.width + 2 * PAD + margin, 1),
        height=round(level.height + 2 * PAD + top, 1),
        items=tuple(items),
        title=graph.title,
        description=graph.description,
        notes=graph.notes,
    )


def _fitting(graph: Graph) -> tuple[Level, Sizes]:
    """The widest cards with which the figure keeps its width."""
    plain = [card for card in graph.cards if card.kind not in {"merge", "tail"}]
    room = graph.width - 2 * PAD - MARGIN
    wide = max((min(natural_width(card, 0), WIDEST) for card in plain), default=COMFORTABLE)
    width = max(min(wide, room), COMFORTABLE)
    for _ in range(12):
        sizes = Sizes(round(width, 1), level_for(plain, width))
        level = lay_out(graph, sizes)
        if level.width <= room + 0.5:
            return level, sizes
        if width <= NARROWEST:
            break
        width = max(NARROWEST, min(width - 4, width * room / level.width))
    raise DrawError(
        f"The graph of {graph.title} is {level.width:.0f} px wide, more than the {graph.width:.0f} px of the page.",
        advice="Close nested models (expand: none), fold repeats (fold: auto), allow more width (width: 260mm), "
        "or take the layered view.",
        data={"width": level.width},
    )


def _draw(level: Level, dx: float, dy: float, cards: dict[str, Card], sizes: Sizes, depth: int) -> list[Item]:
    x0, y0 = dx + level.shift[0], dy + level.shift[1]
    items: list[Item] = []
    if level.cluster:
        items.append(_cluster_box(level, level.cluster, dx, dy, depth))
    nodes: list[Item] = []
    for index, node in enumerate(level.placed.rows.nodes):
        if node is None or node.kind in {"entry", "exit", "tail"}:
            continue
        left, top = x0 + level.placed.x[index] - node.left, y0 + level.routed.tops[index]
        if node.kind == "cluster":
            nodes.extend(_draw(level.inner[node.id], left, top, cards, sizes, depth + 1))
        else:
            nodes.extend(_node(cards[node.id], node, left, top, sizes))
    items.extend(_wires(level, x0, y0))
    return items + nodes


def _node(card: Card, node: Node, left: float, top: float, sizes: Sizes) -> list[Item]:
    if card.kind == "merge":
        return [_circle(card, left + RADIUS, top + RADIUS)]
    return [draw_card(card, round(left, 2), round(top, 2), sizes.width, sizes.level)]


def _cluster_box(level: Level, cluster: Cluster, x: float, y: float, depth: int) -> Group:
    fill = "cl" if depth % 2 else "cl2"
    w, h = round(level.width, 2), round(level.height, 2)
    x, y = round(x, 2), round(y, 2)
    items: list[Item] = []
    for step in (2, 1) if cluster.repeat > 1 else ():
        items.append(Rect(x + 3 * step, y + 3 * step, w, h, 8, "cl", "clline"))
    items.append(
        Rect(x, y, w, h, 8, "cl" if fill == "cl" else "cl2", "clline", role="cluster", ref=cluster.id)
    )
    items.append(Rect(x, y, w, HEADER, 8, "custom.tint", "custom.line", corners="top", role="header"))
    items.append(Rect(x, y, 24, HEADER, 8, "custom.solid", corners="topleft", role="tile"))
    items.extend(draw_icon("block", x + 5, y + 6, "onsolid"))
    card = Card(cluster.id, "block", title=cluster.title, count=cluster.count, each=cluster.each)
    count = reduced(card, 0).count
    right = x + w - 10
    if count:
        items.append(styled("count", right, y + 17, count, cluster.id))
        right -= measure(count, 10) + 10
    title = ellipsize(cluster.title, right - x - 32, 12, 600)
    items.append(styled("title", x + 32, y + 17.3, title, cluster.id))
    at = x + 32 + measure(title, 12, 600) + 6
    if cluster.subtitle and at + measure(cluster.subtitle, 10.5) <= right:
        items.append(styled("class", at, y + 17.3, cluster.subtitle, cluster.id))
    if cluster.repeat > 1:
        items.extend(badge(cluster.repeat, x + w + 9, y - 8.5))
    elif cluster.call[1] > 1:
        items.extend(pill(cluster.call, x + w + 6, y - 13, w / 2))
    return Group(tuple(items), cluster.id, "block", cluster.label)


SIGNS = {
    "+": "M -5 0 L 5 0 M 0 -5 L 0 5",
    "−": "M -5 0 L 5 0",
    "×": "M -3.7 -3.7 L 3.7 3.7 M -3.7 3.7 L 3.7 -3.7",
    "‖": "M -2.2 -4.6 L -2.2 4.6 M 2.2 -4.6 L 2.2 4.6",
}


def _circle(card: Card, x: float, y: float) -> Group:
    x, y = round(x, 2), round(y, 2)
    items: list[Item] = [Circle(x, y, RADIUS, "surface", "merge.solid", 1.6, "merge", card.id)]
    if card.sign in SIGNS:
        words = SIGNS[card.sign].split()
        commands = [
            (words[i], round(x + float(words[i + 1]), 2), round(y + float(words[i + 2]), 2))
            for i in range(0, len(words), 3)
        ]
        items.append(Path(tuple(commands), None, "merge.solid", 1.8, role="sign"))
    else:
        sign = replace(
            styled("letter", x, y + 3.4, card.sign, card.id), anchor="middle", fill="ink", weight=600
        )
        items.append(replace(sign, size=9.0, length=round(measure(card.sign, 9, 600), 2)))
    return Group(tuple(items), card.id, "call", card.label)


def _wires(level: Level, x0: float, y0: float) -> list[Item]:
    items: list[Item] = []
    labels: dict[tuple[str, str, float, float], Text] = {}
    # Skips last: they lie over plain edges where both share a trunk.
    for wire, points in sorted(
        zip(level.wires, level.routed.routes, strict=True), key=lambda pair: pair[0].skip
    ):
        moved = [(round(x + x0, 2), round(y + y0, 2)) for x, y in points]
        items.append(_wire(wire, moved))
        if wire.label:
            at = (moved[0][0] + 7, moved[0][1] + 13.5)
            labels[wire.source, wire.tag, *at] = styled("shape", *at, wire.label, wire.tag)
        if wire.letter:
            items.append(styled("letter", moved[-1][0] + 5, moved[-1][1] - 6, wire.letter, wire.target))
    items.extend(labels.values())
    items.extend(
        Circle(round(x + x0, 2), round(y + y0, 2), 2.2, "skip", role="dot") for (x, y), _ in level.routed.dots
    )
    return items


def _wire(wire: Wire, points: list[Point]) -> Group:
    token, width, role = ("skip", 1.7, "skip") if wire.skip else ("edge", 1.3, "edge")
    ref = f"{wire.source}->{wire.target}"
    if wire.target.startswith("exit:") or len(points) < 2:
        line = rounded_line(points, 8.0)
        return Group((Path(line, None, token, width, role=role, ref=ref),), ref, "edge")
    tip, tail = points[-1], points[-2]
    neck, shape = head(tail, tip)
    line = rounded_line([*points[:-1], neck], 8.0)
    items = (
        Path(line, None, token, width, role=role, ref=ref),
        Path(shape, token, role="head", ref=ref),
    )
    return Group(items, ref, "edge")
