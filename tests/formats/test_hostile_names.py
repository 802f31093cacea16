"""Hostile names through every format, read back by a parser of each language.

``KERASARCH_HOSTILE_NAMES=100000`` runs the whole campaign; by default a share of it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from hostile_cases import CASES
from hostile_names import names
from hostile_readers import READERS, graph, plain, read_by_libreoffice, safe_html, scene, svg, table
from hostile_spec import hostile_spec
from hypothesis import given, settings
from hypothesis import strategies as st
from office import NEEDS_OFFICE, converted

from sphinx_kerasarch import registry
from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Figure, Graph, Scene, Table
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.spec.codec import loads

COUNT = int(os.environ.get("KERASARCH_HOSTILE_NAMES", "1200"))
MAKERS: dict[type, Callable[[Sequence[str]], Figure]] = {Table: table, Graph: graph, Scene: scene}
PLACED = 40
"""Names in a graph that our own layout gives places to."""


def parts(count: int, size: int) -> Iterator[list[str]]:
    found = list(names(count))
    return (found[start : start + size] for start in range(0, count, size))


def test_every_format_has_a_reader() -> None:
    assert set(READERS) == set(registry.FORMATS)


@pytest.mark.parametrize("format", registry.FORMATS)
def test_names_are_names(format: str) -> None:
    record = registry.format(format)
    for kind, make in MAKERS.items():
        if kind not in record.accepts:
            continue
        # A picture shows what its SVG says, for which all names were read.
        share = 300 if format == "png" else COUNT
        for part in parts(share, 250):
            READERS[format](make(part), part, write(make(part), format))


@cache
def placed() -> list[tuple[list[str], Graph, Scene]]:
    """Graphs with the places that every format gives them: the time is that of the layout."""
    found = parts(len(CASES) + COUNT // 300, PLACED)
    return [(part, graph(part), arrange(graph(part))) for part in found]


@pytest.mark.parametrize(
    "format",
    [
        name
        for name in registry.FORMATS
        if Graph not in registry.format(name).accepts and Scene in registry.format(name).accepts
    ],
)
def test_names_in_a_graph_with_places(format: str) -> None:
    for part, figure, places in placed():
        READERS[format](figure, part, write(places, format))


@pytest.mark.parametrize("format", registry.FORMATS)
@given(st.lists(st.text(st.characters(codec=None), max_size=40), min_size=1, max_size=3))
@settings(max_examples=12)
def test_any_names(format: str, given_names: list[str]) -> None:
    record = registry.format(format)
    for kind, make in MAKERS.items():
        if kind in record.accepts:
            READERS[format](make(given_names), given_names, write(make(given_names), format))


@pytest.mark.parametrize("view", registry.VIEWS)
def test_names_in_every_field_of_a_model(view: str) -> None:
    """A figure may say that it cannot be drawn; what is drawn has nothing but names in it."""
    drawn = 0
    for part in parts(len(CASES) + COUNT // 20, 18):
        if len(part) < 6:
            continue
        try:
            figure = draw(hostile_spec(part, dense=view == "neurons"), view).figure
            if isinstance(figure, Table):
                safe_html(write(figure, "html", part=True).decode())
                plain(write(figure, "text").decode())
            else:
                data = write(figure, "svg", flavour="themed", prefix="ka1")
                svg(data)
                safe_html(data.decode())
                plain(write(figure, "text").decode())
        except DrawError:
            continue
        drawn += 1
    assert drawn > 1


def test_no_recorded_model_has_more_than_shapes_in_its_svg() -> None:
    for path in sorted((Path(__file__).parents[1] / "specs").glob("*.json")):
        spec = loads(path.read_text("utf-8"))
        for view in ("graph", "neurons") if len(spec.calls) > 60 else registry.VIEWS:
            try:
                figure = draw(spec, view).figure
                data = b"" if isinstance(figure, Table) else write(figure, "svg", flavour="themed")
            except DrawError:
                continue
            if data:
                svg(data)


def pages(format: str, part: Sequence[str]) -> str:
    if format == "tikz":
        return write(scene(part), "tikz").decode()
    tables = [table(part[start : start + 40]) for start in range(0, len(part), 40)]
    return "\n\\clearpage\n".join(write(one, "latex").decode() for one in tables)


class TestOffice:
    pytestmark = NEEDS_OFFICE

    def test_libreoffice_reads_hostile_names(self, tmp_path: Path) -> None:
        found = list(parts(min(COUNT, 1000), 250))
        files = [tmp_path / f"names{number}.pptx" for number in range(len(found))]
        for file, part in zip(files, found, strict=True):
            file.write_bytes(write(scene(part), "pptx"))
        for made, part in zip(converted(files, "fodp", tmp_path), found, strict=True):
            read_by_libreoffice(part, made.read_bytes())


@pytest.mark.tex
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs LaTeX")
@pytest.mark.parametrize("format", ["latex", "tikz"])
def test_tex_sets_hostile_names(format: str, tmp_path: Path) -> None:
    """Without a way to a shell, and without a single error. TeX reads no line of more than 200 000 bytes."""
    package = {"latex": "booktabs", "tikz": "tikz"}[format]
    for number, part in enumerate(parts(min(COUNT, 5000), 500)):
        (tmp_path / f"a{number}.tex").write_text(
            f"\\documentclass{{article}}\\usepackage[T1]{{fontenc}}\\usepackage{{textcomp,{package}}}\n"
            f"\\begin{{document}}\n{pages(format, part)}\n\\end{{document}}\n",
            "utf-8",
        )
        run = ["pdflatex", "-no-shell-escape", "-interaction=batchmode", "-halt-on-error", f"a{number}.tex"]
        done = subprocess.run(run, cwd=tmp_path, check=False, capture_output=True)
        assert done.returncode == 0, (tmp_path / f"a{number}.log").read_text("latin-1")[-1500:]
    assert {path.suffix for path in tmp_path.iterdir()} == {".tex", ".log", ".aux", ".pdf"}
