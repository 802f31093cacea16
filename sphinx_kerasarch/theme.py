"""Style token → colour, in four themes.

A token is a role (``ink``, ``edge``, ``panel``) or a category with a tone (``conv.front``, ``dense.solid``). The
``base`` family of tones colours large faces (layered view), the ``solid`` family tiles and bars (graph, table); both
have the same hue. Category hues keep a CIE76 distance of at least 9 under simulated colour-vision deficiency where
the shapes do not differ; shape and pictogram always repeat what the colour says.

A :class:`Palette` is a theme with colours of the user's own. One own colour makes all tones of its category; those
that must be legible are moved in lightness until they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache

from .errors import OptionError
from .figure import Circle, Group, Item, Path, Rect, Scene
from .options import suggest

THEMES = ("light", "dark", "print", "grey")

DARK_PAGES = (
    "html[data-theme=dark]",
    "body[data-theme=dark]",
    "html[data-bs-theme=dark]",
    "body[data-md-color-scheme=slate]",
)
"""pydata and book; furo; Bootstrap 5.3 themes, also that of MkDocs; Material and Zensical. rtd, alabaster and basic are
light only."""
DARK_BY_SYSTEM = "body[data-theme=auto]"
"""furo, when the reader leaves the choice to the system."""

ROLES: Mapping[str, tuple[str, str]] = {
    "bg": ("#ffffff", "#12171d"),
    "surface": ("#ffffff", "#1a2027"),
    "ink": ("#1f2933", "#e6ebf0"),
    "ink2": ("#3b4754", "#c9d1da"),
    "muted": ("#52606d", "#a3afbb"),
    "edge": ("#3e4c59", "#b4bfca"),
    "skip": ("#2f5fa8", "#7fb0f5"),
    "plus": ("#0072b2", "#56b4e9"),
    "minus": ("#b84e00", "#e69f00"),
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
    "map": ((WHITE, 0.17), ("bg", 0.08)),
    "side": ((BLACK, 0.09), ("bg", 0.36)),
    "flank": ((BLACK, 0.22), ("bg", 0.50)),
    "face": ((WHITE, 0.50), ("bg", 0.42)),
    "band": ((BLACK, 0.24), (WHITE, 0.32)),
    "bandtop": ((WHITE, 0.12), (WHITE, 0.50)),
    "outline": ((BLACK, 0.52), (WHITE, 0.38)),
    "glyph": ((BLACK, 0.62), ("bg", 0.85)),
}
"""Tone → colour mixed into the base and its share, light and dark."""

TILE_TONES = ("solid", "tint", "line")
OWN_TONES = ("tile", "ontile")
"""Ground of a pictogram and the pictogram itself: ``solid`` and ``onsolid``, but for an own colour that colour as it
is and the ink that is more legible on it."""

LAYER = "layer:"
"""Start of a key that means layers by name and not a category."""

OUTLINE, SIGN, FACE, LINE = 5.0, 3.0, 3.0, 2.0
"""Contrast that outlines keep to the page, pictograms to their card, faces in the dark to the page,
borders to their card."""


@dataclass(frozen=True, slots=True)
class Palette:
    """A theme and own colours. Made by :func:`palette`, which checks them."""

    theme: str = "light"
    categories: tuple[tuple[str, str], ...] = ()
    """(category, literal category), sorted."""
    layers: tuple[tuple[str, str], ...] = ()
    """(pattern of layer names, literal category), in the order in which they were given: the last one wins."""


Theme = str | Palette
"""What every ``theme`` parameter takes."""

Colors = Mapping[str, str | Sequence[str]]
"""Category, or ``layer:`` and a pattern of names → ``#rrggbb``, or one for light and one for dark pages."""


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


def palette(theme: Theme = "light", colors: Colors | None = None) -> Palette:
    """``theme`` with ``colors`` over the built-in ones.

    Raises :class:`.OptionError` for an unknown theme or category and for what is no colour.
    """
    if isinstance(theme, Palette):
        return palette(theme.theme, colors) if colors else theme
    if theme not in THEMES:
        raise OptionError(f"There is no theme {theme!r}.", advice=suggest(theme, THEMES))
    known = {*TILES, *FACES}
    categories, layers = {}, []
    for key, value in (colors or {}).items():
        if key.startswith(LAYER):
            layers.append((key.removeprefix(LAYER), _literal(key, value)))
        elif key in known:
            categories[key] = _literal(key, value)
        else:
            raise OptionError(
                f"There is no category {key!r} to colour.",
                advice=f"{suggest(key, known)} Single layers: {LAYER}NAME.",
                data={"category": key},
            )
    return Palette(theme, tuple(sorted(categories.items())), tuple(layers))


