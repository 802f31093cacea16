"""What holds for every format: the same bytes in every process, hostile names, no crash."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path as File

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image as Picture
from pptx import Presentation

from sphinx_kerasarch import registry
from sphinx_kerasarch.api import write
from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.figure import (
    Card,
    Cell,
    Chip,
    Cluster,
    Column,
    Figure,
    Graph,
    Group,
    Link,
    Rect,
    Row,
    Scene,
    Table,
    Text,
)
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.layout.text import measure
from sphinx_kerasarch.theme import THEMES

HOSTILE = (
    "<b>&amp;\"'",
    "{\\textbf} $x_1^2$ %_#~",
    "</svg><script>",
    "]]>",
    "a\nb\r\nc\td",
    "\x00\x1b[31m\x7f",
    "\ud800\udfff",
    "\ufffe\uffff",
    "\u202eolleh\u2066",
    "e\u0301\u200d",
    "卷积 😀👩\u200d👧",
    "שלום مرحبا",
    "\\N\\l\\",
    "-->",
    "",
    " ",
    "x" * 500,
)
NAMES = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec=None), max_size=30))


def scene(name: str) -> Scene:
    box = Rect(5, 5, 190, 30, 6, "conv.tint", "conv.line", role="card", ref=name)
    words = Text(10, 24, name, 12, 600, length=measure(name, 12, 600), ref=name)
    return Scene(200, 40, (Group((box, words), name, "call", name),), name, name, notes=(name,))


def graph(name: str) -> Graph:
    cards = (
        Card("in", "input", "data", name, label=name, calls=("in",)),
        Card(
            "a",
            title=name,
            subtitle=name,
            detail=name,
            short=name,
            count=3,
            chips=(Chip("act", name),),
            parent="b",
        ),
        Card("+", "merge", "merge", sign="+"),
        Card("out", "tail", title=name),
    )
    links = (
        Link("in", "a", name[:40]),
        Link("in", "+", skip=True, order=1),
        Link("a", "+"),
        Link("+", "out", letter="h"),
    )
    return Graph(
        name, cards, links, (Cluster("b", name, name, 3, label=name),), description=name, notes=(name,)
    )


def table(name: str) -> Table:
    columns = (Column("layer", "Layer"), Column("params", "Params", "right"))
    rows = (Row((Cell(name, name, name), Cell("1,024", 1024)), 0, "block"), Row((Cell(name), Cell("–")), 1))
    return Table(name, columns, rows, (Row((Cell("Total"), Cell("1,024", 1024)), kind="total"),), name)


def figures(name: str) -> tuple[Figure, ...]:
    return (scene(name), graph(name), table(name))


def accepted(format: str, figure: Figure) -> bool:
    kinds = registry.format(format).accepts
    return isinstance(figure, kinds) or (isinstance(figure, Graph) and Scene in kinds)


def check(format: str, data: bytes) -> None:
    """The reader of the format takes ``data``."""
    assert data
    if format == "svg":
        etree.fromstring(data)
    elif format == "pdf":
        assert len(pypdf.PdfReader(io.BytesIO(data), strict=True).pages) == 1
    elif format == "pptx":
        assert len(Presentation(io.BytesIO(data)).slides) == 1
    elif format == "png":
        Picture.open(io.BytesIO(data)).verify()
    elif format == "json":
        json.loads(data)
    else:
        assert not set(data.decode("utf-8")) & set("\x00\x1b\x7f\r"), "no control characters"


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("format", registry.FORMATS)
def test_hostile_names(format: str, name: str) -> None:
    for figure in figures(name):
        if accepted(format, figure):
            data = write(figure, format)
            check(format, data)
            assert write(figure, format) == data


@pytest.mark.parametrize("format", ["svg", "pdf", "tikz", "text", "json", "dot"])
@settings(max_examples=40, deadline=None)
@given(name=NAMES)
def test_any_name(format: str, name: str) -> None:
    for figure in figures(name):
        if accepted(format, figure):
            check(format, write(figure, format))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("format", registry.FORMATS)
def test_every_theme(format: str, theme: str) -> None:
    for figure in figures("conv"):
        if accepted(format, figure):
            check(format, write(figure, format, theme=theme))


@pytest.mark.parametrize("format", registry.FORMATS)
def test_every_option_is_an_argument(format: str) -> None:
    record = registry.format(format)
    for figure in figures("conv"):
        if accepted(format, figure):
            defaults = {option.key: option.default for option in record.options}
            assert write(figure, format, **defaults) == write(figure, format)


@pytest.mark.parametrize("format", registry.FORMATS)
def test_other_figures_are_refused_with_advice(format: str) -> None:
    for figure in figures("conv"):
        if not accepted(format, figure):
            with pytest.raises(OptionError) as caught:
                write(figure, format)
            named = caught.value.advice.removeprefix("Take ").partition("; or for ")[0].split(", ")
            assert named
            assert all(accepted(name, figure) for name in named)


def test_a_graph_is_written_as_its_places() -> None:
    assert write(graph("a"), "svg") == write(arrange(graph("a")), "svg")


PROGRAM = """
import hashlib, sys
from pathlib import Path
sys.path.insert(0, {folder!r})
from conftest import everything
from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.figure import Scene
from sphinx_kerasarch.spec.codec import loads
spec = loads((Path({folder!r}).parent / "specs" / "siamese.json").read_text("utf-8"))
sample = Scene(320, 130, everything(), "A sample")
table, graph = (draw(spec, view).figure for view in ("summary", "graph"))
for format, figures in {{"svg": (sample, graph), "pdf": (sample, graph), "png": (sample,), "dot": (graph,),
                        "tikz": (graph,), "pptx": (sample, graph),
                        "text": (table, graph, sample), "json": (table, graph, sample)}}.items():
    for figure in figures:
        print(format, hashlib.sha256(write(figure, format)).hexdigest())
"""


def test_same_bytes_in_every_process() -> None:
    program = PROGRAM.format(folder=str(File(__file__).parent))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"), ("4242", "America/Lima"))
    }
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 15, "every format, every kind of figure"
