"""Places from other programs: drawn by us, on demand only, and never in place of each other."""

from __future__ import annotations

import os
import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.figure import Graph, Rect, flat
from sphinx_kerasarch.layout import arrange, engines
from sphinx_kerasarch.layout.engines import _read_plain, place
from sphinx_kerasarch.layout.flat import Node, Wire
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.codec import loads

SPECS = Path(__file__).parents[1] / "specs"
PLAIN = """graph 1 2.5 1.8
node n0 1.25 1.5 1 0.5 a solid box black lightgrey
node n1 0.5 0.25 1 0.5 b solid box black lightgrey
edge n0 n1 4 1 1.25 1 1 0.5 1 0.5 0.5 solid black
stop
"""


def needs(engine: str) -> None:
    if engine == "graphlay":
        pytest.importorskip("graphlay")
    elif not shutil.which("dot"):
        pytest.skip("the program dot is not installed")


def figure(name: str, **options: object) -> Graph:
    graph = draw(loads((SPECS / f"{name}.json").read_text("utf-8")), "graph", **options).figure
    assert isinstance(graph, Graph)
    return graph


def test_plain_is_read_in_px_downwards() -> None:
    centres, lines = _read_plain(PLAIN, 2, [(0, 1)])
    assert centres == [(90.0, -108.0), (36.0, -18.0)]
    assert lines == [[(72.0, -90.0), (72.0, -72.0), (36.0, -72.0), (36.0, -36.0)]]


@pytest.mark.parametrize("engine", ["dot", "graphlay"])
@pytest.mark.parametrize("name", ["lenet", "siamese", "transformer_encoder", "resnet50"])
def test_every_card_and_line_is_drawn(name: str, engine: str) -> None:
    needs(engine)
    graph = figure(name, engine=engine)
    scene = arrange(graph)
    cards = [item for item in flat(scene.items) if isinstance(item, Rect) and item.role == "card"]
    assert {card.ref for card in cards} == {c.id for c in graph.cards if c.kind not in {"merge", "tail"}}
    assert len({(card.x, card.y) for card in cards}) == len(cards)
    assert lint(scene, width=graph.width, graph=graph) == ()
    assert scene != arrange(figure(name))
    assert write(graph, "svg") == write(figure(name, engine=engine), "svg")


@pytest.mark.parametrize("engine", ["dot", "graphlay"])
def test_routes_are_orthogonal_and_end_on_the_cards(engine: str) -> None:
    needs(engine)
    nodes = [Node(name, 60.0, 60.0, 40.0) for name in "abcd"]
    wires = [Wire(a, b, a) for a, b in ("ab", "ac", "bd", "cd", "ad")]
    placed, routed = place(engine, nodes, wires)
    for wire, points in zip(wires, routed.routes, strict=True):
        for (x0, y0), (x1, y1) in pairwise(points):
            assert abs(x0 - x1) < 0.02 or abs(y0 - y1) < 0.02
        source, target = "abcd".index(wire.source), "abcd".index(wire.target)
        assert points[0][1] == pytest.approx(routed.tops[source] + 40)
        assert points[-1][1] == pytest.approx(routed.tops[target])
        assert abs(points[-1][0] - placed.x[target]) <= 60


@pytest.mark.parametrize("engine", ["dot", "graphlay"])
def test_a_wire_from_aside_enters_a_circle_at_its_side(engine: str) -> None:
    needs(engine)
    nodes = [Node(name, 60.0, 60.0, 40.0) for name in "abcd"] + [Node("+", 11.0, 11.0, 22.0, "circle")]
    wires = [Wire(a, b, a) for a, b in ("ab", "bc", "c+", "ad", "d+")]
    placed, routed = place(engine, nodes, wires)
    middle = routed.tops[4] + 11
    ends = [points[-2:] for points in (routed.routes[2], routed.routes[4])]
    sides = [tip for before, tip in ends if before[1] == pytest.approx(tip[1])]
    assert sides, "one of the two cards cannot stand above the circle"
    assert all(y == pytest.approx(middle) and abs(x - placed.x[4]) == pytest.approx(11) for x, y in sides)


@pytest.mark.parametrize(("engine", "way"), [("dot", "graphviz.org"), ("graphlay", "pip install graphlay")])
def test_a_missing_engine_is_an_error(engine: str, way: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "graphlay", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DrawError, match="needs the p") as caught:
        arrange(figure("mlp", engine=engine))
    assert way in caught.value.advice
    assert "engine: own" in caught.value.advice


@pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell stands for dot")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exec sleep 30", "has not ended after 0.3 s"),
        ("echo Error: out of ideas >&2; exit 3", "ended with status 3: Error: out of ideas"),
        ("exit 0", "gave no places"),
        ("printf '\\377\\376'", "cannot be used"),
    ],
)
def test_a_dot_that_fails_is_told(
    script: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dot").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(engines, "DOT_SECONDS", 0.3 if "sleep" in script else 20.0)
    with pytest.raises(DrawError, match=re.escape(said)) as caught:
        arrange(figure("mlp", engine="dot"))
    assert "engine: own" in caught.value.advice


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(OptionError, match="graphlay"):
        figure("mlp", engine="neato")
