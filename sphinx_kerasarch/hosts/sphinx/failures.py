"""A failure said twice: in the log at the directive's line, and in the page at the figure's place."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes
from sphinx.locale import _
from sphinx.util import logging

from ...errors import KerasarchError
from ...escape import lines
from ..docutils import boxes
from ..docutils.boxes import box, one_cell
from ..page import failures as words
from ..page.request import Failure, ModelRequest

__all__ = ["box", "failure_of", "one_cell", "row", "warn"]

logger = logging.getLogger(__name__)


def failure_of(error: Exception) -> Failure:
    """Any exception as a failure; one that is not ours is a defect, which must not stop a build either."""
    if not isinstance(error, KerasarchError):
        logger.debug("kerasarch: unexpected %s", type(error).__name__, exc_info=error)
    return words.failure_of(error, "This is a defect of sphinx_kerasarch; sphinx-build -vv logs its traceback.")


def warn(request: ModelRequest, failure: Failure) -> None:
    """One typed warning."""
    text = lines(words.log_text(request, failure))
    logger.warning("%s", text, location=request.location, type="kerasarch", subtype=failure.slug)


def row(request: ModelRequest, found: Iterable[Failure]) -> nodes.tgroup:
    """:func:`.boxes.row` in the language of the site."""
    return boxes.row(request, found, _("Error"))
