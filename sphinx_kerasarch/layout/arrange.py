"""Graph → Scene: card width that fits the page, places, drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from ..errors import DrawError
from ..figure import Card, Circle, Cluster, Graph, Group, Item, Path, Rect, Scene, Text
from .callouts import with_callout
from .cards import LEVELS, badge, draw_card, level_for, natural_width, pill, reduced, styled
from .flat import Wire
from .icons import draw_icon
from .nested import HEADER, STANDS_OUT, Level, Sizes, lay_out, least_size
from .strokes import head, rounded_line
from .tethers import ROOM, draw_tethers, tethered
from .text import ellipsize, measure
from .wires import RADIUS, Point

PAD = 12.0
WIDEST, COMFORTABLE, NARROWEST = 286.0, 132.0, 92.0
TANGLE = 400.0
"""px of rows that cannot be cut apart, from which what does not fit is a tangle in any view."""
MARGIN = 11.0
"""Room for the badge that stands out of a card."""


def arrange(graph: Graph) -> Scene:
    """The drawing of a graph.

    Raises :class:`.DrawError` when it cannot be drawn legibly within ``graph.width`` and ``graph.height``.
    """
    if graph.callout:
        return with_callout(graph, arrange)
    level, sizes = fitting(graph)
    margin, top = _margins(graph)
    (width, height), items = _with_tethers(graph, level, sizes, top)
    return Scene(
        width=round(width + 2 * PAD + margin, 1),
        height=round(height + 2 * PAD + top, 1),
        items=tuple(items),
        title=graph.title,
        description=graph.description,
        notes=graph.notes,
    )


def _drawn(graph: Graph, level: Level, sizes: Sizes, top: float) -> tuple[tuple[float, float], list[Item]]:
    pen = _Pen({card.id: card for card in graph.cards}, sizes)
    start = (PAD + top, PAD) if sizes.turned else (PAD, PAD + top)
    return pen.size(level), pen.level(level, *start, 0)


def _with_tethers(
    graph: Graph, level: Level, sizes: Sizes, top: float
) -> tuple[tuple[float, float], list[Item]]:
    """Size and items. Cards of the same weights stand apart by the length of the words, if there is room."""
    known = tethered(graph)
    if known and not sizes.turned:
        apart = replace(sizes, beside=dict.fromkeys(known, ROOM))
        wider = lay_out(graph, apart)
        if wider.width <= graph.width - 2 * PAD - MARGIN + 0.5 and wider.height <= level.height + 0.5:
            size, items = _drawn(graph, wider, apart, top)
            tethers = draw_tethers(graph, items)
            if any(
                isinstance(item, Text)
                for group in tethers
                if isinstance(group, Group)
                for item in group.items
            ):
                return size, [*items, *tethers]
    size, items = _drawn(graph, level, sizes, top)
    return size, [*items, *(draw_tethers(graph, items) if known else ())]


def _margins(graph: Graph) -> tuple[float, float]:
    """px on the right and on top for badges and pills."""
    margin = (
        MARGIN if any(card.repeat > 1 or card.call[1] > 1 or card.called > 1 for card in graph.cards) else 0.0
    )
    margin = max(margin, 8.0 if any(c.repeat > 1 or c.called > 1 for c in graph.clusters) else 0.0)
    return margin, 12.0 if margin else 0.0


@lru_cache(maxsize=8)
def fitting(graph: Graph) -> tuple[Level, Sizes]:
    """The widest cards with which the figure keeps its width and height.

    Remembered, since a view tries whether a graph fits before it hands it on. Raises :class:`.DrawError` when none do.
    """
    plain = [card for card in graph.cards if card.kind not in {"merge", "tail"}]
    turned = graph.direction == "LR"
    room = graph.width - 2 * PAD - MARGIN
    tall = graph.height - 2 * PAD - _margins(graph)[1]
    across, along = (tall, room) if turned else (room, tall)
    wide = max((min(natural_width(card, 0), WIDEST) for card in plain), default=COMFORTABLE)
    width = max(min(wide, room), COMFORTABLE)
    best: tuple[Level, Sizes] | None = None
    least = least_size(graph, Sizes(NARROWEST, level_for(plain, NARROWEST), turned))
    if graph.engine == "own" and (least[0] > across + 0.5 or least[1] > along + 0.5):
        raise _too_large(graph, least[::-1] if turned else least, "at least ", tangled=least[1] > TANGLE)
    for _ in range(14):
        sizes = Sizes(round(width, 1), level_for(plain, width), turned, graph.engine, along)
        level = lay_out(graph, sizes)
        if level.width <= across + 0.5 and level.height <= along + 0.5:
            if not turned:
                return level, sizes
            # Narrower cards may need fewer rows, but names are cut for a clear gain only.
            if best is None or level.width < best[0].width * _worth(sizes, best[1]) - 20:
                best = level, sizes
        if width <= (COMFORTABLE if best else NARROWEST):
            break
        if level.height > along + 0.5:
            share = NARROWEST / width  # no cut is short enough: only a last try is worth its time
        else:
            share = room / level.width if level.width > room and not turned else 0.94
        width = max(NARROWEST, min(width - 4, width * share))
    if best:
        return best
    raise _too_large(graph, (level.height, level.width) if turned else (level.width, level.height))


def _too_large(graph: Graph, found: tuple[float, float], about: str = "", *, tangled: bool = False) -> DrawError:
    """``found``: width and height in px with the smallest cards; ``tangled``: that is for wires passing each other."""
    size = f"{found[0]:.0f} × {found[1]:.0f} px"
    if about and not tangled:  # what was estimated along the flow is no size to speak of
        size = f"{found[1]:.0f} px high" if graph.direction == "LR" else f"{found[0]:.0f} px wide"
    return DrawError(
        f"The graph of {graph.title} does not fit: it is {about}{size} with the smallest cards, "
        f"the page {_px(graph.width)} × {_px(graph.height)}.",
        advice=_advice(graph, tangled),
        data={"width": found[0], "height": found[1]},
    )


def _worth(sizes: Sizes, best: Sizes) -> float:
    return 0.85 if sizes.level >= LEVELS - 1 > best.level else 1.0


def fits(graph: Graph, compact: bool = True) -> bool:
    """Whether ``graph`` can be drawn legibly within its width and height, also if it needs ``compact`` cards."""
    try:
        if graph.callout:
            arrange(graph)
            return True
        _, sizes = fitting(graph)
    except DrawError:
        return False
    return compact or sizes.level < LEVELS


def _px(length: float) -> str:
    return f"{length:.0f} px" if length < 10**6 else "any height"


def _advice(graph: Graph, tangled: bool) -> str:
    """What this very graph allows."""
    ways = list(graph.ways)
    if graph.direction == "LR":
        ways.append("draw it from top to bottom (direction: tb)")
    if graph.height < 10**6:
        ways.append("allow more height or none (height: none)")
    # The layered view has no room for a tangle either, and a wider page no reader.
    ways += ["take the summary"] if tangled else ["allow more width (width: 260mm)", "take the layered view"]
    text = ", ".join(ways[:-1]) + f"{', or ' * (len(ways) > 1)}{ways[-1]}."
    return text[0].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws levels; turns places along and across the flow into x and y."""

    cards: Mapping[str, Card]
    sizes: Sizes

    def size(self, level: Level) -> tuple[float, float]:
        return (level.height, level.width) if self.sizes.turned else (level.width, level.height)

    def at(self, across: float, along: float) -> Point:
        return (along, across) if self.sizes.turned else (across, along)

    def level(self, level: Level, across: float, along: float, depth: int) -> list[Item]:
        shift_across, shift_along = level.shift
        origin = (across + shift_across, along + shift_along)
        items: list[Item] = []
        if level.cluster:
            items.append(_cluster_box(level.cluster, *self.at(across, along), *self.size(level), depth))
        nodes: list[Item] = []
        for index, node in enumerate(level.placed.rows.nodes):
            if node is None or node.kind in {"entry", "exit", "tail"}:
                continue
            place = (
                origin[0] + level.placed.x[index] - node.left,
                origin[1] + level.routed.tops[index],
            )
            if node.kind == "cluster":
                nodes.extend(self.level(level.inner[node.id], *place, depth + 1))
            else:
                nodes.append(self.node(self.cards[node.id], *self.at(*place)))
        return [*items, *self.wires(level, *origin), *nodes]

    def node(self, card: Card, left: float, top: float) -> Item:
        if card.kind == "merge":
            return _circle(card, left + RADIUS, top + RADIUS)
        return draw_card(card, round(left, 2), round(top, 2), self.sizes.width, self.sizes.level)

    def wires(self, level: Level, across: float, along: float) -> list[Item]:
        items: list[Item] = []
        labels: dict[tuple[str, str, float, float], Text] = {}
        # Skips last: they lie over plain edges where both share a trunk.
        for wire, points in sorted(
            zip(level.wires, level.routed.routes, strict=True), key=lambda pair: pair[0].skip
        ):
            moved = [self.at(x + across, y + along) for x, y in points]
            moved = [(round(x, 2), round(y, 2)) for x, y in moved]
            items.append(_wire(wire, moved))
            if wire.label:
                at = (moved[0][0] + (6 if self.sizes.turned else 7), moved[0][1] + 13.5)
                labels[wire.source, wire.tag, *at] = styled("shape", *at, wire.label, wire.tag)
            if wire.letter:
                items.append(self.letter(wire, moved[-1]))
        items.extend(labels.values())
        for (x, y), _ in level.routed.dots:
            dot = self.at(x + across, y + along)
            items.append(Circle(round(dot[0], 2), round(dot[1], 2), 2.2, "skip", role="dot"))
        return items

    def letter(self, wire: Wire, tip: Point) -> Text:
        if not self.sizes.turned:
            return styled("letter", tip[0] + 5, tip[1] - 6, wire.letter, wire.target)
        left = tip[0] - 10 - measure(wire.letter, 10, 500)
        return styled("letter", left, tip[1] - 4, wire.letter, wire.target)


def _cluster_box(cluster: Cluster, x: float, y: float, w: float, h: float, depth: int) -> Group:
    fill = "cl" if depth % 2 else "cl2"
    w, h = round(w, 2), round(h, 2)
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
        items.extend(badge(cluster.repeat, x + w + STANDS_OUT, y - 8.5))
    elif cluster.call[1] > 1 or cluster.called > 1:
        items.extend(pill(cluster.call, cluster.called, x + w + 6, y - 15.5, w / 2))
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
