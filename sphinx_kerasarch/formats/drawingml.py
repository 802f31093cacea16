"""Shapes of a Scene in DrawingML, the language of shapes in PowerPoint, Keynote and LibreOffice (ISO/IEC 29500-1).

All sizes are EMU: 914 400 to the inch, 9525 to the CSS px. Elements stand in the order of the schema, without which
PowerPoint offers to repair a file.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

from .. import escape
from ..figure import Circle, Group, Image, Item, Path, Rect, Text
from ..figure.scene import Command
from ..layout.text import length_of, measure
from ..theme import Theme, color
from .svg import rounded

EMU = 9525
"""Per CSS px."""

NAMESPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)

DESCENTS = {"Arial": 0.212, "Inter": 0.241, "Calibri": 0.25}
"""em from the baseline to the bottom of a line, from the files of the fonts (hhea descender). Texts stand on the bottom
of their boxes, since programs agree on it: what is above a line is 0.9 em in the fonts and 1 em in LibreOffice."""

LINE = 1.2
"""em of a line with single spacing in PowerPoint."""

LONGEST_NAME = 120
"""Characters of a name in the selection pane."""

SKEWED_DPI = 4
"""Dots per px of a picture that is slanted before it is placed."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all shapes of a slide share."""

    theme: Theme
    picture: Callable[[bytes], str]
    """PNG bytes → id of their relationship."""
    ids: Iterator[int]
    """Of shapes: unique in a slide."""
    zoom: float = 1.0
    left: float = 0.0
    """px that everything is moved by."""
    top: float = 0.0
    typeface: str = "Arial"

    def x(self, px: float) -> int:
        return round((px + self.left) * self.zoom * EMU)

    def y(self, px: float) -> int:
        return round((px + self.top) * self.zoom * EMU)

    def length(self, px: float) -> int:
        return round(px * self.zoom * EMU)


def sheet_ids() -> Iterator[int]:
    """The first is that of the slide itself."""
    return count(2)


def shapes(items: Sequence[Item], sheet: Sheet) -> Iterator[str]:
    for item in items:
        match item:
            case Path():
                yield _path(item, sheet)
            case Rect():
                yield _rect(item, sheet)
            case Circle():
                box = (item.x - item.r, item.y - item.r, item.x + item.r, item.y + item.r)
                yield _shape(item.role or "circle", _frame(box, sheet), _preset("ellipse"), item, sheet)
            case Text():
                yield _text(item, sheet)
            case Image():
                yield _image(item, sheet)
            case Group() if item.items:
                yield _group(item, sheet)


DECORATIVE = (
    '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative'
    ' xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
)
"""That screen readers pass by, and that no alternative text is missing ([MS-ODRAWXML], ``decorative``)."""


def _named(sheet: Sheet, name: str, description: str | None = None) -> str:
    """``cNvPr``: the id, the name in the selection pane and the alternative text, empty for what needs none, None for
    what its group tells of."""
    told = f' descr="{escape.xml(description)}"' if description else ""
    short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
    more = DECORATIVE if description == "" else ""
    return f'<p:cNvPr id="{next(sheet.ids)}" name="{escape.xml(short)}"{told}>{more}</p:cNvPr>'


