"""The directive ``keras-model`` and its shorthands ``keras-<view>``.

It runs while a document is read, possibly in a forked process: it builds the skeleton that numbers and labels
need, records its request and imports no model. Whatever is wrong with it is recorded too and said later: an
exception here would cost the whole page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_id

from ...errors import OptionError
from ..page.directive import Written, read
from ..page.options import OPTIONS, TABLES, caption_words, short_name
from ..page.request import Failure, ModelRequest
from .collect import ObjectEntry
from .config import views
from .domain import KerasDomain
from .nodes import kerasarch_note, kerasarch_placeholder

__all__ = ["OPTIONS", "AnyOption", "KerasModel", "default_caption", "short_name"]


class AnyOption(dict[str, Callable[[str | None], str]]):
    """An ``option_spec`` that takes every option: what is unknown gets our located, typed warning."""

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> Callable[[str | None], str]:
        return lambda text: (text or "").strip()


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
        caption, legend = self._content(problems)
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
        result += self._skeleton(request, values, caption, legend)
        return result

    def _found(self, path: str) -> str:
        """As in ``literalinclude``: from the document's folder, with a leading slash from the source directory."""
        return self.env.relfn2path(path)[1]

    def _picture(self, path: str) -> str:
        relative, absolute = self.env.relfn2path(path)
        self.env.note_dependency(relative)
        return absolute

    def _content(self, problems: list[Failure]) -> tuple[nodes.paragraph | None, list[nodes.Node]]:
        """Caption and legend, as in the directive ``figure``."""
        parsed = nodes.Element()
        if self.content:
            self.state.nested_parse(self.content, self.content_offset, parsed)
        children = list(parsed.children)
        if not children:
            return None, []
        first = children[0]
        if isinstance(first, nodes.paragraph):
            return first, children[1:]
        if isinstance(first, nodes.comment) and not len(first):
            return None, children[1:]
        problems.append(
            Failure(
                OptionError.slug,
                "The content must begin with the caption.",
                "Write a paragraph, or an empty comment (..) for a legend without caption.",
            )
        )
        return None, children

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

    def _skeleton(
        self,
        request: ModelRequest,
        values: dict[str, Any],
        caption: nodes.paragraph | None,
        legend: list[nodes.Node],
    ) -> list[nodes.Node]:
        result: list[nodes.Node] = []
        captioned = caption is not None or bool(values["name"])
        for index, view in enumerate(request.views):
            placeholder = kerasarch_placeholder(request=request, index=index)
            # A default caption cannot hold numbers of the model, which is not known yet.
            said: list[nodes.Node] = []
            rawsource = ""
            if index == 0 and caption is not None:
                said, rawsource = caption.children, caption.rawsource
            elif captioned:
                said = default_caption(view, request.target)
            after = legend if index == 0 else []
            element = (self._table if view in TABLES else self._figure)(placeholder, said, rawsource, after)
            first = element[0]
            assert isinstance(first, nodes.Element)
            first["classes"] += ["kerasarch", f"kerasarch-{nodes.make_id(view)}", *values["figclass"]]
            if values["align"]:
                first["align"] = values["align"]
            if view in TABLES:
                first["classes"] += values["class"]
                if values["width"]:
                    first["width"] = values["width"]
            self._label(first, values["name"], view if index else "")
            result += element
        return result

    def _figure(
        self, placeholder: nodes.Element, said: list[nodes.Node], rawsource: str, legend: list[nodes.Node]
    ) -> list[nodes.Node]:
        figure = nodes.figure("", placeholder)
        self.set_source_info(figure)
        if said:
            caption = nodes.caption(rawsource, "", *said)
            self.set_source_info(caption)
            figure += caption
        if legend:
            figure += nodes.legend("", *legend)
        return [figure]

    def _table(
        self, placeholder: nodes.Element, said: list[nodes.Node], rawsource: str, legend: list[nodes.Node]
    ) -> list[nodes.Node]:
        table = nodes.table("")
        self.set_source_info(table)
        if said:
            title = nodes.title(rawsource, "", *said)
            self.set_source_info(title)
            table += title
        table += placeholder
        note = kerasarch_note(request=placeholder["request"], index=placeholder["index"])
        after: list[nodes.Node] = (
            [nodes.container("", *legend, classes=["kerasarch-legend"])] if legend else []
        )
        return [table, note, *after]

    def _label(self, element: nodes.Element, name: str, view: str) -> None:
        if not name:
            return
        label = nodes.fully_normalize_name(f"{name}-{view}" if view else name)
        element["names"].append(label)
        self.state.document.note_explicit_target(element, element)


def default_caption(view: str, target: str) -> list[nodes.Node]:
    """``Graph of build_lenet``: for the figures that the author gave no words for."""
    return [nodes.Text(caption_words(view)), nodes.literal("", short_name(target))]
