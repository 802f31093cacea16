"""Put pictures and tables into their places, page by page, just before a builder writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.environment import BuildEnvironment

from ...escape import IGNORED, line
from ..page.failures import again
from ..page.options import alt_text
from ..page.request import Failure, ModelRequest
from .batch import OFF
from .candidates import Candidates
from .failures import box, one_cell, row
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
        if isinstance(content, Failure | Picture | Inline):
            replace(note, [])
            return
        from ..docutils.tables import note as note_nodes  # pages of pictures need no tables

        replace(note, [*note_nodes(content.note, self.results.kind)])

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
            news = told(self._news(request, place["index"], found), results.kind)
            fill_failure(place, table, request, news, results.kind)
        elif content is not None and not isinstance(content, Failure | Picture | Inline):
            fill_table(place, table, content, results.kind)
        else:
            known = results.known[request.source]
            assert isinstance(known, Settled)
            assert isinstance(content, Picture | Inline)
            image = self._image(request, place["index"], known, content, results.kind)
            if table is not None:
                replace(place, [one_cell(image)])
            elif results.kind == "latex" and isinstance(image, nodes.image):
                from .latex import leave_room

                replace(place, leave_room(image))
            else:
                replace(place, [image])

    def _news(self, request: ModelRequest, index: int, found: tuple[Failure, ...]) -> tuple[Failure, ...]:
        """``found``; for a further figure that fails for the same reason only a word that it does."""
        assert self.results is not None
        if index == 0 or OFF in found:
            return found
        if self.results.failures(request):
            return (again(request, 0),)
        for earlier in range(index):
            if self.results.content(request, earlier) == found[0]:
                return (again(request, earlier),)
        return found

    def _image(
        self, request: ModelRequest, index: int, known: Settled, content: Picture | Inline, kind: str
    ) -> nodes.Element:
        alt = line(request.alt or alt_text(request.views[index], known.words))
        if kind in WORDS_ONLY:
            return nodes.paragraph("", f"[{alt}]")
        if isinstance(content, Inline):
            return nodes.raw("", content.markup, format="html", classes=["no-search", *IGNORED.split()])
        uri = content.path
        assert self.results is not None
        candidates = Candidates(self.env, self.results, request, index)
        candidates[content.media_type] = uri
        image = nodes.image(uri=uri, candidates=candidates, alt=alt)
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
    from ..docutils.latex import plain

    return tuple(
        failure
        if failure is OFF
        else Failure(failure.slug, *map(plain, (failure.message, failure.advice, failure.traceback)))
        for failure in found
    )


def fill_failure(
    place: nodes.Element,
    table: nodes.table | None,
    request: ModelRequest,
    found: tuple[Failure, ...],
    kind: str,
) -> None:
    if OFF in found:
        said = nodes.paragraph("", line(f"{request.target}: {OFF.message}"), classes=["kerasarch-off"])
        replace(place, [said if table is None else one_cell(said)])
    else:
        replace(place, failure_nodes(table, request, found, kind))


def failure_nodes(
    table: nodes.table | None, request: ModelRequest, found: tuple[Failure, ...], kind: str
) -> list[nodes.Node]:
    """The same box in a figure and in a table, where the builder can."""
    if table is not None:
        return [one_cell(box(request, found)) if kind == "html" else row(request, found)]
    if kind == "latex":
        from .latex import ragged

        return ragged(box(request, found))
    return [box(request, found)]


def fill_table(place: nodes.Element, table: nodes.table | None, content: Table, kind: str) -> None:
    from ..docutils.tables import tgroup
    from . import latex

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


def replace(place: nodes.Element, new: list[nodes.Node]) -> None:
    parent = place.parent
    index = parent.index(place)
    parent[index : index + 1] = new
    for node in new:
        node.parent = parent
        if parent.document is not None:
            node.document = parent.document
