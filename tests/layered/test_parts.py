"""Folding as the author tells it: levels that stay open, parts by their names."""

from __future__ import annotations

from collections import Counter

import pytest

from sphinx_kerasarch.api import draw as api_draw
from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.figure import Group, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.folding import folded
from sphinx_kerasarch.spec.patterns import families
from sphinx_kerasarch.views.layered.parts import as_told
from sphinx_kerasarch.views.layered.tensors import BLOCK, nodes

from .helpers import flat, recorded, texts

DEEP = (
    "folding/translator",
    "folding/copies",
    "folding/subclassed",
    "resnet50",
    "densenet121",
    "mobilenetv2",
    "vit",
)
WIDTHS = (642.0, 321.0)


def drawn(name: str, fold: str, width: float = 642.0) -> Scene:
    figure = api_draw(recorded(name), "layered", fold=fold, width=width).figure
    assert isinstance(figure, Scene)
    return figure


def captions(name: str, fold: str) -> list[str]:
    return [text.text for text in texts(drawn(name, fold))]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*DEEP, "inceptionv3", "nasnetlarge", "unet", "siamese"])
def test_closed_figures_are_clean(name: str, width: float) -> None:
    scene = drawn(name, "0", width)
    for theme in ("light", "dark"):
        assert lint(scene, width=width, theme=theme) == ()


@pytest.mark.parametrize("name", [*DEEP, "unet", "autoencoder", "inceptionv3"])
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_every_call_that_has_a_box_stays_in_the_figure(name: str, depth: int) -> None:
    spec = recorded(name)
    net = nodes(spec)
    _, told, _, _ = as_told(spec, net, folded(str(depth)))
    before = sorted(call for node in net.values() for call in node.calls)
    after = [call for node in told.values() for calls in (node.calls, *node.copies) for call in calls]
    shortcuts = len(before) - len(after)
    assert len(set(after)) == len(after)
    assert set(after) <= set(before) and shortcuts == 0
    assert all(source in told for node in told.values() for source in node.inputs)


def test_a_depth_closes_what_is_deeper() -> None:
    assert "block_1–4 ×4" in captions("folding/copies", "0")
    assert "refine called 4×" in captions("folding/refiner", "0")
    assert not any("called" in text for text in captions("folding/copies", "0"))
    opened = captions("folding/copies", "1")
    assert "block_1–4 ×4" in opened and "add, ReLU" in opened
    assert "Block (layers inside)" not in opened
    closed = [item for item in drawn("folding/copies", "0").items if isinstance(item, Group)]
    assert sum(BLOCK in item.label for item in closed) == 1


def test_names_give_panels_and_brackets() -> None:
    blocks = [text.text for text in texts(drawn("resnet50", "conv*_block*"), "title")]
    assert blocks == ["conv2_block ×3", "conv3_block ×4", "conv4_block ×6", "conv5_block ×3"]
    stages = {text.text for text in texts(drawn("resnet50", "conv2, conv3, conv4, conv5"))}
    assert {"conv2", "conv3", "conv4", "conv5"} <= stages


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "fold"),
    [
        ("resnet50", "conv*_block*"),
        ("resnet50", "conv2, conv3, conv4, conv5"),
        ("densenet121", "conv*_block*"),
        ("folding/copies", "block_*"),
        ("folding/staged", "stage*_block*"),
        ("folding/staged", "stage*"),
        ("vgg16", "block*"),
    ],
)
def test_figures_by_name_are_clean(name: str, fold: str, width: float) -> None:
    scene = drawn(name, fold, width)
    for theme in ("light", "dark"):
        assert lint(scene, width=width, theme=theme) == ()


def test_a_name_that_matches_nothing_is_refused_with_those_there_are() -> None:
    with pytest.raises(OptionError, match="blok") as caught:
        drawn("folding/copies", "blok_*")
    assert "block_*" in caught.value.advice
    assert families(recorded("vgg16")) == ("block*", "fc*")


def test_parts_that_do_not_follow_each_other_in_one_line_are_told() -> None:
    notes = drawn("folding/diffusion", "res*").notes
    assert any("Every copy is drawn of res1–3" in note for note in notes)


def test_a_sum_with_an_activation_behind_it_says_so() -> None:
    roles = Counter(getattr(item, "role", "") for item in flat(drawn("resnet50", "auto").items))
    assert roles["rim"] == roles["ball"] == 4 + 1, "four stages and the legend"
    assert "add, ReLU" in captions("resnet50", "auto")
    joins = Counter(getattr(item, "role", "") for item in flat(drawn("unet", "auto").items))
    assert joins["ball"] and not joins["rim"], "nothing follows its joins"


def test_depthwise_convolutions_are_told_from_others() -> None:
    net = nodes(recorded("mobilenetv2")).values()
    told = {node.id for node in net if node.depthwise}
    assert told == {node.id for node in net if node.class_name == "DepthwiseConv2D"} != set()
    assert "depthwise" in captions("mobilenetv2", "auto")
    assert "depthwise" not in captions("resnet50", "auto")
