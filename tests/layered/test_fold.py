"""Repeated blocks: found by structure, and equal to what they stand for."""

from __future__ import annotations

import pytest

from sphinx_kerasarch.spec.fold import chains, common_prefix, repeats, runs
from sphinx_kerasarch.spec.model import ArchSpec
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.folding import fold
from sphinx_kerasarch.views.layered.tensors import nodes

from .helpers import RECORDED, Model, recorded, texts


@pytest.mark.parametrize("name", RECORDED)
def test_every_repeat_expands_to_the_same_graph(name: str) -> None:
    spec = recorded(name)
    layers = {layer.id: layer for layer in spec.layers}
    calls = {call.id: call for call in spec.calls}
    seen: set[str] = set()
    for repeat in repeats(spec):
        assert repeat.count >= 2
        first = repeat.copies[0]
        for k, copy in enumerate(repeat.copies):
            assert not seen & set(copy)
            seen |= set(copy)
            assert repeat.exits[k] in copy
            entry = repeat.exits[k - 1] if k else repeat.entry
            for a, b in zip(first, copy, strict=True):
                assert layers[calls[a].layer].class_name == layers[calls[b].layer].class_name
                assert calls[a].outputs == calls[b].outputs
            assert inner(spec, copy, entry) == inner(spec, first, repeat.entry)
            leaving = {
                e.source.call for e in spec.edges if e.source.call in copy and e.target.call not in copy
            }
            assert leaving <= {repeat.exits[k]}


def inner(spec: ArchSpec, copy: tuple[str, ...], entry: str) -> set[tuple[int, int, int, int]]:
    """Edges of a copy by place; raises KeyError for one that comes from elsewhere than the entry."""
    place = {call: k for k, call in enumerate(copy)} | {entry: -1}
    return {
        (place[e.source.call], e.source.index, place[e.target.call], e.target.index)
        for e in spec.edges
        if e.target.call in copy
    }


def test_identity_blocks_of_resnet50() -> None:
    found = [(r.count, len(r.copies[0])) for r in repeats(recorded("resnet50")) if len(r.copies[0]) > 4]
    assert sorted(count for count, _ in found) == [2, 2, 3, 5]


def test_dissimilar_layers_do_not_repeat() -> None:
    m = Model()
    at = m.input(8)
    for units in (8, 7, 6):
        at = m.dense(at, units, units=units)
    assert repeats(m.spec()) == ()


def test_runs_take_the_longest_stretch_and_the_shortest_period() -> None:
    assert runs("abcabcabd") == ((0, 3, 2),)
    assert runs("aaaa") == ((0, 1, 4),)
    assert runs("xababab", prefer=lambda start, _: start) == ((1, 2, 3),)
    assert runs("ababa") == ((0, 2, 2),)
    assert runs("ababa", prefer=lambda start, _: start) == ((1, 2, 2),)
    assert runs("abc") == ()


def test_chains_of_two_towers() -> None:
    inputs = {"a": [], "b": [], "a1": ["a"], "b1": ["b"], "a2": ["a1"], "m": ["a2", "b1"], "z": ["m"]}
    found = {tuple(s.exit for s in chain) for chain in chains(list(inputs), inputs)}
    assert found == {("a1", "a2"), ("b1",), ("z",)}


def test_a_residual_block_is_one_segment() -> None:
    inputs = {"i": [], "c": ["i"], "d": ["c"], "s": ["d", "i"], "z": ["s"]}
    outer, inside = chains(list(inputs), inputs)
    assert [s.members for s in outer] == [("c", "d", "s"), ("z",)]
    assert [s.members for s in inside] == [("d",)]


def test_common_prefix() -> None:
    assert common_prefix(["conv2_block1", "conv2_block2"]) == "conv2_block"
    assert common_prefix([]) == "" and common_prefix(["a", "b"]) == ""


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("resnet50", ["conv2_block ×3", "conv3_block ×4", "conv4_block ×6", "conv5_block ×3"]),
        ("densenet121", ["conv2_block ×6", "conv3_block ×12", "conv4_block ×24", "conv5_block ×16"]),
        ("mobilenetv2", ["block_4–5 ×2", "block_7–9 ×3", "block_11–12 ×2", "block_14–15 ×2"]),
    ],
)
def test_panels(name: str, titles: list[str]) -> None:
    assert [t.text for t in texts(draw(recorded(name)), "title")] == titles


def test_what_a_panel_does_not_show_is_said() -> None:
    notes = draw(recorded("resnet50")).notes
    assert len(notes) == 4 and all("first block" in note for note in notes)


def test_small_models_stay_unfolded() -> None:
    spec = recorded("unet")
    assert len(nodes(spec)) < 40
    assert fold(nodes(spec), spec, least=4)[1] == ()
