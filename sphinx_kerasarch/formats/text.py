"""Plain text: a table with aligned columns, a graph as a list of its edges, a drawing as its description."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence

from .. import escape
from ..figure import Figure, Graph, Row, Scene, Table
from ..registry import Format
from ..theme import Theme

WIDTH = 79
"""Columns of the paragraphs; a table takes what it needs, nothing is cut."""


def write(figure: Figure, *, theme: Theme = "light") -> bytes:
    if isinstance(figure, Table):
        lines = _table(figure)
    elif isinstance(figure, Graph):
        lines = _graph(figure)
    else:
        lines = _scene(figure)
    return ("\n".join(line.rstrip() for line in lines) + "\n").encode("utf-8", "replace")


def cells_of(char: str) -> int:
    """Terminal columns of a character (Unicode Standard Annex 11)."""
    if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _pad(text: str, width: int, align: str) -> str:
    space = width - sum(map(cells_of, text))
    left = space if align == "right" else space // 2 if align == "center" else 0
    return " " * left + text + " " * (space - left)


def _indented(row: Row) -> list[str]:
    texts = [escape.line(cell.text) for cell in row.cells]
    if row.depth and texts:
        texts[0] = "  " * (row.depth - 1) + "└ " + texts[0]
    return texts


def _table(table: Table) -> list[str]:
    head = [escape.line(column.title) for column in table.columns]
    body = [_indented(row) for row in table.rows]
    totals = [_indented(row) for row in table.totals]
    widths = [
        max(sum(map(cells_of, texts[index])) for texts in [head, *body, *totals])
        for index in range(len(head))
    ]
    aligns = [column.align for column in table.columns]

    def line(texts: Sequence[str]) -> str:
        return "  ".join(
            _pad(text, width, align) for text, width, align in zip(texts, widths, aligns, strict=True)
        )

    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [escape.line(table.title), "", line(head), rule, *map(line, body), rule, *map(line, totals)]
    return [*lines, "", *textwrap.wrap(escape.line(table.note), WIDTH)] if table.note else lines


def _graph(graph: Graph) -> list[str]:
    titles = {card.id: card.title or card.sign or card.id for card in graph.cards}
    titles |= {cluster.id: cluster.title for cluster in graph.clusters}
    lines = [escape.line(graph.title), "", *textwrap.wrap(escape.line(graph.description), WIDTH), ""]
    for link in graph.links:
        if not link.tether:
            shape = f"  {link.shape}" if link.shape else ""
            lines.append(
                escape.line(
                    f"{titles.get(link.source, link.source)} → {titles.get(link.target, link.target)}{shape}"
                )
            )
    return [*lines, *_notes(graph.notes)]


def _scene(scene: Scene) -> list[str]:
    lines = [escape.line(scene.title), "", *textwrap.wrap(escape.line(scene.description), WIDTH)]
    return [*lines, *_notes(scene.notes)]


def _notes(notes: Sequence[str]) -> list[str]:
    return ["", *(line for note in notes for line in textwrap.wrap(escape.line(note), WIDTH))] if notes else []


FORMAT = Format(
    name="text", accepts=(Table, Graph, Scene), write=write, media_type="text/plain", suffix=".txt"
)
