"""Patch embeddings, the mark of transposed convolutions, and the legend that tells what is drawn."""

from __future__ import annotations

import pytest

from sphinx_kerasarch.figure import Group, Path, Scene
from sphinx_kerasarch.spec.model import ArchSpec
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.patches import with_patches
from sphinx_kerasarch.views.layered.tensors import nodes

from .helpers import RECORDED, Model, flat, recorded, texts


def patched(kernel: int, stride: int, tokens: int | None = 16) -> ArchSpec:
    m = Model()
    at = m.conv(m.input(32, 32, 3), 4, 4, 24, kernel_size=[kernel, kernel], strides=[stride, stride])
    at = m.add("Reshape", "reshape", [tokens, 24], at)
    m.dense(at, tokens, 24)
    return m.spec()


def test_a_convolution_by_patches_and_its_reshape_are_one_embedding() -> None:
    spec = patched(8, 8)
    net = with_patches(nodes(spec), spec)
    (embedding,) = (node for node in net.values() if node.cat == "embed")
    assert embedding.shape == (16, 24) and embedding.caption == "patches 8×8"
    assert [len(node.calls) for node in net.values()] == [1, 2, 1]
    shown = [t.text for t in texts(draw(spec), "label")]
    assert {"patches 8×8", "16 tokens"} <= set(shown)


@pytest.mark.parametrize("spec", [patched(3, 8), patched(8, 8, 8)], ids=["overlap", "regrouped"])
def test_other_pairs_stay_apart(spec: ArchSpec) -> None:
    net = nodes(spec)
    assert with_patches(net, spec) == net


def test_a_transposed_convolution_has_a_mark_besides_its_colour() -> None:
    m = Model()
    at = m.conv(m.input(8, 8, 3), 8, 8, 4)
    up = m.add("Conv2DTranspose", "up", [16, 16, 4], at, weights=True)
    groups = {g.ref: g for g in draw(m.spec()).items if isinstance(g, Group) and g.role == "call"}
    strokes = {
        ref: [i for i in group.items if isinstance(i, Path) and i.role == "decoration"]
        for ref, group in groups.items()
    }
    assert len(strokes[up]) == 2 and strokes[at] == []


def categories(items: object) -> set[str]:
    assert isinstance(items, tuple)
    fills = {i.fill for i in flat(items) if isinstance(i, Path) and i.fill and "." in i.fill}
    return {fill.partition(".")[0] for fill in fills}


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("width", [642.0, 321.0])
def test_the_legend_has_exactly_the_colours_of_the_figure(name: str, width: float) -> None:
    scene: Scene = draw(recorded(name), width=width)
    legend = [g for g in scene.items if isinstance(g, Group) and g.role == "legend"]
    if not legend:
        return
    drawn = categories(tuple(g for g in scene.items if isinstance(g, Group) and g.role == "call")) - {"data"}
    other = {"reshape", "reg", "prep", "custom", "merge", "act"}
    arrows = {
        i.fill.partition(".")[0]
        for g in scene.items
        if isinstance(g, Group) and g.role == "call"
        for i in g.items
        if isinstance(i, Path) and i.role == "head" and i.fill
    }
    told = categories((legend[0],))
    assert told - other == (drawn | arrows) - other
    assert bool(told & other) == bool(drawn & other)
