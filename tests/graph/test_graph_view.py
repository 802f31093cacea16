"""The graph view over recorded models: every call and every edge once, inside the page, the same bytes each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pydot
import pytest

from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.figure import Card, Graph, Group, Item, Scene, Text
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.spec import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.query import totals

FOLDER = Path(__file__).parents[1] / "specs"
SMALL = (
    "lenet",
    "mlp",
    "cnn",
    "mnist_convnet",
    "autoencoder",
    "unet",
    "siamese",
    "two_io",
    "transformer_encoder",
)
LARGE = ("vgg16", "resnet50", "mobilenetv2", "inceptionv3", "lstm_seq2seq", "vit")


def spec_of(name: str) -> ArchSpec:
    return loads((FOLDER / f"{name}.json").read_text("utf-8"))


def graph_of(name: str, **options: object) -> Graph:
    figure = draw(spec_of(name), "graph", **options).figure
    assert isinstance(figure, Graph)
    return figure


def flat(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from flat(item.items)


def texts(scene: Scene) -> list[str]:
    return [item.text for item in flat(scene.items) if isinstance(item, Text)]


@pytest.mark.parametrize("name", SMALL + LARGE)
@pytest.mark.parametrize("fuse", ["auto", "none"])
def test_every_call_stands_on_one_card(name: str, fuse: str) -> None:
    spec, graph = spec_of(name), graph_of(name, fuse=fuse, fold="none")
    drawn = [call for card in graph.cards for call in card.calls]
    assert sorted(drawn) == sorted(call.id for call in spec.calls)


@pytest.mark.parametrize("name", SMALL + LARGE)
def test_weights_add_up_to_the_total(name: str) -> None:
    graph = graph_of(name, fold="none")
    assert sum(card.count or 0 for card in graph.cards) == totals(spec_of(name)).params


@pytest.mark.parametrize("name", SMALL + LARGE)
def test_every_edge_between_cards_is_a_link(name: str) -> None:
    spec, graph = spec_of(name), graph_of(name, fold="none")
    card_of = {call: card.id for card in graph.cards for call in card.calls}
    edges = {(card_of[edge.source.call], card_of[edge.target.call]) for edge in spec.edges}
    outputs = {(card_of[slot.port.call], f"output:{index}") for index, slot in enumerate(spec.outputs)}
    assert {(link.source, link.target) for link in graph.links if not link.tether} == {
        (a, b) for a, b in edges if a != b
    } | outputs


@pytest.mark.parametrize("name", SMALL + LARGE)
@pytest.mark.parametrize("width", [642.0, 321.0])
def test_the_figure_keeps_to_the_page(name: str, width: float) -> None:
    scene = arrange(graph_of(name, width=width))
    assert scene.width <= width + 0.5
    for item in flat(scene.items):
        if isinstance(item, Text):
            left = {"start": item.x, "middle": item.x - item.length / 2, "end": item.x - item.length}[
                item.anchor
            ]
            assert left >= 0 and left + item.length <= scene.width, item.text
            assert item.size >= 9


def test_too_wide_is_refused_with_advice() -> None:
    with pytest.raises(DrawError, match=r"[Mm]ore width") as caught:
        arrange(graph_of("inceptionv3", width=100.0))
    assert caught.value.slug == "draw"


def test_repeated_blocks_are_drawn_once_and_counted() -> None:
    graph = graph_of("resnet50")
    assert [card.repeat for card in graph.cards if card.repeat > 1] == [2, 3, 5, 2]
    assert sum(card.count or 0 for card in graph.cards) == 25_636_712
    assert [card.title for card in graph.cards if card.repeat > 1][:2] == ["conv2_block2–3", "conv3_block2–4"]


def test_an_open_repeat_shows_one_copy() -> None:
    graph = graph_of("vit")
    (cluster,) = graph.clusters
    assert cluster.repeat == 12
    inside = [card for card in graph.cards if card.parent == cluster.id]
    assert sum(card.kind == "merge" for card in inside) == 2
    assert cluster.count is not None
    outside = sum(card.count or 0 for card in graph.cards if card.parent != cluster.id)
    assert 12 * cluster.count + outside == totals(spec_of("vit")).params


def test_the_second_call_of_a_nested_model_is_a_ghost() -> None:
    graph = graph_of("siamese")
    (ghost,) = [card for card in graph.cards if card.call == (2, 2)]
    assert (ghost.kind, ghost.count) == ("block", 0)
    assert "0 new" in texts(arrange(graph))
    assert "call 1 of 2" in texts(arrange(graph))


def test_closing_a_nested_model_leaves_a_card() -> None:
    graph = graph_of("autoencoder", expand="none")
    assert not graph.clusters
    (card,) = [card for card in graph.cards if card.kind == "block"]
    assert card.title == "encoder"
    assert card.detail.endswith("layers")


def test_an_unknown_nested_model_is_refused_with_a_suggestion() -> None:
    with pytest.raises(OptionError, match="'encoder'"):
        graph_of("autoencoder", expand="encodr")


def test_followers_become_chips_unless_asked_for() -> None:
    cards = {card.id: card for card in graph_of("resnet50").cards}
    assert [chip.text for chip in cards["conv1_conv"].chips] == ["BN", "ReLU"]
    assert all(not card.chips or card.style != "conv" for card in graph_of("resnet50", fuse="none").cards)


def test_a_shape_is_told_where_it_changes() -> None:
    labels = [link.shape for link in graph_of("lenet").links]
    assert labels == ["28×28×1", "28×28×20", "14×14×20", "14×14×50", "7×7×50", "2450", "500", "10"]


def test_attention_inputs_are_lettered_and_states_too() -> None:
    letters = {link.letter for link in graph_of("transformer_encoder").links}
    assert {"q", "k, v"} <= letters
    assert {link.letter for link in graph_of("lstm_seq2seq").links} >= {"h", "c"}


def test_skips_are_marked() -> None:
    graph = graph_of("unet")
    skips = [link for link in graph.links if link.skip]
    assert len(skips) == 4
    merges = {card.id for card in graph.cards if card.sign == "‖"}
    assert {link.target for link in skips} == merges


def test_same_bytes_whatever_the_hash_seed() -> None:
    code = (
        "import sys, hashlib; from sphinx_kerasarch.api import draw, write; "
        "from sphinx_kerasarch.spec.codec import loads; "
        "spec = loads(open(sys.argv[1], encoding='utf-8').read()); "
        "print(hashlib.sha256(write(draw(spec, 'graph').figure, 'svg')).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code, str(FOLDER / "inceptionv3.json")],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(digests) == 1


HOSTILE = ['a"b', "a\\", "<b>&amp;", "a]; b", "line\nbreak", "{x|y}", "naïve 漢字 🙂", "$%_#", "x" * 300]


def hostile() -> ArchSpec:
    tensor = Tensor((None, 4), "float32")
    layers = tuple(Layer(f"l{i}", name, "Dense", "keras", "dense") for i, name in enumerate(HOSTILE))
    calls = tuple(
        Call(layer.id, layer.id, None, (tensor,) if i else (), (tensor,)) for i, layer in enumerate(layers)
    )
    edges = tuple(Edge(Port(a.id), Port(b.id)) for a, b in pairwise(calls))
    return ArchSpec(HOSTILE[0], "Functional", layers, calls, edges, (), (Slot("out", Port(calls[-1].id)),))


# pydot's parser still calls pyparsing by names that are about to go.
@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")
def test_hostile_names_survive_dot() -> None:
    text = write(draw(hostile(), "graph").figure, "dot").decode()
    (parsed,) = pydot.graph_from_dot_data(text) or ()
    labels = [node.get_label() or "" for node in parsed.get_nodes() if node.get_name().startswith("n")]
    labels = [label for label in labels if label]
    assert len(labels) == len(HOSTILE) + 1
    assert labels[0].startswith('"a\\"b')
    assert labels[1].startswith('"a\\\\')
    assert len(parsed.get_edges()) == len(HOSTILE)


def test_long_names_stay_inside_their_card() -> None:
    scene = arrange(draw(hostile(), "graph").figure)  # type: ignore[arg-type]
    titles = [item for item in flat(scene.items) if isinstance(item, Text) and item.role == "title"]
    assert any("…" in title.text for title in titles)
    assert max(title.x + title.length for title in titles) <= scene.width - 12


def test_json_of_a_graph_is_complete() -> None:
    data = json.loads(write(graph_of("lenet"), "json"))
    assert [card["title"] for card in data["cards"]][:2] == ["input_layer", "conv2d"]


def test_a_single_layer_is_a_figure() -> None:
    card = Card("a", "card", "dense", "a")
    assert arrange(Graph("one", (card,), ())).width > 100


def test_keys_of_dicts_name_inputs_and_outputs() -> None:
    tensor = Tensor((None, 4), "float32")
    layers = (
        Layer("input_layer", "input_layer", "InputLayer", "keras", "data", auto_named=True),
        Layer("dense", "dense", "Dense", "keras", "dense", auto_named=True),
    )
    calls = (
        Call("input_layer", "input_layer", None, (), (tensor,)),
        Call("dense", "dense", None, (tensor,), (tensor,)),
    )
    spec = ArchSpec(
        "keyed",
        "Functional",
        layers,
        calls,
        (Edge(Port("input_layer"), Port("dense")),),
        (Slot("pixels", Port("input_layer")),),
        (Slot("scores", Port("dense")), Slot("dense", Port("dense"))),
    )
    cards = draw(spec, "graph").figure.cards  # type: ignore[union-attr]
    assert [(card.kind, card.title) for card in cards] == [
        ("input", "pixels"),
        ("card", "dense"),
        ("output", "scores"),
        ("tail", "dense"),
    ]


def test_padding_is_told_by_the_layer_that_it_was_made_for() -> None:
    graph = graph_of("resnet50")
    assert not [card for card in graph.cards if card.title.endswith("_pad")]
    details = {card.title: card.detail for card in graph.cards}
    assert details["conv1_conv"] == "7×7, 64, stride 2, pad 3"
    assert details["pool1_pool"] == "3×3, stride 2, pad 1"
    assert "conv1_pad" in {card.title for card in graph_of("resnet50", fuse="none").cards}


def test_an_activation_behind_a_merge_is_a_small_card() -> None:
    graph = graph_of("resnet50")
    circles = {card.id for card in graph.cards if card.kind == "merge"}
    behind = {link.target for link in graph.links if link.source in circles}
    small = {card.id for card in graph.cards if card.small}
    assert small == {card.id for card in graph.cards if card.style == "act"} <= behind
    assert {card.title for card in graph.cards if card.small} == {"ReLU"}
