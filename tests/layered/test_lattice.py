"""Models whose branches are tangled: every line in a lane of its own, or advice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from speed import slowness

from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Circle, Group, Path, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.model import ArchSpec, Block
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.compose import tangled
from sphinx_kerasarch.views.layered.tensors import nodes

from .helpers import Model, flat, points, texts


def random_model(seed: int, size: int) -> ArchSpec:
    """A random acyclic graph of convolutions or dense layers, sums and concatenations."""
    rng = random.Random(seed)
    m = Model(f"random {seed}")
    shape = (32,) if rng.random() < 0.3 else (16, 16, 8)
    made = [m.input(*shape) for _ in range(1 if rng.random() < 0.6 else rng.randint(2, 3))]
    used: set[str] = set()
    reach = rng.choice([3, 6, 12, 40])
    while len(m.calls) < size:
        near = made[-reach:]
        if rng.random() < rng.choice([0.25, 0.45]) and len(near) > 1:
            chosen = rng.sample(near, min(len(near), rng.choice([2, 2, 3])))
            made.append(m.merge(rng.choice(["Add", "Concatenate"]), shape, *chosen))
            used |= set(chosen)
        else:
            source = rng.choice(near) if rng.random() < 0.6 else near[-1]
            used.add(source)
            layer = m.dense if len(shape) == 1 else m.conv
            made.append(layer(source, *shape, activation=rng.choice(["relu", "linear"])))
    ends = [call for call in made if call not in used]
    if rng.random() < 0.7 and len(ends) > 1:
        ends = [m.merge("Add", shape, *ends)]
    return m.spec(*ends)


def drawn(spec: ArchSpec, width: float = 642.0) -> Scene | None:
    try:
        return draw(spec, width=width)
    except DrawError as error:
        assert error.advice
        return None


@cache
def figure(size: int, seed: int) -> Scene | None:
    return drawn(random_model(seed, size))


CASES = [(size, seed) for size in (12, 20, 40) for seed in range(24)]


@pytest.mark.parametrize(("size", "seed"), CASES)
def test_nothing_is_in_the_way_of_anything(size: int, seed: int) -> None:
    spec, scene = random_model(seed, size), figure(size, seed)
    if scene is None:
        return
    assert {finding.slug for finding in lint(scene)} <= {"empty-area"}
    groups = [item for item in scene.items if isinstance(item, Group)]
    calls = [group.ref for group in groups if group.role == "call"]
    assert sorted(calls) == sorted(call.id for call in spec.calls)
    lines = [group.ref for group in groups if group.role in {"edge", "skip"}]
    assert len(lines) == len(set(lines))
    edges = {f"{edge.source.call}->{edge.target.call}" for edge in spec.edges}
    assert set(lines) <= edges
    # What has no line is glued: it has no other input.
    for ref in edges - set(lines):
        assert sum(edge.target.call == ref.split("->")[1] for edge in spec.edges) == 1


def test_hardly_one_is_refused_or_half_empty() -> None:
    scenes = [figure(size, seed) for size, seed in CASES]
    figures = [scene for scene in scenes if scene is not None]
    assert len(figures) >= 0.9 * len(CASES)
    assert sum(bool(lint(scene)) for scene in figures) <= 0.1 * len(figures)


@pytest.mark.parametrize("seed", range(12))
def test_in_one_column(seed: int) -> None:
    scene = drawn(random_model(seed, 16), 321.0)
    if scene is not None:
        assert {finding.slug for finding in lint(scene, width=321.0)} <= {"empty-area"}


def test_a_tangle_is_drawn_in_good_time() -> None:
    specs = [random_model(seed, 40) for seed in range(8)]
    start = time.process_time()
    for spec in specs:
        drawn(spec)
    assert (time.process_time() - start) / len(specs) < 0.6 * slowness()


def crossing() -> Model:
    """Two inputs, each used by three merges in turn."""
    m = Model()
    a, b = m.input(8, name="a"), m.input(8, name="b")
    left = [m.dense(a, 8, name=f"a{k}") for k in range(3)]
    right = [m.dense(b, 8, name=f"b{k}") for k in range(3)]
    sums = [m.merge("Add", (8,), left[k], right[(k + 1) % 3]) for k in range(3)]
    m.merge("Concatenate", (24,), *sums, left[0], right[0])
    return m


def test_lines_end_at_the_outlines_of_what_they_reach() -> None:
    scene = tangled(crossing().spec(), 642.0, with_legend=False)
    assert lint(scene) == ()
    balls = {item.ref: item for item in flat(scene.items) if isinstance(item, Circle) and item.role == "ball"}
    heads = [item for item in flat(scene.items) if isinstance(item, Path) and item.role == "head"]
    into = [(head, balls[t]) for head in heads if (t := head.ref.partition("->")[2]) in balls]
    assert len(into) == 11
    for head, ball in into:
        x, y = points(head)[0]
        assert 6.0 < ((x - ball.x) ** 2 + (y - ball.y) ** 2) ** 0.5 < 8.5


def test_a_skip_leaves_the_trunk_with_a_dot() -> None:
    m = Model()
    at = m.input(8, name="a")
    for k in range(3):
        main = m.dense(at, 8, name=f"d{k}")
        other = m.dense(at, 8, name=f"e{k}")
        at = m.merge("Add", (8,), m.dense(main, 8, name=f"f{k}"), other, at)
    scene = tangled(m.spec(), 642.0, with_legend=True)
    skips = [g for g in scene.items if isinstance(g, Group) and g.role == "skip"]
    assert len(skips) == 3
    assert all(any(isinstance(i, Circle) and i.role == "dot" for i in g.items) for g in skips)
    assert "skip connection" in [text.text for text in texts(scene, "legend")]


def test_what_has_no_place_is_said() -> None:
    spec = replace(crossing().spec(), blocks=(Block("part", "part", model="part"),))
    calls = tuple(replace(call, block="part") if call.id == "a0" else call for call in spec.calls)
    scene = tangled(replace(spec, calls=calls), 642.0, with_legend=False)
    assert any("part" in note for note in scene.notes)


def test_too_many_boxes_are_refused() -> None:
    spec = random_model(3, 160)
    assert len(nodes(spec)) > 120
    with pytest.raises(DrawError) as caught:
        tangled(spec, 642.0, with_legend=True)
    assert caught.value.advice


def pyramid() -> ArchSpec:
    """A feature pyramid: four resolutions, laterals, and a way down that gives an output at each."""
    m = Model("pyramid")
    at, laterals = m.input(256, 256, 3, name="image"), []
    for k, filters in enumerate((64, 128, 256, 512)):
        side = 128 >> k
        at = m.conv(at, side, side, filters, activation="relu")
        laterals.append(m.conv(at, side, side, 128, name=f"lateral{k}"))
    tops = [laterals[3]]
    for k in (2, 1, 0):
        shape = (128 >> k, 128 >> k, 128)
        tops.append(m.merge("Add", shape, laterals[k], m.add("UpSampling2D", "up", shape, tops[-1])))
    sides = (16, 32, 64, 128)
    ends = zip(tops, sides, strict=True)
    return m.spec(*[m.conv(top, side, side, 128, name=f"P{k}") for k, (top, side) in enumerate(ends)])


def exchange() -> ArchSpec:
    """Two resolutions beside each other that exchange what they have, twice."""
    m = Model("exchange")
    high = m.conv(m.input(128, 128, 3, name="image"), 64, 64, 32, activation="relu")
    low = m.conv(high, 32, 32, 64, activation="relu")
    for _ in range(2):
        a = m.conv(high, 64, 64, 32, activation="relu")
        b = m.conv(low, 32, 32, 64, activation="relu")
        up = m.add("UpSampling2D", "up", (64, 64, 32), m.conv(b, 32, 32, 32))
        high = m.merge("Add", (64, 64, 32), a, up)
        low = m.merge("Add", (32, 32, 64), b, m.conv(a, 32, 32, 64))
    m.merge("Concatenate", (64, 64, 96), high, m.add("UpSampling2D", "up", (64, 64, 64), low))
    return m.spec()


@pytest.mark.parametrize("width", [642.0, 321.0])
@pytest.mark.parametrize("make", [pyramid, exchange])
def test_models_with_several_resolutions_at_once(make: Callable[[], ArchSpec], width: float) -> None:
    scene = draw(make(), width=width)
    assert lint(scene, width=width) == ()
    assert scene.height < 850
