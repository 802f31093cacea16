"""Each finding on a drawing made to show it, and none on the figures of real models."""

from __future__ import annotations

from pathlib import Path as FilePath

import pytest

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Graph, Item, Path, Rect, Scene, Text
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.layout.text import measure
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.codec import loads

SPECS = sorted((FilePath(__file__).parents[1] / "specs").glob("*.json"))


def text(
    x: float, y: float, words: str = "conv2d", size: float = 10, fill: str = "ink", ref: str = ""
) -> Text:
    return Text(x, y, words, size, 400, fill, length=measure(words, size), ref=ref, role="title")


def slugs(*items: Item, width: float = 642.0) -> list[str]:
    return [finding.slug for finding in lint(Scene(200, 100, items), width=width)]


def test_nothing_to_say_of_a_sound_drawing() -> None:
    card = Rect(10, 10, 120, 40, 6, "conv.tint", "conv.line", role="card", ref="a")
    line = Path((("M", 150.0, 0.0), ("L", 150.0, 90.0)), None, "edge", role="edge", ref="b->c")
    assert slugs(card, text(20, 30, ref="a"), line) == []


@pytest.mark.parametrize(
    ("items", "slug"),
    [
        ((text(10, 20), text(30, 22)), "text-overlap"),
        ((text(180, 20, "far too long"),), "text-outside"),
        ((Rect(10, 10, 20, 20, role="card", ref="a"), text(12, 22, ref="a")), "text-outside"),
        (
            (text(10, 20), Path((("M", 20.0, 0.0), ("L", 20.0, 90.0)), None, "edge", role="edge", ref="e")),
            "text-on-line",
        ),
        (
            (
                Rect(10, 10, 80, 40, role="card", ref="a"),
                Path((("M", 20.0, 0.0), ("L", 20.0, 90.0)), None, "skip", role="skip", ref="b->c"),
            ),
            "line-through-card",
        ),
        ((text(10, 20, size=8),), "small-text"),
        ((Path((("M", 0.0, 0.0), ("L", 9.0, 0.0)), None, "edge", 0.3),), "thin-stroke"),
        ((text(10, 20, fill="clline"),), "contrast"),
    ],
)
def test_each_finding(items: tuple[Item, ...], slug: str) -> None:
    assert slug in slugs(*items)


def test_a_drawing_wider_than_the_page() -> None:
    assert slugs(width=150) == ["too-wide"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [642.0, 321.0])
@pytest.mark.parametrize("view", ["graph", "layered"])
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_figures_of_recorded_models(path: FilePath, view: str, width: float, theme: str) -> None:
    try:
        figure = draw(loads(path.read_text("utf-8")), view, width=width).figure
        scene = arrange(figure) if isinstance(figure, Graph) else figure
    except DrawError as error:
        assert error.advice, "a figure, or advice"
        return
    assert isinstance(scene, Scene)
    assert lint(scene, width=width, theme=theme) == ()
