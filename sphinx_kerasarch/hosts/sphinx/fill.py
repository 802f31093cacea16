"""Put pictures and tables into their places, page by page, just before a builder writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.environment import BuildEnvironment

from .batch import OFF
from .collect import Failure, ModelRequest
from .failures import box, row
from .memory import Picture, Settled
from .results import Inline, Results

if TYPE_CHECKING:
    from ...figure import Table

WORDS_ONLY = frozenset({"text", "man"})
"""Formats of builders that show no pictures."""


class Filler:
    """Fills the places of one document."""

    def __init__(self, env: BuildEnvironment, results: Results | None) -> None:
        self.env = env
        self.results = results

    def note(self, note: nodes.Element) -> None:
        request: ModelRequest = note["request"]
        if self.results is None or request.source not in self.results.known or self.results.failures(request):
            replace(note, [])
            return
        content = self.results.content(request, note["index"])
        said = "" if isinstance(content, Failure | Picture | Inline) else content.note
        replace(note, [nodes.paragraph("", said, classes=["kerasarch-note"])] if said else [])

    def place(self, place: nodes.Element) -> None:
        request: ModelRequest = place["request"]
        results = self.results
        table = place.parent if isinstance(place.parent, nodes.table) else None
        if results is None or (not request.problems and request.source not in results.known):
            replace(place, [row(request, ())] if table is not None else [])
            return
        found = results.failures(request)
        content = None if found else results.content(request, place["index"])
        if isinstance(content, Failure):
            found = (content,)
        if found:
            fill_failure(place, table, request, told(found, results.kind))
        elif content is not None and not isinstance(content, Failure | Picture | Inline):
            fill_table(place, table, content, results.kind)
        else:
            known = results.known[request.source]
            assert isinstance(known, Settled)
            assert isinstance(content, Picture | Inline)
            image = self._image(request, place["index"], known, content, results.kind)
            if table is not None:
                replace(place, [_one_cell(image)])
            elif results.kind == "latex" and isinstance(image, nodes.image):
                from .latex import leave_room

                replace(place, leave_room(image))
            else:
                replace(place, [image])

    def _image(
        self, request: ModelRequest, index: int, known: Settled, content: Picture | Inline, kind: str
    ) -> nodes.Element:
        title = request.views[index].replace("-", " ").capitalize()
        alt = request.alt or f"{title} view of {known.words}"
        if kind in WORDS_ONLY:
            return nodes.paragraph("", f"[{alt}]")
        if isinstance(content, Inline):
            return nodes.raw("", content.markup, format="html", classes=["no-search"])
        uri = content.path
        image = nodes.image(uri=uri, candidates={content.media_type: uri}, alt=alt)
        image["classes"] += ["kerasarch-image", "dark-light", *request.classes]
        if request.width:
            image["width"] = request.width
        elif kind == "html" and content.width:
            image["width"], image["height"] = f"{content.width:.0f}", f"{content.height:.0f}"
        self.env.images.add_file(request.docname, uri)
        return image


def told(found: tuple[Failure, ...], kind: str) -> tuple[Failure, ...]:
    """The failures in characters that the builder can print."""
    if kind != "latex":
        return found
    from . import latex

    return tuple(
        failure
        if failure is OFF
        else Failure(failure.slug, *map(latex.plain, (failure.message, failure.advice, failure.traceback)))
        for failure in found
    )


def fill_failure(
    place: nodes.Element, table: nodes.table | None, request: ModelRequest, found: tuple[Failure, ...]
) -> None:
    if OFF in found:
        said = nodes.paragraph("", f"{request.target}: {OFF.message}", classes=["kerasarch-off"])
        replace(place, [said if table is None else _one_cell(said)])
    else:
        replace(place, [box(request, found) if table is None else row(request, found)])


def fill_table(place: nodes.Element, table: nodes.table | None, content: Table, kind: str) -> None:
    from . import latex
    from .tables import tgroup

    if table is None:  # a view of a third party, whose kind the directive could not know
        table = nodes.table("", classes=["kerasarch"])
        replace(place, [table])
        table += place
    table["classes"] += ["colwidths-auto"]
    group = tgroup(content, kind)
    if kind == "latex":
        table["classes"] += ["booktabs"]
        surround(table, latex.before(content, group), latex.after())
    replace(place, [group])


def surround(element: nodes.Element, before: list[nodes.Node], after: list[nodes.Node]) -> None:
    """Put nodes around ``element``, and before its targets: LaTeX sets those only if nothing stands between."""
    parent = element.parent
    place = parent.index(element)
    parent.insert(place + 1, after)
    while place and isinstance(parent[place - 1], nodes.target | addnodes.index):
        place -= 1
    parent.insert(place, before)


def _one_cell(content: nodes.Node) -> nodes.tgroup:
    group = nodes.tgroup("", nodes.colspec(colwidth=60), cols=1)
    group += nodes.tbody("", nodes.row("", nodes.entry("", content)))
    return group


def replace(place: nodes.Element, new: list[nodes.Node]) -> None:
    parent = place.parent
    index = parent.index(place)
    parent[index : index + 1] = new
    for node in new:
        node.parent = parent
        if parent.document is not None:
            node.document = parent.document
