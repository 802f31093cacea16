"""Comma-separated values (RFC 4180): the values behind the cells, one line for each row, for spreadsheets."""

from __future__ import annotations

import csv
import io

from .. import escape
from ..figure import Cell, Row, Table
from ..registry import Format


def write(figure: Table, *, theme: str = "light") -> bytes:
    """``depth`` and ``kind`` of each row come first; an empty field is a value that is not known."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["depth", "kind", *(escape.csv(column.key) for column in figure.columns)])
    for row in (*figure.rows, *figure.totals):
        writer.writerow([row.depth, escape.csv(row.kind), *(_field(row, index) for index in range(len(row.cells)))])
    return out.getvalue().encode("utf-8", "replace")


def _field(row: Row, index: int) -> str | int | float:
    cell: Cell = row.cells[index]
    value = cell.text if index == 0 or cell.value is None else cell.value
    if isinstance(value, str):
        return "" if value in ("–", "?") else escape.csv(value)
    return value


FORMAT = Format(name="csv", accepts=(Table,), write=write, media_type="text/csv", suffix=".csv")
"""Table only."""
