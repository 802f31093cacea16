"""From places to shapes: stacks, strips, bars, patches and lines."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...figure import Circle, Group, Image, Item
from ...layout.solid import Point, line, shape
from ...spec.model import ArchSpec, Layer
from ..layered.paint import ball, label, sentence
from ..layered.strokes import DASH, arrow
from ..layered.tensors import Node
from ..layered.words import DETAIL
from .places import Edge, Line, title_width
from .rows import NAME_PITCH, Placed
from .sizing import BAR, SLANT, STRIP, Size
from .words import NAME, PITCH, TITLE, WEIGHT, title

PATCH = (0.58, 0.30)
"""Upper left corner of the patch of a kernel, in sides of a map."""
TARGET = (0.2, 0.36)
"""Where its lines end on the next map."""
LEAST, MOST = 0.14, 0.6
"""Sides of a patch in sides of its map."""
TOUCH = 1.2
"""px that an arrow ends before what it points at."""
VOLUME = 3


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that painting needs."""

    spec: ArchSpec
    line: Line
    placed: Placed
    owner: Mapping[str, Layer]

    def node(self, i: str) -> Node:
        return self.line.parts.net[i]

    def size(self, i: str) -> Size:
        return self.line.size[i]

    def front(self, i: str) -> tuple[float, float, float, float]:
        """Left, top, width and height of the map in front."""
        size = self.size(i)
        x, y = size.front
        return self.placed.x[i] + x, self.placed.axis[i] + y, *size.side

    def right_middle(self, i: str) -> Point:
        """Where a line leaves to the right."""
        size, x, y = self.size(i), self.placed.x[i], self.placed.axis[i]
        if size.form == "bar":
            return x + BAR + SLANT * size.side[1] / 2, y
        if size.form == "ball":
            return x + size.width, y
        for number in reversed(range(size.count)):
            a, b = size.corner(number)
            if b <= 0 <= b + size.side[1]:
                return x + a + size.side[0] + (size.depth[0] if -b > size.depth[1] else 0.0), y
        return x + size.front[0] + size.side[0], y

    def left_middle(self, i: str) -> Point:
        """Where a line arrives from the left."""
        size, x, y = self.size(i), self.placed.x[i], self.placed.axis[i]
        if size.form == "bar":
            return x + SLANT * size.side[1] / 2, y
        if size.form == "ball":
            return x, y
        for number in range(size.count):
            a, b = size.corner(number)
            if b <= 0 <= b + size.side[1]:
                return x + a, y
        return x + size.front[0], y

    def bottom(self, i: str) -> Point:
        size, y = self.size(i), self.placed.axis[i]
        dx = self.placed.x[i] - self.line.x[i]
        return self.line.middle(i) + dx, y + size.height / 2


def body(sheet: Sheet, i: str) -> Group:
    """The picture of one tensor with its title."""
    node, size = sheet.node(i), sheet.size(i)
    x, y = sheet.placed.x[i], sheet.placed.axis[i]
    items: list[Item] = []
    if size.form == "ball":
        items += ball(node.sign, x + size.width / 2, y, i)
    elif size.form == "bar":
        half, lean = size.side[1] / 2, SLANT * size.side[1]
        corners = [(x, y - half), (x + BAR, y - half), (x + BAR + lean, y + half), (x + lean, y + half)]
        items.append(shape(corners, fill=f"{node.cat}.base", stroke=f"{node.cat}.outline", ref=i))
    else:
        for number in range(size.count):
            items += _map(sheet, i, number)
    if i in sheet.placed.titles:
        left, base = sheet.placed.titles[i]
        middle = left + title_width(node) / 2
        items.append(label(middle, base, title(node), TITLE, WEIGHT, "ink", i))
        if node.caption:
            items.append(label(middle, base - NAME_PITCH, node.caption, DETAIL, 400, "muted", i))
    return Group(tuple(items), ref=i, role="call", label=sentence(node))


def _map(sheet: Sheet, i: str, number: int) -> list[Item]:
    node, size = sheet.node(i), sheet.size(i)
    x, y = size.corner(number)
    x, y = x + sheet.placed.x[i], y + sheet.placed.axis[i]
    wide, high = size.side
    tint, outline = f"{node.cat}.{'map' if (size.count - number) % 2 == 0 else 'top'}", f"{node.cat}.outline"
    corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
    items: list[Item] = []
    if size.form == "volumes":
        dx, dy = size.depth
        above = [(x, y), (x + dx, y - dy), (x + wide + dx, y - dy), (x + wide, y)]
        beside = [
            (x + wide, y),
            (x + wide + dx, y - dy),
            (x + wide + dx, y + high - dy),
            (x + wide, y + high),
        ]
        items.append(shape(above, fill=f"{node.cat}.top", stroke=outline, ref=i))
        items.append(shape(beside, fill=f"{node.cat}.base", stroke=outline, ref=i))
    last = number == size.count - 1
    if last and node.image and node.volume and size.form == "stack":
        matrix = (round(wide, 1), 0.0, 0.0, round(high, 1), round(x, 1), round(y, 1))
        items.append(Image(matrix, b64decode(node.image), role="image", ref=i))
        items.append(shape(corners, stroke=outline, role="outline", ref=i))
    else:
        items.append(shape(corners, fill=tint, stroke=outline, ref=i))
    return items


