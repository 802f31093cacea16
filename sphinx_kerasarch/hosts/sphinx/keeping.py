"""What a build has learned is kept, also when it has changed no page.

Sphinx keeps its environment only when a document was read or has changed. A model that was described anew and is the
same as before, or that was found in the cache under other settings, would else be looked for again at every build.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.application import ENV_PICKLE_FILENAME

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def keep(app: Sphinx) -> None:
    """Write the environment as Sphinx does."""
    with contextlib.suppress(OSError):  # a folder that cannot be written costs time at the next build, no more
        handle, name = tempfile.mkstemp(dir=app.doctreedir)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                pickle.dump(app.env, file, pickle.HIGHEST_PROTOCOL)
            temporary.chmod(0o644)
            temporary.replace(Path(app.doctreedir) / ENV_PICKLE_FILENAME)
        finally:
            temporary.unlink(missing_ok=True)
