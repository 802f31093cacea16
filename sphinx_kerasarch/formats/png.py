"""PNG, rasterized from the static SVG by resvg with the bundled fonts only, so that it is the same on every machine."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from importlib.resources import as_file

from ..errors import DrawError
from ..figure import Group, Item, Scene, Text
from ..layout.text import known
from ..options import PX_PER_UNIT, Option, words
from ..registry import Format
from ..theme import Theme
from . import svg
from .fonts import FILES, MISSING, covered, font_file

LIMIT = 25_000_000
"""Pixels; above it browsers and word processors downscale or refuse a picture."""

LOWEST, HIGHEST = 24, 2400
"""Dots per inch."""

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def write(scene: Scene, *, theme: Theme = "light", dpi: float = 192.0, fonts: Sequence[str] = ()) -> bytes:
    """``dpi``: dots per inch at the figure's printed size (192 = two dots per CSS px).

    ``fonts``: font files for characters that Inter lacks. Raises :class:`.DrawError` above 25 megapixels.
    """
    import resvg_py

    zoom = dpi / PX_PER_UNIT["in"]
    pixels = scene.width * zoom * scene.height * zoom
    if pixels > LIMIT:
        fitting = math.floor(dpi * math.sqrt(LIMIT / pixels))
        smaller = f"Write it with dpi {fitting} ({math.floor(scene.width * fitting / 96)} px wide), fold it, "
        raise DrawError(
            f"A PNG of {scene.width * zoom:.0f} × {scene.height * zoom:.0f} px is over {LIMIT // 10**6} megapixels.",
            advice=(smaller if fitting >= LOWEST else "Fold it, ") + "or take SVG or PDF.",
            data={"pixels": round(pixels), "dpi": fitting},
        )
    with ExitStack() as stack:
        bundled = [str(stack.enter_context(as_file(font_file(weight)))) for weight in FILES]
        data = resvg_py.svg_to_bytes(
            svg_string=svg.write(_boxed(scene, tuple(fonts)), theme=theme).decode(),
            dpi=96,
            width=round(scene.width * zoom),
            height=round(scene.height * zoom),
            font_files=[*bundled, *fonts],
            font_family="Inter",
            sans_serif_family="Inter",
            skip_system_fonts=True,
        )
    return with_resolution(bytes(data), dpi)


def _boxed(scene: Scene, fonts: tuple[str, ...]) -> Scene:
    """``scene`` with a box for every character that no font has, which resvg would drop without a trace."""
    return replace(scene, items=tuple(_boxed_item(item, fonts) for item in scene.items))


def _boxed_item(item: Item, fonts: tuple[str, ...]) -> Item:
    if isinstance(item, Group):
        return replace(item, items=tuple(_boxed_item(part, fonts) for part in item.items))
    if isinstance(item, Text) and any(not known(char) for char in item.text):
        return replace(item, text="".join(char if _had(char, fonts) else MISSING for char in item.text))
    return item


def _had(char: str, fonts: tuple[str, ...]) -> bool:
    return known(char) or any(ord(char) in covered(font) for font in fonts)


def with_resolution(png: bytes, dpi: float) -> bytes:
    """``png`` with a ``pHYs`` chunk before its image data (PNG specification, 11.3.4.3)."""
    per_metre = round(dpi / 0.0254)
    content = b"pHYs" + struct.pack(">IIB", per_metre, per_metre, 1)
    chunk = struct.pack(">I", 9) + content + struct.pack(">I", zlib.crc32(content))
    end_of_header = len(SIGNATURE) + 25
    return png[:end_of_header] + chunk + png[end_of_header:]


def _dpi(text: str) -> float:
    value = float(text)
    if not LOWEST <= value <= HIGHEST:
        raise ValueError(f"{text} is not between {LOWEST} and {HIGHEST} dots per inch")
    return value


FORMAT = Format(
    name="png",
    accepts=(Scene,),
    write=write,
    media_type="image/png",
    suffix=".png",
    options=(
        Option("dpi", _dpi, 192.0, "Dots per inch at the printed size."),
        Option("fonts", words, (), "Font files for characters that Inter lacks."),
    ),
)
