"""Encoder and decoder: folded with their memory, and in storeys where they do not fit beside each other."""

from __future__ import annotations

import pytest

from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Group, Path, Rect, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.model import ArchSpec
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.axis import side_inputs
from sphinx_kerasarch.views.layered.fit import choose
from sphinx_kerasarch.views.layered.folding import fold
from sphinx_kerasarch.views.layered.storeys import split
from sphinx_kerasarch.views.layered.tensors import nodes

from .helpers import Model, flat, texts

TOKENS, WIDE = 40, 64


def residual(m: Model, at: str, *sources: str, class_name: str, role: str) -> str:
    made = m.add(class_name, role, [TOKENS, WIDE], *sources, weights=True, num_heads=4)
    summed = m.merge("Add", [TOKENS, WIDE], at, made)
    return m.add("LayerNormalization", "norm", [TOKENS, WIDE], summed, weights=True)


def feed_forward(m: Model, at: str) -> str:
    wide = m.dense(at, TOKENS, 4 * WIDE, activation="relu")
    return residual(m, at, wide, class_name="Dense", role="dense")


def attended(m: Model, at: str, memory: str = "") -> str:
    sources = (at, memory) if memory else (at,)
    return residual(m, at, *sources, class_name="MultiHeadAttention", role="attn")


def transformer(blocks: int) -> ArchSpec:
    m = Model()
    x, y = m.input(TOKENS, name="source"), m.input(TOKENS, name="target")
    x = m.add("Embedding", "embed", [TOKENS, WIDE], x, weights=True)
    for _ in range(blocks):
        x = feed_forward(m, attended(m, x))
    y = m.add("Embedding", "embed", [TOKENS, WIDE], y, weights=True)
    for _ in range(blocks):
        y = feed_forward(m, attended(m, attended(m, y), x))
    m.dense(y, TOKENS, 8000)
    return m.spec()


def panels(scene: Scene) -> list[Rect]:
    return [i for i in flat(scene.items) if isinstance(i, Rect) and i.role == "panel"]


@pytest.mark.parametrize("blocks", [2, 6, 12])
def test_repeated_blocks_of_encoder_and_decoder_are_folded(blocks: int) -> None:
    scene = draw(transformer(blocks))
    assert len(panels(scene)) == 2
    assert [t.text for t in texts(scene, "title")].count(f"×{blocks}") == 2
    assert lint(scene) == ()
    net, found, _ = fold(nodes(transformer(blocks)), transformer(blocks))
    assert [panel.count for panel in found] == [blocks, blocks]
    calls = [c for n in net.values() for c in (*n.calls, *(c for copy in n.copies for c in copy))]
    assert sorted(calls) == sorted(call.id for call in transformer(blocks).calls)


def test_the_memory_of_a_decoder_is_a_side_input() -> None:
    net = nodes(transformer(2))
    sides = side_inputs(net)
    assert len(sides) == 2 and len({s for found in sides.values() for s in found}) == 1


def test_decoders_with_memories_of_their_own_are_not_folded() -> None:
    m = Model()
    memories = [m.input(TOKENS, WIDE, name=f"memory_{k}") for k in range(3)]
    y = m.input(TOKENS, WIDE, name="target")
    for memory in memories:
        y = feed_forward(m, attended(m, attended(m, y), memory))
    _, found, _ = fold(nodes(m.spec()), m.spec())
    assert found == ()


@pytest.mark.parametrize("blocks", [1, 2])
def test_storeys_in_a_narrow_column(blocks: int) -> None:
    spec = transformer(blocks)
    scene = draw(spec, width=321.0)
    assert lint(scene, width=321.0) == ()
    chosen = choose(spec, 321.0, "auto")
    assert len(chosen.parts) == 2
    shown = {g.ref for g in scene.items if isinstance(g, Group) and g.role in {"edge", "skip"}}
    net = chosen.net
    assert {f"{s}->{i}" for i, n in net.items() for s in n.inputs} == shown


def test_what_feeds_a_line_stands_under_it() -> None:
    parts = split(nodes(transformer(2)))
    assert ["target" in part for part, _ in parts] == [True, False]
    assert len(parts[0][1]) == 2 and parts[1][1] == frozenset()


def test_a_line_that_gives_from_its_middle_has_no_storey() -> None:
    m = Model()
    x, y = m.input(TOKENS, WIDE, name="source"), m.input(TOKENS, WIDE, name="target")
    for _ in range(5):
        x, y = feed_forward(m, attended(m, x)), attended(m, y, x)
    assert split(nodes(m.spec(y))) == ()


def test_lines_from_storey_to_storey_end_under_their_target() -> None:
    scene = draw(transformer(1), width=321.0)
    chosen = choose(transformer(1), 321.0, "auto")
    (part, entries), _ = split(chosen.net)
    target = next(iter(entries))
    source = next(s for s in chosen.net[target].inputs if s not in part)
    line = next(i for i in flat(scene.items) if isinstance(i, Path) and i.ref == f"{source}->{target}")
    ys = [float(c[-1]) for c in line.commands if len(c) > 1]
    assert ys[0] == max(ys) and ys[-1] == min(ys)


def test_the_advice_names_a_width_that_does() -> None:
    with pytest.raises(DrawError) as caught:
        draw(transformer(6), width=200.0, shape="straight")
    draw(transformer(6), width=caught.value.data["needed"])
    assert str(caught.value.data["needed"]) in caught.value.advice


def test_a_block_that_gives_from_its_middle_is_not_folded_away() -> None:
    m = Model()
    x, y = m.input(TOKENS, WIDE, name="source"), m.input(TOKENS, WIDE, name="target")
    inner = []
    for _ in range(4):
        x = attended(m, x)
        inner.append(x)
        x = feed_forward(m, x)
    for memory in (inner[1], inner[2], x):
        y = feed_forward(m, attended(m, y, memory))
    m.merge("Concatenate", [TOKENS, 2 * WIDE], x, y)
    spec = m.spec()
    net, _, _ = fold(nodes(spec), spec)
    assert all(s in net for node in net.values() for s in node.inputs)
    assert {inner[1], inner[2]} <= set(net)
