"""The bundled font files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

FILES = {400: "Inter-Regular.ttf", 500: "Inter-Medium.ttf", 600: "Inter-SemiBold.ttf"}
"""Weight → file."""


MISSING = "□"
"""Drawn for a character that no font at hand has."""


def font_file(weight: int) -> Traversable:
    return files("sphinx_kerasarch.layout") / "fonts" / FILES[weight]


@lru_cache(maxsize=16)
def covered(path: str) -> frozenset[int]:
    """Code points that a font file has letters for; none for what cannot be read (OpenType, cmap formats 4 and 12)."""
    try:
        return frozenset(_code_points(Path(path).read_bytes()))
    except (OSError, struct.error):
        return frozenset()


def _code_points(data: bytes) -> Iterator[int]:
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    for number in range(struct.unpack_from(">H", data, start + 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * number)
        if tag == b"cmap":
            for one in range(struct.unpack_from(">H", data, offset + 2)[0]):
                table = offset + struct.unpack_from(">I", data, offset + 4 + 8 * one + 4)[0]
                yield from _subtable(data, table)


def _subtable(data: bytes, at: int) -> Iterator[int]:
    kind = struct.unpack_from(">H", data, at)[0]
    if kind == 12:
        for group in range(struct.unpack_from(">I", data, at + 12)[0]):
            first, last, _ = struct.unpack_from(">III", data, at + 16 + 12 * group)
            yield from range(first, min(last, 0x10FFFF) + 1)
    elif kind == 4:
        size = struct.unpack_from(">H", data, at + 6)[0]
        for ends in range(at + 14, at + 14 + size, 2):
            starts = ends + size + 2
            last, first = struct.unpack_from(">H", data, ends)[0], struct.unpack_from(">H", data, starts)[0]
            delta = struct.unpack_from(">H", data, starts + size)[0]
            there = starts + 2 * size
            jump = struct.unpack_from(">H", data, there)[0]
            for code in range(first, min(last, 0xFFFE) + 1):
                glyph = struct.unpack_from(">H", data, there + jump + 2 * (code - first))[0] if jump else code
                if (glyph + delta) & 0xFFFF and glyph:
                    yield code
