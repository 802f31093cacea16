"""DOT of the maps and the neurons view: nodes and edges counted by a parser that is not ours."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pydot
import pytest

from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.model import ArchSpec

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the parser in pydot

SPECS = Path(__file__).parents[1] / "specs"


def recorded(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


def parsed(spec: ArchSpec, view: str, theme: str = "light") -> tuple[str, pydot.Dot]:
    text = write(draw(spec, view).figure, "dot", theme=theme).decode()
    (graph,) = pydot.graph_from_dot_data(text)
    return text, graph


def edges(graph: pydot.Graph) -> list[pydot.Edge]:
    return [*graph.get_edges(), *(e for sub in graph.get_subgraphs() for e in edges(sub))]


def nodes(graph: pydot.Graph) -> list[pydot.Node]:
    own = [node for node in graph.get_nodes() if node.get_name() not in {"node", "edge", "graph"}]
    return [*own, *(n for sub in graph.get_subgraphs() for n in nodes(sub))]


def test_neurons_are_circles_and_their_lines_edges() -> None:
    spec = recorded("lenet")
    _, graph = parsed(spec, "neurons")
    circles = [node for node in nodes(graph) if node.get("shape") == "circle"]
    assert len(circles) == 7 + 7 + 10
    drawn = [edge for edge in edges(graph) if edge.get("style") != "invis"]
    assert len(drawn) == 7 + 7 * 7 + 7 * 10
    assert sum("2450" in (node.get("label") or "") for node in nodes(graph)) == 1


def test_maps_are_boxes_with_their_words() -> None:
    text, graph = parsed(recorded("lenet"), "maps")
    stacks = [node for node in nodes(graph) if node.get("shape") == "box3d"]
    assert len(stacks) == 5
    assert r"20 @ 28×28\nConvolution\n5×5, ReLU" in text
    assert len(edges(graph)) == 7


@pytest.mark.parametrize("view", ["maps", "neurons", "graph"])
@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz")
def test_graphviz_draws_it_whatever_the_names(view: str, tmp_path: Path) -> None:
    spec = recorded("two_io")
    wild = 'a"b\\N<c>&{x|y}\n→ é 层 ' + "long" * 60
    layers = tuple(replace(x, name=wild, auto_named=False) if x.role == "dense" else x for x in spec.layers)
    slots = tuple(replace(slot, name=f"{wild}{k}") for k, slot in enumerate(spec.inputs))
    text, _ = parsed(replace(spec, layers=layers, inputs=slots, name=wild), view, "dark")
    run = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    svg = run.stdout.decode()
    assert "<svg" in svg
    if view == "neurons":
        assert "&lt;c&gt;&amp;{x|y}" in svg


def test_the_layered_view_has_no_graph_to_write() -> None:
    with pytest.raises(OptionError, match="dot"):
        write(draw(recorded("mlp"), "layered").figure, "dot")
