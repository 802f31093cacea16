"""Models that other tools draw wrongly; each row of docs/reference/probes.rst has its test here."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from speed import slowness

from sphinx_kerasarch import api
from sphinx_kerasarch.figure import Graph, Scene
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.lint import lint, lint_graph
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.query import totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "probes.rst"


@pytest.fixture
def read(keras: Any) -> Any:
    from sphinx_kerasarch.worker.describe import describe

    keras.utils.clear_session()
    return describe


def ends(spec: ArchSpec) -> list[tuple[str, str]]:
    return [(edge.source.call, edge.target.call) for edge in spec.edges]


def test_every_row_of_the_page_has_its_test() -> None:
    named = re.findall(r"``(test_\w+)``", PAGE.read_text("utf-8"))
    mine = {name for name in globals() if name.startswith("test_")} - {"test_every_row_of_the_page_has_its_test"}
    assert len(named) == len(set(named)) and set(named) == mine


def sound(spec: ArchSpec) -> None:
    """Nothing in the figures overlaps, leaves the page or is missing."""
    graph = api.draw(spec, "graph").figure
    assert isinstance(graph, Graph) and not lint_graph(graph, spec)
    assert not lint(arrange(graph))
    layered = api.draw(spec, "layered").figure
    assert isinstance(layered, Scene) and not lint(layered)


def test_a_chain_of_convolutions(keras: Any, read: Any) -> None:
    k = keras.layers
    blocks = [layer for f in (16, 32, 64) for layer in (k.Conv2D(f, 3, activation="relu"), k.MaxPooling2D())]
    spec = read(keras.Sequential([keras.Input((32, 32, 3)), *blocks, k.Flatten(), k.Dense(10, activation="softmax")]))
    sound(spec)
    assert [edge.source.call for edge in spec.edges] == [call.id for call in spec.calls[:-1]]


def test_arithmetic_keeps_the_model_in_one_piece(keras: Any, read: Any) -> None:
    k = keras.layers
    i = keras.Input((8,), name="i")
    x = k.Embedding(10, 4, name="e")(i)
    y = k.MultiHeadAttention(2, 2, name="att")(x, x)
    spec = read(keras.Model(i, k.LayerNormalization(name="ln")(x + y)))
    assert ends(spec) == [("i", "e"), ("e", "att"), ("e", "att"), ("e", "add"), ("att", "add"), ("add", "ln")]
    sound(spec)


def test_both_calls_of_a_shared_layer(keras: Any, read: Any) -> None:
    shared = keras.layers.Dense(4, name="d")
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    spec = read(keras.Model([a, b], keras.layers.Add(name="sum")([shared(a), shared(b)])))
    assert ends(spec) == [("a", "d"), ("b", "d@2"), ("d", "sum"), ("d@2", "sum")]
    assert len({call.layer for call in spec.calls if call.id.startswith("d")}) == 1
    assert totals(spec).params == 20
    text = "".join(ElementTree.fromstring(api.draw(spec, "graph").svg()).itertext())
    assert all(re.search(rf"(call )?{number} ?(of|/) ?2", text) for number in (1, 2)), text
    sound(spec)


def test_a_nested_model_is_opened_and_can_be_closed(keras: Any, read: Any) -> None:
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), keras.layers.ReLU()], name="inner")
    i = keras.Input((4,), name="i")
    spec = read(keras.Model(i, keras.layers.Dense(2, name="out")(inner(i))))
    assert ends(spec) == [("i", "inner/dense"), ("inner/dense", "inner/re_lu"), ("inner/re_lu", "out")]
    assert [block.id for block in spec.blocks] == ["inner"]
    opened, closed = (api.draw(spec, "graph", expand=expand).svg() for expand in ("all", "none"))
    assert "ReLU" in opened and "ReLU" not in closed and "inner" in closed
    sound(spec)


def test_wrappers_tell_what_is_inside(keras: Any, read: Any) -> None:
    k = keras.layers
    i = keras.Input((5, 4))
    x = k.TimeDistributed(k.Dense(3, activation="relu"))(i)
    table = api.draw(read(keras.Model(i, k.Bidirectional(k.LSTM(16))(x))), "summary").text()
    assert "TimeDistributed(Dense)" in table and "Bidirectional(LSTM)" in table
    two = keras.Sequential([keras.Input((4,)), k.Dense(3, name="a"), k.Dense(2, name="b")], name="two")
    spec = read(keras.Model(i, k.TimeDistributed(two, name="each")(i)))
    assert [block.id for block in spec.blocks] == ["each", "each/two"]
    assert ("each/two/a", "each/two/b") in ends(spec)


def test_the_inside_of_a_layer_of_keras(keras: Any) -> None:
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe

    spec = describe(*build("opened:lstm", opened="LSTM"))
    assert [(block.class_name, block.times) for block in spec.blocks] == [("LSTM", 4), ("LSTM", 4)]
    assert sum(layer.class_name == "Sigmoid" for layer in spec.layers) == 6


def test_variables_of_the_optimizer_are_no_parameters(keras: Any, read: Any) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    model.fit(keras.ops.zeros((2, 4)), keras.ops.zeros((2, 2)), verbose=0)
    said: list[str] = []
    model.summary(print_fn=said.append)
    assert "Total params: 32" in said[0] and totals(read(model)).params == model.count_params() == 10


def test_a_subclassed_model_has_its_graph(keras: Any, read: Any) -> None:
    class Skip(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = keras.layers.Dense(4, name="hidden")

        def call(self, x: Any) -> Any:
            return x + self.hidden(x)

    model = Skip()
    model(keras.ops.zeros((1, 4)))
    spec = read(model)
    first = spec.inputs[0].port.call
    assert ends(spec) == [(first, "hidden"), (first, "add"), ("hidden", "add")] and not spec.notes
    sound(spec)


def test_a_subclassed_model_that_cannot_run_so_is_a_list(keras: Any, read: Any) -> None:
    class Decides(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = keras.layers.Dense(4, name="hidden")

        def call(self, x: Any) -> Any:
            return self.hidden(x) if float(keras.ops.sum(x)) > 0 else x

    model = Decides()
    model(keras.ops.ones((1, 4)))
    spec = read(model)
    assert not spec.edges and [layer.name for layer in spec.layers] == ["hidden"]
    assert [note.slug for note in spec.notes] == ["no-graph"] and "line" in spec.notes[0].message


@pytest.mark.parametrize("name", ["a&b", "a<b", "a>b", 'a"b', "a{b}", "a|b"])
def test_awkward_names(keras: Any, read: Any, name: str) -> None:
    spec = read(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name=name)]))
    assert spec.calls[-1].id == name
    drawing = api.draw(spec, "graph")
    assert name in "".join(ElementTree.fromstring(drawing.svg()).itertext())
    for format in ("dot", "pdf", "json"):
        assert api.write(drawing.figure, format)


def test_the_same_model_twice_gives_the_same_bytes(keras: Any, read: Any) -> None:
    def svg() -> str:
        model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3), keras.layers.Flatten()])
        return api.draw(read(model), "graph").svg()

    first = svg()
    keras.utils.clear_session()
    assert svg() == first


def test_a_thousand_layers(keras: Any, read: Any) -> None:
    x = i = keras.Input((4,))
    for _ in range(1001):
        x = keras.layers.ReLU()(x)
    model = keras.Model(i, x)
    begun = time.process_time()
    spec = read(model)
    assert len(spec.calls) == 1002 and len(spec.edges) == 1001
    assert len(api.draw(spec, "graph").svg()) < 200_000
    assert time.process_time() - begun < 5 * slowness()


def test_the_table_is_never_cut(keras: Any, read: Any) -> None:
    name = "a_name_that_is_longer_than_a_column_of_a_terminal_" * 3
    spec = read(keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name=name)]))
    table = api.draw(spec, "summary")
    assert name in table.text() and table.text().count("…") == 0
    for format in ("markdown", "latex", "csv", "json"):
        assert name in api.write(table.figure, format).decode().replace("\\_", "_")
