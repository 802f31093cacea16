"""What is drawn as one: repeats with sources from aside, of nested models, loops, to a depth, by name."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path as File

import pytest

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.figure import Graph, Group, Path, Text
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.lint import lint, lint_graph
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.query import totals

SPECS = File(__file__).parents[1] / "specs"


@cache
def spec_of(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


def graph_of(name: str, **options: str) -> Graph:
    figure = draw(spec_of(name), "graph", **options).figure
    assert isinstance(figure, Graph)
    return figure


def stacks(graph: Graph) -> dict[str, int]:
    return {part.title: part.repeat for part in (*graph.cards, *graph.clusters) if part.repeat > 1}


def loops(graph: Graph) -> dict[str, int]:
    return {part.title: part.called for part in (*graph.cards, *graph.clusters) if part.called > 1}


RESNET = {"conv2_block2–3": 2, "conv3_block2–4": 3, "conv4_block2–6": 5, "conv5_block2–3": 2}
DENSENET = {"conv2_block1–6": 6, "conv3_block1–12": 12, "conv4_block1–24": 24, "conv5_block1–16": 16}
CASES = [
    ("folding/translator", "auto", {"encoder_1–6": 6, "decoder_1–6": 6}, {}),
    ("folding/translator", "0", {"encoder_1–6": 6, "decoder_1–6": 6}, {}),
    ("folding/translator", "decoder_*", {"decoder_1–6": 6}, {}),
    ("folding/masked", "1", {"layer_1–4": 4}, {}),
    ("folding/diffusion", "res*", {"res1–3": 3}, {}),
    ("folding/copies", "auto", {}, {}),
    ("folding/copies", "0", {"block_1–4": 4}, {}),
    ("folding/copies", "1", {"block_1–4": 4}, {}),
    ("folding/copies", "block_*", {"block_1–4": 4}, {}),
    ("folding/refiner", "auto", {}, {"refine": 4}),
    ("folding/refiner", "0", {}, {"refine": 4}),
    ("folding/refiner", "refine", {}, {"refine": 4}),
    ("folding/tied", "auto", {}, {"step": 4}),
    ("folding/tied", "step", {}, {"step": 4}),
    ("folding/tied", "none", {}, {}),
    ("folding/subclassed", "0", {"EncoderLayer": 6}, {}),
    ("folding/staged", "stage*_block*", {"stage1_block2–3": 2, "stage2_block2–3": 2}, {}),
    ("resnet50", "conv*_block*", RESNET, {}),
    ("resnet50", "conv2, conv3", {}, {}),
    ("efficientnetv2l", "block1, block2, block3, block4, block5, block6, block7", {}, {}),
    ("densenet121", "conv*_block*", DENSENET, {}),
]


@pytest.mark.parametrize("width", ["wide", "narrow"])
@pytest.mark.parametrize(("name", "fold", "stacked", "called"), CASES)
def test_what_is_folded(
    name: str, fold: str, stacked: dict[str, int], called: dict[str, int], width: str
) -> None:
    spec, graph = spec_of(name), graph_of(name, fold=fold, width=width)
    assert (stacks(graph), loops(graph)) == (stacked, called)
    assert lint_graph(graph, spec) == ()
    for theme in ("light", "dark"):
        assert lint(arrange(graph), theme=theme, width=graph.width, graph=graph) == ()


@pytest.mark.parametrize(("name", "fold"), [(name, fold) for name, fold, _, _ in CASES])
def test_counts_add_up_to_the_total(name: str, fold: str) -> None:
    graph = graph_of(name, fold=fold)
    times = {cluster.id: cluster.repeat for cluster in graph.clusters}
    parents = {cluster.id: cluster.parent for cluster in graph.clusters}

    def copies(parent: str | None) -> int:
        return 1 if parent is None else times[parent] * copies(parents[parent])

    assert (
        sum((card.count or 0) * copies(card.parent) for card in graph.cards) == totals(spec_of(name)).params
    )


def test_the_memory_of_the_encoder_enters_the_decoder_once() -> None:
    graph = graph_of("folding/translator", fold="0")
    (decoder,) = [card for card in graph.cards if card.title == "decoder_1–6"]
    (encoder,) = [card for card in graph.cards if card.title == "encoder_1–6"]
    assert sum((link.source, link.target) == (encoder.id, decoder.id) for link in graph.links) == 1


def test_a_depth_opens_one_level_after_another() -> None:
    shown = [len(graph_of("folding/copies", fold=str(depth)).cards) for depth in (0, 1, 2)]
    assert shown[0] < shown[1] == shown[2]


def test_a_loop_counts_its_weights_once_and_has_no_stack() -> None:
    (card,) = [card for card in graph_of("folding/refiner", fold="0").cards if card.called > 1]
    assert (card.repeat, card.count) == (1, 18_496)
    assert "called 4 times with the same weights" in card.label


@pytest.mark.parametrize(
    ("name", "fold", "reason"),
    [
        ("resnet50", "blok_*", "Names of this model: conv"),
        ("lenet", "nome", "auto or none"),
        ("lenet", "*", "names with stars|letters and digits"),
        ("lenet", " , ", "block_"),
    ],
)
def test_names_that_fold_nothing_are_refused(name: str, fold: str, reason: str) -> None:
    with pytest.raises(OptionError) as caught:
        graph_of(name, fold=fold)

    assert re.search(reason, f"{caught.value} {caught.value.advice}")


def test_a_part_that_a_way_leaves_and_comes_back_to_is_refused() -> None:
    spec = spec_of("folding/staged")
    ends = {"stage1_block1_conv1": "edge_a", "stage2_block3_out": "edge_b"}
    renamed = replace(
        spec, layers=tuple(replace(layer, name=ends.get(layer.name, layer.name)) for layer in spec.layers)
    )
    with pytest.raises(OptionError, match=r"leaves edge through stage1_\w+ and comes back"):
        draw(renamed, "graph", fold="edge")


def tethers(name: str, **options: str) -> list[Group]:
    return [
        item
        for item in arrange(graph_of(name, **options)).items
        if isinstance(item, Group) and item.role == "tether"
    ]


@pytest.mark.parametrize(
    ("name", "fold", "count"), [("folding/towers", "auto", 2), ("siamese", "0", 1), ("siamese", "auto", 1)]
)
def test_calls_of_the_same_weights_in_one_row_are_tied(name: str, fold: str, count: int) -> None:
    found = tethers(name, fold=fold)
    assert len(found) == count
    for tether in found:
        assert [item.text for item in tether.items if isinstance(item, Text)] == ["same weights"]
    scene = arrange(graph_of(name, fold=fold))
    assert lint(scene, graph=graph_of(name, fold=fold)) == ()


def test_in_one_column_the_tether_has_no_words() -> None:
    found = tethers("folding/towers", width="narrow")
    assert len(found) == 2
    assert not any(isinstance(item, Text) for tether in found for item in tether.items)


@pytest.mark.parametrize("name", ["folding/copies", "folding/refiner", "resnet50"])
def test_nothing_else_is_tied(name: str) -> None:
    assert tethers(name) == tethers(name, fold="none") == []


CALLED = [
    ("resnet50", {"fold": "conv2, conv3, conv4, conv5", "callout": "conv3"}, "conv3", 10, 1),
    ("vit", {"callout": "block"}, "block", 9, 12),
    ("folding/translator", {"callout": "decoder"}, "decoder_1–6", 8, 6),
    ("folding/copies", {"callout": "block_1"}, "block_1–4", 6, 4),
    ("folding/refiner", {"callout": "refine"}, "refine", 6, 1),
    ("folding/staged", {"fold": "stage*", "callout": "stage2"}, "stage2", 7, 1),
    ("autoencoder", {"callout": "encoder"}, "encoder", 9, 1),
    ("densenet121", {"callout": "conv2_block"}, "conv2_block1–6", 20, 6),
]


@pytest.mark.parametrize(("name", "options", "title", "cards", "copies"), CALLED)
def test_a_part_is_opened_beside_the_folded_graph(
    name: str, options: dict[str, str], title: str, cards: int, copies: int
) -> None:
    spec, graph = spec_of(name), graph_of(name, **options)
    assert graph.callout is not None
    inner = graph.callout.graph
    assert (len(graph.cards), inner.clusters[0].title, inner.clusters[0].repeat) == (cards, title, copies)
    closed = next(card for card in graph.cards if card.id == graph.callout.card)
    assert {call for card in inner.cards for call in card.calls} <= set(closed.calls)
    assert lint_graph(graph, spec) == ()
    scene = arrange(graph)
    for theme in ("light", "dark"):
        assert lint(scene, width=642.0, theme=theme, graph=graph) == ()
    guides = [item for item in scene.items if isinstance(item, Path) and item.role == "guide"]
    assert len(guides) == 2 and all(guide.dash for guide in guides)


def test_the_open_part_has_all_its_edges() -> None:
    spec = spec_of("vit")
    graph = graph_of("vit", callout="block")
    assert graph.callout is not None
    inner = graph.callout.graph
    place = {call: card.id for card in inner.cards for call in card.calls}
    wanted = {
        (place[edge.source.call], place[edge.target.call])
        for edge in spec.edges
        if edge.source.call in place and edge.target.call in place
    }
    drawn = {(link.source, link.target) for link in inner.links}
    assert {(a, b) for a, b in wanted if a != b} == {
        (a, b) for a, b in drawn if not a.startswith("from:") and not b.startswith("to:")
    }


@pytest.mark.parametrize(
    ("name", "options", "title"),
    [
        ("folding/translator", {"callout": "decoder"}, "cross_attention"),
        ("folding/staged", {"fold": "stage*", "callout": "stage2"}, "conv1"),
    ],
)
def test_titles_in_the_open_part_leave_out_what_its_header_says(
    name: str, options: dict[str, str], title: str
) -> None:
    graph = graph_of(name, **options)
    assert graph.callout is not None
    assert title in {card.title for card in graph.callout.graph.cards}


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("folding/copies", {"callout": "blck_1"}, "Did you mean 'block_1–4'"),
        ("lenet", {"callout": "conv"}, "Nothing of it is closed"),
        ("folding/copies", {"callout": "block_1", "direction": "lr"}, "direction"),
    ],
)
def test_what_cannot_be_called_out_is_refused(name: str, options: dict[str, str], reason: str) -> None:
    with pytest.raises(OptionError) as caught:
        graph_of(name, **options)
    assert reason in caught.value.advice


def test_a_callout_that_does_not_fit_is_refused_with_advice() -> None:
    with pytest.raises(DrawError, match="call-out") as caught:
        arrange(graph_of("resnet50", fold="conv2, conv3, conv4, conv5", callout="conv3", width="narrow"))
    assert "width" in caught.value.advice


def test_a_stage_tells_its_residual_blocks() -> None:
    told = {card.title: card.detail for card in graph_of("resnet50", fold="conv2, conv3, conv4, conv5").cards}
    assert told["conv3"] == "1 projection, 3 identity"
    assert told["conv4"] == "1 projection, 5 identity"


def test_a_letter_after_a_number_counts_on() -> None:
    stages = ", ".join(f"block{k}" for k in range(1, 8))
    titles = [card.title for card in graph_of("efficientnetv2l", fold=stages).cards if card.kind == "block"]
    assert titles == [f"block{k}" for k in range(1, 8)]
    with pytest.raises(OptionError):
        graph_of("unet", fold="conv2")  # conv2d_1 was named by Keras


def test_cells_of_a_searched_network_are_no_residual_blocks() -> None:
    told = {card.detail for card in graph_of("nasnetlarge").cards if card.kind == "block"}
    assert "10 SeparableConv2D, 2 Conv2D" in told
    assert not any("projection" in detail or "identity" in detail for detail in told)
