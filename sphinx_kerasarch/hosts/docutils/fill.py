"""The transform that puts pictures and tables into their places, once the whole document has been read.

Its first run in a document describes all models of that document in one batch.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from docutils.transforms import Transform
from docutils.utils import Reporter

from ... import escape
from ...errors import ERRORS, KerasarchError, OptionError
from ...figure import Table
from ...inspector import Description
from ...spec.query import describe_words
from ...theme import palette
from ..page import stylesheet
from ..page.drawing import drawn
from ..page.failures import again, failure_of, located, log_text
from ..page.options import alt_text, short_name
from ..page.request import Failure, ModelRequest
from ..page.session import DEFECT
from . import boxes, latex
from .site import Site, log
from .tables import note, tgroup

OFF = Failure("off", "Not drawn: mode is 'off'.")
NO_FOLDER = Failure(
    OptionError.slug,
    "There is no folder for the PDF file that LaTeX includes.",
    "Write the document to a file, or tell one: register(files='figures').",
)
TEXT_WIDTH, TEXT_HEIGHT = 440.0, 600.0
"""pt on the page that docutils sets up for LaTeX, roughly; a larger picture is fitted."""


class Told(NamedTuple):
    """What a pending node says of itself."""

    site: Site
    request: ModelRequest
    view: int
    """Number of the view."""
    kind: str
    """``content``, or ``note`` for the paragraph below a table."""


def told(pending: nodes.pending) -> Told:
    return Told(**pending.details)


class Fill(Transform):
    default_priority = 690

    def apply(self, **_: Any) -> None:
        place = self.startnode
        assert isinstance(place, nodes.pending)
        site, request, index, kind = told(place)
        if self.document not in site.begun:
            site.begun.add(self.document)
            self._describe(site)
        language = language_of(self.document)
        shown = content(site, request, index, language)
        if kind == "note":
            _replace(place, note(shown.note if isinstance(shown, Table) else "", language))
            return
        if language == "html" and self.document not in site.styled and site.session.values["styles"]:
            site.styled.add(self.document)
            _before(place, style(site))
        if isinstance(shown, tuple):
            self._fail(place, shown, language)
        elif isinstance(shown, Table):
            _fill_table(place, shown, language)
        elif language == "latex":
            self._include(place, shown)
        else:
            _replace(place, [picture(site, request, shown, language, index)])

    def _describe(self, site: Site) -> None:
        if site.session.values["mode"] == "off":
            return
        found = [told(one) for one in self.document.findall(nodes.pending) if one.transform is Fill]
        asked = [one.request for one in found if one.site is site and not one.request.problems]
        site.session.turn(dict.fromkeys(request.source for request in asked))

    def _fail(self, place: nodes.pending, found: tuple[Failure, ...], language: str) -> None:
        site, request, index, _ = told(place)
        if index and found == content(site, request, 0, language):
            found = (again(request, 0),) if OFF not in found else found
        else:
            self._say(site, request, found)
        table = isinstance(place.parent, nodes.table)
        if OFF in found:
            said = nodes.paragraph("", escape.line(f"{request.target}: {OFF.message}"), classes=["kerasarch-off"])
            _replace(place, [boxes.one_cell(said) if table else said])
            return
        if language == "latex":
            found = tuple(Failure(one.slug, *map(latex.plain, one[1:])) for one in found)
        if table and language != "html":
            _replace(place, [boxes.row(request, found)])
        else:
            box = boxes.box(request, found)
            _replace(place, [boxes.one_cell(box) if table else box])

    def _say(self, site: Site, request: ModelRequest, found: tuple[Failure, ...]) -> None:
        how = site.session.values["on_error"]
        reporter = self.document.reporter
        for failure in found:
            if failure == OFF or how == "ignore":
                continue
            text = escape.lines(f"{log_text(request, failure)} [kerasarch.{failure.slug}]")
            if how == "raise":
                raise ERRORS.get(failure.slug, KerasarchError)(f"{request.location}: {text}")
            if reporter.halt_level <= Reporter.WARNING_LEVEL:  # Pelican: a warning would cost the whole article
                log(f"{request.location}: {text}")
                continue
            source, _, line = request.location.rpartition(":")
            message = reporter.warning(text, source=source, line=int(line) if line.isdecimal() else None)
            if message in self.document.transform_messages:  # the box says it at its place
                self.document.transform_messages.remove(message)

    def _include(self, place: nodes.pending, data: bytes) -> None:
        site, request, index, _ = told(place)
        output = getattr(self.document.settings, "_destination", None) or ""
        folder = site.files or (Path(output).resolve().parent if output else None)
        if folder is None:
            self._fail(place, (NO_FOLDER,), "latex")
            return
        slug = f"{escape.identifier(short_name(request.target)) or 'model'}-{escape.identifier(request.views[index])}"
        path = folder / f"kerasarch-{slug}-{hashlib.sha256(data).hexdigest()[:8]}.pdf"
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        uri = Path(os.path.relpath(path, Path(output).resolve().parent)) if output else path
        image = nodes.image(uri=uri.as_posix(), alt=alt_of(site, request, index), classes=list(request.classes))
        image.update_basic_atts(fitted(data, request.width))
        _replace(place, [image])


def language_of(document: nodes.document) -> str:
    """``html``, ``latex``, or ``words`` for a writer that takes no picture of ours. A tree alone is for HTML."""
    writer: Any = document.transformer.components.get("writer")
    if writer is None or any(writer.supports(name) for name in ("html", "null")):
        return "html"
    return "latex" if writer.supports("latex") else "words"


def content(site: Site, request: ModelRequest, index: int, language: str) -> bytes | Table | tuple[Failure, ...]:
    """A picture, a table, or what is wrong. What was drawn once is remembered by the session."""
    if request.problems:
        return request.problems
    if site.session.values["mode"] == "off":
        return (OFF,)
    answer = site.session.answer(request.source)
    if isinstance(answer, Failure):
        return (located(request, answer),)
    try:
        inline = language == "html"
        name = f"{request.docname}\0{request.location.rpartition(':')[2]}\0{index}"
        prefix = f"ka{hashlib.sha256(name.encode()).hexdigest()[:6]}"
        format = "pdf" if language == "latex" else "svg"
        return drawn(site.session, request, index, answer, prefix, inline=inline, format=format)
    except Exception as error:  # a view may come from a third party; no figure may stop a page
        return (failure_of(error, DEFECT),)


def alt_of(site: Site, request: ModelRequest, index: int) -> str:
    answer = site.session.answer(request.source)
    words = describe_words(answer.spec) if isinstance(answer, Description) else request.target
    return escape.line(request.alt or alt_text(request.views[index], words))


def picture(site: Site, request: ModelRequest, data: bytes, language: str, index: int) -> nodes.Element:
    if language == "words":
        return nodes.paragraph("", f"[{alt_of(site, request, index)}]")
    classes = " ".join(["kerasarch-image", escape.IGNORED, *request.classes])
    width = f' style="width: {request.width}; margin-inline: auto"' if request.width else ""
    return nodes.raw("", f'<div class="{classes}"{width}>{data.decode()}</div>', format="html")


def style(site: Site) -> nodes.raw:
    light = palette("light", site.session.values["colors"])
    rules = stylesheet.common(light) + stylesheet.themed(light)
    return nodes.raw("", f'<div class="kerasarch-style" hidden><style>\n{rules}</style></div>', format="html")


def fitted(data: bytes, width: str) -> dict[str, str]:
    """Attributes of an image with the size that was asked for, or no larger than the page."""
    if width:
        return {"width": width}
    match = re.search(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)", data)
    wide, high = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
    if high * min(1.0, TEXT_WIDTH / max(wide, 1.0)) > TEXT_HEIGHT:
        return {"height": f"{TEXT_HEIGHT:.0f}pt"}
    return {"width": "100%"} if wide > TEXT_WIDTH else {}


def _fill_table(place: nodes.pending, table: Table, language: str) -> None:
    element = place.parent
    if not isinstance(element, nodes.table):  # a view of a third party, whose kind the directive could not know
        element = nodes.table("", classes=["kerasarch"])
        _replace(place, [element])
        element += place
    element["classes"] += ["colwidths-auto"]
    group = tgroup(table, language)
    for sign in list(group.findall(nodes.abbreviation)):  # docutils, unlike Sphinx, does not write its explanation
        title, text = escape.xml(sign["explanation"]), escape.xml(sign.astext())
        sign.parent.replace(sign, nodes.raw("", f'<abbr title="{title}">{text}</abbr>', format="html"))
    if language == "html":
        for words in group.findall(nodes.paragraph):  # one without a class would be none in HTML 4
            words["classes"].append("kerasarch-cell")
    if language == "latex":
        element["classes"] += ["booktabs"]
        if any("kerasarchsign" in raw.astext() for raw in group.findall(nodes.raw)):
            _before(place, nodes.raw("", escape.LATEX_SIGN + "\n", format="latex"))
    _replace(place, [group])


def _before(place: nodes.Element, node: nodes.Element) -> None:
    """Put ``node`` before the figure or table that ``place`` is in."""
    element = place.parent
    assert element is not None and element.parent is not None
    element.parent.insert(element.parent.index(element), node)


def _replace(place: nodes.Element, new: list[nodes.Element]) -> None:
    parent = place.parent
    assert parent is not None
    index = parent.index(place)
    parent[index : index + 1] = new
