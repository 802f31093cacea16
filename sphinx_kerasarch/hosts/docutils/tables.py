"""A Table as docutils nodes, so that every builder, also a foreign one, writes it without our help."""

from __future__ import annotations

from docutils import nodes

from ...escape import IGNORED, LATEX_SIGN, line
from ...figure import Cell, Column, Row, Table
from ...formats.html import cell_classes, column_classes, row_classes
from . import latex


def tgroup(table: Table, kind: str) -> nodes.tgroup:
    """Columns, head and rows. ``kind`` is the builder's format: ``html``, ``latex``, ``text``, ``man``, …"""
    rows = [*table.rows, *table.totals]
    group = nodes.tgroup("", cols=len(table.columns))
    for index, width in enumerate(column_widths(table)):
        spec = nodes.colspec(colwidth=width)
        if index == 0 and kind == "html":
            spec["stub"] = 1
        group += spec
    head = nodes.row()
    for column in table.columns:
        head += nodes.entry("", nodes.paragraph("", line(column.title)), classes=column_classes(column))
    group += nodes.thead("", head)
    body = nodes.tbody(classes=IGNORED.split())
    body.extend(_row(row, table.columns, kind) for row in rows)
    group += body
    return group


def column_widths(table: Table) -> list[int]:
    """Characters; long cells are to wrap."""
    widths = []
    for index, column in enumerate(table.columns):
        longest = max([len(column.title), *(len(_words(row, index)) for row in (*table.rows, *table.totals))])
        widths.append(min(longest, 40))
    return widths


def _words(row: Row, index: int) -> str:
    return ("└ " * bool(row.depth and index == 0)) + "  " * max(0, row.depth - 1) + row.cells[index].text


def _row(row: Row, columns: tuple[Column, ...], kind: str) -> nodes.row:
    result = nodes.row(classes=row_classes(row))
    for index, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
        content = _cell(cell, kind)
        if index == 0 and row.depth and kind != "html":
            content.insert(0, nodes.Text("\N{NO-BREAK SPACE}" * 2 * (row.depth - 1) + "└ "))
        if row.kind == "total" and kind == "latex" and content:
            content = [nodes.strong("", "", *content)]
        paragraph = nodes.paragraph("", "", *content) if cell.text else nodes.paragraph()
        result += nodes.entry("", paragraph, classes=cell_classes(column, cell))
    return result


def _cell(cell: Cell, kind: str) -> list[nodes.Node]:
    sign = bool(cell.title) and len(cell.text) == 1
    if sign and kind == "html":
        return [nodes.abbreviation("", line(cell.text), explanation=line(cell.title))]
    if sign and kind in {"latex", "texinfo"} and isinstance(cell.value, str):
        return [nodes.Text(line(cell.value))]  # TeX's standard fonts lack the signs
    return breakable(cell.text, kind)


def breakable(text: str, kind: str) -> list[nodes.Node]:
    """``text``, with places where LaTeX may break a long name; browsers find theirs by CSS."""
    return latex.words(text) if kind == "latex" else [nodes.Text(line(text))]


def note(text: str, kind: str) -> list[nodes.Element]:
    """The paragraph below a table, with the definition of signs before it where LaTeX needs one."""
    if not text:
        return []
    said = breakable(text, kind)
    signs = any(isinstance(part, nodes.raw) for part in said)
    before = [nodes.raw("", LATEX_SIGN, format="latex")] if signs else []
    return [*before, nodes.paragraph("", "", *said, classes=["kerasarch-note", *IGNORED.split()])]
