"""Whether a stream takes colours, how many, and which of them can be read on any ground.

A program cannot know whether its terminal is dark or light, so text has a colour of the theme's hue at a lightness
that is about as far from white as from black.
"""

from __future__ import annotations

import colorsys
import functools
import os
import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import IO, Any

import click

from ...theme import BLACK, WHITE, contrast, luminance, mix, rgb

LUMINANCE = 0.19
"""Relative luminance of coloured text: contrast 4.4 to white, 4.8 to black, 3.8 to #1e1e1e (WCAG 2.2)."""

GROUNDS = (WHITE, "#1e1e1e")
LEAST = 3.0
"""Contrast to both grounds that a colour of the 256 must keep, as WCAG 2.2 asks of signs (1.4.11)."""

GREY = 40
"""Difference between the largest and the smallest of red, green and blue below which a colour has no hue."""


HUES = ((30, "red"), (90, "yellow"), (150, "green"), (210, "cyan"), (250, "blue"), (330, "magenta"))
"""End of a part of the circle of hues, in degrees, and its name. Violet is no blue here: where eight colours are all,
dense layers would else have that of convolutions."""


class Depth(IntEnum):
    """How many colours a terminal has, as FORCE_COLOR counts them."""

    NONE = 0
    ANSI = 1
    PALETTE = 2
    TRUE = 3


def depth_of(stream: IO[Any], choice: str = "auto", env: Mapping[str, str] | None = None) -> Depth:
    """What may be written to ``stream``.

    ``choice``: ``always``, ``never`` or ``auto``, which asks NO_COLOR (https://no-color.org), then FORCE_COLOR
    (https://force-color.org; 1, 2 and 3 tell how many colours), then whether the stream is a terminal.
    """
    env = os.environ if env is None else env
    if choice == "never":
        return Depth.NONE
    forced = env.get("FORCE_COLOR", "")
    if choice == "auto":
        if env.get("NO_COLOR"):
            return Depth.NONE
        if forced in {"0", "false"}:
            return Depth.NONE
        if not forced and (not stream.isatty() or env.get("TERM") == "dumb"):
            return Depth.NONE
    return Depth(int(forced)) if forced in {"1", "2", "3"} else _colors(env)


def _colors(env: Mapping[str, str]) -> Depth:
    """As the environment of the terminal tells."""
    if env.get("COLORTERM", "").lower() in {"truecolor", "24bit"} or "WT_SESSION" in env:
        return Depth.TRUE
    term = env.get("TERM", "")
    if term.endswith(("-direct", "-truecolor")):
        return Depth.TRUE
    # Where nothing is told, as in the log of a continuous integration, 256 colours are understood.
    return Depth.ANSI if sys.platform == "win32" or term in {"linux", "xterm", "vt100", "ansi"} else Depth.PALETTE


def paint(text: str, color: str, depth: Depth) -> str:
    """``text`` in the hue of ``color``, ``#rrggbb``, as well as ``depth`` can; as it is when that has none."""
    if depth is Depth.NONE or not text:
        return text
    shown = readable(color)
    if depth is Depth.TRUE:
        return click.style(text, fg=rgb(shown))
    if depth is Depth.PALETTE:
        return click.style(text, fg=nearest(shown))
    name = ansi(color)
    return click.style(text, fg=name) if name else text


def bold(text: str, depth: Depth) -> str:
    return click.style(text, bold=True) if depth and text.strip() else text


@functools.cache
def readable(color: str) -> str:
    """``color`` made lighter or darker until it has the luminance that both grounds allow."""
    end = WHITE if luminance(color) < LUMINANCE else BLACK
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        if (luminance(mix(color, end, middle)) < LUMINANCE) == (end == WHITE):
            low = middle
        else:
            high = middle
    return mix(color, end, high)


@functools.cache
def nearest(color: str) -> int:
    """Number of the nearest readable one of the 256 colours. The first 16 are the user's own and not taken."""
    wanted = rgb(color)

    def distance(number: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(rgb(_fixed()[number]), wanted, strict=True))

    return min(_fixed(), key=lambda number: (distance(number), number))


@functools.cache
def _fixed() -> dict[int, str]:
    """Number → colour of those that are the same in every terminal and readable."""
    steps = (0, 95, 135, 175, 215, 255)  # of xterm
    cube = [(red, green, blue) for red in steps for green in steps for blue in steps]
    greys = [(level, level, level) for level in range(8, 248, 10)]
    colors = {
        16 + number: f"#{r:02x}{g:02x}{b:02x}" for number, (r, g, b) in enumerate([*cube, *greys])
    }
    return {
        number: color
        for number, color in colors.items()
        if min(contrast(color, ground) for ground in GROUNDS) >= LEAST
    }


def ansi(color: str) -> str:
    """Name of the nearest of the six hues that every terminal has, empty for a grey."""
    parts = rgb(color)
    if max(parts) - min(parts) < GREY:
        return ""
    hue = 360 * colorsys.rgb_to_hls(*(part / 255 for part in parts))[0]
    return next((name for end, name in HUES if hue < end), "red")
