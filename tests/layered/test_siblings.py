"""Many equal branches, strips, and what is advised instead of a figure."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Rect
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.model import ArchSpec, Block, Edge, Port
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.siblings import siblings
from sphinx_kerasarch.views.layered.tensors import nodes

from .helpers import Model, flat, texts


def with_inputs(count: int) -> ArchSpec:
    m = Model()
    parts = [m.input(1, name=f"f{k}") for k in range(count)]
    m.dense(m.merge("Concatenate", [count], *parts), 3)
    return m.spec()


def with_branches(count: int) -> ArchSpec:
    m = Model()
    a = m.conv(m.input(32, 32, 3), 32, 32, 16)
    made = [m.conv(m.conv(a, 32, 32, 8), 32, 32, 4) for _ in range(count)]
    m.conv(m.merge("Concatenate", [32, 32, 4 * count], *made), 32, 32, 4)
    return m.spec()


@pytest.mark.parametrize("spec", [with_inputs(1000), with_branches(80)], ids=["inputs", "branches"])
@pytest.mark.parametrize("width", [642.0, 321.0])
def test_equal_branches_are_one_with_their_number(spec: ArchSpec, width: float) -> None:
    scene = draw(spec, width=width)
    assert lint(scene, width=width) == ()
    (title,) = [t.text for t in texts(scene, "title")]
    assert title.endswith("in parallel")
    assert title.split()[0] in scene.notes[0]
    assert len([i for i in flat(scene.items) if isinstance(i, Rect) and i.role == "panel"]) == 1


@pytest.mark.parametrize("spec", [with_inputs(1000), with_branches(80)], ids=["inputs", "branches"])
def test_no_call_is_lost(spec: ArchSpec) -> None:
    net, _, _ = siblings(nodes(spec))
    calls = [c for n in net.values() for c in (*n.calls, *(c for copy in n.copies for c in copy))]
    assert sorted(calls) == sorted(call.id for call in spec.calls)


def test_few_or_different_branches_stay() -> None:
    few = nodes(with_branches(12))
    assert siblings(few) == (few, (), ())
    m = Model()
    a = m.input(8)
    for k in range(20):
        m.dense(a, k + 1)
    many = nodes(m.spec(*[c.id for c in m.calls[1:]]))
    assert siblings(many) == (many, (), ())


def test_one_layer_called_again_and_again_is_told_from_many_layers() -> None:
    m = Model()
    first = m.dense(m.input(8), 8)
    spec = m.spec()
    again = [replace(spec.calls[1], id=f"{first}@{k}") for k in range(2, 62)]
    order = [first, *(call.id for call in again)]
    edges = [Edge(Port(a), Port(b)) for a, b in itertools.pairwise(order)]
    spec = replace(spec, calls=(*spec.calls, *again), edges=(*spec.edges, *edges))
    # The model gives out what the first call makes, so that one is told apart.
    assert [t.text for t in texts(draw(spec), "title")] == ["dense_1 ×60, same weights"]
    spec = replace(spec, outputs=(replace(spec.outputs[0], port=Port(order[-1])),))
    assert [t.text for t in texts(draw(spec), "title")] == ["dense_1 ×61, same weights"]


def test_a_strip_that_nobody_reads_is_refused() -> None:
    m = Model()
    a = m.dense(m.input(8), 8)
    outputs = [m.dense(a, k + 1) for k in range(70)]
    with pytest.raises(DrawError, match="cm") as caught:
        draw(m.spec(*outputs))
    assert caught.value.data["height"] > 3600
    assert caught.value.advice == "Take the view 'graph'."


def test_submodels_are_named_in_the_advice() -> None:
    m = Model()
    at = m.input(4)
    for k in range(500):
        at = m.dense(at, 3 + k % 89, block="tower" if k > 99 else "stem")
    spec = m.spec()
    blocks = (Block("stem", "stem"), Block("tower", "tower"), Block("auto", "functional_1", auto_named=True))
    with pytest.raises(DrawError) as caught:
        draw(replace(spec, blocks=blocks), fold="none")
    assert caught.value.advice == "Draw 'stem' or 'tower' alone, or take the view 'graph'."
    with pytest.raises(DrawError) as caught:
        draw(spec, fold="none")
    assert caught.value.advice == "Take the view 'graph'."
