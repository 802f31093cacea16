"""Architecture figures and tables of Keras models for Sphinx, papers and the command line.

Importing this package costs nothing: the public names load what they need on first use, and Keras is only
ever imported by the worker process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

    from .api import Drawing, describe, draw, from_model, write
    from .many import describe_many

__version__ = "0.1.0"
__all__ = ["Drawing", "__version__", "describe", "describe_many", "draw", "from_model", "setup", "write"]


def __getattr__(name: str) -> Any:
    if name in {"Drawing", "describe", "draw", "from_model", "write"}:
        from . import api

        return getattr(api, name)
    if name == "describe_many":
        from .many import describe_many

        return describe_many
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Entry point of the Sphinx extension."""
    from .hosts.sphinx import setup as setup_host

    return setup_host(app)
