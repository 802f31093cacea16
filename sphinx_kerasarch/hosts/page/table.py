"""Classes of tables, rows and cells, which the style sheet knows, and a table as an element of HTML."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from ...escape import IGNORED
from ...figure import Cell, Column, Row, Table

LONG_WORD = 16
"""Characters beyond which a browser may break a name anywhere; shorter ones stay whole."""



def row_classes(row: Row) -> list[str]:
    classes = [f"kerasarch-row-{row.kind}"]
    if row.style:
        classes.append(f"kerasarch-is-{row.style}")
    if row.depth:
        classes.append(f"kerasarch-depth-{min(row.depth, 6)}")
    return classes


def column_classes(column: Column) -> list[str]:
    return [f"kerasarch-{column.align}", f"kerasarch-{column.key}"]


def cell_classes(column: Column, cell: Cell) -> list[str]:
    long = any(len(word) > LONG_WORD for word in cell.text.split())
    return [*column_classes(column), *(["kerasarch-long"] if long else [])]


def fill(element: Element, table: Table) -> None:
    """Put head and rows into a ``table`` element."""
    head = SubElement(SubElement(element, "thead"), "tr")
    for column in table.columns:
        cell = SubElement(head, "th", {"class": " ".join(column_classes(column)), "scope": "col"})
        SubElement(cell, "p").text = column.title
    body = SubElement(element, "tbody", {"class": IGNORED})
    for row in (*table.rows, *table.totals):
        line = SubElement(body, "tr", {"class": " ".join(row_classes(row))})
        for index, (entry, column) in enumerate(zip(row.cells, table.columns, strict=True)):
            attributes = {"class": " ".join(cell_classes(column, entry))}
            told = {"scope": "row", **attributes} if index == 0 else attributes
            cell = SubElement(line, "td" if index else "th", told)
            _words(SubElement(cell, "p"), entry)


def _words(place: Element, cell: Cell) -> None:
    if cell.title and len(cell.text) == 1:  # a sign
        place = SubElement(place, "abbr", {"title": cell.title})
    place.text = cell.text
