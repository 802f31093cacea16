"""TikZ: a picture that a paper takes in by ``\\input``, in the paper's own fonts, to be changed by hand if need be.

It needs ``tikz`` alone and runs nothing. Coordinates and lengths are big points (1 px is 0.75 bp), not pixels: the
numbers are those of the printed page, and TeX knows none above 16 383.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from .. import escape
from ..errors import DrawError
from ..figure import Circle, Group, Image, Item, Path, Rect, Scene, Text
from ..figure.scene import Command
from ..layout.text import length_of
from ..options import Option, flag
from ..registry import Format
from ..theme import Theme, color
from .bidi import visual
from .pdf import LIMIT, PT
from .svg import number

BOLD = 600
"""From this weight on the letters are bold: fonts of TeX have two weights."""

LONGEST_LINE = 110
"""Characters of a line of the file, where a path can be broken."""

SCOPED = frozenset({"call", "block", "panel", "legend", "words"})
"""Groups that one may want to move as a whole."""

ANCHORS = {"middle": "base", "end": "base east"}

FIT = (
    r"\def\kafit#1#2{\setbox0\hbox{\frenchspacing\vrule width0pt height1ex\relax#2}%"
    "\n"
    r"  \ifdim\wd0>#1bp\resizebox{#1bp}{\height}{\box0}\else\box0\fi}"
)
"""Letters that run wider than those the figure was measured with are made narrower: none leaves its card. The
rule is for texts without height, by which one cannot divide."""

TIMES = (
    r"\def\kax{{\edef\x{\encodingdefault}\def\y{OT1}%"
    "\n"
    r"  \ifx\x\y$\times$\else\ifdefined\texttimes\texttimes\else$\times$\fi\fi}}"
)
"""The sign in nearly every text: that of its font, which looks better, but not with the encoding that LaTeX begins
with, whose companion may be there in pixels only."""

OPENING = r"\begin{tikzpicture}[x=1bp,y=-1bp,line width=0.75bp,line join=round,line cap=round,"
CLOSING = "  every node/.style={anchor=base west,inner sep=0pt,outer sep=0pt}]"

NEEDS = r"% In the preamble: \usepackage{tikz}. Then \input this file."
NEEDS_T1 = r"% In the preamble: \usepackage{tikz}, with pdfLaTeX \usepackage[T1]{fontenc}. Then \input this file."
"""Some letters beyond ASCII, and straight quotes, are not in the encoding that LaTeX begins with."""

WHOLE = (
    r"\documentclass[tikz,border=0pt]{standalone}",
    r"\ifdefined\pdftexversion",
    r"  \usepackage[T1]{fontenc}",
    r"  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}",
    r"  \IfFileExists{tgheros.sty}{\usepackage{tgheros}}{}",
    r"\fi",
    r"\begin{document}",
)


def write(
    scene: Scene, *, theme: Theme = "light", standalone: bool = False, document_font: bool = False
) -> bytes:
    """``standalone``: a document of its own. ``document_font``: the font of the text around, not its sans serif.

    Raises :class:`.DrawError` for a page that no engine can make and for pictures made of pixels.
    """
    width, height = scene.width * PT, scene.height * PT
    if max(width, height) > LIMIT:
        raise DrawError(
            f"TeX makes no picture of {width:.0f} × {height:.0f} bp ({LIMIT:,} bp at most).",
            advice="Fold the figure (fold: auto), show a nested model alone, or take SVG.",
            data={"width": width, "height": height},
        )
    writer = _Writer(theme, document_font)
    frame = f"(0,0) rectangle {_point(scene.width, scene.height)};"
    body = [
        rf"\useasboundingbox {frame}",
        rf"\fill[{writer.color(scene.background)}] {frame}",
        *(line for item in scene.items for line in writer.item(item)),
    ]
    picture = [*writer.opening(), *body, r"\end{tikzpicture}%"]
    heading = f"% {escape.latex_comment(scene.title)}".rstrip()
    needs = NEEDS if all(map(_is_plain, picture)) else NEEDS_T1
    parts = [*WHOLE, *picture, r"\end{document}"] if standalone else [needs, *picture]
    text = "\n".join([heading, *parts]) + "\n"
    if r"\kerasarchsign" in text:
        text = escape.latex_lines(text.replace(FIT, f"{FIT}\n{escape.LATEX_SIGN}", 1))
    return text.encode("utf-8")


def _is_plain(line: str) -> bool:
    return line.startswith("%") or (line.isascii() and r"\textquotedbl" not in line)


def _point(x: float, y: float) -> str:
    return f"({number(x * PT)},{number(y * PT)})"


def _length(px: float) -> str:
    return f"{number(px * PT)}bp"


class _Writer:
    """Lines of a picture, and which colours and fonts they have used."""

    __slots__ = ("colors", "document_font", "fonts", "theme", "times")

    def __init__(self, theme: Theme, document_font: bool) -> None:
        self.theme: Theme = theme
        self.document_font = document_font
        self.colors: dict[str, tuple[str, str]] = {}
        """Name in LaTeX → token and ``RRGGBB``, in the order of their first use."""
        self.fonts: dict[str, str] = {}
        """Style → what chooses the font."""
        self.times = False
        """Whether there is a multiplication sign."""

    def color(self, token: str) -> str:
        """``conv.front`` → ``kaConvFront``. Tokens of one's own layers may hold any sign."""
        parts = "".join(char if char.isascii() and char.isalnum() else " " for char in token).split()
        name = "ka" + "".join(part[0].upper() + part[1:] for part in parts)
        while self.colors.get(name, (token,))[0] != token:
            name += "x"
        if name not in self.colors:
            self.colors[name] = (token, color(token, self.theme)[1:].upper())
        return name

    def font(self, size: float, weight: int) -> str:
        """The style of letters of ``size`` px: ``ka9``, ``ka9b`` for bold ones."""
        points, bold = number(size * PT), weight >= BOLD
        name = f"ka{points}{'b' if bold else ''}"
        family = r"\normalfont" if self.document_font else r"\normalfont\sffamily"
        strong = r"\bfseries" if bold else ""
        self.fonts.setdefault(name, rf"{family}{strong}\fontsize{{{points}}}{{{points}}}\selectfont")
        return name

    def opening(self) -> Iterator[str]:
        yield OPENING
        for name, chosen in self.fonts.items():
            yield f"  {name}/.style={{font={chosen}}},"
        yield CLOSING
        for name, (_, digits) in self.colors.items():
            yield rf"\providecolor{{{name}}}{{HTML}}{{{digits}}}"
        if self.fonts:
            yield FIT
        if self.times:
            yield TIMES

    def item(self, item: Item) -> Iterator[str]:
        match item:
            case Path():
                yield from self.path(item)
            case Rect():
                yield from self.rect(item)
            case Circle():
                radius = f"circle[radius={_length(item.r)}]"
                yield from _lines(self.command(item), [_point(item.x, item.y), radius])
            case Text():
                yield from self.text(item)
            case Image():
                raise DrawError(
                    "TikZ holds no pictures made of pixels.",
                    advice="Take PDF or SVG, or leave the picture out.",
                )
            case Group():
                yield from self.group(item)

    def group(self, group: Group) -> Iterator[str]:
        about = escape.latex_comment(group.ref.replace("->", " to "))
        if about:
            yield f"% {about}"
        scoped = group.role in SCOPED
        if scoped:
            yield r"\begin{scope}"
        for item in group.items:
            yield from self.item(item)
        if scoped:
            yield r"\end{scope}"

    def command(self, item: Path | Rect | Circle, *more: str) -> str:
        """What is painted and how, up to where: ``\\draw[kaEdge,line width=1bp]``."""
        options = list(more)
        if item.stroke and item.width != 1:
            options.insert(0, f"line width={_length(item.width)}")
        dash = () if isinstance(item, Circle) else item.dash
        if item.stroke and dash:
            whole = dash if len(dash) % 2 == 0 else dash * 2  # as stroke-dasharray
            words = (f"{'off' if at % 2 else 'on'} {_length(part)}" for at, part in enumerate(whole))
            options.append(f"dash pattern={' '.join(words)}")
        if item.fill and item.stroke:
            colors = [f"fill={self.color(item.fill)}", f"draw={self.color(item.stroke)}"]
            return rf"\filldraw[{','.join([*colors, *options])}]"
        if item.fill or item.stroke:
            name = self.color(item.fill or item.stroke or "")
            return rf"\{'fill' if item.fill else 'draw'}[{','.join([name, *options])}]"
        return ""

    def rect(self, rect: Rect) -> Iterator[str]:
        if rect.radius and rect.corners in OUTLINES:
            yield from _lines(self.command(rect), _partly_rounded(rect))
            return
        radius = min(rect.radius, rect.w / 2, rect.h / 2)
        command = self.command(rect, *([f"rounded corners={_length(radius)}"] if radius > 0 else []))
        corner, other = _point(rect.x, rect.y), _point(rect.x + rect.w, rect.y + rect.h)
        yield from _lines(command, [corner, f"rectangle {other}"])

    def path(self, path: Path) -> Iterator[str]:
        more = [] if path.opacity == 1 else [f"opacity={number(path.opacity)}"]
        bends = _bends(path.commands)
        if bends:
            points, radius = bends
            command = self.command(path, *more, f"rounded corners={_length(radius)}")
            first, *others = (_point(*point) for point in points)
            yield from _lines(command, [first, *(f"-- {point}" for point in others)])
        else:
            yield from _lines(self.command(path, *more), _steps(path.commands))

    def text(self, text: Text) -> Iterator[str]:
        wanted = length_of(text)
        if wanted <= 0:
            return  # nothing but marks without width
        anchor = f",anchor={ANCHORS[text.anchor]}" if text.anchor in ANCHORS else ""
        style = f"{self.color(text.fill)},{self.font(text.size, text.weight)}{anchor}"
        shown = escape.latex(visual(text.text)).replace(r"$\times$", r"\kax{}")
        self.times |= r"\kax{}" in shown
        place = _point(text.x, text.y)
        yield rf"\node[{style}] at {place} {{\kafit{{{number(wanted * PT)}}}{{{shown}}}}};"


