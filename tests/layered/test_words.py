"""What stands under the boxes, on the arcs and at the brackets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sphinx_kerasarch.figure import Circle, Group, Path, Scene, Text
from sphinx_kerasarch.spec.model import Block, Port, Slot
from sphinx_kerasarch.theme import THEMES, color, contrast, mix, palette
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.tensors import Node
from sphinx_kerasarch.views.layered.words import joined

from .helpers import Model, flat, recorded, text_box, texts


def slab(channels: int, folded: tuple[int, int] | None = None) -> Node:
    return Node(f"c{channels}", "conv", "slab", (8, 8, channels), (), (), channels=folded)


@pytest.mark.parametrize(
    ("channels", "lines"),
    [
        ((64, 256), ("64→256",)),
        ((64, 64, 256), ("64→256",)),
        ((64, 256, 64), ("64→256→64",)),
        ((1344, 56, 1344), ("1344→56", "→1344")),
        ((960, 160, 960, 160, 960, 320), ("960→160", "→960→160", "→960→320")),
        (tuple(range(1000, 1010)), ("1000→…→1009",)),
    ],
)
def test_values_without_room_are_told_in_the_order_of_the_boxes(
    channels: tuple[int, ...], lines: tuple[str, ...]
) -> None:
    assert joined([slab(c) for c in channels]) == lines


def test_a_range_stands_for_copies_that_differ() -> None:
    assert joined([slab(64, (32, 64)), slab(128)]) == ("32–128",)


def test_the_convolution_on_the_shortcut_of_the_first_block_is_drawn_and_told() -> None:
    scene = draw(recorded("resnet50"))
    skips = [g for g in scene.items if isinstance(g, Group) and g.role == "skip"]
    assert len(skips) == 4
    assert all(any(isinstance(i, Path) and i.role == "face" for i in g.items) for g in skips)
    labels = {t.text: text_box(t) for t in texts(scene, "label")}
    for text, group in zip(("256", "512, /2", "1024, /2", "2048, /2"), skips, strict=True):
        faces = [i for i in group.items if isinstance(i, Path) and i.role == "face"]
        top = min(float(c[-1]) for face in faces for c in face.commands if len(c) > 1)
        x0, _, x1, low = labels[text]
        middle = sum(float(face.commands[0][1]) for face in faces) / len(faces)
        assert 0 < top - low < 4 and x0 < middle < x1


def outputs(*names: str) -> list[str]:
    m = Model()
    at = m.dense(m.input(8, name="input_layer"), 16, name="body")
    heads = [m.dense(at, 2, name=f"dense_{k}") for k in range(len(names))]
    m.layers = [replace(v, auto_named=True) if v.name.startswith("dense_") else v for v in m.layers]
    spec = replace(m.spec(*heads), outputs=tuple(Slot(n, Port(h)) for n, h in zip(names, heads, strict=True)))
    return [t.text for t in texts(draw(spec), "label")]


def test_each_of_several_outputs_has_a_name() -> None:
    assert {"mean", "variance"} <= set(outputs("mean", "variance"))
    assert {"output 1", "output 2"} <= set(outputs("dense_0", "dense_1"))
    assert "output 1" not in outputs("dense_0")


def test_an_output_that_is_used_on_is_told_as_one() -> None:
    m = Model()
    mean = m.dense(m.input(8, name="input_layer"), 2, name="z_mean")
    last = m.dense(mean, 8, name="decoded")
    shown = [t.text for t in texts(draw(m.spec(mean, last)), "label")]
    assert {"z_mean, output", "decoded"} <= set(shown)


def test_a_merge_that_is_an_output_has_its_name_below() -> None:
    m = Model()
    source = m.input(8, name="input_layer")
    a, b = m.dense(source, 4, name="left"), m.dense(source, 4, name="right")
    total, alone = m.merge("Add", (4,), a, b), m.dense(a, 2, name="alone")
    spec = replace(m.spec(total, alone), outputs=(Slot("total", Port(total)), Slot("alone", Port(alone))))
    scene = draw(spec)
    ball = next(i for i in flat(scene.items) if isinstance(i, Circle) and i.role == "ball")
    x0, y0, x1, _ = next(text_box(t) for t in texts(scene, "label") if t.text == "total")
    assert x0 < ball.x < x1 and 0 < y0 - (ball.y + ball.r) < 6


@pytest.mark.parametrize(("name", "told"), [("waveform", True), ("input_layer", False), ("x", False)])
def test_an_only_input_is_named_when_its_name_tells_something(name: str, told: bool) -> None:
    m = Model()
    m.dense(m.input(8, name=name), 2)
    assert (name in [t.text for t in texts(draw(m.spec()), "label")]) == told


def opened(*, auto: bool = False, deep: bool = False) -> Scene:
    m = Model()
    at = m.conv(m.input(16, 16, 3), 16, 16, 8, name="stem")
    outer = "stage/inner/core" if deep else "stage"
    at = m.add("Conv2D", "conv", (16, 16, 8), at, weights=True, name="a", block=outer)
    at = m.add("Conv2D", "conv", (16, 16, 8), at, weights=True, name="b", block=outer)
    names = ["stage", "stage/inner", "stage/inner/core"] if deep else ["stage"]
    blocks = tuple(
        Block(n, n.rpartition("/")[2], n.rpartition("/")[0] or None, "MyStage", kind="layer", auto_named=auto)
        for n in names
    )
    return draw(replace(m.spec(m.dense(at, 16, 16, 2)), blocks=blocks))


def titles(scene: Scene) -> list[str]:
    return [t.text for t in flat(scene.items) if isinstance(t, Text) and t.role == "title"]


def test_an_opened_layer_has_a_bracket_with_its_name_or_class() -> None:
    assert titles(opened()) == ["stage"]
    assert titles(opened(auto=True)) == ["MyStage"]
    assert set(titles(opened(deep=True))) == {"stage", "inner"}, "no more than two levels"


def test_boxes_of_an_opened_layer_are_not_glued_to_others() -> None:
    scene = opened()
    edges = {g.ref for g in scene.items if isinstance(g, Group) and g.role == "edge"}
    assert "stem->a" in edges and "a->b" not in edges


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("category", ["attn", "custom"])
def test_marks_on_faces_are_seen(theme: str, category: str) -> None:
    face, mark = color(f"{category}.front", theme), color(f"{category}.glyph", theme)
    assert contrast(face, mark) >= 3.0
    own = palette(theme, {category: ("#203040", "#f0e0d0")})
    assert contrast(color(f"{category}.front", own), color(f"{category}.glyph", own)) >= 3.0


def test_the_strokes_of_the_attention_mark_are_in_its_colour() -> None:
    m = Model()
    at = m.add("Embedding", "embed", (16, 32), m.input(16), weights=True)
    m.add("MultiHeadAttention", "attn", (16, 32), at, weights=True, num_heads=4)
    scene = draw(m.spec())
    strokes = [
        i for i in flat(scene.items) if isinstance(i, Path) and i.stroke == "attn.glyph" and i.fill is None
    ]
    assert len(strokes) == 16
    for theme in ("light", "dark"):
        face, ink = color("attn.front", theme), color("attn.glyph", theme)
        seen = [contrast(face, mix(face, ink, i.opacity)) for i in strokes]
        assert sum(ratio >= 3.0 for ratio in seen) >= 4 and min(seen) > 1.8
