"""Findings on drawings of boxes."""

from __future__ import annotations

from sphinx_kerasarch.figure import Item, Path, Rect, Scene, Text
from sphinx_kerasarch.layout.solid import Solid, box, frustum
from sphinx_kerasarch.layout.text import measure
from sphinx_kerasarch.lint import lint


def label(x: float, y: float, words: str) -> Text:
    return Text(x, y, words, 9.5, 500, "ink", "middle", measure(words, 9.5, 500), role="label")


def slugs(*items: Item, width: float = 330, height: float = 100) -> list[str]:
    return [finding.slug for finding in lint(Scene(width, height, items))]


def test_a_label_on_a_box() -> None:
    solid = Solid(40, 12, 50, 50)
    sound = label(sum(solid.front) / 2, 50 + solid.bottom + 10, "64")
    assert slugs(*box(solid, 50, "conv"), sound, width=100) == []
    assert slugs(*box(solid, 50, "conv"), label(52, 60, "64"), width=100) == ["text-on-face"]


def test_a_label_under_the_slope_of_a_flare() -> None:
    flare = Solid(40, 12, 70, 70, 30, 30)
    items = frustum(flare, 50, "up")
    assert slugs(*items, label(30, 82, "8"), width=100) == []
    assert slugs(*items, label(40, 82, "8"), width=100) == ["text-on-face"]


def test_an_empty_rectangle() -> None:
    left = box(Solid(20, 12, 50, 50), 50, "conv")
    assert slugs(*left, width=330) == ["empty-area"]
    middle = box(Solid(145, 12, 50, 50), 50, "conv")
    right = box(Solid(290, 12, 50, 50), 50, "conv")
    assert "empty-area" in slugs(*left, *right, width=330)
    assert slugs(*left, *middle, *right, width=330) == ["empty-area"]
    filled = box(Solid(82, 12, 50, 50), 50, "conv"), box(Solid(207, 12, 50, 50), 50, "conv")
    assert slugs(*left, *middle, *right, *filled[0], *filled[1], width=330) == []


def test_lines_divide_emptiness_and_panels_do_not_fill_it() -> None:
    ends = (*box(Solid(20, 12, 50, 50), 50, "conv"), *box(Solid(290, 12, 50, 50), 50, "conv"))
    across = Path((("M", 40.0, 50.0), ("L", 290.0, 50.0)), stroke="edge", role="edge", ref="a->b")
    below = Path((("M", 150.0, 5.0), ("L", 150.0, 95.0)), stroke="edge", role="edge", ref="c->d")
    assert slugs(*ends, across, below) == []
    panel = Rect(50, 5, 200, 90, fill="panel", role="panel")
    assert slugs(panel, *ends) == ["empty-area"]


def test_drawings_without_boxes_are_not_measured() -> None:
    assert slugs(label(30, 30, "64")) == []