def _lines(command: str, steps: Sequence[str]) -> Iterator[str]:
    """A path on as many lines as it needs; nothing for one that is not painted."""
    if not command or not steps:
        return
    line = command
    for step in steps:
        if len(line) + len(step) >= LONGEST_LINE:
            yield line
            line = "  " + step
        else:
            line += " " + step
    yield f"{line};"


OUTLINES: Mapping[str, tuple[str, int]] = {
    "left": ("ne nw sw se", 2),
    "top": ("se ne nw sw", 2),
    "topleft": ("ne nw sw se", 1),
}
"""``Rect.corners`` → a sharp corner, from which the outline goes on to so many round ones, and to sharp ones."""


def _partly_rounded(rect: Rect) -> list[str]:
    order, count = OUTLINES[rect.corners]
    first, *points = (
        _point(rect.x + rect.w * ("e" in corner), rect.y + rect.h * ("s" in corner))
        for corner in order.split()
    )
    radius = min(rect.radius, rect.h / 2, rect.w)
    lines = [f"-- {point}" for point in points]
    return [
        first,
        f"[rounded corners={_length(radius)}]",
        *lines[:count],
        "[sharp corners]",
        *lines[count:],
        "-- cycle",
    ]


def _steps(commands: Sequence[Command]) -> list[str]:
    steps: list[str] = []
    start = here = (0.0, 0.0)
    closed = False
    for letter, *rest in commands:
        values = [float(value) for value in rest]
        points = list(zip(values[::2], values[1::2], strict=True))
        if closed and letter not in {"M", "Z"}:
            steps.append(_point(*start))  # what follows the end of a loop goes on from its beginning
        closed = letter == "Z"
        if letter == "M":
            start = points[-1]
            steps.append(_point(*start))
        elif letter == "L":
            steps.append(f"-- {_point(*points[-1])}")
        elif letter == "Z":
            steps.append("-- cycle")
        else:
            if letter == "Q":
                (cx, cy), (ex, ey) = points
                # The cubic with the same curve has its control points two thirds of the way.
                first = (here[0] + (cx - here[0]) * 2 / 3, here[1] + (cy - here[1]) * 2 / 3)
                points = [first, (ex + (cx - ex) * 2 / 3, ey + (cy - ey) * 2 / 3), (ex, ey)]
            near, far, end = (_point(*point) for point in points)
            steps.append(f".. controls {near} and {far} .. {end}")
        here = points[-1] if points else start
    return steps


