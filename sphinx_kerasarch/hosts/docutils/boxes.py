"""What stands in a page in place of a figure or a table that cannot be shown."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes

from ...escape import IGNORED, lines
from ..page.failures import subject
from ..page.request import Failure, ModelRequest


def _lines(request: ModelRequest, failure: Failure) -> list[nodes.Node]:
    named = nodes.literal("", lines(subject(request, failure)))
    said = nodes.paragraph("", "", named, nodes.Text(lines(f": {failure.message}")))
    result: list[nodes.Node] = [said]
    if failure.advice:
        result.append(nodes.paragraph("", lines(failure.advice)))
    if failure.traceback:
        stack = lines(failure.traceback)
        block = nodes.literal_block(stack, stack, language="none")
        # Highlighting looks for a position when it cannot lex; it will always lex "none".
        block["highlight_args"] = {}
        result.append(block)
    return result


def box(request: ModelRequest, found: Iterable[Failure]) -> nodes.Element:
    """What stands in the page in place of a figure."""
    element = nodes.error(classes=["kerasarch-failure", *IGNORED.split()])
    for failure in found:
        element.extend(_lines(request, failure))
    return element


def row(request: ModelRequest, found: Iterable[Failure], title: str = "Error") -> nodes.tgroup:
    """What stands in the page in place of the rows of a table: one cell.

    An admonition would be wrong here: LaTeX cannot break it inside a table.
    """
    said: list[nodes.Node] = [nodes.paragraph("", "", nodes.strong("", title))]
    for failure in found:
        said += _lines(request, failure)
    group = one_cell(*said)
    group[1][0]["classes"].append("kerasarch-failure")  # type: ignore[index]
    return group


def one_cell(*content: nodes.Node) -> nodes.tgroup:
    """A table's content that is no rows."""
    group = nodes.tgroup("", nodes.colspec(colwidth=60), cols=1)
    group += nodes.tbody("", nodes.row("", nodes.entry("", *content)))
    return group