def _literal(key: str, value: str | Sequence[str]) -> str:
    """``#0072b2`` → ``x0072b2x0072b2``: a category by its colours on light and dark pages."""
    parts = re.split(r"[\s,/]+", value.strip()) if isinstance(value, str) else list(value)
    found = [re.fullmatch(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", str(part).strip()) for part in parts]
    if not 1 <= len(parts) <= 2 or not all(found):
        raise OptionError(
            f"The colour of {key!r} is no colour: {value!r}.",
            advice="Write #0072b2, or #0072b2, #56b4e9 for light and dark pages.",
            data={"category": key},
        )
    digits = [match[1].lower() for match in found if match]
    whole = [part if len(part) == 6 else "".join(2 * digit for digit in part) for part in digits]
    return "".join(f"x{part}" for part in (whole * 2)[:2])


def restyled(scene: Scene, palette: Palette) -> Scene:
    """``scene`` with the tokens of single layers replaced where ``palette`` gives them a colour of their own."""
    if not palette.layers:
        return scene
    return replace(scene, items=tuple(_restyled(item, palette.layers) for item in scene.items))


def _restyled(item: Item, layers: tuple[tuple[str, str], ...]) -> Item:
    if not isinstance(item, Group):
        return item
    own = _of_layer(item.ref, layers)
    if own and item.role == "call":
        return _recast(item, _category(item), own)
    return replace(item, items=tuple(_restyled(part, layers) for part in item.items))


def category_of(call: str, category: str, theme: Theme) -> str:
    """``category``, or the literal one that ``theme`` has for the layer of ``call``."""
    return (_of_layer(call, theme.layers) if isinstance(theme, Palette) else "") or category


def _of_layer(call: str, layers: tuple[tuple[str, str], ...]) -> str:
    name = re.sub(r"@\d+", "", call)  # the second call of a layer is the layer as well
    names = (name, name.rpartition("/")[2])
    found = [literal for pattern, literal in layers if any(fnmatchcase(one, pattern) for one in names)]
    return found[-1] if found else ""


def _category(group: Group) -> str:
    """Of the thing itself, whose ground and border are painted before what stands on it."""
    shapes = (item for item in group.items if isinstance(item, Path | Rect | Circle))
    used = (token for shape in shapes for token in (shape.fill, shape.stroke) if token and "." in token)
    return next(used, "").partition(".")[0]


def _recast(item: Item, old: str, new: str) -> Item:
    """``item`` in the colours of ``new``; chips of other categories keep their own."""

    def token(given: str | None) -> str | None:
        category, dot, tone = (given or "").partition(".")
        return f"{new}.{tone}" if dot and category == old else given

    if isinstance(item, Group):
        return replace(item, items=tuple(_recast(part, old, new) for part in item.items))
    if isinstance(item, Path | Rect | Circle):
        return replace(item, fill=token(item.fill), stroke=token(item.stroke))
    return item


def _until(color: str, toward: str, ground: str, ratio: float) -> str:
    """``color`` with as much of ``toward`` as the contrast to ``ground`` asks for."""
    for step in range(21):
        mixed = mix(color, toward, step / 20)
        if contrast(mixed, ground) >= ratio:
            return mixed
    return toward


def _own(literal: str, tone: str, dark: bool) -> str:
    """A tone of an own colour. Lightness is moved where an outline or a pictogram would be too pale."""
    page, card = ROLES["bg"][dark], ROLES["cl2"][dark]
    away = WHITE if dark else BLACK
    base = f"#{literal.split('x')[2 if dark else 1]}"
    if tone == "tile":
        return base
    if tone == "ontile":
        return max(ROLES["onsolid"], key=lambda ink: contrast(ink, base))
    if tone == "solid":
        return _until(base, away, card, SIGN)
    if tone == "tint":
        return mix(ROLES["surface"][dark], base, 0.14 if dark else 0.08)
    if tone == "line":
        return _until(mix(ROLES["surface"][dark], base, 0.6), away, ROLES["surface"][dark], LINE)
    if dark:
        base = _until(base, WHITE, page, FACE)
    mixed, share = FACE_TONES[tone][dark]
    result = mix(base, page if mixed == "bg" else mixed, share)
    if tone == "glyph":
        share = FACE_TONES["front"][dark][1]
        return _on(result, mix(base, page, share) if dark else base)
    return _until(result, away, page, OUTLINE) if tone == "outline" else result


def _on(mark: str, face: str) -> str:
    """``mark``, or as much darker or lighter as it must be to be seen on ``face``."""
    away = max((BLACK, WHITE), key=lambda end: contrast(end, face))
    return _until(mark, away, face, SIGN)


@cache
def color(token: str, theme: Theme = "light") -> str:
    """``#rrggbb`` of a token. Raises ``KeyError`` for an unknown token or theme."""
    palette = theme if isinstance(theme, Palette) else Palette(theme)
    if palette.theme not in THEMES:
        raise KeyError(palette.theme)
    if palette.theme == "grey":
        return grey(color(token, replace(palette, theme="light")))
    dark = palette.theme == "dark"
    if token in ROLES:
        return ROLES[token][dark]
    category, _, tone = token.partition(".")
    if tone not in {*TILE_TONES, *OWN_TONES, *FACE_TONES}:
        raise KeyError(token)
    own = dict(palette.categories)
    literal = own.get(category, "" if category in {*TILES, *FACES} else category)
    if category not in FACES and tone in FACE_TONES:
        literal = literal or own.get("other", "")
    if re.fullmatch("(x[0-9a-f]{6}){2}", literal):
        return _own(literal, tone, dark)
    if tone == "ontile":
        return ROLES["onsolid"][dark]
    if tone in {*TILE_TONES, "tile"}:
        tile = TILES.get(category, TILES["custom"])
        return tile[TILE_TONES.index("solid" if tone == "tile" else tone) + 3 * dark]
    mixed, share = FACE_TONES[tone][dark]
    base = FACES.get(category, FACES["other"])[dark]
    result = mix(base, ROLES[mixed][dark] if mixed in ROLES else mixed, share)
    return _on(result, color(f"{category}.front", palette)) if tone == "glyph" else result


@cache
def tokens(palette: Palette = Palette()) -> tuple[str, ...]:
    """Every token, roles first, those of single layers last."""
    categories = dict.fromkeys((*TILES, *FACES, *(literal for _, literal in palette.layers)))
    tones = (*FACE_TONES, *TILE_TONES, *OWN_TONES)
    return (*ROLES, *(f"{category}.{tone}" for category in categories for tone in tones))