# ---- places

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in px."""


def _frame(box: Box, sheet: Sheet, flip: str = "", element: str = "a:xfrm") -> str:
    x0, y0, x1, y1 = sheet.x(box[0]), sheet.y(box[1]), sheet.x(box[2]), sheet.y(box[3])
    return f'<{element}{flip}><a:off x="{x0}" y="{y0}"/><a:ext cx="{x1 - x0}" cy="{y1 - y0}"/></{element}>'


def _bounds(items: Sequence[Item]) -> Box:
    boxes = [_box(item) for item in items if not isinstance(item, Group) or item.items]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))


def _box(item: Item) -> Box:
    match item:
        case Path():
            return _hull(item.commands)
        case Rect():
            return (item.x, item.y, item.x + item.w, item.y + item.h)
        case Circle():
            return (item.x - item.r, item.y - item.r, item.x + item.r, item.y + item.r)
        case Text():
            return _text_box(item, DESCENTS["Arial"])
        case Image():
            return _image_box(item)
        case Group():
            return _bounds(item.items)


def _points(commands: Sequence[Command]) -> list[tuple[float, float]]:
    found = []
    for _, *rest in commands:
        values = [float(value) for value in rest]
        found += list(zip(values[::2], values[1::2], strict=True))
    return found


def _hull(commands: Sequence[Command]) -> Box:
    """With the control points of curves, between which they lie."""
    points = _points(commands) or [(0.0, 0.0)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), min(ys), max(xs), max(ys))


# ---- paint


def _color(token: str, theme: Theme, opacity: float = 1.0) -> str:
    value = color(token, theme)[1:].upper()
    alpha = f'<a:alpha val="{round(opacity * 100_000)}"/>' if opacity < 1 else ""
    return f'<a:solidFill><a:srgbClr val="{value}">{alpha}</a:srgbClr></a:solidFill>'


def fill(token: str | None, theme: Theme, opacity: float = 1.0) -> str:
    return _color(token, theme, opacity) if token else "<a:noFill/>"


def _line(item: Path | Rect | Circle, sheet: Sheet) -> str:
    if not item.stroke:
        return "<a:ln><a:noFill/></a:ln>"
    opacity = item.opacity if isinstance(item, Path) else 1.0
    dash = () if isinstance(item, Circle) else item.dash
    # Programs disagree on whether a round end belongs to the length of a dash; a flat one has the same length in all.
    cap = "flat" if dash else "rnd"
    pieces = ""
    if dash:
        drawn = [part / item.width for part in (dash if len(dash) % 2 == 0 else dash * 2)]
        stops = "".join(
            f'<a:ds d="{round((on + 1) * 100_000)}" sp="{round(max(0.1, off - 1) * 100_000)}"/>'
            for on, off in zip(drawn[::2], drawn[1::2], strict=True)
        )
        pieces = f"<a:custDash>{stops}</a:custDash>"
    paint = _color(item.stroke, sheet.theme, opacity)
    return f'<a:ln w="{sheet.length(item.width)}" cap="{cap}">{paint}{pieces}<a:round/></a:ln>'


# ---- shapes


def _shape(name: str, frame: str, geometry: str, item: Path | Rect | Circle, sheet: Sheet) -> str:
    paint = fill(item.fill, sheet.theme, item.opacity if isinstance(item, Path) else 1.0)
    return (
        f"<p:sp><p:nvSpPr>{_named(sheet, name)}<p:cNvSpPr/><p:nvPr/></p:nvSpPr>"
        f"<p:spPr>{frame}{geometry}{paint}{_line(item, sheet)}</p:spPr></p:sp>"
    )


def _preset(name: str, *adjustments: tuple[str, float]) -> str:
    """``adjustments``: name and share of the shorter side."""
    guides = "".join(
        f'<a:gd name="{guide}" fmla="val {round(value * 100_000)}"/>' for guide, value in adjustments
    )
    return f'<a:prstGeom prst="{name}"><a:avLst>{guides}</a:avLst></a:prstGeom>'


def _rect(rect: Rect, sheet: Sheet) -> str:
    share = min(0.5, rect.radius / min(rect.w, rect.h)) if rect.radius and rect.w and rect.h else 0.0
    flip = ""
    if not share:
        geometry = _preset("rect")
    elif rect.corners == "all":
        geometry = _preset("roundRect", ("adj", share))
    elif rect.corners == "top":
        geometry = _preset("round2SameRect", ("adj1", share), ("adj2", 0.0))
    elif rect.corners == "topleft":
        geometry, flip = _preset("round1Rect", ("adj", share)), ' flipH="1"'
    else:
        geometry = _outline(rounded(rect), _box(rect), sheet)
    return _shape(rect.role or "rectangle", _frame(_box(rect), sheet, flip), geometry, rect, sheet)


def _path(path: Path, sheet: Sheet) -> str:
    name = path.role or "shape"
    if len(path.commands) == 2 and not path.fill:
        return _straight(path, name, sheet)
    box = _hull(path.commands)
    return _shape(name, _frame(box, sheet), _outline(path.commands, box, sheet), path, sheet)


def _straight(path: Path, name: str, sheet: Sheet) -> str:
    """A line with handles at its ends."""
    (x0, y0), (x1, y1) = _points(path.commands)
    flip = (' flipH="1"' if x1 < x0 else "") + (' flipV="1"' if y1 < y0 else "")
    return (
        f"<p:cxnSp><p:nvCxnSpPr>{_named(sheet, name)}<p:cNvCxnSpPr/><p:nvPr/></p:nvCxnSpPr>"
        f"<p:spPr>{_frame(_hull(path.commands), sheet, flip)}{_preset('line')}{_line(path, sheet)}</p:spPr></p:cxnSp>"
    )


ELEMENTS = {"M": "moveTo", "L": "lnTo", "Q": "quadBezTo", "C": "cubicBezTo"}


def _outline(commands: Sequence[Command], box: Box, sheet: Sheet) -> str:
    left, top = sheet.x(box[0]), sheet.y(box[1])
    steps = []
    for command in commands:
        letter = str(command[0])
        if letter == "Z":
            steps.append("<a:close/>")
            continue
        points = "".join(
            f'<a:pt x="{sheet.x(x) - left}" y="{sheet.y(y) - top}"/>' for x, y in _points([command])
        )
        steps.append(f"<a:{ELEMENTS[letter]}>{points}</a:{ELEMENTS[letter]}>")
    size = f'w="{sheet.x(box[2]) - left}" h="{sheet.y(box[3]) - top}"'
    return (
        '<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l="0" t="0" r="r" b="b"/>'
        f"<a:pathLst><a:path {size}>{''.join(steps)}</a:path></a:pathLst></a:custGeom>"
    )


# ---- texts

ALIGNED = {"start": "l", "middle": "ctr", "end": "r"}


def _text_box(text: Text, descent: float) -> Box:
    length = length_of(text)
    x = text.x - {"middle": 0.5, "end": 1.0}.get(text.anchor, 0.0) * length
    bottom = text.y + descent * text.size
    return (x, bottom - LINE * text.size, x + length, bottom)


@cache
def _arial(char: str, bold: bool) -> float:
    """em of a character in Arial, which has the advances of Helvetica; of ours where it is beyond Latin."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    try:
        char.encode("cp1252")
    except UnicodeEncodeError:
        return measure(char, 1, 600 if bold else 400)
    return float(stringWidth(char, "Helvetica-Bold" if bold else "Helvetica", 1))


