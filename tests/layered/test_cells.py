"""Cells of searched networks as boxes."""

from __future__ import annotations

import pytest

from sphinx_kerasarch.figure import Rect, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.model import ArchSpec
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.cells import collapse
from sphinx_kerasarch.views.layered.tensors import nodes

from .helpers import Model, flat, recorded, texts


def cell(m: Model, before: str, previous: str, branches: int = 5) -> str:
    made = []
    for _ in range(branches):
        left, right = m.conv(previous, 8, 8, 4), m.conv(before, 8, 8, 4)
        made.append(m.merge("Add", [8, 8, 4], m.conv(left, 8, 8, 4), right))
    return m.merge("Concatenate", [8, 8, 4 * branches], *made)


def searched(cells: int) -> ArchSpec:
    m = Model()
    a = m.conv(m.input(8, 8, 3), 8, 8, 20)
    b = cell(m, a, a)
    for _ in range(cells - 1):
        a, b = b, cell(m, a, b)
    m.dense(m.add("GlobalAveragePooling2D", "pool", [20], b), 10)
    return m.spec()


def test_equal_cells_are_one_box_with_their_count() -> None:
    net, panels, notes = collapse(nodes(searched(6)))
    assert len([n for n in net.values() if n.cat == "cell"]) == 2
    assert [panel.count for panel in panels] == [5]
    assert notes[0].startswith("6 cells")


def test_no_call_is_lost() -> None:
    spec = searched(6)
    net, _, _ = collapse(nodes(spec))
    calls = [c for n in net.values() for c in (*n.calls, *(c for copy in n.copies for c in copy))]
    assert sorted(calls) == sorted(call.id for call in spec.calls)


def test_cells_of_another_kind_are_apart() -> None:
    m = Model()
    a = m.conv(m.input(8, 8, 3), 8, 8, 20)
    b = cell(m, a, a)
    for branches in (5, 5, 4, 4):
        a, b = b, cell(m, a, b, branches)
    _, panels, _ = collapse(nodes(m.spec()))
    assert [panel.count for panel in panels] == [2, 2]


def test_nets_without_cells_stay_as_they_are() -> None:
    net = nodes(recorded("resnet50"))
    assert collapse(net) == (net, (), ())


@pytest.mark.parametrize("width", [642.0, 321.0])
def test_nasnet_is_drawn(width: float) -> None:
    scene: Scene = draw(recorded("nasnetlarge"), width=width)
    assert lint(scene, width=width) == ()
    assert [t.text for t in texts(scene, "title")] == ["×5", "×5", "×5"]
    assert len([i for i in flat(scene.items) if isinstance(i, Rect) and i.role == "panel"]) == 3
