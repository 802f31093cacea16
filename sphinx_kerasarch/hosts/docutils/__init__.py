"""The docutils host: the directives of the Sphinx extension in plain reStructuredText, as Pelican and Nikola read it.

Nothing here imports Sphinx, Keras or the user's code: the worker process does the last two.
"""

from __future__ import annotations

from typing import Any

__all__ = ["register"]


def register(*, files: str = "", **settings: Any) -> None:
    """Make ``keras-model`` and its shorthands known to docutils, for this process.

    ``files``: folder for the PDF files that LaTeX includes; by default that of the output. ``settings``: those of the
    Markdown extension (``path``, ``theme``, ``cache_dir``, …); relative paths count from ``base``, by default the
    current folder. Raises :class:`.OptionError` for settings that mean nothing.
    """
    from docutils.parsers.rst import directives

    from ... import registry
    from .directive import directive_of
    from .site import site_of

    directive = directive_of(site_of(files, settings))
    for name in ("keras-model", *(f"keras-{view}" for view in registry.VIEWS)):
        directives.register_directive(name, directive)
