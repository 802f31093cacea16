"""Figures of every model in ``keras.applications``, measured."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from applications import NAMES

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Graph, Scene
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.lint import lint, lint_graph
from sphinx_kerasarch.spec import ArchSpec

pytestmark = pytest.mark.keras

REFUSED = {
    "layered": set[str](),
    "graph": set[str](),
    "maps": set(NAMES) - {"MobileNet", "VGG16", "VGG19"},
    "neurons": set[str](),
}
"""Models for which a view gives advice instead of a figure."""


@pytest.fixture(scope="module")
def specs() -> Iterator[dict[str, ArchSpec]]:
    requests = [Request(f"keras.applications:{name}(weights=None)") for name in NAMES]
    with Inspector() as inspector:
        found = dict(
            zip(NAMES, (inspector.describe(request).spec for request in requests), strict=True)
        )
    yield found


@pytest.mark.parametrize("view", ["layered", "graph", "maps", "neurons"])
@pytest.mark.parametrize("name", NAMES)
def test_figure(specs: dict[str, ArchSpec], name: str, view: str) -> None:
    try:
        figure = draw(specs[name], view).figure
        scene = arrange(figure) if isinstance(figure, Graph) else figure
    except DrawError as error:
        assert name in REFUSED[view], error
        assert error.advice
        return
    assert name not in REFUSED[view]
    assert isinstance(scene, Scene)
    for theme in ("light", "dark"):
        assert lint(scene, theme=theme) == ()


@pytest.mark.parametrize("view", ["layered", "neurons"])
@pytest.mark.parametrize("name", NAMES)
def test_figure_in_one_column(specs: dict[str, ArchSpec], name: str, view: str) -> None:
    scene = draw(specs[name], view, width=321.0).figure
    assert isinstance(scene, Scene)
    for theme in ("light", "dark"):
        assert lint(scene, width=321.0, theme=theme) == ()


@pytest.mark.parametrize(
    "options",
    [{"width": "narrow"}, {"direction": "lr"}, {"fold": "none"}],
    ids=["narrow", "lr", "open"],
)
@pytest.mark.parametrize("name", NAMES)
def test_graph_in_other_forms(specs: dict[str, ArchSpec], name: str, options: dict[str, str]) -> None:
    try:
        graph = draw(specs[name], "graph", **options).figure
        assert isinstance(graph, Graph)
        scene = arrange(graph)
    except DrawError as error:
        assert "fold" in options, "only an open graph may be too large"
        assert "fold: auto" in error.advice
        return
    assert lint_graph(graph, specs[name]) == ()
    for theme in ("light", "dark"):
        assert lint(scene, width=graph.width, graph=graph, theme=theme) == ()
