"""What is in a drawing of a recorded spec."""

from __future__ import annotations

from pathlib import Path

from sphinx_kerasarch.figure import Scene, Text
from sphinx_kerasarch.layout.clash import flat
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.model import ArchSpec

SPECS = Path(__file__).parents[1] / "specs"


def recorded(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


def said(scene: Scene) -> list[str]:
    return [item.text for item in flat(scene.items) if isinstance(item, Text)]
