"""Style token → colour, in four themes.

A token is a role (``ink``, ``edge``, ``panel``) or a category with a tone (``conv.front``, ``dense.solid``). The
``base`` family of tones colours large faces (layered view), the ``solid`` family tiles and bars (graph, table); both
have the same hue. Category hues keep a CIE76 distance of at least 9 under simulated colour-vision deficiency where
the shapes do not differ; shape and pictogram always repeat what the colour says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

THEMES = ("light", "dark", "print", "grey")

ROLES: Mapping[str, tuple[str, str]] = {
    "bg": ("#ffffff", "#12171d"),
    "surface": ("#ffffff", "#1a2027"),
    "ink": ("#1f2933", "#e6ebf0"),
    "ink2": ("#3b4754", "#c9d1da"),
    "muted": ("#52606d", "#a3afbb"),
    "edge": ("#3e4c59", "#b4bfca"),
    "skip": ("#2f5fa8", "#7fb0f5"),
    "panel": ("#f4f6f8", "#1a2129"),
    "panelline": ("#b8c2cc", "#46525e"),
    "rule": ("#7b8794", "#7b8794"),
    "cl": ("#f4f6f8", "#1a2129"),
    "cl2": ("#e9edf1", "#222b35"),
    "clline": ("#b8c2cc", "#46525e"),
    "tablerule": ("#e2e6ec", "#333d48"),
    "badge": ("#1f2933", "#e6ebf0"),
    "onbadge": ("#ffffff", "#12171d"),
    "accent": ("#0b57d0", "#8ab4f8"),
    "onsolid": ("#ffffff", "#12171d"),
}
"""Role → (light, dark)."""

FACES: Mapping[str, tuple[str, str]] = {
    "data": ("#c8d0d8", "#707c88"),
    "conv": ("#8fb3dc", "#4c80c0"),
    "pool": ("#c8503c", "#cc5a46"),
    "up": ("#3c9c8a", "#3fae99"),
    "dense": ("#7f66b5", "#b09ce6"),
    "recur": ("#b5832b", "#b07e2c"),
    "attn": ("#db7ea7", "#f0a6c6"),
    "norm": ("#f3d98a", "#e8cb74"),
    "embed": ("#a8c46c", "#93b552"),
    "other": ("#e3e7eb", "#4c5864"),
}
"""Category → ``base`` tone (light, dark). Categories that are not here share ``other``."""

TILES: Mapping[str, tuple[str, str, str, str, str, str]] = {
    "data": ("#3f4b5c", "#f1f2f3", "#888f9a", "#9fb0c8", "#2b333c", "#6a7688"),
    "conv": ("#1b43a8", "#eef1f8", "#728ac9", "#6f99ef", "#253041", "#4d699f"),
    "pool": ("#8a0416", "#f6ecee", "#b6636f", "#f6aeaa", "#373238", "#9e7576"),
    "up": ("#087071", "#ecf4f4", "#66a6a7", "#97e4e4", "#2a3940", "#659698"),
    "norm": ("#a9801a", "#f9f5ee", "#cab071", "#d5be50", "#32352c", "#8a7f40"),
    "act": ("#954e01", "#f7f2ec", "#bd9162", "#e88e53", "#352e2d", "#966241"),
    "dense": ("#845fc2", "#f6f3fa", "#b39cd9", "#d5b1ff", "#323343", "#8a77a9"),
    "recur": ("#6a5038", "#f4f2f0", "#a39284", "#baa17c", "#2f3132", "#7a6d5a"),
    "attn": ("#d34b9b", "#fcf2f8", "#e48fc1", "#d37e99", "#322c36", "#89586b"),
    "embed": ("#5b8855", "#f3f6f2", "#99b596", "#b2e990", "#2e3a35", "#759966"),
    "merge": ("#334155", "#f0f1f2", "#818996", "#cfd8e6", "#323840", "#878e9a"),
    "reshape": ("#78716c", "#f5f4f4", "#aba7a4", "#bdb4ac", "#2f3338", "#7c7977"),
    "reg": ("#6b5a72", "#f4f3f4", "#a399a8", "#c3b0cb", "#30333c", "#7f7689"),
    "prep": ("#4a6a7a", "#f1f4f5", "#8fa3ad", "#9dc0cf", "#2b353d", "#69808c"),
    "custom": ("#1f2937", "#eeeff0", "#747a83", "#e6ebf2", "#353a41", "#949aa1"),
    "other": ("#78716c", "#f5f4f4", "#aba7a4", "#bdb4ac", "#2f3338", "#7c7977"),
}
"""Category → solid, tint, line in light, then in dark."""

WHITE, BLACK = "#ffffff", "#000000"

FACE_TONES: Mapping[str, tuple[tuple[str, float], tuple[str, float]]] = {
    "base": ((WHITE, 0.0), (WHITE, 0.0)),
    "front": ((WHITE, 0.0), ("bg", 0.18)),
    "top": ((WHITE, 0.42), (WHITE, 0.14)),
    "side": ((BLACK, 0.09), ("bg", 0.36)),
    "flank": ((BLACK, 0.22), ("bg", 0.50)),
    "face": ((WHITE, 0.50), ("bg", 0.42)),
    "band": ((BLACK, 0.24), (WHITE, 0.32)),
    "bandtop": ((WHITE, 0.12), (WHITE, 0.50)),
    "outline": ((BLACK, 0.52), (WHITE, 0.38)),
}
"""Tone → colour mixed into the base and its share, light and dark."""

TILE_TONES = ("solid", "tint", "line")


def mix(first: str, second: str, share: float) -> str:
    """``share`` of ``second`` in ``first``, linear in sRGB bytes."""
    return "#" + "".join(
        f"{round(a * (1 - share) + b * share):02x}" for a, b in zip(rgb(first), rgb(second), strict=True)
    )


def rgb(color: str) -> tuple[int, int, int]:
    return (int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16))


def luminance(color: str) -> float:
    """Relative luminance, 0 … 1 (WCAG 2.2)."""

    def linear(byte: int) -> float:
        part = byte / 255
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(byte) for byte in rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio, 1 … 21 (WCAG 2.2)."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def grey(color: str) -> str:
    """The grey of the same luminance."""
    linear = luminance(color)
    part = linear * 12.92 if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return f"#{round(255 * part):02x}" + f"{round(255 * part):02x}" * 2


@cache
def color(token: str, theme: str = "light") -> str:
    """``#rrggbb`` of a token. Raises ``KeyError`` for an unknown token or theme."""
    if theme not in THEMES:
        raise KeyError(theme)
    if theme == "grey":
        return grey(color(token, "light"))
    dark = theme == "dark"
    if token in ROLES:
        return ROLES[token][dark]
    category, _, tone = token.partition(".")
    if tone in TILE_TONES:
        tile = TILES.get(category, TILES["custom"])
        return tile[TILE_TONES.index(tone) + 3 * dark]
    mixed, share = FACE_TONES[tone][dark]
    base = FACES.get(category, FACES["other"])[dark]
    return mix(base, color(mixed, theme) if mixed in ROLES else mixed, share)


@cache
def tokens() -> tuple[str, ...]:
    """Every token, roles first."""
    categories = tuple(dict.fromkeys((*TILES, *FACES)))
    tones = (*FACE_TONES, *TILE_TONES)
    return (*ROLES, *(f"{category}.{tone}" for category in categories for tone in tones))