Point = tuple[float, float]

STRAIGHT = 0.02
"""px, and square px: less than what is written of a place."""


def _bends(commands: Sequence[Command]) -> tuple[list[Point], float] | None:
    """The corners of a line that turns at right angles only, always with the same radius, and that radius; none for
    any other line.

    A wire is written by its corners, as one would by hand, and moving one is changing a number.
    """
    letters = [letter for letter, *_ in commands]
    if letters[:1] != ["M"] or set(letters[1:]) != {"L", "Q"}:
        return None
    start, *others = ([float(value) for value in rest] for _, *rest in commands)
    here: Point = (start[0], start[1])
    points, radii = [here], []
    heading: Point = (0.0, 0.0)
    for values in others:
        end: Point = (values[-2], values[-1])
        middle: Point = (values[0], values[1])  # of a line, its end
        arriving, leaving = _from(here, middle), _from(middle, end)
        if abs(heading[0] * arriving[1] - heading[1] * arriving[0]) > STRAIGHT:
            return None
        if len(values) == 4:
            if abs(arriving[0] * leaving[0] + arriving[1] * leaving[1]) > STRAIGHT:
                return None
            points.append(middle)
            radii += [math.hypot(*arriving), math.hypot(*leaving)]
        heading = leaving if len(values) == 4 else arriving
        here = end
    if max(radii) - min(radii) > STRAIGHT:
        return None
    return [*points, here], radii[0]


def _from(start: Point, end: Point) -> Point:
    return (end[0] - start[0], end[1] - start[1])


FORMAT = Format(
    name="tikz",
    accepts=(Scene,),
    write=write,
    media_type="text/x-tex",
    suffix=".tex",
    options=(
        Option(
            "standalone", flag, False, "A LaTeX document of its own rather than a picture to be taken in."
        ),
        Option(
            "document-font", flag, False, "Letters in the font of the text around, not in its sans serif."
        ),
    ),
    aliases=(".tikz",),
)
"""Drawings; ``.tex`` of a table is the format ``latex``."""
