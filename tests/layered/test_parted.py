"""Repeat panels that are wider than the page go on in the next row."""

from __future__ import annotations

import pytest

from sphinx_kerasarch.figure import Path, Rect
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.views.layered import draw

from .helpers import flat, text_box, texts
from .test_storeys import transformer


@pytest.mark.parametrize("blocks", [4, 6])
def test_a_decoder_of_three_sublayers_fits_into_one_column(blocks: int) -> None:
    scene = draw(transformer(blocks), width=321.0)
    assert lint(scene, width=321.0) == ()
    titles = [text.text for text in texts(scene, "title")]
    assert f"×{blocks}" in titles and f"×{blocks}, continued" in titles
    panels = [item for item in flat(scene.items) if isinstance(item, Rect) and item.role == "panel"]
    assert len(panels) == len(titles)
    for title in texts(scene, "title"):
        x0, _, x1, y1 = text_box(title)
        over = [p for p in panels if p.x <= x0 and x1 <= p.x + p.w and 0 < p.y - y1 < 6]
        assert len(over) == 1


def test_the_sides_on_which_a_panel_goes_on_are_open() -> None:
    scene = draw(transformer(6), width=321.0)
    panels = [item for item in flat(scene.items) if isinstance(item, Rect) and item.role == "panel"]
    borders = [
        item
        for item in flat(scene.items)
        if isinstance(item, Path) and item.stroke == "panelline" and item.role == "decoration"
    ]
    parted = [panel for panel in panels if panel.stroke is None]
    assert len(parted) >= 2
    upright = [
        path
        for path in borders
        if len({float(c[-2]) for c in path.commands}) == 1 and len(path.commands) == 2
    ]
    xs = {round(float(path.commands[0][1]), 1) for path in upright}
    closed = [(p.x in xs, round(p.x + p.w, 1) in xs) for p in parted]
    assert (True, False) in closed and (False, True) in closed and (True, True) not in closed


def test_in_two_columns_panels_stay_whole() -> None:
    scene = draw(transformer(6), width=642.0)
    assert not any("continued" in text.text for text in texts(scene, "title"))
