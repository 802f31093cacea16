"""The neurons view: every layer of vectors as circles, all else in boxes, every edge drawn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from scenes import SPECS, flat, recorded, said

from sphinx_kerasarch import api
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Circle, Group, Path, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.model import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor
from sphinx_kerasarch.views.neurons import draw
from sphinx_kerasarch.views.neurons.steps import fold, steps

DRAWN = sorted({path.stem for path in SPECS.glob("*.json")} - {"unet"})
WIDTHS = (642.0, 321.0)


def circles(scene: Scene) -> Counter[str]:
    return Counter(i.ref for i in flat(scene.items) if isinstance(i, Circle) and i.role == "neuron")


def lines(scene: Scene, ref: str) -> int:
    """Lines between circles of one edge."""
    fans = [i for i in flat(scene.items) if isinstance(i, Path) and i.role == "fan" and i.ref == ref]
    return sum(command[0] == "L" for path in fans for command in path.commands)


def vectors(units: Sequence[int | None], sources: Sequence[Sequence[int]] = (), **names: str) -> ArchSpec:
    """A model of dense layers, inputs where ``sources`` has none, merges where it has several."""
    given = sources or [[k - 1] if k else [] for k in range(len(units))]
    layers, calls, edges = [], [], []
    for number, (size, froms) in enumerate(zip(units, given, strict=True)):
        cls, role = (
            ("InputLayer", "data")
            if not froms
            else ("Concatenate", "merge")
            if len(froms) > 1
            else ("Dense", "dense")
        )
        call = names.get(f"n{number}", f"{cls.lower()}_{number}")
        layers.append(
            Layer(call, call, cls, f"keras.src.layers.{cls}", role, auto_named=f"n{number}" not in names)
        )
        ins = tuple(calls[s].outputs[0] for s in froms)
        calls.append(Call(call, call, None, ins, (Tensor((None, size), "float32"),)))
        edges += [Edge(Port(calls[s].id), Port(call, k)) for k, s in enumerate(froms)]
    used = {edge.source.call for edge in edges}
    ins_ = tuple(Slot(c.id, Port(c.id)) for c, f in zip(calls, given, strict=True) if not f)
    outs = tuple(Slot(c.id, Port(c.id)) for c in calls if c.id not in used)
    return ArchSpec("net", "Functional", tuple(layers), tuple(calls), tuple(edges), ins_, outs)


TWO_INPUTS = ([8, 16, 4, 12, 28, 6, 2], [[], [0], [], [2], [1, 3], [4], [5]])
SKIP = ([8, 16, 16, 24, 3], [[], [0], [1], [2, 0], [3]])
HEADS = ([8, 16, 5, 3, 1], [[], [0], [1], [1], [1]])


@pytest.mark.parametrize(("name", "width"), [(name, width) for name in DRAWN for width in WIDTHS])
def test_the_lint_finds_nothing(name: str, width: float) -> None:
    scene = draw(recorded(name), width=width)
    for theme in ("light", "dark"):
        assert lint(scene, width=width, theme=theme) == ()


@pytest.mark.parametrize("shape", [TWO_INPUTS, SKIP, HEADS, ([1, 2, 3],), ([10**6, 10**6, 1],), ([None, 7],)])
@pytest.mark.parametrize("width", WIDTHS)
def test_vectors_of_all_forms(shape: tuple[list[int | None], ...], width: float) -> None:
    scene = draw(vectors(*shape), width=width)  # type: ignore[arg-type]
    assert lint(scene, width=width) == ()
    assert lint(scene, width=width, theme="dark") == ()


@pytest.mark.parametrize("name", [*DRAWN, "unet"])
def test_every_call_is_in_one_step_and_every_edge_between_steps_is_drawn(name: str) -> None:
    spec = recorded(name)
    found = steps(spec)
    told = [call for step in found.values() for call in step.calls]
    assert sorted(told) == sorted(call.id for call in spec.calls)
    home = {call: i for i, step in found.items() for call in step.calls}
    wanted = {(home[e.source.call], home[e.target.call]) for e in spec.edges}
    assert {(s, i) for i, step in found.items() for s in step.inputs} == {(a, b) for a, b in wanted if a != b}
    place = {i: k for k, i in enumerate(found)}
    assert all(place[s] < place[i] for i, step in found.items() for s in step.inputs)


def test_each_edge_has_its_lines() -> None:
    spec = vectors(*TWO_INPUTS)
    scene = draw(spec)
    edges = [g.ref for g in scene.items if isinstance(g, Group) and "->" in g.ref]
    assert sorted(edges) == sorted(f"{e.source.call}->{e.target.call}" for e in spec.edges)
    assert all(
        any(isinstance(i, Path) for i in g.items)
        for g in scene.items
        if isinstance(g, Group) and "->" in g.ref
    )


def test_ten_units_are_shown_and_eleven_have_an_ellipsis() -> None:
    scene = draw(vectors([10, 11, 3]))
    assert circles(scene) == {"inputlayer_0": 10, "dense_1": 7, "dense_2": 3}
    assert lines(scene, "inputlayer_0->dense_1") == 70
    assert lines(scene, "dense_1->dense_2") == 21
    dots = [i.ref for i in flat(scene.items) if isinstance(i, Circle) and i.role == "dot"]
    assert Counter(dots) == {"dense_1": 3}
    assert {"10", "11", "3", "Input", "Dense"} <= set(said(scene))


def test_a_million_units_are_seven_circles() -> None:
    scene = draw(vectors([10**6, 1]))
    assert circles(scene)["inputlayer_0"] == 7
    assert "1\u00a0000\u00a0000" in said(scene)


def test_convolutions_are_one_box_that_says_what_is_in_it() -> None:
    scene = draw(recorded("lenet"))
    texts = said(scene)
    assert {"28×28×1", "7×7×50", "6 layers", "Convolution ×2", "Max pooling ×2", "2450", "500", "10"} <= set(
        texts
    )
    assert "softmax" in texts


def test_layers_that_only_pass_on_are_drawn_one_on_one() -> None:
    spec = vectors([8, 8, 8])
    layers = (*spec.layers[:1], replace(spec.layers[1], class_name="Dropout", role="reg"), spec.layers[2])
    weighted = replace(spec, layers=layers)
    found = steps(weighted)
    assert [step.link for step in found.values()][-1] == "all"
    batch = replace(spec.layers[1], class_name="BatchNormalization", role="norm")
    two = replace(spec, layers=(spec.layers[0], batch, spec.layers[2]))
    scene = draw(two)
    refs = [g.ref for g in scene.items if isinstance(g, Group) and "->" in g.ref]
    if "inputlayer_0->dense_1" in refs:
        assert lines(scene, "inputlayer_0->dense_1") == 8


def test_long_names_lose_their_middle() -> None:
    scene = draw(vectors([4, 8, 2], n1="dense_with_a_name_" * 17), width=321.0)
    assert lint(scene, width=321.0) == ()
    assert any("…" in text for text in said(scene))


def test_equal_layers_are_folded_where_they_do_not_fit() -> None:
    spec = vectors([8, *[64] * 30, 2])
    found = fold(steps(spec))
    assert [step.times for step in found.values()] == [1, 30, 1]
    scene = draw(spec)
    assert "64 ×30" in said(scene) and lint(scene) == ()


def test_what_cannot_be_shown_is_refused_with_advice() -> None:
    with pytest.raises(DrawError, match="vector") as caught:
        draw(recorded("unet"))
    assert "maps" in caught.value.advice
    with pytest.raises(DrawError) as caught:
        draw(vectors(list(range(20, 80))))
    assert "layered" in caught.value.advice


def test_models_without_end() -> None:
    assert "8 ×4999" in said(draw(vectors([8] * 5000)))
    with pytest.raises(DrawError, match="5000") as caught:
        draw(vectors([8 + k % 97 for k in range(5000)]))
    assert "summary" in caught.value.advice
    with pytest.raises(DrawError):
        draw(vectors([8] * 500 + [4000], [*[[]] * 500, list(range(500))]))


@pytest.mark.parametrize("seed", range(30))
def test_tangled_vectors_are_drawn_soundly_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    units: list[int | None] = [8]
    sources: list[list[int]] = [[]]
    for k in range(1, chance.randint(2, 14)):
        units.append(chance.choice([1, 3, 10, 11, 4096]))
        count = chance.choice([0, 1, 1, 1, 1, 2, 3])
        sources.append(sorted(chance.sample(range(k), min(count, k))))
    spec = vectors(units, sources)
    for width in WIDTHS:
        try:
            scene = draw(spec, width=width)
        except DrawError as error:
            assert error.advice
            continue
        assert lint(scene, width=width) == ()
        drawn = [group.ref for group in scene.items if isinstance(group, Group) and "->" in group.ref]
        assert sorted(drawn) == sorted({f"{e.source.call}->{e.target.call}" for e in spec.edges})


def test_own_colours_of_layers_and_categories() -> None:
    drawing = api.draw(vectors([4, 8, 2]), "neurons", colors={"layer:dense_1": "#0072b2", "dense": "#d55e00"})
    svg = drawing.svg()
    assert svg.count('fill="#0072b2"') == 8 and svg.count('fill="#d55e00"') == 2


def test_same_model_same_bytes() -> None:
    first, second = (api.write(draw(vectors(*TWO_INPUTS)), "svg") for _ in range(2))
    assert first == second
