"""Width of text in Inter, the bundled typeface.

The writers name Inter first and Arial-like fonts after it; of the usual members of that list Inter is the widest but
DejaVu Sans, and SVG texts carry ``textLength``, so what is measured here fits whichever font the reader has.
Kerning is left out: advances alone are up to 1 px wider on a label, never narrower.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

from ..figure import Text

WEIGHTS = (400, 500, 600)
"""Weights in the package; others take the nearest."""

UNKNOWN = 0.75
"""em reserved for a character that the bundled fonts do not have."""

ELLIPSIS = "…"


@cache
def _advances(weight: int) -> dict[str, float]:
    table = json.loads((files(__package__) / "fonts" / "advances.json").read_text("utf-8"))
    advances: dict[str, float] = table[str(weight)]
    return advances


@cache
def nearest_weight(weight: int) -> int:
    """The bundled weight that stands for ``weight``."""
    return min(WEIGHTS, key=lambda known: abs(known - weight))


def known(char: str) -> bool:
    """Whether the bundled fonts have ``char``."""
    return char in _advances(400)


def _advance(char: str) -> float:
    """em of a character outside the bundled fonts."""
    if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return 0.0
    # Emoji presentation is wider than the em in the common colour fonts (Noto, Segoe, Apple: 1.17 … 1.37).
    if ord(char) >= 0x1F000:
        return 1.37
    return 1.0 if unicodedata.east_asian_width(char) in "WF" else UNKNOWN


@lru_cache(maxsize=65536)
def _em(text: str, weight: int) -> float:
    advances = _advances(weight)
    return sum(advances[char] if char in advances else _advance(char) for char in text)


def measure(text: str, size: float, weight: int = 400) -> float:
    """Advance width in px of ``text`` at ``size`` px."""
    return size * _em(text, nearest_weight(weight))


def length_of(text: Text) -> float:
    """Advance width of an item of a scene in px; measured here where its author left it out."""
    return text.length or measure(text.text, text.size, text.weight)


def ellipsize(text: str, width: float, size: float, weight: int = 400) -> str:
    """``text``, or as much of its start and end around ``…`` as fits into ``width`` px.

    The middle goes, since names differ at their ends (``block_1_conv``, ``block_4_conv``).
    """
    if measure(text, size, weight) <= width:
        return text
    low, high = 0, len(text) - 1
    while low < high:
        kept = (low + high + 1) // 2
        if measure(_shortened(text, kept), size, weight) <= width:
            low = kept
        else:
            high = kept - 1
    return _shortened(text, low)


def _shortened(text: str, kept: int) -> str:
    tail = kept // 2
    return text[: kept - tail] + ELLIPSIS + (text[-tail:] if tail else "")
