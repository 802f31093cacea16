"""Every cell of the table against ``model.summary()`` at full width.

Where the two differ on purpose, the difference is named here and in ``docs/howto/summary.rst``:

* Keras writes a shared layer once, with the sources of all its calls and the shape of the last; here each call has its
  row with its own shape.
* Inside a nested model Keras names no sources, and its own input is a row.
* Keras counts the numbers in the names that it chooses through a whole process; here they count from nothing.
* ``Sequential`` hides its input in Keras.
* Keras shows the operation that makes a mask; here a note does.
* Keras adds the variables of the optimizer to the total.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.figure import Table
from sphinx_kerasarch.views.summary import draw

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

TESTS = Path(__file__).parents[1]
RECORDED = [
    "lenet", "siamese", "two_io", "unet", "transformer_encoder", "lstm_seq2seq", "mobilenetv2", "resnet50", "vit"
]  # fmt: skip


@pytest.fixture(scope="module")
def keras() -> Any:
    pytest.importorskip("keras")
    sys.path.insert(0, str(TESTS / "specs"))
    from sphinx_kerasarch.worker import build, compat

    compat.quiet_environment()
    build.start()
    return compat.keras()


# ---- models ---------------------------------------------------------------------------------------------------------


def _part(keras: Any, name: str) -> Any:
    i = keras.Input((4,), name=f"{name}_in")
    x = keras.layers.Dense(4, name=f"{name}_two")(keras.layers.Dense(4, name=f"{name}_one")(i))
    return keras.Model(i, keras.layers.Add(name=f"{name}_sum")([i, x]), name=name)


def nested(keras: Any) -> Any:
    i = keras.Input((4,), name="i")
    return keras.Model(i, keras.layers.Add(name="all")([_part(keras, "p")(i), _part(keras, "q")(i)]))


def deep(keras: Any) -> Any:
    i, j = keras.Input((4,), name="i"), keras.Input((4,), name="j")
    middle = keras.Model(j, keras.layers.Add(name="m")([j, _part(keras, "p")(j)]), name="middle")
    return keras.Model(i, keras.layers.Add(name="all")([middle(i), i]))


def shared_layer(keras: Any) -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    dense = keras.layers.Dense(3, name="both")
    return keras.Model([a, b], keras.layers.Concatenate(name="join")([dense(a), dense(b), dense(a)]))


def shared_model(keras: Any) -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    part = _part(keras, "p")
    return keras.Model([a, b], keras.layers.Concatenate(name="join")([part(a), part(b)]))


def frozen(keras: Any) -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    part = _part(keras, "p")
    part.trainable = False
    x = keras.layers.Concatenate(name="join")([part(a), keras.layers.Dense(2, trainable=False, name="cold")(b)])
    return keras.Model([a, b], keras.layers.BatchNormalization(name="norm")(keras.layers.Dense(2, name="warm")(x)))


def several_outputs(keras: Any) -> Any:
    a = keras.Input((6, 4), name="a")
    x, h, c = keras.layers.LSTM(5, return_sequences=True, return_state=True, name="memory")(a)
    y = keras.layers.LSTM(5, name="reader")(x, initial_state=[h, c])
    return keras.Model(a, {"y": keras.layers.Dense(2, name="out")(y), "x": keras.layers.Dense(3, name="each")(x)})


def keyword_tensors(keras: Any) -> Any:
    a, b = keras.Input((6, 4), name="a"), keras.Input((5, 4), name="b")
    x = keras.layers.MultiHeadAttention(2, 2, name="attend")(query=a, value=b)
    return keras.Model([a, b], keras.layers.LayerNormalization(name="norm")(keras.layers.Add(name="sum")([a, x])))


def operations(keras: Any) -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    x = keras.layers.Dense(4, name="d")(a * 2.0 + b)
    return keras.Model([a, b], keras.ops.concatenate([keras.ops.relu(x), b], axis=-1))


def unknown_axes(keras: Any) -> Any:
    a, b = keras.Input((None, None, 3), name="a"), keras.Input((None, None, 3), name="b")
    x = keras.layers.Concatenate(name="join")([keras.layers.Conv2D(4, 3, padding="same", name="c")(a), b])
    return keras.Model([a, b], keras.layers.GlobalAveragePooling2D(name="mean")(x))


def wrappers(keras: Any) -> Any:
    a, b = keras.Input((6, 4), name="a"), keras.Input((6, 4), name="b")
    x = keras.layers.TimeDistributed(keras.layers.Dense(3), name="each")(a)
    y = keras.layers.Bidirectional(keras.layers.GRU(2, return_sequences=True), name="ways")(b)
    return keras.Model([a, b], keras.layers.Concatenate(name="join")([x, y]))


def compiled(keras: Any) -> Any:
    import numpy

    model = shared_layer(keras)
    model.compile("adam", "mse")
    model.fit([numpy.zeros((2, 4))] * 2, numpy.zeros((2, 9)), verbose=0)
    return model


def tied(keras: Any) -> Any:
    ids, other = keras.Input((5,), dtype="int32", name="ids"), keras.Input((5, 4), name="other")
    table = keras.layers.ReversibleEmbedding(9, 4, name="table")
    return keras.Model([ids, other], table(keras.layers.Add(name="sum")([table(ids), other]), reverse=True))


FACTORIES: list[Callable[[Any], Any]] = [
    nested, deep, shared_layer, shared_model, frozen, several_outputs, keyword_tensors, operations, unknown_axes,
    wrappers, compiled, tied,
]  # fmt: skip


# ---- what Keras prints ----------------------------------------------------------------------------------------------

Row = dict[str, str]


def keras_rows(model: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[list[tuple[int, Row]], dict[str, int]]:
    """(level, cells) of each row, and the totals."""
    monkeypatch.setenv("COLUMNS", "600")  # else the table is cut at the width of a terminal
    lines: list[str] = []
    model.summary(line_length=600, expand_nested=True, show_trainable=True, print_fn=lines.append)
    text = "\n".join(map(str, lines))
    head = next([cell.strip() for cell in line.strip("┃ ").split("┃")] for line in text.splitlines() if "┃" in line)
    rows = []
    for line in text.splitlines():
        if line.startswith("│"):
            cells = dict(zip(head, (cell.strip() for cell in line.strip("│").split("│")), strict=True))
            raw = line[1:].split("│")[0]
            level = (len(raw) - len(raw.lstrip())) // 3 if "└" in raw else 0
            rows.append((level, cells))
    totals = re.findall(r"(Total|Non-trainable|Trainable|Optimizer) params: ([\d,]+)", text)
    return rows, {name: int(number.replace(",", "")) for name, number in totals}


def shape_of(text: str) -> str:
    """``(None, 28, 28, 20)`` → ``28×28×20``; of several outputs each."""
    told = []
    for shape in re.findall(r"\(([^()]*)\)", text):
        axes = [axis.strip() for axis in shape.split(",") if axis.strip()][1:]
        told.append("×".join("?" if axis == "None" else axis for axis in axes) or "1")
    return ", ".join(dict.fromkeys(told))


def shown_names(model: Any) -> dict[str, str]:
    """Name in Keras → name here."""
    from sphinx_kerasarch.worker.draft import start

    names = start(model).names
    things = {id(thing): thing for thing in (*model._flatten_layers(), *getattr(model, "_operations", ()))}
    return {thing.name: names[number] for number, thing in things.items() if number in names}


def expected(model: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Row], dict[str, int]]:
    """Layer → cells as they should be here."""
    names = shown_names(model)
    rows, totals = keras_rows(model, monkeypatch)
    found: dict[str, Row] = {}
    outside: list[tuple[int, str]] = []
    for level, cells in rows:
        match = re.fullmatch(r"(?:└ )?\s*(.+?) \((\w+)\)", cells["Layer (type)"])
        assert match, cells
        name, kind = match[1], match[2]
        if kind == "NotEqual":
            continue
        told = re.findall(r"([^\s,\[\]]+)\[\d+\]\[\d+\]", cells.get("Connected to", ""))
        sources = ", ".join(dict.fromkeys(names.get(one, one) for one in told))
        while outside and outside[-1][0] >= level:
            outside.pop()
        if kind == "InputLayer" and outside:
            continue
        if kind in {"Functional", "Sequential"}:
            outside.append((level, sources))
        trained = {"Y": "●", "N": "○", "-": "–"}[cells["Trainable"]]
        found[names.get(name, name)] = {
            "type": {"InputLayer": "Input"}.get(kind, kind),
            "shape": shape_of(cells["Output Shape"]),
            "params": "–" if cells["Param #"] == "0" else cells["Param #"],
            "trainable": trained,
            "connected": sources,
        }
    return found, totals


# ---- what is here ---------------------------------------------------------------------------------------------------


def cells_of(table: Table) -> dict[str, Row]:
    """Layer → cells; the calls of a shared layer are put together, their later rows add sources only."""
    keys = [column.key for column in table.columns]
    found: dict[str, Row] = {}
    for row in table.rows:
        cells = dict(zip(keys, (cell.text for cell in row.cells), strict=True))
        name = re.sub(r" \(call \d+\)$", "", cells.pop("layer"))
        if name in found:
            both = dict.fromkeys([*filter(None, found[name]["connected"].split(", ")), *cells["connected"].split(", ")])
            found[name]["connected"] = ", ".join(both)
            found[name]["shape"] = cells["shape"]  # Keras tells that of the last call
            assert cells["params"] in {"0 new", "–"}
        else:
            cells["connected"] = "" if cells["connected"] == "–" else cells["connected"]
            found[name] = cells
    return found


def plain(sources: str) -> set[str]:
    return {re.sub(r" \(call \d+\)$", "", part) for part in sources.split(", ") if part}


@pytest.mark.parametrize("name", [*RECORDED, *(factory.__name__ for factory in FACTORIES)])
def test_every_cell(keras: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import models

    from sphinx_kerasarch.worker import compat
    from sphinx_kerasarch.worker.describe import describe

    keras.utils.clear_session()
    compat.GENERATED.clear()
    own = {factory.__name__: factory for factory in FACTORIES}
    model = own[name](keras) if name in own else models.MODELS[name]()
    theirs, totals = expected(model, monkeypatch)
    table = draw(describe(model), columns=("layer", "type", "shape", "params", "trainable", "connected"))
    ours = cells_of(table)
    with_sources = any(row["connected"] for row in theirs.values())
    nested_rows = {layer.name for layer in model._flatten_layers() if hasattr(layer, "layers")}
    for layer, wanted in theirs.items():
        assert layer in ours, layer
        mine = ours[layer]
        assert re.sub(r"\(.*", "", mine["type"]) == wanted["type"]
        assert (mine["shape"], mine["params"]) == (wanted["shape"], wanted["params"]), layer
        if layer not in nested_rows and mine["trainable"] != "◐":  # partly: statistics are never trained
            assert mine["trainable"] == wanted["trainable"], layer
        if with_sources and wanted["connected"]:
            assert plain(mine["connected"]) == plain(wanted["connected"]) - {"not_equal"}, layer
    hidden = {layer for layer in set(ours) - set(theirs) if ours[layer]["type"] != "Input"}
    assert not hidden
    assert table.totals[0].cells[3].value == totals["Total"] - totals.get("Optimizer", 0)
    told = re.match(r"([\d,]+) trainable, ([\d,]+) non-trainable", table.note)
    assert told and [int(part.replace(",", "")) for part in told.groups()] == [
        totals["Trainable"],
        totals["Non-trainable"],
    ]
    assert ("Optimizer" in totals) == (name == "compiled")
