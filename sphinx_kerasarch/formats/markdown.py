"""A table in Markdown (GitHub Flavored Markdown, §4.10), which most programs for Markdown read."""

from __future__ import annotations

from ..escape import markdown
from ..figure import Row, Table
from ..registry import Format

ALIGNS = {"left": ":--", "right": "--:", "center": ":-:"}


def write(figure: Table, *, theme: str = "light") -> bytes:
    head = [markdown(column.title) for column in figure.columns]
    lines = [_line(head), _line([ALIGNS[column.align] for column in figure.columns])]
    lines += [_line(_texts(row)) for row in figure.rows]
    lines += [_line([_bold(text) for text in _texts(row)]) for row in figure.totals]
    if title := _bold(markdown(figure.title).strip()):
        lines[:0] = [title, ""]
    if figure.note:
        lines += ["", markdown(figure.note)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _texts(row: Row) -> list[str]:
    texts = [markdown(cell.text).strip() for cell in row.cells]
    if row.depth and texts:
        texts[0] = "&nbsp;&nbsp;" * (row.depth - 1) + "└ " + texts[0]
    return texts


def _bold(text: str) -> str:
    return f"**{text}**" if text else ""  # four stars are a line across the page


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


FORMAT = Format(name="markdown", accepts=(Table,), write=write, media_type="text/markdown", suffix=".md")
"""Table only."""
