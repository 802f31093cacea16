"""Which boxes a model has, how large they are, and what stands glued."""

from __future__ import annotations

import math

import pytest

from sphinx_kerasarch.figure import Group, Path
from sphinx_kerasarch.layout.solid import KX
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.columns import columns
from sphinx_kerasarch.views.layered.sizing import FIT, sizes
from sphinx_kerasarch.views.layered.structure import build
from sphinx_kerasarch.views.layered.tensors import nodes
from sphinx_kerasarch.views.layered.words import label_widths, number, runs

from .helpers import Model, flat, recorded, texts


def bands(model: Model) -> dict[str, str]:
    return {i: node.act for i, node in nodes(model.spec()).items() if node.act}


def test_convolution_normalization_and_activation_are_one_box() -> None:
    for order in ("na", "an"):
        m = Model()
        c = at = m.conv(m.input(8, 8, 3), 8, 8, 16)
        for step in order:
            at = m.norm(at, 8, 8, 16) if step == "n" else m.act(at, 8, 8, 16)
        net = nodes(m.spec())
        assert [node.kind for node in net.values()] == ["input", "slab"]
        assert net[c].act == "ReLU"
        assert len(net[c].calls) == 3


def test_normalization_before_a_convolution_belongs_to_it_without_a_band() -> None:
    m = Model()
    a = m.conv(m.input(8, 8, 3), 8, 8, 16)
    s = m.merge("Add", [8, 8, 16], a, m.conv(a, 8, 8, 16))
    c = m.conv(m.act(m.norm(s, 8, 8, 16), 8, 8, 16), 8, 8, 16)
    net = nodes(m.spec())
    assert net[c].inputs == (s,) and net[c].act == "" and len(net[c].calls) == 3


def test_a_tensor_with_two_users_is_not_fused_away() -> None:
    m = Model()
    a = m.conv(m.input(8, 8, 3), 8, 8, 16)
    n = m.norm(a, 8, 8, 16)
    s = m.merge("Add", [8, 8, 16], a, n)
    net = nodes(m.spec())
    assert net[n].cat == "norm" and set(net[s].inputs) == {a, n}


def test_layer_normalization_between_dense_layers_is_drawn() -> None:
    m = Model()
    s = m.merge("Add", [4, 8], (a := m.dense(m.input(4, 8), 4, 8)), m.dense(a, 4, 8))
    n = m.add("LayerNormalization", "norm", [4, 8], s, weights=True)
    m.dense(n, 4, 8)
    assert nodes(m.spec())[n].value == "LN"


def test_dropout_leaves_no_mark_and_padding_belongs_to_what_follows() -> None:
    m = Model()
    d = m.add("Dropout", "reg", [8, 8, 3], m.input(8, 8, 3))
    z = m.add("ZeroPadding2D", "reshape", [10, 10, 3], d)
    c = m.conv(z, 8, 8, 16)
    net = nodes(m.spec())
    assert list(net) == ["inputlayer_0", c]
    assert net[c].calls == (z, c)


def test_the_word_of_an_output_activation_replaces_its_band() -> None:
    m = Model()
    m.dense(m.input(4), 3, activation="softmax")
    scene = draw(m.spec())
    assert "softmax" in [t.text for t in texts(scene, "label")]
    assert not [i for i in flat(scene.items) if isinstance(i, Path) and i.role == "band"]


def test_flatten_has_a_bar_in_small_models_only() -> None:
    assert any(node.class_name == "Flatten" for node in nodes(recorded("lenet")).values())
    vgg = nodes(recorded("vgg16"))
    assert not any(node.class_name == "Flatten" for node in vgg.values())
    assert vgg["fc1"].calls == ("flatten", "fc1")


@pytest.mark.parametrize(("widest", "highest"), FIT)
def test_lengths_follow_the_root_of_the_tensor(widest: float, highest: float) -> None:
    size = sizes(nodes(recorded("vgg16")), widest, highest)
    a, b = size["block1_conv1"], size["block3_conv1"]
    assert a.h == pytest.approx(highest)
    assert b.h == pytest.approx(max(7, highest * math.sqrt(56 / 224)))
    assert b.w / a.w == pytest.approx(2) or a.w == 4
    assert max(s.w for s in size.values() if s.form == "box") <= widest
    bars = [size[i].h for i in ("fc1", "fc2", "predictions")]
    assert bars[0] == bars[1] > bars[2]
    assert bars[2] / bars[0] == pytest.approx((1000 / 4096) ** 0.35)


def test_one_by_one_maps_are_small_beams_and_bars_have_a_floor() -> None:
    m = Model()
    m.dense(m.conv(m.conv(m.input(32, 32, 3), 1, 1, 2048), 1, 1, 1), 1)
    size = list(sizes(nodes(m.spec()), 44, 132).values())
    assert (size[1].h, size[1].d) == (8, 8) and size[1].w == 44
    assert size[2].w == 4
    assert size[3].h == pytest.approx(max(7, 0.86 * 132 * (1 / 1024) ** 0.35))


def test_glue_is_exact_and_a_pool_closes_the_run() -> None:
    structure = build(nodes(recorded("vgg16")), ())
    labelled = runs(structure)
    size = sizes(structure.net, 24, 112)
    solids = columns(structure, size, label_widths(structure, labelled), labelled).solids
    pairs = 0
    for p, n in structure.along:
        a, b = solids[p], solids[n]
        if structure.glued(structure.net[p], structure.net[n]):
            pairs += 1
            assert a.x1 == b.x
            assert (a.h, a.d) == b.start
        else:
            assert b.left - a.right >= 8
    assert pairs == 13
    pool = solids["block1_pool"]
    assert pool.h1 > pool.h and pool.w == 7


def test_a_flare_always_shows_its_front() -> None:
    m = Model()
    c = m.conv(m.input(8, 8, 3), 8, 8, 16)
    m.conv(m.add("UpSampling2D", "up", [64, 64, 16], c), 64, 64, 4)
    size = list(sizes(nodes(m.spec()), 44, 132).values())[2]
    assert size.form == "frustum"
    assert size.w == pytest.approx(7 + KX * (size.d - size.d1) / 2)


def test_outputs_and_inputs_are_never_glued() -> None:
    structure = build(nodes(recorded("autoencoder")), ())
    net = structure.net
    for p, n in structure.along:
        if structure.glued(net[p], net[n]):
            assert net[p].kind != "input" and not net[n].output


def test_numbers() -> None:
    assert [number(v) for v in (1, 9999, 25088, None)] == ["1", "9999", "25\u00a0088", "?"]


def test_both_calls_of_a_shared_encoder_are_drawn() -> None:
    scene = draw(recorded("siamese"))
    drawn = [g.ref for g in scene.items if isinstance(g, Group) and g.role == "call"]
    assert len(drawn) == len(set(drawn)) == 15
    assert "absolute" in drawn  # |a − b| is not a − b
    assert [t.text for t in texts(scene, "title")] == ["embed", "embed, same weights"]
