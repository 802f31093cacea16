"""Folding where the plain repeats do not reach: growing channels, growing rates, cells with two inputs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.figure import Graph
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.lint import lint, lint_graph
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.cells import cells
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.fold import repeats
from sphinx_kerasarch.spec.query import totals

SPECS = Path(__file__).parents[1] / "specs"


@cache
def spec_of(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


def test_dense_blocks_are_alike_though_their_channels_grow() -> None:
    spec = spec_of("densenet121")
    assert repeats(spec) == ()
    assert [repeat.count for repeat in repeats(spec, loose=True)] == [6, 12, 24, 16]


def test_blocks_with_growing_drop_rates_are_alike() -> None:
    counts = [repeat.count for repeat in repeats(spec_of("efficientnetv2l"), loose=True)]
    assert sorted(counts) == [3, 6, 6, 6, 9, 18, 24]


def test_searched_cells_have_two_ways_in() -> None:
    spec = spec_of("nasnetlarge")
    found = cells(spec)
    assert [len(repeat.exits) for repeat in found if repeat.count > 1] == [4, 4, 4]
    members = [call for repeat in found for copy in repeat.copies for call in copy]
    assert len(members) == len(set(members))
    inside = {call: end for r in found for copy, end in zip(r.copies, r.exits, strict=True) for call in copy}
    for edge in spec.edges:
        source, target = inside.get(edge.source.call), inside.get(edge.target.call)
        # What leaves a cell leaves it by its end.
        assert source in {None, target, edge.source.call}


@pytest.mark.parametrize("width", [642.0, 321.0])
@pytest.mark.parametrize("name", ["densenet121", "efficientnetv2l", "nasnetlarge", "inceptionv3"])
def test_large_models_are_figures(name: str, width: float) -> None:
    spec = spec_of(name)
    graph = draw(spec, "graph", width=width).figure
    assert isinstance(graph, Graph)
    assert lint_graph(graph, spec) == ()
    assert len(graph.cards) <= 80
    scene = arrange(graph)
    assert lint(scene, width=width, graph=graph) == lint(scene, width=width, theme="dark") == ()
    assert sum(card.count or 0 for card in graph.cards) == totals(spec).params


def test_what_grows_is_said() -> None:
    graph = draw(spec_of("densenet121"), "graph").figure
    assert isinstance(graph, Graph)
    told = [card.detail for card in graph.cards if card.repeat > 1]
    assert told[0].startswith("channels 96 → 256")
    titles = [card.title for card in graph.cards if card.repeat > 1]
    assert titles[0] == "conv2_block1–6"
