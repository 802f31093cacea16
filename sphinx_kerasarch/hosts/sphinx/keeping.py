"""What a build has learned is kept, also when it has changed no page.

Sphinx keeps its environment only when a document was read or has changed. A model that was described anew and is the
same as before, or that was found in the cache under other settings, would else be looked for again at every build.
"""

from __future__ import annotations

import contextlib
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.application import ENV_PICKLE_FILENAME

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def keep(app: Sphinx) -> None:
    """Write the environment as Sphinx does."""
    from ...cache.whole import write_whole

    with contextlib.suppress(OSError):  # a folder that cannot be written costs time at the next build, no more
        write_whole(Path(app.doctreedir) / ENV_PICKLE_FILENAME, pickle.dumps(app.env, pickle.HIGHEST_PROTOCOL))
