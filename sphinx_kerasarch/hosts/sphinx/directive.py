"""The directive ``keras-model`` and its shorthands ``keras-<view>``.

It runs while a document is read, possibly in a forked process: it builds the skeleton that numbers and labels
need, records its request and imports no model. Whatever is wrong with it is recorded too and said later: an
exception here would cost the whole page.
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_id

from ..docutils.skeleton import AnyOption, content, skeleton
from ..page.directive import Written, read
from ..page.options import OPTIONS, short_name
from ..page.request import Failure, ModelRequest
from .collect import ObjectEntry
from .config import views
from .domain import KerasDomain
from .nodes import kerasarch_note, kerasarch_placeholder

__all__ = ["OPTIONS", "KerasModel"]


class KerasModel(SphinxDirective):
    """All of ``keras-model``, ``keras-summary``, …: the name as written says which view."""

    # An argument is needed, but its absence must not be the parser's error, which has no type and no advice.
    required_arguments = 0
    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[Any] = AnyOption()

    def run(self) -> list[nodes.Node]:
        problems: list[Failure] = []
        caption, legend = content(self, problems)
        source, line = self.get_source_info()
        written = Written(
            self.name,
            self.arguments[0] if self.arguments else "",
            {name: text or "" for name, text in self.options.items()},
            f"{source}:{line}",
            self.env.docname,
        )
        domain = cast(KerasDomain, self.env.get_domain("keras"))
        assert domain.limits is not None
        defaults = self.config.kerasarch_options
        request, values, name = read(
            written, self._found, views(self.config), defaults, domain.limits, self._picture
        )
        request = request._replace(problems=(*request.problems, *problems))
        domain.note_request(request)
        if domain.early is not None and not request.problems:
            domain.early.start()
        result = self._object(domain, request, name) if name and not values["no_index"] else []
        result += skeleton(self, request, values, caption, legend, self._place, self._note)
        return result

    def _place(self, request: ModelRequest, index: int) -> nodes.Element:
        return kerasarch_placeholder(request=request, index=index)

    def _note(self, request: ModelRequest, index: int) -> nodes.Element:
        return kerasarch_note(request=request, index=index)

    def _found(self, path: str) -> str:
        """As in ``literalinclude``: from the document's folder, with a leading slash from the source directory."""
        return self.env.relfn2path(path)[1]

    def _picture(self, path: str) -> str:
        relative, absolute = self.env.relfn2path(path)
        self.env.note_dependency(relative)
        return absolute

    def _object(self, domain: KerasDomain, request: ModelRequest, name: str) -> list[nodes.Node]:
        """Target and index entry of the model."""
        anchor = make_id(self.env, self.state.document, "keras-model", name)
        place = nodes.target("", "", ids=[anchor])
        self.state.document.note_explicit_target(place)
        domain.note_object(
            ObjectEntry(name, request.docname, anchor, request.location, self.name == "keras-model")
        )
        entry = ("single", f"{short_name(request.target)} (Keras model)", anchor, "", None)
        return [addnodes.index(entries=[entry]), place]
