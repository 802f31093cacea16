"""SVG in two flavours.

*static*: literal colours as presentation attributes; what files and converters need (all of them fail on ``var()``).
*themed*: the same attributes in light colours, and a class per token on top, so that a page's style sheet sets
``--ka-<token>``; without a style sheet it is a correct light figure.

No script, no ``foreignObject``, no marker, no reference to anything outside the file.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from ..escape import xml
from ..figure import Circle, Group, Image, Item, Path, Rect, Scene, Text
from ..options import Option, choice
from ..registry import Format
from ..theme import Palette, Theme, color

FONT = "Inter, -apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@lru_cache(maxsize=1 << 14)
def number(value: float) -> str:
    """At most two decimals, no trailing zeros, no negative zero."""
    short = round(value, 2)
    whole = int(short)
    return str(whole) if short == whole else f"{short:.2f}".rstrip("0")


def class_of(token: str) -> str:
    """``conv.front`` → ``conv-front``: the name of the CSS variable after ``--ka-``."""
    return token.replace(".", "-")


class _Paint:
    """Fill and stroke attributes in one flavour and theme."""

    __slots__ = ("theme", "themed")

    def __init__(self, theme: Theme, themed: bool) -> None:
        self.theme: Theme = theme
        self.themed = themed

    def __call__(self, fill: str | None, stroke: str | None) -> str:
        result = f' fill="{color(fill, self.theme)}"' if fill else ' fill="none"'
        if stroke:
            result += f' stroke="{color(stroke, self.theme)}"'
        if self.themed:
            names = [f"{letter}-{xml(class_of(token))}" for letter, token in (("f", fill), ("s", stroke)) if token]
            result += f' class="{" ".join(names)}"' if names else ""
        return result


def write(scene: Scene, *, theme: Theme = "light", flavour: str = "static", prefix: str = "ka") -> bytes:
    """``prefix`` starts every id, so that two figures can share a page."""
    themed = flavour == "themed"
    lit = replace(theme, theme="light") if isinstance(theme, Palette) else "light"
    paint = _Paint(lit if themed else theme, themed)
    # In a page the cards of a figure are told one by one, as a file it is one picture.
    role = "group" if themed else "img"
    width, height = number(scene.width), number(scene.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        f' role="{role}" aria-labelledby="{xml(prefix)}-title {xml(prefix)}-desc" font-family="{FONT}"'
        f' stroke-linejoin="round" stroke-linecap="round"{_class(themed)}>',
        f'<title id="{xml(prefix)}-title">{xml(scene.title)}</title>',
        f'<desc id="{xml(prefix)}-desc">{xml(scene.description)}</desc>',
        f'<rect width="{width}" height="{height}" rx="8"{paint(scene.background, None)}/>',
    ]
    for item in scene.items:
        lines.extend(_item(item, paint))
    return ("\n".join([*lines, "</svg>"]) + "\n").encode("utf-8")


def _class(themed: bool) -> str:
    return ' class="kerasarch-svg"' if themed else ""


def _item(item: Item, paint: _Paint) -> Iterator[str]:
    match item:
        case Path():
            yield _path(item, paint)
        case Rect():
            yield _rect(item, paint)
        case Circle():
            stroke = _stroke(item.stroke, item.width)
            place = f'cx="{number(item.x)}" cy="{number(item.y)}" r="{number(item.r)}"'
            yield f"<circle {place}{paint(item.fill, item.stroke)}{stroke}/>"
        case Text():
            yield _text(item, paint)
        case Image():
            yield _image(item)
        case Group():
            yield from _group(item, paint)


def _group(group: Group, paint: _Paint) -> Iterator[str]:
    data = f' data-ref="{xml(group.ref)}"' if group.ref else ""
    hidden = ' aria-hidden="true"' if group.role in {"edge", "legend", "panel"} else ""
    label = f"<title>{xml(group.label)}</title>" if group.label else ""
    yield f"<g{data}{hidden}>{label}"
    for item in group.items:
        yield from _item(item, paint)
    yield "</g>"


def _stroke(stroke: str | None, width: float, dash: tuple[float, ...] = ()) -> str:
    if not stroke:
        return ""
    text = "" if width == 1 else f' stroke-width="{number(width)}"'
    return text + (f' stroke-dasharray="{" ".join(map(number, dash))}"' if dash else "")


def _data(commands: tuple[tuple[str | float, ...], ...]) -> str:
    parts: list[str] = []
    for letter, *values in commands:
        parts.append(str(letter) + " ".join(number(float(value)) for value in values))
    return "".join(parts)


def _path(path: Path, paint: _Paint) -> str:
    opacity = "" if path.opacity == 1 else f' opacity="{number(path.opacity)}"'
    stroke = _stroke(path.stroke, path.width, path.dash)
    return f'<path d="{_data(path.commands)}"{paint(path.fill, path.stroke)}{stroke}{opacity}/>'


def rounded(rect: Rect) -> tuple[tuple[str | float, ...], ...]:
    """Outline of a rectangle of which only some corners are round (``Rect.corners``)."""
    x0, y0, x1, y1 = rect.x, rect.y, rect.x + rect.w, rect.y + rect.h
    radius = min(rect.radius, rect.h / 2, rect.w if rect.corners in {"left", "topleft"} else rect.w / 2)
    top = radius if rect.corners in {"all", "top", "left", "topleft"} else 0.0
    right = radius if rect.corners in {"all", "top"} else 0.0
    lower_right = radius if rect.corners == "all" else 0.0
    bottom = radius if rect.corners in {"all", "left"} else 0.0
    return (
        ("M", x0 + top, y0),
        ("L", x1 - right, y0),
        ("Q", x1, y0, x1, y0 + right),
        ("L", x1, y1 - lower_right),
        ("Q", x1, y1, x1 - lower_right, y1),
        ("L", x0 + bottom, y1),
        ("Q", x0, y1, x0, y1 - bottom),
        ("L", x0, y0 + top),
        ("Q", x0, y0, x0 + top, y0),
        ("Z",),
    )


def _rect(rect: Rect, paint: _Paint) -> str:
    stroke = _stroke(rect.stroke, rect.width, rect.dash)
    if rect.radius and rect.corners != "all":
        return f'<path d="{_data(rounded(rect))}"{paint(rect.fill, rect.stroke)}{stroke}/>'
    radius = f' rx="{number(rect.radius)}"' if rect.radius else ""
    place = f'x="{number(rect.x)}" y="{number(rect.y)}" width="{number(rect.w)}" height="{number(rect.h)}"{radius}'
    return f"<rect {place}{paint(rect.fill, rect.stroke)}{stroke}/>"


def _text(text: Text, paint: _Paint) -> str:
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    weight = "" if text.weight == 400 else f' font-weight="{text.weight}"'
    length = f' textLength="{number(text.length)}" lengthAdjust="spacingAndGlyphs"' if text.length > 0 else ""
    place = f'x="{number(text.x)}" y="{number(text.y)}" font-size="{number(text.size)}"'
    return f"<text {place}{weight}{anchor}{length}{paint(text.fill, None)}>{xml(text.text)}</text>"


def _image(image: Image) -> str:
    matrix = " ".join(f"{part:.4f}".rstrip("0").rstrip(".") for part in image.matrix)
    data = base64.b64encode(image.data).decode("ascii")
    return (
        f'<image width="1" height="1" transform="matrix({matrix})" preserveAspectRatio="none"'
        f' href="data:image/png;base64,{data}"/>'
    )


FORMAT = Format(
    name="svg",
    accepts=(Scene,),
    write=write,
    media_type="image/svg+xml",
    suffix=".svg",
    options=(
        Option(
            "flavour", choice("static", "themed"), "static", "Literal colours, or classes for a style sheet."
        ),
        Option("prefix", str, "ka", "Start of every id."),
    ),
)
