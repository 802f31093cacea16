"""The table cell by cell against ``model.summary()`` captured at full width."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.figure import Table
from sphinx_kerasarch.views.summary import draw

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]
SPECS = Path(__file__).parents[1] / "specs"

MODELS = [
    "mlp",
    "cnn",
    "lenet",
    "encoder",
    "autoencoder",
    "mnist_convnet",
    "unet",
    "transformer_encoder",
    "siamese",
    "two_io",
    "lstm_seq2seq",
    "mobilenetv2",
]


@pytest.fixture(scope="module")
def keras() -> Any:
    pytest.importorskip("keras")
    sys.path.insert(0, str(SPECS))
    from sphinx_kerasarch.worker import build, compat

    compat.quiet_environment()
    build.start()
    return compat.keras()


def captured(model: Any) -> tuple[list[list[str]], dict[str, int]]:
    """Rows of cells, and totals, of ``model.summary()``."""
    lines: list[str] = []
    model.summary(line_length=400, expand_nested=True, print_fn=lines.append)
    text = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(map(str, lines)))
    rows = [
        [cell.strip() for cell in line.strip("│┃ ").split("│")]
        for line in text.splitlines()
        if line.startswith("│")
    ]
    totals = {
        name: int(number.replace(",", ""))
        for name, number in re.findall(r"(Total|Non-trainable|Trainable) params: ([\d,]+)", text)
    }
    return rows, totals


def shape_of(text: str) -> str:
    """``(None, 28, 28, 20)`` → ``28×28×20``; of several outputs each."""
    shapes = re.findall(r"\(([^()]*)\)", text)
    told = []
    for shape in shapes:
        axes = [axis.strip() for axis in shape.split(",") if axis.strip()][1:]
        told.append("×".join("?" if axis == "None" else axis for axis in axes) or "1")
    return ", ".join(dict.fromkeys(told))


def cells(table: Table, *keys: str) -> list[tuple[str, ...]]:
    """Cells of the layers, later calls of a layer and inputs that Keras leaves out left out."""
    at = [[column.key for column in table.columns].index(key) for key in keys]
    return [tuple(row.cells[index].text for index in at) for row in table.rows if row.kind == "layer"]


def _unnumbered(cell: tuple[str, ...]) -> tuple[str, ...]:
    return (re.sub(r"dropout_\d+$", "dropout", cell[0]), *cell[1:])


@pytest.mark.parametrize("name", MODELS)
def test_cells(keras: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import models

    from sphinx_kerasarch.worker import compat
    from sphinx_kerasarch.worker.describe import describe

    monkeypatch.setenv("COLUMNS", "400")  # else the table is cut at the width of a terminal
    keras.utils.clear_session()
    compat.GENERATED.clear()
    model = models.MODELS[name]()
    spec = describe(model)
    table = draw(spec)
    rows, totals = captured(model)
    theirs = set()
    for row in rows:
        match = re.fullmatch(r"(?:└ )?\s*(.+?) \((\w+)\)", row[0])
        assert match, row
        if match[2] in {"InputLayer", "Functional", "Sequential", "NotEqual"}:
            continue
        params = row[2]
        theirs.add((match[1], match[2], shape_of(row[1]), "–" if params == "0" else params))
    ours = {
        cell
        for cell in cells(table, "layer", "type", "shape", "params")
        if cell[1] not in {"Input", "NotEqual"}
    }
    # A later call of a shared layer has a row here, none there.
    ours = {cell for cell in ours if cell[3] != "0 new" and not re.search(r"\(call \d+\)", cell[0])}
    if name == "transformer_encoder":
        # Attention makes a Dropout of its own, which takes a number of Keras' and is no layer of the model.
        ours, theirs = {_unnumbered(cell) for cell in ours}, {_unnumbered(cell) for cell in theirs}
    assert ours == theirs
    assert table.totals[0].cells[3].value == totals["Total"]
    trainable = re.match(r"([\d,]+) trainable, ([\d,]+) non-trainable", table.note)
    assert trainable
    assert [int(part.replace(",", "")) for part in trainable.groups()] == [
        totals["Trainable"],
        totals["Non-trainable"],
    ]
