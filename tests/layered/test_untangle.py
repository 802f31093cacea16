"""Lines between lanes keep apart."""

from __future__ import annotations

import itertools

import pytest

from sphinx_kerasarch.figure import Path, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.views.layered import draw

from .helpers import Model, flat

APART = 6.0


def crossed_operands() -> Scene:
    """Two inputs that both feed two sums, and one of them a layer besides."""
    m = Model()
    a, b = m.input(5, name="a"), m.input(5, name="b")
    one = m.merge("Add", [5], a, b)
    two = m.merge("Subtract", [5], m.dense(a, 5), b)
    three = m.dense(m.dense(a, 5), 5)
    return draw(m.spec(m.merge("Concatenate", [15], one, two, three)))


def uprights(scene: Scene) -> list[tuple[float, float, float, str]]:
    found = []
    for item in flat(scene.items):
        if isinstance(item, Path) and item.role in {"edge", "skip"}:
            ends = [(float(c[-2]), float(c[-1])) for c in item.commands if len(c) > 1]
            for (x0, y0), (x1, y1) in itertools.pairwise(ends):
                if abs(x0 - x1) < 0.05 and abs(y0 - y1) > 3:
                    found.append((x0, min(y0, y1), max(y0, y1), item.ref))
    return found


def test_lines_of_different_sources_do_not_share_a_trunk() -> None:
    lines = uprights(crossed_operands())
    assert len({ref.split("->")[0] for *_, ref in lines}) >= 2
    near = [
        (one, other)
        for k, (x, a, b, one) in enumerate(lines)
        for y, c, d, other in lines[k + 1 :]
        if abs(x - y) < APART - 0.2
        and min(b, d) - max(a, c) > 2
        and not set(one.split("->")) & set(other.split("->"))
    ]
    assert near == []


def test_no_label_is_crossed() -> None:
    assert lint(crossed_operands()) == ()


@pytest.mark.parametrize("class_name", ["MultiHeadAttention", "LSTM"])
def test_a_side_input_leaves_the_axis_to_the_first(class_name: str) -> None:
    m = Model()
    memory = m.input(9, 4, name="memory")
    for _ in range(3):
        memory = m.dense(memory, 9, 4)
    query = m.dense(m.input(9, 4, name="query"), 9, 4)
    role = "attn" if class_name == "MultiHeadAttention" else "recur"
    seen = m.add(class_name, role, [9, 4], query, memory, weights=True)
    m.merge("Add", [9, 4], query, seen)
    scene = draw(m.spec())
    skips = [i for i in flat(scene.items) if isinstance(i, Path) and i.role == "skip" and i.ref]
    # The residual runs above the attended sequence, on the axis of the query.
    ys = [float(c[-1]) for c in skips[0].commands if len(c) > 1]
    assert min(ys) < ys[0]
