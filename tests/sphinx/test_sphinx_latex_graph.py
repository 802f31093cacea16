"""Graphs on pages of LaTeX: never smaller than can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinx_kerasarch import layout
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Graph
from sphinx_kerasarch.hosts.sphinx.latex import PAGE, draw_graph
from sphinx_kerasarch.options import resolve
from sphinx_kerasarch.registry import view
from sphinx_kerasarch.spec.codec import loads

SPECS = Path(__file__).parents[1] / "specs"
LINE = 626.0
"""px of a line of text on Sphinx's page."""


def page_graph(name: str, **given: str) -> Graph:
    options = resolve(view("graph").options, given, "test")
    figure = draw_graph(loads((SPECS / f"{name}.json").read_text("utf-8")), options)
    assert isinstance(figure, Graph)
    return figure


@pytest.mark.parametrize("name", ["unet", "resnet50", "mobilenetv2", "vgg16", "lenet", "vit"])
def test_smallest_text_is_five_points(name: str) -> None:
    scene = layout.arrange(page_graph(name))
    scale = min(1.0, LINE / scene.width, PAGE / scene.height)
    assert 10 * 0.75 * scale >= 5.0


def test_short_graphs_keep_their_size() -> None:
    assert layout.arrange(page_graph("lenet")).height < PAGE
    assert page_graph("lenet").width == 642


def test_a_graph_that_no_page_holds_is_refused_with_advice() -> None:
    with pytest.raises(DrawError) as caught:
        page_graph("inceptionv3", fold="none")
    assert "layered view" in caught.value.advice


def test_a_height_of_the_author_is_kept() -> None:
    assert page_graph("vgg16", height="300mm").height == pytest.approx(300 * 96 / 25.4)
