"""What a reviewer asks of every figure: values told once, near their box; no waste of space; dark like light."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from sphinx_kerasarch.api import write
from sphinx_kerasarch.figure import Group, Path, Scene
from sphinx_kerasarch.layout.clash import MOST_EMPTY, emptiness
from sphinx_kerasarch.views.layered import draw

from .helpers import RECORDED, Box, Model, flat, meets, points, recorded, text_box, texts

CASES = [(name, width) for name in RECORDED for width in (642.0, 321.0)]


@cache
def figure(name: str, width: float) -> Scene:
    return draw(recorded(name), width=width)


@pytest.mark.parametrize(("name", "width"), CASES)
def test_each_spatial_size_is_told_once(name: str, width: float) -> None:
    sizes = [t.text for t in texts(figure(name, width), "label") if re.fullmatch(r"[\d?]+(×[\d?]+)+", t.text)]
    assert [size for size, count in Counter(sizes).items() if count > 1] == []


def apart(a: Box, b: Box) -> float:
    return max(b[0] - a[2], a[0] - b[2], 0.0) + max(b[1] - a[3], a[1] - b[3], 0.0)


def hull(boxes: list[Box]) -> Box:
    return (
        min(b[0] for b in boxes),
        min(b[1] for b in boxes),
        max(b[2] for b in boxes),
        max(b[3] for b in boxes),
    )


@pytest.mark.parametrize(("name", "width"), CASES)
def test_every_label_is_nearer_to_its_own_box_than_to_another(name: str, width: float) -> None:
    """The lines under a box together; what stands over a skip is not meant."""
    scene = figure(name, width)
    boxes: dict[str, Box] = {}
    for group in scene.items:
        if isinstance(group, Group) and group.role == "call":
            found = [(x, y, x, y) for i in group.items if isinstance(i, Path) for x, y in points(i)]
            if found:
                boxes[group.ref] = hull(found)
    labels: dict[str, list[Box]] = {}
    for text in texts(scene, "label"):
        if text.ref in boxes and text.y > (boxes[text.ref][1] + boxes[text.ref][3]) / 2:
            labels.setdefault(text.ref, []).append(text_box(text))
    for ref, lines in labels.items():
        block = hull(lines)
        under = [other for other, box in boxes.items() if other != ref and box[1] >= block[3]]
        nearer = [other for other in under if apart(boxes[other], block) <= apart(boxes[ref], block)]
        assert nearer == [], ref


@pytest.mark.parametrize(("name", "width"), CASES)
def test_no_rectangle_of_a_quarter_is_empty(name: str, width: float) -> None:
    scene = figure(name, width)
    assert emptiness(list(flat(scene.items)), scene.width, scene.height) <= MOST_EMPTY


@pytest.mark.parametrize("name", ["lenet", "resnet50", "vit", "inceptionv3", "unet"])
def test_light_and_dark_have_one_geometry(name: str) -> None:
    scene = figure(name, 642.0)
    light, dark = (write(scene, "svg", theme=theme).decode() for theme in ("light", "dark"))
    assert light != dark

    def colourless(svg: str) -> str:
        return re.sub(r"#[0-9a-fA-F]{6}\b", "#", re.sub(r'data-theme="\w+"', "", svg))

    assert colourless(light) == colourless(dark)


def test_names_are_escaped_and_stay_text() -> None:
    m = Model("a < b & c")
    m.dense(m.input(8, name="<x> & 'y'"), 2)
    svg = write(draw(replace(m.spec())), "svg").decode()
    assert "&lt;x&gt; &amp; " in svg and "a &lt; b &amp; c" in svg
    assert "<x>" not in svg


def test_every_entry_of_the_legend_is_drawn() -> None:
    for name in RECORDED:
        scene = figure(name, 642.0)
        told = {t.text for t in texts(scene, "legend")}
        drawn = {g.role for g in scene.items if isinstance(g, Group)}
        assert ("skip connection" in told) == ("skip" in drawn) or not told


@pytest.mark.parametrize("count", [4, 6, 8])
def test_many_inputs_stay_on_one_page(count: int) -> None:
    m = Model()
    ends = []
    for k in range(count):
        at = m.conv(m.input(32, 32, 3, name=f"camera {k}"), 30, 30, 16, activation="relu")
        ends.append(m.add("GlobalAveragePooling2D", "pool", (16,), at))
    m.dense(m.merge("Concatenate", (16 * count,), *ends), 4)
    scene = draw(m.spec())
    assert scene.height < max(620, 110 * count + 60)
    boxes = [text_box(t) for t in texts(scene, "label")]
    faces = [
        points(i)
        for g in scene.items
        if isinstance(g, Group) and g.role == "call"
        for i in g.items
        if isinstance(i, Path) and i.role == "face"
    ]
    assert not any(meets(face, box) for face in faces for box in boxes)
