"""Comma-separated values (RFC 4180): the values behind the cells, one line for each row, for spreadsheets."""

from __future__ import annotations

import csv
import io

from ..figure import Cell, Row, Table
from ..registry import Format
from .text import printable

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters by which a spreadsheet takes a text for a formula."""


def write(figure: Table, *, theme: str = "light") -> bytes:
    """``depth`` and ``kind`` of each row come first; an empty field is a value that is not known."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["depth", "kind", *(column.key for column in figure.columns)])
    for row in (*figure.rows, *figure.totals):
        writer.writerow([row.depth, row.kind, *(_field(row, index) for index in range(len(row.cells)))])
    return out.getvalue().encode("utf-8", "replace")


def _field(row: Row, index: int) -> str | int | float:
    cell: Cell = row.cells[index]
    value = cell.text if index == 0 or cell.value is None else cell.value
    if isinstance(value, str):
        value = "" if value in ("–", "?") else printable(value)
        return f"'{value}" if value.startswith(FORMULA) else value
    return value


FORMAT = Format(name="csv", accepts=(Table,), write=write, media_type="text/csv", suffix=".csv")
"""Table only."""
