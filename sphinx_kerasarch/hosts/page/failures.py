"""The words for what cannot be shown."""

from __future__ import annotations

from pathlib import Path

from ...errors import DrawError, ImportTargetError, KerasarchError
from ...spec.misspelt import colon
from .request import Failure, ModelRequest


def failure_of(error: Exception, advice: str) -> Failure:
    """Any exception as a failure; one that is not ours is a defect, for which ``advice`` tells where to look."""
    if not isinstance(error, KerasarchError):
        error = DrawError(f"Unexpected {type(error).__name__}: {error}.", advice=advice)
    return Failure(error.slug, error.message, error.advice, error.lines)


def located(request: ModelRequest, failure: Failure, root: str = "the folder of all pages") -> Failure:
    """A saved model that is not there: the worker does not know from where its path counts on a page."""
    if failure.slug == ImportTargetError.slug and request.file and not Path(request.file).exists():
        counts = f"The path counts from the folder of this page; with a leading slash, from {root}."
        return Failure(
            failure.slug, f"There is no file {request.target!r}.", f"{colon(request.target)} {counts}".strip()
        )
    return failure


def subject(request: ModelRequest, failure: Failure) -> str:
    """``keras-graph pkg.mod:f``; without the target when the message names it itself."""
    named = request.target in failure.message
    return request.directive if named else f"{request.directive} {request.target}".strip()


def log_text(request: ModelRequest, failure: Failure) -> str:
    """One warning, followed by the lines of the user's own code that led there."""
    lines = [f"{subject(request, failure)}: {failure.sentence}"]
    return "\n".join([*lines, *(f"    {line}" for line in failure.traceback.splitlines())])


def again(request: ModelRequest, index: int) -> Failure:
    """For a figure that fails for the same reason as an earlier one of its directive."""
    return Failure("", f"Not shown either, for the reason given at the {request.views[index]} view.")
