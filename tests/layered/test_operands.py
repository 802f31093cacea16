"""Arithmetic with constants, and the parts that make a well-known activation."""

from __future__ import annotations

from dataclasses import replace

from sphinx_kerasarch.figure import Path
from sphinx_kerasarch.spec.model import ArchSpec
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.tensors import Node, nodes

from .helpers import Model, flat, texts


def with_arguments(spec: ArchSpec, arguments: dict[str, dict[str, object]]) -> ArchSpec:
    return replace(
        spec, calls=tuple(replace(c, arguments=arguments.get(c.id, c.arguments)) for c in spec.calls)
    )


def chain(*steps: tuple[str, dict[str, object]], activation: str = "") -> list[Node]:
    m = Model()
    at = m.conv(m.input(8, 8, 3), 8, 8, 4)
    arguments: dict[str, dict[str, object]] = {}
    for class_name, given in steps:
        if class_name == "ReLU":
            at = m.add("ReLU", "act", [8, 8, 4], at, **given)
        else:
            at = m.merge(class_name, [8, 8, 4], at)
            arguments[at] = given
    m.conv(at, 8, 8, 2)
    return list(nodes(with_arguments(m.spec(), arguments)).values())


def test_a_constant_stands_under_the_ball_of_its_operation() -> None:
    found = chain(("TrueDivide", {"x2": 127.5}), ("Subtract", {"x2": 1.0}))
    assert [(n.kind, n.sign, n.word) for n in found[2:4]] == [
        ("ball", "divide", "127.5"),
        ("ball", "subtract", "1"),
    ]


def test_a_constant_in_front_is_told() -> None:
    assert chain(("Subtract", {"x1": 1}))[2].word == "1 − x"
    assert chain(("Add", {"x1": 1}))[2].word == "1"


def test_a_constant_array_is_told_by_its_shape() -> None:
    assert chain(("Add", {"x2": "array (8, 4) float32"}))[2].word == "8×4"


def test_a_product_with_a_constant_matrix_is_a_box() -> None:
    node = chain(("Matmul", {"x2": "array (4, 4) float32"}))[2]
    assert (node.kind, node.word) == ("slab", "matmul 4×4")


def test_a_tensor_with_itself_is_a_ball() -> None:
    m = Model()
    a = m.dense(m.input(4), 4)
    b = m.merge("Multiply", [4], a, a)
    net = nodes(m.spec(m.dense(b, 1)))
    assert net[b].kind == "ball" and net[b].word == ""


def test_the_parts_of_a_hard_sigmoid_are_its_band() -> None:
    six: dict[str, object] = {"max_value": 6.0}
    found = chain(("Add", {"x2": 3.0}), ("ReLU", six), ("Multiply", {"x2": 1 / 6}))
    assert [n.act for n in found] == ["", "hard sigmoid", ""]
    found = chain(("Add", {"x2": 2.0}), ("ReLU", six), ("Multiply", {"x2": 1 / 6}))
    assert [n.kind for n in found].count("ball") == 2


def test_an_arrow_leads_from_the_constant_to_its_ball() -> None:
    m = Model()
    a = m.input(4)
    b = m.merge("Multiply", [4], a)
    spec = with_arguments(m.spec(m.dense(b, 1)), {b: {"x2": 0.25}})
    scene = draw(spec)
    shafts = [i for i in flat(scene.items) if isinstance(i, Path) and i.role == "operand"]
    assert len(shafts) == 1 and shafts[0].ref == b
    label = next(t for t in texts(scene, "label") if t.text == "0.25")
    assert label.y - 0.74 * label.size >= max(float(c[-1]) for c in shafts[0].commands)
