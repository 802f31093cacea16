"""What cards still say when they are narrow, and that nothing on them meets."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path as FilePath

import pytest

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.figure import Card, Chip, Graph, Group, Path, Rect, Scene, Text, flat
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.layout.cards import LEVELS, draw_card, level_for, reduced, shortened
from sphinx_kerasarch.layout.clash import Box, text_box
from sphinx_kerasarch.layout.text import measure
from sphinx_kerasarch.spec.codec import loads

FOLDER = FilePath(__file__).parents[1] / "specs"
NAMES = ("lenet", "two_io", "siamese", "resnet50", "inceptionv3", "transformer_encoder", "vit")

CONV = Card(
    "a", "card", "conv", "conv2d_3", "Conv2D", "3×3, 320, stride 2, same", "3×3, 320, stride 2", True, 554_000
)
CHIPS = (Chip("norm", "BN"), Chip("act", "ReLU"))


def scene_of(name: str, width: float) -> tuple[Graph, Scene]:
    spec = loads((FOLDER / f"{name}.json").read_text("utf-8"))
    graph = draw(spec, "graph", width=width).figure
    assert isinstance(graph, Graph)
    return graph, arrange(graph)


def texts(group: Group) -> dict[str, str]:
    return {item.role: item.text for item in flat(group.items) if isinstance(item, Text)}


def test_a_narrow_convolution_keeps_its_kernel_filters_and_weights() -> None:
    card = replace(CONV, chips=CHIPS)
    level = level_for([card], 104)
    drawn = draw_card(card, 0, 0, 104, level)
    assert texts(drawn) == {"title": "3×3/2, 320", "count": "554 k"}
    icons = {item.stroke for item in flat(drawn.items) if isinstance(item, Path)}
    assert {"norm.solid", "act.solid"} <= icons


def test_names_that_keras_chose_give_way_to_the_class_and_others_stay() -> None:
    pool = Card("p", "card", "pool", "max_pooling2d_1", "MaxPooling2D", "2×2", "2×2", True)
    assert (reduced(pool, 1).title, reduced(pool, 1).detail) == ("MaxPooling2D", "2×2")
    own = Card("p", "card", "pool", "shrink", "MaxPooling2D", "2×2", "2×2")
    assert (reduced(own, 1).title, reduced(own, 1).detail) == ("shrink", "2×2")
    assert reduced(pool, LEVELS).title == "MaxPool2D", "whole on the narrowest card"
    assert reduced(own, LEVELS).title == "shrink"


@pytest.mark.parametrize("width", range(92, 240, 7))
def test_a_value_stands_whole_or_not_at_all(width: int) -> None:
    words = texts(draw_card(CONV, 0, 0, width, level_for([CONV], width)))
    shown = words["title"] if "×" in words["title"] else words.get("detail", "3×3")
    assert re.fullmatch(r"3×3(/2)?(, 320)?(, stride 2)?(, same)?|Conv2D", shown)
    embedding = Card("e", "card", "embed", "e", "Embedding", "10,000 → 256", "10,000 → 256", False, 2_560_000)
    detail = texts(draw_card(embedding, 0, 0, width, level_for([embedding], width))).get("detail")
    assert detail in {None, "Embedding", "10,000 → 256"}


@pytest.mark.parametrize("width", [642.0, 321.0])
@pytest.mark.parametrize("name", NAMES)
def test_titles_tell_something_and_nothing_meets(name: str, width: float) -> None:
    graph, scene = scene_of(name, width)
    items = list(flat(scene.items))
    words = [(item, text_box(item)) for item in items if isinstance(item, Text)]
    for text, _ in words:
        assert text.role != "title" or len(text.text.replace("…", "")) > 2, text.text
    for (a, box), (b, other) in combinations(words, 2):
        assert not box.meets(other), (a.text, b.text)
    lines = [item for item in items if isinstance(item, Path) and item.role in {"edge", "skip"}]
    if not graph.clusters:  # a border of a cluster cuts its links in two
        assert Counter(line.ref for line in lines) == Counter(f"{a.source}->{a.target}" for a in graph.links)
    marks = [
        Box(item.x, item.y, item.x + item.w, item.y + item.h)
        for item in items
        if isinstance(item, Rect) and item.role in {"badge", "pill"}
    ]
    for mark in marks:
        for text, box in words:
            assert text.role in {"badge", "pill"} or not mark.meets(box), text.text
        for line in lines:
            ends = [command[-2:] for command in line.commands if len(command) > 2]
            for (x0, y0), (x1, y1) in pairwise(ends):
                piece = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))  # type: ignore[arg-type]
                assert not piece.meets(mark, 0.0), line.ref


def test_a_name_and_its_weights_share_a_line_where_they_fit() -> None:
    norm = Card("n", "card", "norm", "ln_1", "LayerNormalization", count=1536)
    for width, tall in ((260.0, 26), (150.0, 40)):
        drawn = draw_card(norm, 0, 0, width, level_for([norm], width))
        (box,) = [item for item in flat(drawn.items) if isinstance(item, Rect) and item.role == "card"]
        assert box.h == tall
        assert measure(texts(drawn)["title"], 12, 600) + measure("1,536", 10) < width - 42


def test_a_list_is_not_cut_inside_brackets() -> None:
    assert shortened("· array (5, 5) float32", 60, 11, start=True) == "· array"
    assert shortened("3×3, 64, stride 2", 50, 11, start=True) == "3×3, 64"
