"""What a directive puts into the page before its model is known: figures and tables with a place for their content.

Captions, labels and numbers are settled here, while the page is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

from ...errors import OptionError
from ..page.options import TABLES, caption_words, short_name
from ..page.request import Failure, ModelRequest

Place = Callable[[ModelRequest, int], nodes.Element]
"""Makes what stands for the content of a view until that is known: request, number of the view."""


class AnyOption(dict[str, Callable[[str | None], str]]):
    """An ``option_spec`` that takes every option: what is unknown gets our located, typed warning."""

    def __bool__(self) -> bool:
        return True

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> Callable[[str | None], str]:
        return lambda text: (text or "").strip()


def content(directive: Directive, problems: list[Failure]) -> tuple[nodes.paragraph | None, list[nodes.Node]]:
    """Caption and legend, as in the directive ``figure``. What is wrong is added to ``problems``."""
    parsed = nodes.Element()
    if directive.content:
        directive.state.nested_parse(directive.content, directive.content_offset, parsed)
    children = list(parsed.children)
    if not children:
        return None, []
    first = children[0]
    if isinstance(first, nodes.paragraph):
        return first, children[1:]
    if isinstance(first, nodes.comment) and not len(first):
        return None, children[1:]
    said = "The content must begin with the caption."
    advice = "Write a paragraph, or an empty comment (..) for a legend without caption."
    problems.append(Failure(OptionError.slug, said, advice))
    return None, children


def skeleton(
    directive: Directive,
    request: ModelRequest,
    values: dict[str, Any],
    caption: nodes.paragraph | None,
    legend: list[nodes.Node],
    place: Place,
    note: Place,
) -> list[nodes.Node]:
    """A figure or a table for each view. ``place``: makes what stands for its content, ``note``: for the paragraph
    below a table."""
    result: list[nodes.Node] = []
    captioned = caption is not None or bool(values["name"])
    for index, view in enumerate(request.views):
        # A default caption cannot hold numbers of the model, which is not known yet.
        said: list[nodes.Node] = []
        rawsource = ""
        if index == 0 and caption is not None:
            said, rawsource = caption.children, caption.rawsource
        elif captioned:
            said = default_caption(view, request.target)
        after = legend if index == 0 else []
        made = _table if view in TABLES else _figure
        first, *rest = made(directive, place(request, index), said, rawsource, after)
        first["classes"] += ["kerasarch", f"kerasarch-{nodes.make_id(view)}", *values["figclass"]]
        if values["align"]:
            first["align"] = values["align"]
        if view in TABLES:
            first["classes"] += values["class"]
            if values["width"]:
                first["width"] = values["width"]
            rest.insert(0, note(request, index))
        _label(directive, first, values["name"], view if index else "")
        result += [first, *rest]
    return result


def _located(directive: Directive, node: nodes.Element) -> nodes.Element:
    node.source, node.line = directive.state_machine.get_source_and_line(directive.lineno)
    return node


def _figure(
    directive: Directive, place: nodes.Element, said: list[nodes.Node], rawsource: str, legend: list[nodes.Node]
) -> list[nodes.Element]:
    figure = _located(directive, nodes.figure("", place))
    if said:
        figure += _located(directive, nodes.caption(rawsource, "", *said))
    if legend:
        figure += nodes.legend("", *legend)
    return [figure]


def _table(
    directive: Directive, place: nodes.Element, said: list[nodes.Node], rawsource: str, legend: list[nodes.Node]
) -> list[nodes.Element]:
    table = _located(directive, nodes.table(""))
    if said:
        table += _located(directive, nodes.title(rawsource, "", *said))
    table += place
    return [table, *([nodes.container("", *legend, classes=["kerasarch-legend"])] if legend else [])]


def _label(directive: Directive, element: nodes.Element, name: str, view: str) -> None:
    if not name:
        return
    label = nodes.fully_normalize_name(f"{name}-{view}" if view else name)
    element["names"].append(label)
    directive.state.document.note_explicit_target(element, element)


def default_caption(view: str, target: str) -> list[nodes.Node]:
    """``Graph of build_lenet``: for the figures that the author gave no words for."""
    return [nodes.Text(caption_words(view)), nodes.literal("", short_name(target))]
