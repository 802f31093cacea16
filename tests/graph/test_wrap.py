"""Graphs cut into columns, and graphs from left to right."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.figure import Card, Graph, Link, Rect, Scene, flat
from sphinx_kerasarch.layout import arrange, fits
from sphinx_kerasarch.layout.flat import Node, Wire, arrange_rows
from sphinx_kerasarch.layout.wires import route
from sphinx_kerasarch.layout.wrap import wrap
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.codec import loads

SPECS = Path(__file__).parents[1] / "specs"
SMALL = ("lenet", "vgg16", "autoencoder", "siamese", "transformer_encoder", "two_io", "lstm_seq2seq", "unet")


def chain(length: int, **options: object) -> Graph:
    cards = tuple(Card(f"c{i}", style="conv", title=f"layer{i}", subtitle="Conv2D") for i in range(length))
    links = tuple(Link(f"c{i}", f"c{i + 1}", "28×28×64") for i in range(length - 1))
    return Graph("chain", cards, links, **options)  # type: ignore[arg-type]


def places(scene: Scene) -> dict[str, tuple[float, float]]:
    return {
        item.ref: (item.x, item.y)
        for item in flat(scene.items)
        if isinstance(item, Rect) and item.role == "card"
    }


def figure(name: str, **options: object) -> Graph:
    graph = draw(loads((SPECS / f"{name}.json").read_text("utf-8")), "graph", **options).figure
    assert isinstance(graph, Graph)
    return graph


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Wire]]:
    size = draw(st.integers(4, 24))
    edges = {(i, i + 1) for i in range(size - 1)}
    pairs = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda p: p[0] < p[1])
    edges |= set(draw(st.lists(pairs, max_size=6)))
    nodes = [Node(f"n{i}", 50.0, 50.0, 40.0) for i in range(size)]
    return nodes, [
        Wire(f"n{a}", f"n{b}", f"n{a}", order, "28×28" if a % 2 else "", 30.0)
        for order, (a, b) in enumerate(sorted(edges))
    ]


@settings(max_examples=80, deadline=None)
@given(graphs(), st.integers(200, 900))
def test_cuts_keep_boxes_and_wires_apart(graph: tuple[list[Node], list[Wire]], limit: int) -> None:
    nodes, wires = graph
    placed = arrange_rows(nodes, wires)
    whole = route(placed, wires)
    placed, routed = wrap(placed, whole, wires, limit)
    assert routed.height <= max(limit, whole.height if routed.height == whole.height else 0)
    boxes = [
        (x - node.left, top, x + node.right, top + node.height, node.id)
        for node, x, top in zip(placed.rows.nodes, placed.x, routed.tops, strict=True)
        if node
    ]
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] + 0.01 or b[2] <= a[0] + 0.01 or a[3] <= b[1] + 0.01 or b[3] <= a[1] + 0.01
    for wire, points in zip(wires, routed.routes, strict=True):
        for (x0, y0), (x1, y1) in pairwise(points):
            assert abs(x0 - x1) < 0.01 or abs(y0 - y1) < 0.01, "orthogonal"
            for left, top, right, bottom, name in boxes:
                assert (
                    name in {wire.source, wire.target}
                    or max(x0, x1) <= left + 0.01
                    or min(x0, x1) >= right - 0.01
                    or max(y0, y1) <= top + 0.01
                    or min(y0, y1) >= bottom - 0.01
                ), f"{wire} runs through {name}"


def test_a_chain_stands_in_columns_of_like_length() -> None:
    graph = chain(18, height=500.0)
    scene = arrange(graph)
    assert scene.height <= 500 < arrange(chain(18)).height
    assert lint(scene, graph=graph) == ()
    columns: dict[float, list[str]] = {}
    for name, (x, _) in places(scene).items():
        columns.setdefault(x, []).append(name)
    assert [len(found) for found in columns.values()] in ([6, 6, 6], [9, 9])
    assert [name for found in columns.values() for name in found] == [f"c{i}" for i in range(18)]


def test_no_limit_changes_nothing() -> None:
    assert arrange(chain(18)) == arrange(chain(18, height=5000.0))


def test_too_much_for_the_page_is_refused_with_advice() -> None:
    graph = chain(200, height=400.0)
    assert not fits(graph)
    with pytest.raises(DrawError, match="400 px") as caught:
        arrange(graph)
    assert "height: none" in caught.value.advice


@pytest.mark.parametrize("name", SMALL)
def test_recorded_models_on_a_page(name: str) -> None:
    graph = figure(name, height="900px", width="800px")
    scene = arrange(graph)
    assert scene.height <= 900 and scene.width <= 800
    assert lint(scene, width=800, graph=graph) == ()


@pytest.mark.parametrize("name", SMALL[:-1])
def test_left_to_right(name: str) -> None:
    graph = figure(name, direction="lr")
    scene = arrange(graph)
    assert lint(scene, graph=graph) == ()
    links = [link for link in graph.links if not link.tether]
    at = places(scene)
    forward = [at[a.source] < at[a.target] for a in links if {a.source, a.target} <= set(at)]
    assert sum(forward) > len(forward) / 2


def test_a_chain_runs_to_the_right_and_on_in_the_next_row() -> None:
    scene = arrange(chain(8, direction="LR"))
    found = list(places(scene).values())
    rows = sorted({y for _, y in found})
    assert 1 < len(rows) < 8
    assert found == sorted(found, key=lambda place: (place[1], place[0]))
    assert lint(scene) == ()


def test_no_wire_winds_through_many_rows() -> None:
    with pytest.raises(DrawError) as caught:
        arrange(figure("unet", direction="lr"))
    assert "direction: tb" in caught.value.advice


def test_direction_and_height_are_checked() -> None:
    with pytest.raises(OptionError, match="direction"):
        figure("lenet", direction="rl")
    with pytest.raises(OptionError, match="height"):
        figure("lenet", height="tall")
    assert figure("lenet", height="none") == figure("lenet")
