"""The one node of this extension: the place that a figure or a table will take."""

from __future__ import annotations

from typing import Any

from docutils import nodes


class kerasarch_placeholder(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes in lower case)
    """Stands in the skeleton until the post-transform puts the content in its place.

    ``request``: the :class:`.collect.ModelRequest`; it carries its own document name, because single-file
    builders merge all documents into one. ``index``: position among the request's views.
    """


class kerasarch_note(nodes.General, nodes.Element):  # noqa: N801
    """Stands after a table until the post-transform knows the paragraph below it. Attributes as above."""


def skip(self: Any, node: nodes.Element) -> None:
    """Visitor for a builder that meets a placeholder which no post-transform has replaced."""
    raise nodes.SkipNode


VISITORS: dict[str, Any] = dict.fromkeys(("html", "latex", "text", "man", "texinfo"), (skip, None))
