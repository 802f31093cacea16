from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.figure import Table
from sphinx_kerasarch.formats import json as json_format
from sphinx_kerasarch.formats import text as text_format
from sphinx_kerasarch.spec import ArchSpec, Block, Call, Edge, Layer, Port, Slot, Tensor, Weight
from sphinx_kerasarch.spec.codec import from_json
from sphinx_kerasarch.views.summary import COLUMNS, draw, shape_text, size_text

SPECS = sorted((Path(__file__).parents[1] / "specs").glob("*.json"))


def dense(name: str, inputs: int, units: int, trainable: bool = True) -> Layer:
    weights = (
        Weight(f"{name}/kernel", "kernel", (inputs, units), "float32", trainable),
        Weight(f"{name}/bias", "bias", (units,), "float32", trainable),
    )
    return Layer(name, name.rpartition("/")[2], "Dense", "keras", "dense", weights, trainable)


def siamese() -> ArchSpec:
    """Two inputs, one encoder called twice, one frozen head."""
    inputs = tuple(Layer(name, name, "InputLayer", "keras", "data") for name in ("left", "right"))
    encoder, head = dense("encoder/project", 8, 4), dense("head", 4, 1, trainable=False)
    subtract = Layer("subtract", "subtract", "Subtract", "keras", "merge")
    wide, narrow = Tensor((None, 8), "float32"), Tensor((None, 4), "float32")
    calls = (
        Call("left", "left", outputs=(wide,)),
        Call("right", "right", outputs=(wide,)),
        Call("encoder/project", "encoder/project", "encoder", (wide,), (narrow,)),
        Call("encoder/project@2", "encoder/project", "encoder@2", (wide,), (narrow,)),
        Call("subtract", "subtract", None, (narrow, narrow), (narrow,)),
        Call("head", "head", None, (narrow,), (Tensor((None, 1), "float32"),)),
    )
    edges = (
        Edge(Port("left"), Port("encoder/project")),
        Edge(Port("right"), Port("encoder/project@2")),
        Edge(Port("encoder/project"), Port("subtract", 0)),
        Edge(Port("encoder/project@2"), Port("subtract", 1)),
        Edge(Port("subtract"), Port("head")),
    )
    return ArchSpec(
        "siamese",
        layers=(*inputs, encoder, subtract, head),
        calls=calls,
        edges=edges,
        inputs=(Slot("left", Port("left")), Slot("right", Port("right"))),
        outputs=(Slot("head", Port("head")),),
        blocks=(Block("encoder", "encoder", model="encoder"), Block("encoder@2", "encoder", model="encoder")),
    )


def column(table: Table, key: str) -> list[str]:
    index = [column.key for column in table.columns].index(key)
    return [row.cells[index].text for row in table.rows]


def test_shared_weights_are_counted_once_and_said_so() -> None:
    table = draw(siamese())
    assert column(table, "layer") == [
        "left",
        "right",
        "encoder",
        "project",
        "encoder (call 2)",
        "project (call 2)",
        "subtract",
        "head",
    ]
    assert column(table, "params") == ["–", "–", "36", "36", "0 new", "0 new", "–", "5"]
    assert [row.depth for row in table.rows] == [0, 0, 0, 1, 0, 1, 0, 0]
    assert [cell.text for cell in table.totals[0].cells][:4] == ["Total", "5 layers", "", "41"]
    assert table.note.startswith("36 trainable, 5 non-trainable; 164 B of weights; float32 throughout.")


def test_mixed_precision_is_said() -> None:
    spec = siamese()
    mixed = replace(spec, layers=tuple(replace(layer, dtype="mixed_bfloat16") for layer in spec.layers))
    assert "164 B of weights; float32, computed in bfloat16." in draw(mixed).note
    part = replace(spec, layers=(*spec.layers[:-1], replace(spec.layers[-1], dtype="mixed_float16")))
    assert "164 B of weights; float32, computed in part in float16." in draw(part).note


def test_connections_name_the_calls() -> None:
    assert column(draw(siamese()), "connected") == [
        "–",
        "–",
        "left",
        "left",
        "right",
        "right",
        "encoder, encoder (call 2)",
        "subtract",
    ]


def test_trainable_marks_carry_words() -> None:
    rows = draw(siamese(), columns=("layer", "trainable")).rows
    assert [(row.cells[1].text, row.cells[1].title) for row in rows[-1:]] == [("○", "no weight trainable")]
    assert rows[3].cells[1].text == "●"


def test_depth_zero_hides_inner_layers_but_counts_them() -> None:
    table = draw(siamese(), depth=0)
    assert column(table, "layer") == [
        "left",
        "right",
        "encoder",
        "encoder (call 2)",
        "subtract",
        "head",
    ]
    assert table.totals[0].cells[3].value == 41


def test_unknown_column_is_refused_with_a_suggestion() -> None:
    with pytest.raises(OptionError, match="'params'"):
        draw(siamese(), columns=("layer", "parms"))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_recorded_models_add_up(path: Path) -> None:
    spec = from_json(json.loads(path.read_text("utf-8")))
    table = draw(spec, columns=tuple(COLUMNS))
    index = list(COLUMNS).index("params")
    weights = {weight.id: math.prod(weight.shape) for layer in spec.layers for weight in layer.weights}
    leaves = [row for row in table.rows if row.kind == "layer"]
    assert len(leaves) == len(spec.calls)
    assert sum(row.cells[index].value or 0 for row in leaves) == sum(weights.values())  # type: ignore[misc]
    assert table.totals[0].cells[index].value == sum(weights.values())


def test_there_are_recorded_models() -> None:
    assert len(SPECS) >= 10


@pytest.mark.parametrize(
    ("shape", "text"),
    [((None, 28, 28, 1), "28×28×1"), ((None, None, 64), "?×64"), ((None,), "1"), ((8, 10), "10")],
)
def test_shape_text(shape: tuple[int | None, ...], text: str) -> None:
    assert shape_text(shape) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (164, "164 B"), (1_256_080 * 4, "4.79 MiB"), (70 * 2**30, "70 GiB")]
)
def test_size_text(number: int, text: str) -> None:
    assert size_text(number) == text


def test_text_is_aligned_and_nothing_is_cut() -> None:
    lines = text_format.write(draw(siamese())).decode().splitlines()
    assert lines[0] == "siamese"
    assert lines[2].split() == ["Layer", "Type", "Output", "shape", "Params", "Train.", "Connected", "to"]
    at = lines[2].index("Params") + len("Params")
    assert [line[:at].split()[-1] for line in lines[4:12]] == ["–", "–", "36", "36", "new", "new", "–", "5"]
    assert "└ project (call 2)" in lines[9]


def test_hostile_names_stay_on_their_line() -> None:
    spec = ArchSpec("a\nb\x1b[2J", layers=(), calls=())
    lines = text_format.write(draw(spec)).decode().splitlines()
    assert lines[0] == "a b�[2J"


def test_json_is_parsable_and_complete() -> None:
    data = json.loads(json_format.write(draw(siamese())))
    assert data["kind"] == "table"
    assert data["rows"][2]["type"] == "block"
    assert data["totals"][0]["cells"][3]["value"] == 41
