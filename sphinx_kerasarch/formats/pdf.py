"""PDF with vector shapes, embedded fonts and selectable text, the page as large as the figure.

Written directly from the Scene by reportlab with ``invariant=1`` (no date, no random id). One CSS px is 0.75 pt.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from .. import escape
from ..errors import DrawError
from ..figure import Circle, Image, Item, Path, Rect, Scene, Text, flat
from ..layout.text import length_of, nearest_weight
from ..options import Option, words
from ..registry import Format
from ..theme import Theme, color, rgb
from .bidi import visual
from .fonts import FILES, MISSING, font_file
from .svg import rounded

PT = 0.75
"""Points per CSS px."""

LIMIT = 14_400
"""Longest page side in pt that viewers show (ISO 32000-1, Annex C.2)."""

KAPPA = 0.5522847498
"""Control-point distance of the cubic that approximates a quarter of a circle of radius 1."""


def write(scene: Scene, *, theme: Theme = "light", fonts: Sequence[str] = ()) -> bytes:
    """``fonts``: TrueType files tried in order for characters that Inter lacks (CJK, emoji outlines).

    Raises :class:`.DrawError` for a page that viewers cannot show, :class:`.OptionError` for a bad font file.
    """
    from reportlab.pdfgen.canvas import Canvas

    width, height = scene.width * PT, scene.height * PT
    if max(width, height) > LIMIT:
        raise DrawError(
            f"A PDF page of {width:.0f} × {height:.0f} pt cannot be shown ({LIMIT:,} pt at most).",
            advice="Fold the figure (fold: auto), show a nested model alone, or take SVG.",
            data={"width": width, "height": height},
        )
    faces = _faces(tuple(fonts))
    stream = io.BytesIO()
    canvas = Canvas(stream, (width, height), invariant=1, pageCompression=1, initialFontName=faces[400][0])
    canvas.setTitle(escape.line(scene.title))
    canvas.setSubject(escape.line(scene.description))
    canvas.setCreator("sphinx_kerasarch")
    canvas.transform(PT, 0, 0, -PT, 0, height)
    canvas.setLineJoin(1)
    canvas.setLineCap(1)
    canvas.setFillColorRGB(*_channels(scene.background, theme))
    canvas.rect(0, 0, scene.width, scene.height, stroke=0, fill=1)
    for item in flat(scene.items):
        _draw(canvas, item, theme, faces)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def _channels(token: str, theme: Theme) -> tuple[float, float, float]:
    red, green, blue = rgb(color(token, theme))
    return (red / 255, green / 255, blue / 255)


@cache
def _faces(extra: tuple[str, ...]) -> dict[int, tuple[str, ...]]:
    """Weight → names of registered fonts, the bundled one first."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    from ..errors import OptionError

    for weight, name in FILES.items():
        data = io.BytesIO(font_file(weight).read_bytes())
        pdfmetrics.registerFont(TTFont(FilePath(name).stem, data))
    others = []
    for path in extra:
        name = f"extra-{FilePath(path).stem}"
        try:
            pdfmetrics.registerFont(TTFont(name, path))
        except (TTFError, OSError) as error:
            raise OptionError(
                f"Font {FilePath(path).name!r} cannot be used: {error}.",
                advice="Give the path of a TrueType file (.ttf, .ttc).",
                data={"font": path},
            ) from None
        others.append(name)
    return {weight: (FilePath(name).stem, *others) for weight, name in FILES.items()}


def _draw(canvas: Any, item: Item, theme: Theme, faces: dict[int, tuple[str, ...]]) -> None:
    match item:
        case Path():
            _paint(canvas, item.commands, item, theme, item.dash, item.opacity)
        case Rect():
            _paint(canvas, _rect_outline(item), item, theme, item.dash)
        case Circle():
            _paint(canvas, _circle_outline(item), item, theme)
        case Text():
            _text(canvas, item, theme, faces)
        case Image():
            _image(canvas, item)


def _rect_outline(rect: Rect) -> tuple[tuple[str | float, ...], ...]:
    if rect.radius:
        return rounded(rect)
    x, y, w, h = rect.x, rect.y, rect.w, rect.h
    return (("M", x, y), ("L", x + w, y), ("L", x + w, y + h), ("L", x, y + h), ("Z",))


