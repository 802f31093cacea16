"""What two models have that the other has not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from sphinx_kerasarch.spec import ArchSpec, Block, Call, Edge, Layer, Port, Slot, Tensor, Weight
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


def net(layers: dict[str, str], edges: tuple[str, ...], **more: object) -> ArchSpec:
    """``layers``: name → class; ``edges``: ``source[output] target[input]``; those without a source are inputs."""
    parts = tuple(Layer(name, name, kind, "keras.layers", "other") for name, kind in layers.items())
    four = Tensor((None, 4), "float32")
    calls = tuple(Call(one.id, one.id, outputs=(four,) * (3 if one.class_name == "LSTM" else 1)) for one in parts)
    pairs = [[_port(text) for text in edge.split()] for edge in edges]
    ends = {edge[1].call for edge in pairs}
    inputs = tuple(Slot(one.id, Port(one.id)) for one in calls if one.id not in ends)
    joined = tuple(Edge(a, b) for a, b in pairs)
    spec = ArchSpec("net", layers=parts, calls=calls, edges=joined, inputs=inputs)
    return replace(spec, outputs=(Slot("out", Port(calls[-1].id)),), **more)  # type: ignore[arg-type]


def _port(text: str) -> Port:
    name, _, index = text.partition("[")
    return Port(name, int(index.rstrip("]") or 0))


BRANCHES = {"i": "InputLayer", "a": "Dense", "b": "Dense"}


def joined(kind: str, *sources: str) -> ArchSpec:
    ends = tuple(f"{source} s[{index}]" for index, source in enumerate(sources))
    return net({**BRANCHES, "s": kind}, ("i a", "i b", *ends))


@pytest.mark.parametrize("kind", ["Subtract", "Concatenate", "MultiHeadAttention"])
def test_inputs_in_another_order_are_told(kind: str) -> None:
    lines = difference(joined(kind, "a", "b"), joined(kind, "b", "a")).lines
    assert lines == (f"~ s {kind}: inputs a, b → b, a",)


def test_the_order_of_a_sum_is_no_difference() -> None:
    assert not difference(joined("Add", "a", "b"), joined("Add", "b", "a"))


def test_branches_that_are_called_in_another_order_are_no_difference() -> None:
    old = joined("Concatenate", "a", "b")
    again = {name: old.layers[number] for number, name in ((0, "i"), (2, "b"), (1, "a"), (3, "s"))}
    calls = {call.id: call for call in old.calls}
    moved = replace(old, layers=tuple(again.values()), calls=tuple(calls[name] for name in again))
    assert not difference(old, moved)


def test_another_result_of_a_layer_is_told() -> None:
    layers = {"i": "InputLayer", "l": "LSTM", "d": "Dense"}
    hidden, cell = (net(layers, ("i l", f"l[{number}] d")) for number in (1, 2))
    assert difference(hidden, cell).lines == ("~ d Dense: inputs l[1] → l[2]",)


def test_inputs_and_outputs_in_another_order_are_told() -> None:
    old = joined("Subtract", "a", "b")
    two = replace(old, outputs=(Slot("a", Port("a")), Slot("b", Port("b"))))
    assert difference(two, replace(two, outputs=two.outputs[::-1])).lines == ("outputs a, b → b, a",)


def test_the_branch_that_is_gone_is_told_by_its_name() -> None:
    both, one = joined("Concatenate", "a", "b"), net({**BRANCHES, "s": "Concatenate"}, ("i a", "i b", "b s"))
    without = replace(
        one,
        layers=tuple(layer for layer in one.layers if layer.id != "a"),
        calls=tuple(call for call in one.calls if call.id != "a"),
        edges=tuple(edge for edge in one.edges if edge.target.call != "a"),
    )
    assert difference(both, without).lines == ("- a Dense()", "- i → s")


def test_arguments_of_operations_types_and_batches_are_told() -> None:
    old = joined("Subtract", "a", "b")

    def with_call(number: int, **parts: object) -> ArchSpec:
        calls = list(old.calls)
        calls[number] = replace(calls[number], **parts)  # type: ignore[arg-type]
        return replace(old, calls=tuple(calls))

    assert difference(old, with_call(3, arguments={"x2": 2.0})).lines == ("~ s Subtract: x2 null → 2.0",)
    typed = with_call(0, outputs=(Tensor((None, 4), "int32"),))
    assert difference(old, typed).lines == ("~ i InputLayer: output float32 → int32",)
    sized = with_call(0, outputs=(Tensor((8, 4), "float32"),))
    assert difference(old, sized).lines == ("~ i InputLayer: batch of any size → 8",)


def test_weights_that_are_shared_now_are_told_and_so_are_their_sizes() -> None:
    old = mlp((("a", 8), ("b", 8)))
    tied = replace(old, layers=(*old.layers[:2], replace(old.layers[2], weights=old.layers[1].weights)))
    sums = ("params 128 → 64 (-64)", "trainable 128 → 64 (-64)")
    assert difference(old, tied).lines == ("~ a, b: the same weights now", *sums)
    assert difference(tied, old).lines[0] == "~ a, b: weights of their own now"
    calls = tuple(replace(call, layer="a") if call.id == "b" else call for call in old.calls)
    twice = replace(old, layers=old.layers[:2], calls=calls)
    assert difference(old, twice).lines == ("~ a, called 2×: the same weights now", *sums)
    (kernel,) = old.layers[1].weights
    wide = replace(old.layers[1], weights=(replace(kernel, shape=(4, 16)),))
    other = replace(old, layers=(old.layers[0], wide, old.layers[2]))
    assert difference(old, other).lines == ("~ a Dense: weights 8×8 → 4×16",)


def test_a_nested_model_that_is_there_no_longer_is_told() -> None:
    old = mlp(OLD)
    inside = [replace(call, block="enc") if call.id in {"a", "b"} else call for call in old.calls]
    nested = replace(old, calls=tuple(inside), blocks=(Block("enc", "enc"),))
    assert difference(nested, old).lines == ("~ a Dense and 1 more: in enc → in the model itself",)


def test_new_names_are_told_of_layers_that_are_the_same() -> None:
    old = mlp(OLD)
    named = replace(mlp((("a", 8), ("middle", 16), ("c", 4))), name="perceptron")
    assert not difference(old, named)
    assert difference(old, named).names == (
        "~ the model mlp: now called perceptron",
        "~ b Dense: now called middle",
    )
    assert difference(old, old).names == ()
    many = [mlp(tuple((f"{letter}{number}", 8) for number in range(30))) for letter in "xy"]
    lines = difference(*many).names
    assert len(lines) == 12 and lines[-1] == "~ 19 other layers: now called otherwise"


def test_a_copy_more_of_what_stands_in_a_row_is_the_only_line_and_has_its_name() -> None:
    old, new = (mlp(tuple((f"block{number}", 8) for number in range(count))) for count in (3, 4))
    sums = ("params 192 → 256 (+64)", "trainable 192 → 256 (+64)")
    assert difference(old, new).lines == ("+ block3 Dense(8)", *sums)
    assert difference(new, old).lines[0] == "- block3 Dense(8)" and difference(old, new).names == ()
