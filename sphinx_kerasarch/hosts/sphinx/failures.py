"""A failure said twice: in the log at the directive's line, and in the page at the figure's place."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes
from sphinx.locale import _
from sphinx.util import logging

from ...errors import DrawError, KerasarchError
from .collect import Failure, ModelRequest

logger = logging.getLogger(__name__)


def failure_of(error: Exception) -> Failure:
    """Any exception as a failure; one that is not ours is a defect, which must not stop a build either."""
    if not isinstance(error, KerasarchError):
        logger.debug("kerasarch: unexpected %s", type(error).__name__, exc_info=error)
        error = DrawError(
            f"Unexpected {type(error).__name__}: {error}.",
            advice="This is a defect of sphinx_kerasarch; sphinx-build -vv logs its traceback.",
        )
    return Failure(error.slug, error.message, error.advice, error.traceback.rstrip())


def subject(request: ModelRequest, failure: Failure) -> str:
    """``keras-graph pkg.mod:f``; without the target when the message names it itself."""
    named = request.target in failure.message
    return request.directive if named else f"{request.directive} {request.target}".strip()


def warn(request: ModelRequest, failure: Failure) -> None:
    """One typed warning, followed by the lines of the user's own code that led there."""
    text = f"{subject(request, failure)}: {failure.sentence}"
    if failure.traceback:
        text += "\n" + "\n".join(f"    {line}" for line in failure.traceback.splitlines())
    logger.warning("%s", text, location=request.location, type="kerasarch", subtype=failure.slug)


def again(request: ModelRequest, index: int) -> Failure:
    """For a figure that fails for the same reason as an earlier one of its directive."""
    return Failure("", f"Not shown either, for the reason given at the {request.views[index]} view.")


def _lines(request: ModelRequest, failure: Failure) -> list[nodes.Node]:
    named = nodes.literal("", subject(request, failure))
    said = nodes.paragraph("", "", named, nodes.Text(f": {failure.message}"))
    result: list[nodes.Node] = [said]
    if failure.advice:
        result.append(nodes.paragraph("", failure.advice))
    if failure.traceback:
        block = nodes.literal_block(failure.traceback, failure.traceback, language="none")
        # Highlighting looks for a position when it cannot lex; it will always lex "none".
        block["highlight_args"] = {}
        result.append(block)
    return result


def box(request: ModelRequest, found: Iterable[Failure]) -> nodes.Element:
    """What stands in the page in place of a figure."""
    element = nodes.error(classes=["kerasarch-failure"])
    for failure in found:
        element.extend(_lines(request, failure))
    return element


def row(request: ModelRequest, found: Iterable[Failure]) -> nodes.tgroup:
    """What stands in the page in place of the rows of a table: one cell.

    An admonition would be wrong here: LaTeX cannot break it inside a table.
    """
    said: list[nodes.Node] = [nodes.paragraph("", "", nodes.strong("", _("Error")))]
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
