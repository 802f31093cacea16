"""Odd models: a figure, or an error that says what would work. Never another exception."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from itertools import combinations

import pytest
from speed import slowness

from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Group, Image, Path, Scene
from sphinx_kerasarch.spec.model import ArchSpec, Block
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.tensors import nodes

from .helpers import Model, bounds, faces, flat, meets, overlap, points, recorded, text_box, texts


def attempt(spec: ArchSpec, width: float = 642.0, **options: object) -> Scene | None:
    try:
        scene = draw(spec, width=width, **options)  # type: ignore[arg-type]
    except DrawError as error:
        assert error.advice
        return None
    x0, y0, x1, y1 = bounds(scene)
    assert x0 >= 0 and y0 >= 0 and x1 <= scene.width and y1 <= scene.height
    assert scene.width <= width
    return scene


def test_one_by_one_by_one() -> None:
    m = Model()
    a = m.input(1, 1, 1)
    m.dense(m.conv(a, 1, 1, 1), 1, 1, 1)
    assert attempt(m.spec()) is not None


def test_a_single_layer() -> None:
    m = Model()
    m.dense(m.input(3), 2)
    scene = attempt(m.spec())
    assert scene is not None
    assert [t.text for t in texts(scene, "label")] == ["3", "2"]


def test_only_an_input() -> None:
    m = Model()
    m.input(3)
    assert attempt(m.spec()) is not None


def test_no_layers_at_all() -> None:
    with pytest.raises(DrawError):
        draw(ArchSpec("empty"))


@pytest.mark.parametrize("width", [642.0, 321.0])
def test_five_thousand_layers_are_folded_quickly(width: float) -> None:
    m = Model()
    at = m.input(64)
    for _ in range(5000):
        at = m.dense(at, 64)
    start = time.process_time()
    scene = attempt(m.spec(), width)
    assert time.process_time() - start < 2 * slowness()
    assert scene is not None
    assert "×4999" in " ".join(t.text for t in texts(scene)) or "×5000" in " ".join(
        t.text for t in texts(scene)
    )
    assert attempt(m.spec(), width, fold="none") is None


def test_a_thousand_inputs() -> None:
    m = Model()
    m.merge("Concatenate", [1000], *[m.input(1) for _ in range(1000)])
    attempt(m.spec())


def test_twelve_inputs_are_drawn() -> None:
    m = Model()
    m.dense(m.merge("Concatenate", [12], *[m.input(1, name=f"feature_{k}") for k in range(12)]), 3)
    scene = attempt(m.spec())
    assert scene is not None
    assert {t.text for t in texts(scene, "label")} >= {f"feature_{k}" for k in range(12)}


@pytest.mark.parametrize("count", [4, 8, 60])
def test_fully_dense_graph(count: int) -> None:
    m = Model()
    made = [m.input(8, 8, 4)]
    for _ in range(count):
        source = m.merge("Concatenate", [8, 8, 4 * len(made)], *made) if len(made) > 1 else made[0]
        made.append(m.conv(source, 8, 8, 4))
    scene = attempt(m.spec())
    assert (scene is None) == (count == 60)


def test_unknown_and_huge_lengths() -> None:
    m = Model()
    a = m.input(None, None, None)
    b = m.conv(a, None, None, 32)
    c = m.conv(b, 10**7, 4, 8)
    d = m.add("Flatten", "reshape", [None], c)
    m.dense(d, 10**7)
    scene = attempt(m.spec())
    assert scene is not None
    assert "?" in [t.text for t in texts(scene, "label")]
    assert any("10\u00a0000\u00a0000" in t.text for t in texts(scene, "label"))


def test_long_and_strange_names() -> None:
    m = Model(name="<&>\"'{}\\$%_#😀")
    parts = [m.input(4, name="x" * 300), m.input(4, name="<&>😀")]
    m.dense(m.merge("Concatenate", [8], *parts), 1)
    attempt(m.spec())


def test_scalars_and_missing_outputs() -> None:
    m = Model()
    a = m.input()
    m.add("Custom", "custom", [], a)
    assert attempt(m.spec()) is not None


def test_layers_without_connections_are_refused() -> None:
    m = Model()
    spec = m.spec(m.dense(m.input(8), 4))
    with pytest.raises(DrawError, match="connected") as caught:
        draw(replace(spec, edges=()))
    assert "summary" in caught.value.advice


def test_an_unknown_output_is_a_question_mark() -> None:
    m = Model()
    a = m.input(8)
    b = m.add("Custom", "custom", [4], a, weights=True)
    spec = m.spec(m.dense(b, 2))
    calls = tuple(replace(call, outputs=()) if call.id == b else call for call in spec.calls)
    assert "?" in [t.text for t in texts(draw(replace(spec, calls=calls)), "label")]


def test_two_separate_halves() -> None:
    m = Model()
    a, b = m.input(8), m.input(8)
    c, d = m.dense(a, 4), m.dense(b, 4)
    assert attempt(m.spec(c, d)) is not None


def test_a_tensor_used_twice_by_one_layer() -> None:
    m = Model()
    a = m.dense(m.input(8), 8)
    m.dense(m.merge("Multiply", [8], a, a), 1)
    scene = attempt(m.spec())
    assert scene is not None


def test_a_layer_called_in_turns() -> None:
    m = Model()
    a, b = m.input(8), m.input(8)
    for _ in range(3):
        a, b = m.merge("Add", [8], a, b), m.merge("Multiply", [8], b, a)
    attempt(m.spec(a, b))


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs(seed: int) -> None:
    """Any directed acyclic graph gives a figure in which each node is drawn once, or an error with advice."""
    rng = random.Random(seed)
    m = Model()
    made = [m.input(16, 16, 8) for _ in range(rng.randint(1, 3))]
    for _ in range(rng.randint(2, 22)):
        kind = rng.random()
        if kind < 0.35 and len(made) > 2:
            chosen = rng.sample(made[-6:], min(len(made[-6:]), rng.randint(2, 3)))
            made.append(m.merge(rng.choice(["Add", "Concatenate"]), [16, 16, 8], *chosen))
        elif kind < 0.45:
            made.append(m.add("Custom", "custom", [16, 16, 8], *rng.sample(made, min(2, len(made)))))
        else:
            made.append(m.conv(rng.choice(made[-4:]), 16, 16, 8, activation=rng.choice(["relu", None])))
    used = {edge.source.call for edge in m.edges}
    spec = m.spec(*[call for call in made if call not in used])
    scene = attempt(spec)
    if scene is not None:
        drawn = [g.ref for g in scene.items if isinstance(g, Group) and g.role == "call"]
        assert len(drawn) == len(set(drawn)) == len(made)


def test_names_of_neighbouring_submodels_keep_apart() -> None:
    m = Model()
    at = m.input(8)
    for k in range(4):
        at = m.dense(at, 8, block=f"a_rather_long_name_{k}")
    blocks = tuple(
        Block(f"a_rather_long_name_{k}", f"a_rather_long_name_{k}", model=str(k)) for k in range(4)
    )
    scene = attempt(replace(m.spec(), blocks=blocks))
    assert scene is not None
    boxes = [text_box(t) for t in texts(scene, "title")]
    assert len(boxes) == 4
    assert not [1 for a, b in combinations(boxes, 2) if overlap(a, b)]


def test_a_picture_stands_on_the_face_of_its_input() -> None:
    m = Model()
    a = m.input(8, 8, 3)
    m.conv(a, 8, 8, 4)
    scene = draw(replace(m.spec(), images={a: "iVBORw0KGgo="}))
    pictures = [i for i in flat(scene.items) if isinstance(i, Image)]
    assert [p.ref for p in pictures] == [a]
    face = next(f for f in faces(scene) if f.ref == a and f.fill == "data.side")
    width, rise, _, height, x, y = pictures[0].matrix
    (x0, y0), (x1, y1), _, (_, y3) = points(face)
    assert (x, y) == pytest.approx((x0, y0), abs=0.11)
    assert (x + width, y + rise) == pytest.approx((x1, y1), abs=0.11)
    assert height == pytest.approx(y3 - y0, abs=0.11)


@pytest.mark.parametrize(("name", "width"), [("unet", 642.0), ("unet", 321.0)])
def test_u_form(name: str, width: float) -> None:
    scene = draw(recorded(name), width=width, shape="u")
    assert scene.width <= width
    drawn = [g.ref for g in scene.items if isinstance(g, Group) and g.role == "call"]
    assert len(drawn) == len(set(drawn)) == len(nodes(recorded(name)))
    level: dict[float, int] = {}
    for item in flat(scene.items):
        if isinstance(item, Path) and item.role == "skip":
            ys = {y for _, y in points(item)}
            assert len(ys) == 1
            level[ys.pop()] = 1
    assert len(level) == 4
    labels = [text_box(t) for t in texts(scene)]
    assert not [1 for a, b in combinations(labels, 2) if overlap(a, b)]
    assert not [1 for box in labels for f in faces(scene) if meets(points(f), box)]


def test_u_form_needs_nested_skips() -> None:
    with pytest.raises(DrawError, match="form of a U"):
        draw(recorded("vgg16"), shape="u")


def segmentation(levels: int) -> ArchSpec:
    """An encoder–decoder with upsampling, a convolution after it, and skips."""
    m = Model()
    at = m.input(256, 256, 3)
    kept = []
    for k in range(levels):
        at = m.conv(m.conv(at, 256 >> k, 256 >> k, 64 << k), 256 >> k, 256 >> k, 64 << k)
        kept.append(at)
        at = m.pool(at, 128 >> k, 128 >> k, 64 << k)
    at = m.conv(at, 256 >> levels, 256 >> levels, 64 << levels)
    for k in reversed(range(levels)):
        at = m.add("UpSampling2D", "up", [256 >> k, 256 >> k, 128 << k], at)
        at = m.conv(at, 256 >> k, 256 >> k, 64 << k)
        at = m.merge("Concatenate", [256 >> k, 256 >> k, 128 << k], kept[k], at)
        at = m.conv(at, 256 >> k, 256 >> k, 64 << k)
    m.conv(at, 256, 256, 2, activation="softmax")
    return m.spec()


@pytest.mark.parametrize("levels", [3, 4, 5])
def test_an_encoder_decoder_with_skips_always_fits_in_two_columns(levels: int) -> None:
    assert attempt(segmentation(levels)) is not None
    assert attempt(segmentation(levels), shape="u") is not None


def test_in_one_column_it_becomes_a_u_and_says_what_the_arrows_hold() -> None:
    scene = attempt(segmentation(4), 321.0)
    assert scene is not None
    assert any("convolution after it" in note for note in scene.notes)
