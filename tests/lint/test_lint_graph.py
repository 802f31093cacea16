"""Drawings against their graphs, graphs against their specs: nothing missing, doubled or made up."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path as FilePath

import pytest

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Circle, Graph, Group, Item, Link, Path, Rect, Scene, Text, flat
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.layout.text import measure
from sphinx_kerasarch.lint import lint, lint_graph
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.model import ArchSpec
from sphinx_kerasarch.spec.query import shape_text

SPECS = sorted((FilePath(__file__).parents[1] / "specs").glob("*.json"))


@cache
def spec_of(name: str) -> ArchSpec:
    return loads((SPECS[0].parent / f"{name}.json").read_text("utf-8"))


def graph_of(name: str) -> Graph:
    figure = draw(spec_of(name), "graph").figure
    assert isinstance(figure, Graph)
    return figure


def card(x: float, y: float, ref: str) -> Rect:
    return Rect(x, y, 60, 26, 6, "conv.tint", "conv.line", role="card", ref=ref)


def line(ref: str, *points: tuple[float, float], role: str = "edge") -> Path:
    start, *rest = points
    return Path((("M", *start), *(("L", *point) for point in rest)), None, role, role=role, ref=ref)


def badge(x: float, y: float, role: str = "badge") -> Rect:
    return Rect(x, y, 30, 17, 8.5, "badge", role=role)


def slugs(*items: Item) -> list[str]:
    return [finding.slug for finding in lint(Scene(200, 200, items))]


SHAPE = Text(20, 28, "28×28", 10, length=measure("28×28", 10), role="shape", ref="b->c")


@pytest.mark.parametrize(
    ("items", "slug"),
    [
        ((card(10, 10, "a"), card(50, 20, "b")), "cards-overlap"),
        ((card(10, 10, "a"), SHAPE), "text-on-card"),
        ((card(150, 10, "a"),), "shape-outside"),
        ((Circle(5, 50, 11, "surface"),), "shape-outside"),
        ((line("a->b", (50, 150), (50, 220)),), "shape-outside"),
        ((line("a->b", (50, 10), (50, 90)), line("c->d", (50, 60), (50, 120))), "lines-coincide"),
        ((badge(50, 40), line("a->b", (60, 10), (60, 90))), "line-through-mark"),
        ((badge(50, 40), replace(SHAPE, x=40, y=52)), "text-on-mark"),
        (
            (line("a->b", (10, 50), (90, 50)), line("c->d", (60, 50.2), (120, 50.2), role="skip")),
            "lines-coincide",
        ),
    ],
)
def test_each_finding(items: tuple[Item, ...], slug: str) -> None:
    assert slugs(*items) == [slug]


@pytest.mark.parametrize(
    "items",
    [
        (card(10, 10, "a"), card(10, 36, "b")),  # border on border
        (line("a->b", (50, 10), (50, 90)), line("a->c", (50, 10), (50, 120))),  # one trunk
        (line("a->b", (50, 10), (50, 90)), line("c->d", (20, 50), (90, 50))),  # a crossing
        (line("a->b", (50, 10), (50, 60)), line("c->d", (50, 60), (50, 90))),  # one after the other
        (line("a->b", (50, 10), (50, 90)), line("c->d", (62, 10), (62, 90))),  # neighbouring lanes
        (badge(50, 40), Text(65, 52.4, "×2", 11, 600, "onbadge", "middle", measure("×2", 11, 600), "badge")),
        (badge(50, 40), line("a->b", (82, 10), (82, 90))),
    ],
)
def test_what_is_allowed(items: tuple[Item, ...]) -> None:
    assert slugs(*items) == []


def against(scene: Scene, graph: Graph) -> list[tuple[str, str]]:
    return [(finding.slug, finding.subject) for finding in lint(scene, graph=graph)]


def without(items: tuple[Item, ...], ref: str) -> tuple[Item, ...]:
    return tuple(
        replace(item, items=without(item.items, ref)) if isinstance(item, Group) else item
        for item in items
        if getattr(item, "ref", "") != ref
    )


def test_lines_are_counted() -> None:
    graph = graph_of("unet")
    scene = arrange(graph)
    assert against(scene, graph) == []
    lines = [item for item in flat(scene.items) if isinstance(item, Path) and item.role in {"edge", "skip"}]
    lost = next(item for item in lines if item.role == "skip")
    assert against(replace(scene, items=without(scene.items, lost.ref)), graph) == [
        ("edge-missing", lost.ref)
    ]
    assert ("edge-doubled", lost.ref) in against(replace(scene, items=(*scene.items, lost)), graph)
    foreign = replace(lost, ref="nobody->nowhere")
    assert ("edge-invented", foreign.ref) in against(replace(scene, items=(*scene.items, foreign)), graph)


def found(graph: Graph, spec: ArchSpec) -> list[tuple[str, str]]:
    return [(finding.slug, finding.subject) for finding in lint_graph(graph, spec)]


def test_links_and_calls_are_counted() -> None:
    spec, graph = spec_of("unet"), graph_of("unet")
    assert found(graph, spec) == []
    link = next(link for link in graph.links if link.skip)
    name = f"{link.source}->{link.target}"
    others = tuple(other for other in graph.links if other is not link)
    assert found(replace(graph, links=others), spec) == [("edge-missing", name)]
    assert found(replace(graph, links=(*graph.links, link)), spec) == [("edge-doubled", name)]
    false = Link(graph.cards[0].id, graph.cards[9].id)
    invented = ("edge-invented", f"{false.source}->{false.target}")
    assert found(replace(graph, links=(*graph.links, false)), spec) == [invented]
    first, *rest = graph.cards
    emptied = replace(graph, cards=(replace(first, calls=()), *rest))
    assert ("call-missing", first.calls[0]) in found(emptied, spec)
    doubled = replace(graph, cards=(*graph.cards, replace(graph.cards[-1], id="more", calls=first.calls)))
    assert ("call-doubled", first.calls[0]) in found(doubled, spec)


def test_copies_explain_exactly_their_own_calls() -> None:
    spec, graph = spec_of("vit"), graph_of("vit")
    (repeated,) = [cluster for cluster in graph.clusters if cluster.repeat > 1]
    assert found(graph, spec) == []
    fewer = replace(graph, clusters=(replace(repeated, repeat=repeated.repeat - 1),))
    assert {slug for slug, _ in found(fewer, spec)} == {"call-missing", "weights-wrong"}


def test_weights_are_counted_once() -> None:
    spec, graph = spec_of("siamese"), graph_of("siamese")
    assert found(graph, spec) == []
    number, heavy = next((k, card) for k, card in enumerate(graph.cards) if card.count)
    twice = (*graph.cards[:number], replace(heavy, count=2 * (heavy.count or 0)), *graph.cards[number + 1 :])
    assert found(replace(graph, cards=twice), spec) == [("weights-wrong", graph.title)]


def test_stacks_have_weights_of_their_own_and_pills_those_of_others() -> None:
    spec, graph = spec_of("lenet"), graph_of("lenet")
    number, card = next((k, card) for k, card in enumerate(graph.cards) if card.count)
    called = (*graph.cards[:number], replace(card, called=2), *graph.cards[number + 1 :])
    assert found(replace(graph, cards=called), spec) == [("nothing-shared", card.id)]
    call = next(call for call in spec.calls if call.id == card.calls[0])
    more = replace(spec, calls=(*spec.calls, replace(call, id=f"{call.id}@2")))
    stack = replace(card, repeat=2, calls=(*card.calls, f"{call.id}@2"))
    stacked = (*graph.cards[:number], stack, *graph.cards[number + 1 :])
    assert found(replace(graph, cards=stacked), more) == [("stack-of-shared", card.id)]


def test_a_shape_is_told_once() -> None:
    spec, graph = spec_of("unet"), graph_of("unet")
    assert found(graph, spec) == []
    link = next(link for link in graph.links if not link.shape and not link.skip and link.target != "mask")
    (call,) = [call for call in spec.calls if call.id == link.source]
    told = tuple(
        replace(other, shape=shape_text(call.outputs[0])) if other is link else other for other in graph.links
    )
    assert found(replace(graph, links=told), spec) == [("shape-repeated", link.source)]


OPTIONS = [{}, {"fold": "none"}, {"width": 321.0}, {"expand": "none", "fuse": "none"}]


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: ",".join(options) or "default")
@pytest.mark.parametrize("name", [path.stem for path in SPECS])
def test_graphs_of_recorded_models(name: str, options: dict[str, object]) -> None:
    spec = spec_of(name)
    try:
        graph = draw(spec, "graph", **options).figure
        assert isinstance(graph, Graph)
        scene = arrange(graph)
    except DrawError as error:
        assert error.advice, "a figure, or advice"
        return
    assert lint_graph(graph, spec) == ()
    assert lint(scene, width=graph.width, graph=graph) == ()
