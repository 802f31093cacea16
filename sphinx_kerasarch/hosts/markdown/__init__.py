"""The Markdown host: blocks ``/// keras-model | pkg.mod:factory`` and fences ```` ```keras-model ````.

An extension of Python-Markdown, and so also of MkDocs, ProperDocs and Zensical. Nothing here imports Keras or the
user's code: the worker process does.
"""

from __future__ import annotations

from typing import Any

from .extension import KerasarchExtension

__all__ = ["KerasarchExtension", "makeExtension"]


def makeExtension(**settings: Any) -> KerasarchExtension:  # noqa: N802 - the name that Python-Markdown looks for
    """Entry point of the extension."""
    return KerasarchExtension(**settings)
