"""From placed nodes to painted shapes."""

from __future__ import annotations

from base64 import b64decode

from ...figure import Circle, Group, Image, Item, Path, Text
from ...layout.solid import KX, KY, Solid, box, frustum, line, project, shape
from ...layout.text import measure
from .labels import OPERAND_TOP, Line
from .rows import Page
from .sizing import BALL
from .strokes import arrow
from .tensors import BLOCK, Node
from .words import number

RIM = 2.6
"""px of the right end of a ball whose sum an activation follows."""

SLICED = 9.0
"""px of a front face that has room for three lines."""

ECHO = 3.2
"""Offset of the outlines behind a 3-D volume."""
VOLUME, VOLUME_3D = 3, 4


def band_width(solid: Solid, bar: bool) -> float:
    return solid.w * 0.34 if bar else max(1.8, min(0.28 * solid.w, 6.0))


def text(line: Line) -> Text:
    return Text(
        round(line.x, 1),
        round(line.y, 1),
        line.text,
        line.size,
        weight=line.weight,
        fill=line.fill,
        anchor="middle",
        length=round(line.width, 2),
        role="label",
        ref=line.ref,
    )


def label(x: float, y: float, words: str, size: float, weight: int, fill: str, ref: str) -> Text:
    """Words with their middle at ``x``, on the baseline ``y``."""
    return text(Line(x, y, words, size, weight, fill, measure(words, size, weight), ref))


def sign(word: str, x: float, y: float, ref: str) -> list[Item]:
    """The mark inside a ball, 1.2 px."""
    strokes: dict[str, tuple[tuple[float, float, float, float], ...]] = {
        "add": ((-3.3, 0, 3.3, 0), (0, -3.3, 0, 3.3)),
        "concatenate": ((-1.5, -3.2, -1.5, 3.2), (1.5, -3.2, 1.5, 3.2)),
        "stack": ((-3.2, -2, 3.2, -2), (-3.2, 0, 3.2, 0), (-3.2, 2, 3.2, 2)),
        "multiply": ((-2.4, -2.4, 2.4, 2.4), (-2.4, 2.4, 2.4, -2.4)),
        "matrix product": (
            (-1.4, -3.1, -2.9, -3.1),
            (-2.9, -3.1, -2.9, 3.1),
            (-2.9, 3.1, -1.4, 3.1),
            (1.4, -3.1, 2.9, -3.1),
            (2.9, -3.1, 2.9, 3.1),
            (2.9, 3.1, 1.4, 3.1),
        ),
        "subtract": ((-3.3, 0, 3.3, 0),),
        "maximum": ((-2.8, -2.4, 0, 2.6), (0, 2.6, 2.8, -2.4)),
        "minimum": ((-2.8, 2.6, 0, -2.4), (0, -2.4, 2.8, 2.6)),
        "divide": ((-1.8, 3.2, 1.8, -3.2),),
        "average": ((-3.0, -3.6, 3.0, -3.6), (-2.2, -1.4, 2.2, 3.4), (-2.2, 3.4, 2.2, -1.4)),
    }
    if word == "dot product":
        return [Circle(round(x, 1), round(y, 1), 1.7, fill="ink", role="sign", ref=ref)]
    return [
        line(((x + a, y + b), (x + c, y + d)), stroke="ink", width=1.2, role="sign", ref=ref)
        for a, b, c, d in strokes.get(word, ())
    ]


def ball(word: str, x: float, y: float, ref: str, r: float = BALL / 2, acts: bool = False) -> list[Item]:
    """``acts``: an activation follows, told as on a box, by its right end."""
    circle = Circle(round(x, 1), round(y, 1), r, fill="bg", stroke="edge", width=1.0, role="ball", ref=ref)
    return [circle, *sign(word, x, y, ref), *([_right_half(x, y, r - RIM / 2 + 0.5, ref)] if acts else [])]


def _right_half(x: float, y: float, r: float, ref: str) -> Path:
    """Two quarters of a circle; 0.5523 r is the arm of the cubic that follows a quarter to 0.03 %."""
    arm = 0.5523 * r
    commands: tuple[tuple[str | float, ...], ...] = (
        ("M", x, y - r),
        ("C", x + arm, y - r, x + r, y - arm, x + r, y),
        ("C", x + r, y + arm, x + arm, y + r, x, y + r),
    )
    rounded = tuple(tuple(v if isinstance(v, str) else round(v, 2) for v in step) for step in commands)
    return Path(rounded, stroke="edge", width=RIM, role="rim", ref=ref)