def incoming(sheet: Sheet, edge: Edge) -> Group:
    """The lines of one edge."""
    parts, placed = sheet.line.parts, sheet.placed
    source, target = edge
    ref = f"{source}->{target}"
    if edge in placed.turns:
        items = _turn(sheet, edge, ref)
    elif edge in parts.along:
        items = _between(sheet, source, target, ref)
    elif edge in parts.skips:
        return Group(tuple(_arc(sheet, edge, ref)), ref=ref, role="skip")
    elif edge in parts.forks:
        (x, y), (tx, ty) = sheet.bottom(source), sheet.left_middle(target)
        items = arrow([(x, y), (x, ty), (tx - TOUCH, ty)], ref)
    else:
        items = _join(sheet, edge, ref)
    return Group(tuple(items), ref=ref, role="edge")


def _turn(sheet: Sheet, edge: Edge, ref: str) -> list[Item]:
    """To the next row: out on the right, back between the rows, in from the left."""
    (x0, y0), (x1, y1) = sheet.right_middle(edge[0]), sheet.left_middle(edge[1])
    right, level, left = sheet.placed.turns[edge]
    return arrow([(x0, y0), (right, y0), (right, level), (left, level), (left, y1), (x1 - TOUCH, y1)], ref)


def _arc(sheet: Sheet, edge: Edge, ref: str) -> list[Item]:
    """A skip: from the upper right corner of its source over everything into its target."""
    source, target = edge
    placed, size = sheet.placed, sheet.size(source)
    dx = placed.x[source] - sheet.line.x[source]
    x, y = sheet.right_middle(source)
    if size.form in {"stack", "strips", "volumes"}:
        # Of strips the one behind is seen best, of stacks the one in front.
        a, b = size.corner(0) if size.form == "strips" else size.front
        y = placed.axis[source] + b + (3.0 if size.form == "strips" else min(6.0, 0.12 * size.side[1]))
        x = placed.x[source] + a + size.side[0]
    elif size.form == "bar":
        y = placed.axis[source] - size.height / 2 + 3
        x = placed.x[source] + BAR + SLANT * 3
    away = max(x + 6.0, placed.x[source] + size.width + 3.0)
    if source in sheet.line.title:
        away = max(away, sheet.line.title[source][1] + dx + 5)
    tx, ty = _top(sheet, target)
    level = placed.arcs[edge]
    return arrow(
        [(x, y), (away, y), (away, level), (tx, level), (tx, ty - TOUCH)], ref, style="skip", width=1.2
    )


def _top(sheet: Sheet, i: str) -> Point:
    """Where a line arrives from above; at a picture beside its title."""
    size, x = sheet.size(i), sheet.placed.x[i]
    if size.form == "ball":
        return x + size.width / 2, sheet.placed.axis[i] - size.height / 2
    if size.form == "bar":
        return x + BAR / 2, sheet.placed.axis[i] - size.height / 2
    left, top, _, _ = sheet.front(i)
    title_left = sheet.placed.titles[i][0]
    if size.count > 1:
        left, top = x, sheet.placed.axis[i] + size.corner(0)[1]
    return min(left + 5, title_left - 4) if title_left - 4 > left else left + 3, top


def _join(sheet: Sheet, edge: Edge, ref: str) -> list[Item]:
    """From the end of one lane into another."""
    source, target = edge
    (x, y), (bx, by) = sheet.right_middle(source), sheet.bottom(target)
    if sheet.placed.axis[source] < sheet.placed.axis[target]:
        bx, by = _top(sheet, target)
        return arrow([(x, y), (bx, y), (bx, by - TOUCH)], ref)
    return arrow([(x, y), (bx, y), (bx, by + TOUCH)], ref)


