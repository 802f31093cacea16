"""The bundled font files."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

FILES = {400: "Inter-Regular.ttf", 500: "Inter-Medium.ttf", 600: "Inter-SemiBold.ttf"}
"""Weight → file."""


MISSING = "□"
"""Drawn for a character that no font at hand has."""


def font_file(weight: int) -> Traversable:
    return files("sphinx_kerasarch.layout") / "fonts" / FILES[weight]