def _circle_outline(circle: Circle) -> tuple[tuple[str | float, ...], ...]:
    x, y, r, k = circle.x, circle.y, circle.r, circle.r * KAPPA
    return (
        ("M", x + r, y),
        ("C", x + r, y + k, x + k, y + r, x, y + r),
        ("C", x - k, y + r, x - r, y + k, x - r, y),
        ("C", x - r, y - k, x - k, y - r, x, y - r),
        ("C", x + k, y - r, x + r, y - k, x + r, y),
        ("Z",),
    )


def _paint(
    canvas: Any,
    commands: Sequence[tuple[str | float, ...]],
    item: Path | Rect | Circle,
    theme: Theme,
    dash: Sequence[float] = (),
    opacity: float = 1.0,
) -> None:
    if opacity < 1:
        canvas.saveState()  # or the opacity would stay for the texts and pictures that follow
    if item.fill:
        canvas.setFillColorRGB(*_channels(item.fill, theme), alpha=opacity)
    if item.stroke:
        canvas.setStrokeColorRGB(*_channels(item.stroke, theme), alpha=opacity)
        canvas.setLineWidth(item.width)
        canvas.setDash(list(dash))
    canvas.drawPath(_outline(canvas, commands), stroke=int(bool(item.stroke)), fill=int(bool(item.fill)))
    if opacity < 1:
        canvas.restoreState()


def _outline(canvas: Any, commands: Sequence[tuple[str | float, ...]]) -> Any:
    path = canvas.beginPath()
    x = y = 0.0
    for letter, *rest in commands:
        values = [float(value) for value in rest]
        if letter == "M":
            path.moveTo(*values)
        elif letter == "L":
            path.lineTo(*values)
        elif letter == "Q":
            # The cubic with the same curve has its control points two thirds of the way.
            cx, cy, ex, ey = values
            path.curveTo(
                x + (cx - x) * 2 / 3,
                y + (cy - y) * 2 / 3,
                ex + (cx - ex) * 2 / 3,
                ey + (cy - ey) * 2 / 3,
                ex,
                ey,
            )
        elif letter == "C":
            path.curveTo(*values)
        else:
            path.close()
        if values:
            x, y = values[-2:]
    return path


def _runs(text: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """Stretches of ``text`` with the first font that has their characters; what none has becomes a box."""
    from reportlab.pdfbase import pdfmetrics

    runs: list[tuple[str, str]] = []
    for char in escape.line(text):
        name = next((n for n in names if ord(char) in pdfmetrics.getFont(n).face.charToGlyph), None)
        shown, name = (char, name) if name else (MISSING, names[0])
        if runs and runs[-1][1] == name:
            runs[-1] = (runs[-1][0] + shown, name)
        else:
            runs.append((shown, name))
    return runs


def _text(canvas: Any, text: Text, theme: Theme, faces: dict[int, tuple[str, ...]]) -> None:
    from reportlab.pdfbase import pdfmetrics

    runs = _runs(visual(text.text), faces[nearest_weight(text.weight)])
    natural = sum(pdfmetrics.stringWidth(part, name, text.size) for part, name in runs)
    wanted = length_of(text)
    if wanted <= 0:
        return  # nothing but marks without width; a matrix of determinant 0 is an error to viewers
    # As textLength in SVG: what a fallback font draws wider or narrower is fitted to the measured width.
    stretch = wanted / natural if natural and not math.isclose(wanted, natural, rel_tol=0.002) else 1.0
    shift = {"middle": -0.5, "end": -1.0}.get(text.anchor, 0.0) * natural * stretch
    canvas.saveState()
    canvas.transform(stretch, 0, 0, -1, text.x + shift, text.y)
    line = canvas.beginText(0, 0)
    line.setFillColorRGB(*_channels(text.fill, theme))
    for part, name in runs:
        line.setFont(name, text.size)
        line.textOut(part)
    canvas.drawText(line)
    canvas.restoreState()


def _image(canvas: Any, image: Image) -> None:
    from reportlab.lib.utils import ImageReader

    canvas.saveState()
    canvas.transform(*image.matrix)
    canvas.transform(1, 0, 0, -1, 0, 1)
    canvas.drawImage(ImageReader(io.BytesIO(image.data)), 0, 0, 1, 1, mask="auto")
    canvas.restoreState()


FORMAT = Format(
    name="pdf",
    accepts=(Scene,),
    write=write,
    media_type="application/pdf",
    suffix=".pdf",
    options=(Option("fonts", words, (), "TrueType files for characters that Inter lacks."),),
)