def _between(sheet: Sheet, source: str, target: str, ref: str) -> list[Item]:
    """Neighbours: the lines of a kernel, of a change of rank, of two vectors, or an arrow."""
    a, b = sheet.size(source), sheet.size(target)
    p, n = sheet.node(source), sheet.node(target)
    forms = {a.form, b.form}
    if "ball" not in forms:
        if forms == {"bar"}:
            return _hull(sheet, source, target, ref, ())
        if "bar" in forms and n.cat not in {"recur", "dense", "embed", "attn"}:
            return _hull(sheet, source, target, ref, DASH)
        if a.form == b.form and p.rank == n.rank and (share := _kernel(sheet, p, n)):
            return _patch(sheet, source, target, share, ref)
        if "bar" in forms and n.cat == "dense" and p.rank > 1:
            return _hull(sheet, source, target, ref, DASH)
    (x, y), (tx, ty) = sheet.right_middle(source), sheet.left_middle(target)
    if abs(y - ty) < 6:
        y = ty
    return arrow([(x, y), (tx - TOUCH, ty)], ref)


def _hull(sheet: Sheet, source: str, target: str, ref: str, dash: Sequence[float]) -> list[Item]:
    """From end to end: every number is used."""
    starts, ends = _ends(sheet, source, right=True), _ends(sheet, target, right=False)
    return [
        line((s, e), stroke="rule", width=0.7, dash=tuple(dash), role="edge", ref=ref)
        for s, e in zip(starts, ends, strict=True)
    ]


def _ends(sheet: Sheet, i: str, right: bool) -> tuple[Point, Point]:
    """Upper and lower end of the side that a hull touches."""
    size, x, y = sheet.size(i), sheet.placed.x[i], sheet.placed.axis[i]
    if size.form == "bar":
        half, lean, wide = size.side[1] / 2, SLANT * size.side[1], BAR if right else 0.0
        return (x + wide, y - half), (x + wide + lean, y + half)
    left, top, wide, high = sheet.front(i)
    if right:
        dx, dy = size.depth
        return (left + wide + dx, top - dy), (left + wide, top + high)
    a, b = size.corner(0)
    return (x + a, y + b), (left, top + high)


def _kernel(sheet: Sheet, p: Node, n: Node) -> tuple[float, float] | None:
    """Sides of the patch that one number of ``n`` is made from, in sides of a map of ``p``."""
    layer = sheet.owner[n.id]
    if n.kind == "up" and p.rank >= 2:
        kernel: object = [1] * (p.rank - 1)
    else:
        kernel = layer.config.get("kernel_size", layer.config.get("pool_size"))
    if n.cat not in {"conv", "pool", "up"} or p.rank < 2:
        return None
    if not isinstance(kernel, list | tuple) or not all(isinstance(k, int) for k in kernel):
        kernel = [kernel if isinstance(kernel, int) else 1] * (p.rank - 1)
    shares = [
        min(MOST, max(LEAST, k / length)) if length else LEAST
        for k, length in zip(kernel, p.shape[:-1], strict=False)
    ]
    if len(shares) < min(2, p.rank - 1):  # a setting that no layer of Keras has
        return None
    return (shares[-1], 1.0) if p.rank == 2 else (shares[-1], shares[-2])


def _patch(sheet: Sheet, source: str, target: str, share: tuple[float, float], ref: str) -> list[Item]:
    """Where a kernel looks, and the number that it makes. Places are fixed: nothing here is chance."""
    left, top, wide, high = sheet.front(source)
    strip = sheet.size(source).form == "strips"
    x = left + wide * min(PATCH[0], 0.96 - share[0])
    y = top if strip else top + high * min(PATCH[1], 0.96 - share[1])
    w, h = wide * share[0], STRIP if strip else high * share[1]
    l2, t2, w2, h2 = sheet.front(target)
    dot = (l2 + w2 * TARGET[0], t2 + h2 * (0.5 if strip else TARGET[1]))
    corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
    glass = shape(corners, fill="bg", role="decoration", ref=ref)
    return [
        line(((x + w, y), dot), stroke="edge", width=0.6, role="edge", ref=ref),
        line(((x + w, y + h), dot), stroke="edge", width=0.6, role="edge", ref=ref),
        replace(glass, opacity=0.55),
        shape(corners, stroke="edge", width=0.8, role="decoration", ref=ref),
        Circle(round(dot[0], 1), round(dot[1], 1), 1.6, fill="edge", role="dot", ref=ref),
    ]


def labels(sheet: Sheet, i: str) -> list[Item]:
    """The words of an operation on the common baseline of the lane."""
    items: list[Item] = []
    words = sheet.line.parts.words[i]
    if i in sheet.placed.words:
        x, y = sheet.placed.words[i]
        if words.name:
            items.append(label(x, y, words.name, NAME, WEIGHT, "ink", i))
            y += PITCH
        for k, text in enumerate(words.lines):
            items.append(label(x, y + PITCH * k, text, DETAIL, 400, "muted", i))
    return items
