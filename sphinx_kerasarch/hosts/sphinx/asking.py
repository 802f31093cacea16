"""What the pages of a Sphinx project ask for: read by Sphinx itself, with its configuration and all its extensions."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from ...errors import OptionError
from ..page.asked import Asked
from . import collect
from .batch import domain_of
from .describing import Describing

CONFIGURATION = "conf.py"


def asked(
    docs: Path,
    *,
    name: str = CONFIGURATION,
    confdir: Path | None = None,
    settings: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
) -> Asked:
    """Read all pages and write none, so that included files, docstrings and MyST are seen as in a build.

    ``docs``: the source directory. ``name``: of the configuration, of which Sphinx knows but one. ``confdir``,
    ``settings``, ``tags``: as ``-c``, ``-D`` and ``-t`` of ``sphinx-build``. Raises :class:`.OptionError` when Sphinx
    cannot read it.
    """
    confdir = confdir or docs
    with tempfile.TemporaryDirectory(prefix="kerasarch-") as folder, patch_docutils(confdir), docutils_namespace():
        try:
            app = Sphinx(
                docs,
                confdir,
                Path(folder) / "out",
                Path(folder) / "doctrees",
                "dummy",
                confoverrides=dict(settings or {}),
                status=None,
                warning=io.StringIO(),
                freshenv=True,
                tags=list(tags),
            )
            app.build()
        except SphinxError as error:
            # Of an exception in conf.py Sphinx tells the whole traceback.
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            raise OptionError(
                f"Sphinx cannot read {docs}: {' '.join(dict.fromkeys((lines[0], lines[-1]))).rstrip('.')}.",
                advice=f"See sphinx-build -b dummy {docs} /tmp/out.",
            ) from error
        if "sphinx_kerasarch" not in app.extensions:
            raise OptionError(
                f"{docs} does not use sphinx_kerasarch.", advice="Add it to the extensions in conf.py."
            )
        collected = domain_of(app.env).collected
        describing = Describing(app, collected)
        asked = tuple(request for request in collect.requests(collected) if not request.problems)
        cache = describing.directory if app.config.kerasarch_cache_dir else None
        return Asked(asked, describing.origin, describing.locked, cache)
