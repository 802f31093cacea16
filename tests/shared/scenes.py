"""What is in a drawing of a recorded spec."""

from __future__ import annotations

from pathlib import Path

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.figure import Graph, Scene, Text, flat
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.model import ArchSpec

SPECS = Path(__file__).parents[1] / "specs"


def recorded(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


def placed(name: str, view: str = "graph") -> Scene:
    """A view of a recorded spec; a graph with its places."""
    figure = draw(recorded(name), view).figure
    scene = arrange(figure) if isinstance(figure, Graph) else figure
    assert isinstance(scene, Scene)
    return scene


def said(scene: Scene) -> list[str]:
    return [item.text for item in flat(scene.items) if isinstance(item, Text)]
