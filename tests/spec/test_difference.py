"""What two models have that the other has not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from sphinx_kerasarch.spec import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor, Weight
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.difference import difference

SPECS = sorted((Path(__file__).parents[1] / "specs").glob("*.json"))
Units = tuple[tuple[str, int], ...]
OLD: Units = (("a", 8), ("b", 16), ("c", 4))


def mlp(units: Units, *, rate: float = 0.0, extra: tuple[tuple[str, str], ...] = ()) -> ArchSpec:
    """Dense layers in a row behind an input of 8; ``rate``: of a dropout at the end; ``extra``: further edges."""
    layers = [Layer("x", "x", "InputLayer", "keras.layers", "data")]
    widths = [8]
    for name, width in units:
        kernel = Weight(f"{name}/kernel", "kernel", (widths[-1], width), "float32", True)
        config = {"units": width}
        layers.append(Layer(name, name, "Dense", "keras.layers", "dense", config=config, weights=(kernel,)))
        widths.append(width)
    if rate:
        layers.append(Layer("drop", "drop", "Dropout", "keras.layers", "reg", config={"rate": rate}))
        widths.append(widths[-1])
    pairs = zip(layers, widths, strict=True)
    calls = tuple(Call(one.id, one.id, outputs=(Tensor((None, width), "float32"),)) for one, width in pairs)
    edges = [(a.id, b.id) for a, b in pairwise(layers)]
    ports = tuple(
        Edge(Port(a), Port(b, index)) for index, (a, b) in [(0, e) for e in edges] + [(1, e) for e in extra]
    )
    ends = (Slot("out", Port(layers[-1].id)),)
    return ArchSpec(
        "mlp", layers=tuple(layers), calls=calls, edges=ports, inputs=(Slot("x", Port("x")),), outputs=ends
    )


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_model_is_like_itself(path: Path) -> None:
    spec = loads(path.read_text("utf-8"))
    assert not difference(spec, spec)


def test_names_that_nobody_chose_are_no_difference() -> None:
    renamed = mlp((("dense_7", 8), ("dense_8", 16), ("dense_9", 4)))
    assert not difference(mlp(OLD), renamed)


def test_a_new_layer_is_the_only_one() -> None:
    new = mlp((("a", 8), ("b", 16), ("more", 16), ("c", 4)))
    sums = ("params 256 → 512 (+256)", "trainable 256 → 512 (+256)")
    assert difference(mlp(OLD), new).lines == ("+ more Dense(16)", *sums)
    assert difference(new, mlp(OLD)).lines[0] == "- more Dense(16)"


def test_a_changed_setting_is_told_with_both_values() -> None:
    lines = difference(mlp(OLD), mlp((("a", 8), ("b", 32), ("c", 4)))).lines
    sums = ("params 256 → 448 (+192)", "trainable 256 → 448 (+192)")
    assert lines == ("~ b Dense: units 16 → 32, output 16 → 32", *sums)
    assert difference(mlp(OLD, rate=0.5), mlp(OLD, rate=0.2)).lines == ("~ drop Dropout: rate 0.5 → 0.2",)


def test_a_frozen_layer_is_told() -> None:
    old = mlp(OLD)
    frozen = [
        replace(one, trainable=False, weights=tuple(replace(w, trainable=False) for w in one.weights))
        if one.id == "b"
        else one
        for one in old.layers
    ]
    lines = difference(old, replace(old, layers=tuple(frozen))).lines
    assert lines == ("~ b Dense: frozen", "trainable 256 → 128 (-128)")


def test_a_connection_between_layers_that_both_have_is_told() -> None:
    joined = mlp(OLD, extra=(("a", "c"),))
    assert difference(mlp(OLD), joined).lines == ("+ a → c",)
    assert difference(joined, mlp(OLD)).lines == ("- a → c",)


def test_another_output_is_told() -> None:
    lines = difference(mlp(OLD), mlp((("a", 8), ("b", 16), ("c", 10)))).lines
    assert "~ c Dense: units 4 → 10, output 4 → 10" in lines and "output 4 → 10" in lines
