"""The formats of tables: read back, the cells are those of the table; hostile names stay in their cell."""

from __future__ import annotations

import csv
import io
import re

import pytest

from sphinx_kerasarch.figure import Cell, Column, Row, Table
from sphinx_kerasarch.formats import csv as csv_format
from sphinx_kerasarch.formats import latex, markdown

COLUMNS = (Column("layer", "Layer"), Column("params", "Params", "right"), Column("macs", "MACs", "right"))
TABLE = Table(
    "net",
    COLUMNS,
    (
        Row((Cell("a|b", "a|b"), Cell("1,024", 1024), Cell("?", None, "no formula")), 0, "block"),
        Row((Cell("x_1 & 50%"), Cell("–", 0), Cell("3.1 M", 3_100_000)), 2),
        Row((Cell("[=cmd()"), Cell("–", 0), Cell("–", 0)), 0),
        Row((Cell("=cmd()"), Cell("–", 0), Cell("–", 0)), 0),
    ),
    (Row((Cell("Total"), Cell("1,024", 1024), Cell("3.1 M + ?", 3_100_000)), 0, "total"),),
    "1,024 trainable.",
)


def test_csv_reads_back_as_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_format.write(TABLE).decode())))
    assert [row["params"] for row in rows] == ["1024", "0", "0", "0", "1024"]
    assert [row["macs"] for row in rows] == ["", "3100000", "0", "0", "3100000"]
    assert [row["layer"] for row in rows] == ["a|b", "x_1 & 50%", "[=cmd()", "'=cmd()", "Total"]
    assert [row["depth"] for row in rows] == ["0", "2", "0", "0", "0"]
    assert rows[-1]["kind"] == "total"


def test_markdown_has_as_many_cells_in_every_row() -> None:
    lines = [line for line in markdown.write(TABLE).decode().splitlines() if line.startswith("|")]
    assert len(lines) == 2 + 5
    for line in lines:
        assert len(re.split(r"(?<!\\)\|", line)) == 3 + 2
    assert lines[1] == "| :-- | --: | --: |"
    assert lines[2].startswith(r"| a\|b |") and r"x\_1 &amp; 50%" in lines[3] and lines[3].count("&nbsp;") == 2


@pytest.mark.parametrize(
    "name", ["\\", "{", "}", "$", "&", "#", "%", "_", "^", "~", "[x", "*", "\\end{tabular}"]
)
def test_latex_rows_keep_their_cells(name: str) -> None:
    table = Table(name, COLUMNS[:2], (Row((Cell(name), Cell(name))),))
    text = latex.write(table).decode()
    body = text[text.index(r"\midrule") : text.index(r"\bottomrule")]
    assert len(re.findall(r"(?<!\\)&", body)) == 1 and body.count(r" \\") == 1
    assert len(re.findall(r"(?<!\\)[{]", body)) == len(re.findall(r"(?<!\\)[}]", body))
    assert not re.search(r"\\\\\s*[\[*]", text)


@pytest.mark.tex
def test_latex_is_set_by_tex(tmp_path) -> None:  # type: ignore[no-untyped-def]
    import shutil
    import subprocess

    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex")
    text = latex.write(TABLE).decode()
    (tmp_path / "a.tex").write_text(
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{textcomp,booktabs}\\begin{document}\n"
        f"{text}\n\\end{{document}}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=batchmode", "-halt-on-error", "a.tex"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, (tmp_path / "a.log").read_text("latin-1")[-2000:]
