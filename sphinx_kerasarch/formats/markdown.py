"""A table in Markdown (GitHub Flavored Markdown, §4.10), which most programs for Markdown read."""

from __future__ import annotations

import re

from ..figure import Row, Table
from ..registry import Format
from .text import printable

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
ALIGNS = {"left": ":--", "right": "--:", "center": ":-:"}


def escape(text: str) -> str:
    """``text`` as it stands, on one line, with nothing in it that Markdown or HTML would act on."""
    return SPECIAL.sub(r"\\\1", printable(text))


def write(figure: Table, *, theme: str = "light") -> bytes:
    head = [escape(column.title) for column in figure.columns]
    lines = [_line(head), _line([ALIGNS[column.align] for column in figure.columns])]
    lines += [_line(_texts(row)) for row in figure.rows]
    lines += [_line([f"**{text}**" if text else "" for text in _texts(row)]) for row in figure.totals]
    if figure.title:
        lines[:0] = [f"**{escape(figure.title)}**", ""]
    if figure.note:
        lines += ["", escape(figure.note)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _texts(row: Row) -> list[str]:
    texts = [escape(cell.text).strip() for cell in row.cells]
    if row.depth and texts:
        texts[0] = "&nbsp;&nbsp;" * (row.depth - 1) + "└ " + texts[0]
    return texts


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


FORMAT = Format(name="markdown", accepts=(Table,), write=write, media_type="text/markdown", suffix=".md")
"""Table only."""
