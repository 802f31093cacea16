"""Lines that show weights."""

from __future__ import annotations

from dataclasses import replace

from test_neurons_view import flat, lines, said, vectors

from sphinx_kerasarch.api import write
from sphinx_kerasarch.figure import Path, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.model import ArchSpec
from sphinx_kerasarch.theme import color
from sphinx_kerasarch.views.neurons import draw
from sphinx_kerasarch.views.neurons.weights import WIDTHS


def with_values(spec: ArchSpec, **values: list[list[float | None]]) -> ArchSpec:
    return replace(spec, values=values)


def fans(scene: Scene, ref: str) -> dict[tuple[str | None, float], int]:
    found: dict[tuple[str | None, float], int] = {}
    for item in flat(scene.items):
        if isinstance(item, Path) and item.role == "fan" and item.ref == ref:
            key = (item.stroke, item.width)
            found[key] = found.get(key, 0) + sum(command[0] == "L" for command in item.commands)
    return found


def test_sign_by_colour_and_dashes_size_by_width() -> None:
    spec = with_values(vectors([2, 3]), dense_1=[[1.0, -1.0, 0.5], [0.0, None, 0.01]])
    scene = draw(spec)
    ref = "inputlayer_0->dense_1"
    assert fans(scene, ref) == {
        ("plus", WIDTHS[4]): 1,
        ("minus", WIDTHS[4]): 1,
        ("plus", WIDTHS[2]): 1,
        ("plus", WIDTHS[0]): 1,
        ("rule", WIDTHS[0]): 2,
    }
    drawn = [i for i in flat(scene.items) if isinstance(i, Path) and i.role == "fan"]
    assert all(bool(item.dash) == (item.stroke == "minus") for item in drawn)
    assert {"positive weight", "negative weight"} <= set(said(scene))
    for theme in ("light", "dark", "grey"):
        assert lint(scene, theme=theme) == ()


def test_each_line_has_its_own_weight() -> None:
    spec = with_values(vectors([2, 2]), dense_1=[[1.0, -1.0], [-1.0, -1.0]])
    plus = [
        i for i in flat(draw(spec).items) if isinstance(i, Path) and i.stroke == "plus" and i.role == "fan"
    ]
    (path,) = plus
    (_, _, y0), (_, _, y1) = path.commands
    others = [
        i for i in flat(draw(spec).items) if isinstance(i, Path) and i.stroke == "minus" and i.role == "fan"
    ]
    heights = [float(c[2]) for item in others for c in item.commands]
    assert y0 == y1 == min(heights)


def test_dot_has_the_weights_too() -> None:
    spec = with_values(vectors([2, 1]), dense_1=[[0.5], [-0.25]])
    text = write(draw(spec), "dot").decode()
    assert f'color="{color("plus")}", penwidth=2.00, style=solid' in text.replace('"2.00"', "2.00")
    assert f'color="{color("minus")}"' in text and "dashed" in text
    assert "dashed" not in write(draw(vectors([2, 1])), "dot").decode()


def test_all_lines_are_equal_without_weights_or_with_those_of_another_size() -> None:
    for values in ({}, {"dense_1": [[1.0]]}):
        scene = draw(replace(vectors([12, 3]), values=values))
        assert fans(scene, "inputlayer_0->dense_1") == {("rule", 0.5): 21}
        assert "positive weight" not in said(scene)


def test_layers_that_are_folded_show_no_weights() -> None:
    spec = vectors([8, *[64] * 30, 2])
    kernel = [[0.5] * 7 for _ in range(7)]
    scene = draw(replace(spec, values={f"dense_{k}": kernel for k in range(2, 31)}))
    assert lines(scene, "inputlayer_0->dense_1") == 56
    assert "64 ×30" in said(scene) and "positive weight" not in said(scene)
