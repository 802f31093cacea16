"""Whether the last build came to its end. One that was killed may have left pages half written, or older than it knew.

Sphinx keeps what it knows before it writes the pages, and tells by their times which of them are to be written again.
A page that was cut off in the middle is younger than its source, and one whose model has changed is not older than it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def _mark(app: Sphinx) -> Path:
    return Path(app.doctreedir) / "kerasarch-unfinished" / app.builder.name


def begin(app: Sphinx) -> bool:
    """Before the environment is kept: note that pages will be written. Tells whether the last build was cut off."""
    mark = _mark(app)
    if mark.exists():
        return True
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    return False


def end(app: Sphinx, error: Exception | None) -> None:
    """All pages are written; of a build that failed they are not."""
    if error is None:
        _mark(app).unlink(missing_ok=True)