def _glyph(solid: Solid, axis: float, style: str, ref: str) -> list[Item]:
    """Every token looks at every token: on the front face of attention."""
    x0, x1 = solid.front
    _, top = project(solid.x, -solid.h / 2, -solid.d / 2, axis)
    cx, cy = (x0 + x1) / 2, top + solid.h / 2
    reach, step = solid.w * 0.27, min(9.0, solid.h * 0.2)
    ink = f"{style}.glyph"
    items: list[Item] = []
    for i in range(4):
        for j in range(4):
            a = (cx - reach, cy + (i - 1.5) * step)
            b = (cx + reach, cy + (j - 1.5) * step)
            items.append(line((a, b), stroke=ink, width=0.6, opacity=1.0 if i == j else 0.5, ref=ref))
    for i in range(4):
        for side in (-reach, reach):
            items.append(
                Circle(
                    round(cx + side, 1),
                    round(cy + (i - 1.5) * step, 1),
                    1.7 if step > 4 else 1.2,
                    fill=f"{style}.top",
                    stroke=ink,
                    width=0.7,
                    role="decoration",
                    ref=ref,
                )
            )
    return items


def grid(solid: Solid, axis: float, style: str, ref: str) -> list[Item]:
    """One pixel becomes four: on the right face of a transposed convolution, told from a convolution in grey too."""
    h, d = solid.h / 2, solid.d / 2
    cross = (((0.0, -d), (0.0, d)), ((-h, 0.0), (h, 0.0)))
    return [
        line(
            [project(solid.x1, y, z, axis) for y, z in ends],
            stroke=f"{style}.outline",
            width=0.6,
            opacity=0.55,
            ref=ref,
        )
        for ends in cross
    ]


def slices(solid: Solid, axis: float, style: str, ref: str, end: float = 0.0) -> list[Item]:
    """Channels side by side: on the front and top of a depthwise convolution; ``end`` px on the right stay free."""
    room = solid.w - end
    count = 3 if room >= SLICED else 2
    h, d = solid.h / 2, solid.d / 2
    return [
        line(
            [project(x, y, z, axis) for y, z in ((h, -d), (-h, -d), (-h, d))],
            stroke=f"{style}.outline",
            width=0.6,
            opacity=0.55,
            ref=ref,
        )
        for x in (solid.x + room * number / (count + 1) for number in range(1, count + 1))
    ]


def _branches(solid: Solid, axis: float, style: str, ref: str) -> list[Item]:
    """Ways that part and meet again: on the front face of a cell."""
    x0, x1 = solid.front
    _, top = project(solid.x, -solid.h / 2, -solid.d / 2, axis)
    cx, cy = (x0 + x1) / 2, top + solid.h / 2
    reach, step = min(solid.w * 0.32, 11.0), min(5.0, solid.h * 0.22)
    ink = f"{style}.glyph"
    items: list[Item] = []
    for y in (cy - step, cy, cy + step):
        ways = ((cx - reach, cy), (cx - reach * 0.45, y), (cx + reach * 0.45, y), (cx + reach, cy))
        items.append(line(ways, stroke=ink, width=0.8, ref=ref))
    for x in (cx - reach, cx + reach):
        items.append(
            Circle(round(x, 1), round(cy, 1), 1.3, fill=ink, stroke=None, role="decoration", ref=ref)
        )
    return items


def _leaves(solid: Solid, axis: float, style: str, ref: str) -> list[Item]:
    """Stacked squares: on the front face of a closed block."""
    x0, x1 = solid.front
    _, top = project(solid.x, -solid.h / 2, -solid.d / 2, axis)
    side = min(solid.w * 0.4, solid.h * 0.4, 9.0)
    step = side / 3
    left, upper = (x0 + x1 - side - step) / 2, top + (solid.h - side - step) / 2
    ink = f"{style}.glyph"
    a, b = upper + step, upper + step + side
    square = ((left, a), (left + side, a), (left + side, b), (left, b), (left, a))
    behind = (
        (left + step, a),
        (left + step, upper),
        (left + step + side, upper),
        (left + step + side, upper + side),
        (left + side, upper + side),
    )
    return [line(way, stroke=ink, width=0.8, ref=ref) for way in (square, behind)]


