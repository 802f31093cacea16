"""Names of nested models below each other."""

from __future__ import annotations

from dataclasses import replace

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.figure import Path, Scene
from sphinx_kerasarch.spec.model import Block

from .helpers import Model, flat, text_box, texts


def test_a_title_below_a_narrow_bracket_is_clear_of_the_outer_one() -> None:
    model = Model()
    source = model.input(8)
    inner = model.add("Dense", "dense", (8,), source, weights=True, block="outer/inner")
    joined = model.add("Add", "merge", (8,), inner, source, block="outer")
    spec = replace(
        model.spec(model.dense(joined, 1)),
        blocks=(
            Block("outer", "outer", model="outer"),
            Block("outer/inner", "inner", "outer", model="inner"),
        ),
    )
    scene = draw(spec, "layered").figure
    assert isinstance(scene, Scene)
    titles = {text.text: text_box(text) for text in texts(scene, "title")}
    assert set(titles) == {"inner", "outer"}
    lines = {
        item.ref: item for item in flat(scene.items) if isinstance(item, Path) and item.role == "bracket"
    }
    outer = [float(command[-1]) for command in lines["outer"].commands]
    assert min(outer) > titles["inner"][3], "the outer line begins below the inner title"
    assert titles["outer"][1] > titles["inner"][3]
