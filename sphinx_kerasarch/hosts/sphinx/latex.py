"""What LaTeX needs said in its own language: column types, places to break a name, signs that no font has."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from docutils import nodes
from sphinx import addnodes

from ... import api, escape
from ...errors import DrawError
from ...figure import Figure, Graph, Table
from ...spec import ArchSpec

LONG = 30
"""Rows above which Sphinx sets a table that breaks across pages."""
LINE = 104
"""Characters in ``\\small`` on a line of Sphinx's page, roughly."""
RAGGED = {"left": r"\raggedright", "right": r"\raggedleft", "center": r"\centering"}

PAGE = 740.0
"""px of a picture with its caption on Sphinx's page, when 642 px are as wide as the text."""
SCALES = ((1.0, False), (1.2, False), (1.35, False), (1.45, False), (1.45, True))
"""How many times larger than the page a graph may be laid out, and whether names may be cut short: 10 px printed
with a scale of 1/1.45 are 5 pt."""



def before(table: Table, group: nodes.tgroup) -> list[nodes.Node]:
    """What precedes the table: smaller type, the definition of signs where one is needed, the column types."""
    signs = any("kerasarchsign" in raw.astext() for raw in group.findall(nodes.raw))
    opening = (escape.LATEX_SIGN + "\n" if signs else "") + r"\begingroup\small"
    return [nodes.raw("", opening, format="latex"), columns(table)]


def after() -> list[nodes.Node]:
    return [nodes.raw("", r"\endgroup", format="latex")]


def columns(table: Table) -> addnodes.tabular_col_spec:
    """Column types: fitted by tabulary for a short table, shares of the line for one that may break."""
    rows = [*table.rows, *table.totals]
    if len(rows) <= LONG:
        letters = {"left": "L", "right": "R", "center": "C"}
        return addnodes.tabular_col_spec(spec="".join(letters[column.align] for column in table.columns))
    natural = [
        max([len(column.title), *(len(row.cells[index].text) + 2 * row.depth * (not index) for row in rows)])
        for index, column in enumerate(table.columns)
    ]
    room = {"left": 2, "center": 2, "right": 3}  # numbers are set wider, the total in bold
    shares = fit(
        [width + room[column.align] for width, column in zip(natural, table.columns, strict=True)],
        [column.align == "left" for column in table.columns],
    )
    return addnodes.tabular_col_spec(
        spec="".join(
            rf">{{{RAGGED[column.align]}\arraybackslash}}\X{{{share}}}{{{max(LINE, sum(shares))}}}"
            for column, share in zip(table.columns, shares, strict=True)
        )
    )


def leave_room(image: nodes.image) -> list[nodes.Node]:
    """``image`` not higher than a page with its caption; Sphinx alone would let it take the whole page."""
    register = r"\csname spx@image@maxheight\endcsname"
    lower = (
        rf"{{\ifcsname spx@image@maxheight\endcsname{register}=\dimexpr\textheight-6\baselineskip\relax\fi"
    )
    return [nodes.raw("", lower, format="latex"), image, nodes.raw("", "}", format="latex")]


def draw_graph(spec: ArchSpec, options: Mapping[str, Any]) -> Figure:
    """A graph that stands on one page, cut into columns where it is longer.

    Cards keep their whole names before they keep their size; the smallest text is printed with 5 pt at least. A
    width or height that the author asked for is kept. Raises :class:`.DrawError` when nothing fits.
    """
    if math.isfinite(options["height"]):
        return api.draw(spec, "graph", **options).figure
    from ...layout import fits  # not for every builder

    error: DrawError | None = None
    for scale, compact in SCALES:
        room = {"width": options["width"] * scale, "height": PAGE * scale}
        try:
            figure = api.draw(spec, "graph", **{**options, **room}).figure
        except DrawError as caught:
            error = caught
            continue
        if not isinstance(figure, Graph) or fits(figure, compact):
            return figure
    raise error or DrawError(
        f"The graph of {spec.name} does not fit on a page with text of 5 pt.",
        advice="Close nested models (expand: none), fold repeats (fold: auto), draw a nested model alone, or take "
        "the layered view.",
    )


def ragged(box: nodes.Element) -> list[nodes.Node]:
    """``box`` with lines that begin at the left, although it stands in a centred figure."""
    opening, closing = (nodes.raw("", text, format="latex") for text in (r"{\raggedright", "}"))
    return [opening, box, closing]


def fit(widths: Sequence[int], may_wrap: Sequence[bool]) -> list[int]:
    """Shorten the widest columns that may wrap, one character at a time, until the line holds all."""
    result = list(widths)
    while sum(result) > LINE:
        wide = [index for index, wraps in enumerate(may_wrap) if wraps and result[index] > 10]
        if not wide:
            break
        result[max(wide, key=lambda index: result[index])] -= 1
    return result