def _picture(solid: Solid, axis: float, node: Node, outline: str) -> list[Item]:
    """The user's picture on the right face, and its frame."""
    x, y = project(solid.x1, -solid.h / 2, -solid.d / 2, axis)
    matrix = (
        round(KX * solid.d, 3),
        round(-KY * solid.d, 3),
        0.0,
        round(solid.h, 1),
        round(x, 1),
        round(y, 1),
    )
    h, d = solid.h / 2, solid.d / 2
    face = [project(solid.x1, a, b, axis) for a, b in ((-h, -d), (-h, d), (h, d), (h, -d))]
    return [
        Image(matrix, b64decode(node.image), role="image", ref=node.id),
        shape(face, stroke=outline, role="outline", ref=node.id),
    ]


def _echoes(solid: Solid, axis: float, x1: float, style: str, ref: str) -> list[Item]:
    """Two outlines behind a run of 3-D volumes."""
    h, d = solid.start[0] / 2, solid.start[1] / 2
    corners = ((solid.x, -h, -d), (solid.x, -h, d), (x1, -h, d), (x1, h, d), (x1, h, -d), (solid.x, h, -d))
    items: list[Item] = []
    for k in (2, 1):
        points = [project(x, y, z, axis) for x, y, z in corners]
        shifted = [(x + ECHO * k, y - ECHO * k) for x, y in points]
        items.append(
            shape(shifted, fill=f"{style}.top", stroke=f"{style}.outline", role="decoration", ref=ref)
        )
    return items


def sentence(node: Node) -> str:
    """What assistive technology reads out for a box."""
    shape_words = "×".join(number(v) for v in node.shape) or "scalar"
    parts = [f"{node.id}: {node.class_name}, output {shape_words}"]
    if node.act or node.word:
        parts.append(node.act or node.word)
    if node.copies:
        parts.append(f"one of {len(node.copies) + 1} copies")
    return ", ".join(parts) + "."


def body(page: Page, node: Node, bar: bool) -> Group:
    """The shape of one node."""
    solid, axis = page.solids[node.id], page.axis[node.id]
    items: list[Item] = []
    style = "custom" if node.cat == "cell" else node.cat
    if node.kind == "ball":
        centre = solid.x + BALL / 2
        items += ball(node.sign, centre, axis, node.id, acts=bool(node.act))
        if node.word:
            ends = [(centre, axis + OPERAND_TOP), (centre, axis + BALL / 2 + 1)]
            items += arrow(ends, node.id, role="operand")
    elif solid.h1:
        items += frustum(solid, axis, style, ref=node.id)
    else:
        if node.rank >= VOLUME_3D:
            end = _echo_end(page, node)
            if end is not None:
                items += _echoes(solid, axis, end, style, node.id)
        band = band_width(solid, bar) if node.act else 0.0
        items += box(solid, axis, style, band=band, ref=node.id)
        if node.image and node.volume:
            items += _picture(solid, axis, node, f"{style}.outline")
        if node.cat == "attn":
            items += _glyph(solid, axis, style, node.id)
        if node.cat == "up" and node.rank >= VOLUME:
            items += grid(solid, axis, style, node.id)
        if node.depthwise and node.rank >= VOLUME:
            items += slices(solid, axis, style, node.id, band)
        if node.cat == "cell":
            inner = _leaves if node.class_name == BLOCK else _branches
            items += inner(solid, axis, style, node.id)
    return Group(tuple(items), ref=node.id, role="call", label=sentence(node))


def _echo_end(page: Page, node: Node) -> float | None:
    """Right end of the boxes of a glued run, for its first box; None for the others."""
    s = page.structure
    if any(s.glued(s.net[p], node) for p in node.inputs):
        return None
    end = page.solids[node.id].x1
    following = s.following(node.id)
    while following and s.glued(node, s.net[following]) and s.net[following].kind == "slab":
        node = s.net[following]
        end = page.solids[node.id].x1
        following = s.following(node.id)
    return end