def _tightened(text: Text, shown: str, sheet: Sheet) -> str:
    """Hundredths of a pt between letters, where Arial is wider than the place: its 1 is as wide as a 0."""
    if sheet.typeface != "Arial" or not text.length:
        return ""
    natural = text.size * sum(_arial(char, text.weight >= 600) for char in shown)
    if natural <= text.length:
        return ""
    return f' spc="{round((text.length - natural) / len(shown) * 75 * sheet.zoom)}"'


def _text(text: Text, sheet: Sheet) -> str:
    """A box as wide as the text was measured: nothing wraps, and another typeface stays where its anchor is."""
    shown = escape.line(text.text)
    if not shown.strip():
        return ""
    style = f'sz="{round(text.size * 75 * sheet.zoom)}" b="{int(text.weight >= 600)}"'
    face = escape.xml(sheet.typeface)
    fonts = "".join(f'<a:{script} typeface="{face}"/>' for script in ("latin", "ea", "cs"))
    paint = _color(text.fill, sheet.theme)
    spacing = _tightened(text, shown, sheet)
    box = _text_box(text, DESCENTS.get(sheet.typeface, DESCENTS["Arial"]))
    return (
        f'<p:sp><p:nvSpPr>{_named(sheet, shown)}<p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr>{_frame(box, sheet)}{_preset('rect')}<a:noFill/></p:spPr>"
        '<p:txBody><a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="b"><a:noAutofit/></a:bodyPr>'
        f'<a:lstStyle/><a:p><a:pPr algn="{ALIGNED[text.anchor]}"/>'
        f'<a:r><a:rPr lang="en-US" {style}{spacing} noProof="1">{paint}{fonts}</a:rPr>'
        f"<a:t>{escape.xml(shown)}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


# ---- pictures and groups


def _image_box(image: Image) -> Box:
    a, b, c, d, e, f = image.matrix
    return (
        e + min(0, a) + min(0, c),
        f + min(0, b) + min(0, d),
        e + max(0, a) + max(0, c),
        f + max(0, b) + max(0, d),
    )


def _image(image: Image, sheet: Sheet) -> str:
    a, b, c, d, _, _ = image.matrix
    upright = b == c == 0 and a > 0 and d > 0
    place = sheet.picture(image.data if upright else _slanted(image))
    return (
        f"<p:pic><p:nvPicPr>{_named(sheet, image.role or 'picture')}"
        "<p:cNvPicPr/><p:nvPr/></p:nvPicPr>"
        f'<p:blipFill><a:blip r:embed="{place}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
        f"<p:spPr>{_frame(_image_box(image), sheet)}{_preset('rect')}</p:spPr></p:pic>"
    )


def _slanted(image: Image) -> bytes:
    """The picture as it is seen on a slanted face, clear around it: shapes of PowerPoint can be turned, not slanted."""
    from PIL import Image as Picture

    left, top, right, bottom = _image_box(image)
    a, b, c, d, e, f = image.matrix
    with Picture.open(io.BytesIO(image.data)) as opened:
        source = opened.convert("RGBA")
    # Twice as many dots as will be kept, of which four become one: its edges are soft.
    dots = 2 * SKEWED_DPI
    size = (max(1, round((right - left) * SKEWED_DPI)) * 2, max(1, round((bottom - top) * SKEWED_DPI)) * 2)
    # Dot of the result → unit square → dot of the source: the inverse of the matrix, between two scales.
    scale = a * d - b * c
    across, down = source.width / scale / dots, source.height / scale / dots
    x0, y0 = e - left, f - top
    inverse = (
        d * across,
        -c * across,
        (c * y0 - d * x0) * across * dots,
        -b * down,
        a * down,
        (b * x0 - a * y0) * down * dots,
    )
    seen = source.transform(size, Picture.Transform.AFFINE, inverse, Picture.Resampling.NEAREST)
    stream = io.BytesIO()
    seen.reduce(2).save(stream, "PNG")
    return stream.getvalue()


def _name(group: Group) -> str:
    """A panel is named as it is headed: its ref is that of a layer in it."""
    heading = next((item.text for item in group.items if isinstance(item, Text)), "")
    return (group.role == "panel" and heading) or group.ref or group.role or "group"


def _group(group: Group, sheet: Sheet) -> str:
    head = _named(sheet, _name(group), group.label)
    inside = "".join(shapes(group.items, sheet))
    if not inside:
        return ""
    left, top, right, bottom = _bounds(group.items)
    x, y = sheet.x(left), sheet.y(top)
    # Sizes are divided by one another, and an upright line has no width.
    width, height = max(1, sheet.x(right) - x), max(1, sheet.y(bottom) - y)
    return (
        f"<p:grpSp><p:nvGrpSpPr>{head}<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>"
        f'<a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/>'
        f'<a:chOff x="{x}" y="{y}"/><a:chExt cx="{width}" cy="{height}"/></a:xfrm></p:grpSpPr>{inside}</p:grpSp>'
    )
