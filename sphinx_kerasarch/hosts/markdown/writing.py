"""From a block to elements of the page: figures, tables, or a box that says what is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from ... import escape
from ...errors import ERRORS, KerasarchError
from ...escape import identifier
from ...figure import Table
from ...formats.html import fill
from ...inspector import Description
from ...spec.query import describe_words
from ...theme import palette
from ..page import stylesheet
from ..page.drawing import drawn
from ..page.failures import again, failure_of, located, log_text, subject
from ..page.options import TABLES, alt_text, caption_words, short_name
from ..page.request import Failure, ModelRequest
from ..page.session import DEFECT, Place, Session
from ..page.stylesheet import ON_DARK, ON_LIGHT
from ..page.views import svg_size
from .labels import FIGURE, TABLE, Labels
from .log import warn
from .request import request_of
from .scan import Found

Parse = Callable[[str], list[Element]]
Stash = Callable[[str], str]
OFF = Failure("off", "Not drawn: mode is 'off'.")


class Writer:
    """The blocks of one page, in their order: numbers and names are given as they come."""

    def __init__(self, session: Session, place: Place) -> None:
        self.session = session
        self.place = place
        self.labels = Labels(session.values["numbers"])
        self.failures: list[tuple[str, str]] = []
        """Slug and text of each warning."""
        self._styled = not session.values["styles"]

    def elements(self, found: Found, parse: Parse, stash: Stash) -> list[Element]:
        """What stands at the place of a block. Raises :class:`.KerasarchError` where ``on_error`` is ``raise``."""
        request, values, text = request_of(found, self.place, self.session.values)
        caption, legend = _caption(parse(text) if text.strip() else [])
        result = [] if self._styled else [self._style(stash)]
        answer = self._answer(request)
        captioned = caption is not None or bool(values["name"])
        failed: tuple[Failure, ...] = ()
        if (refused := self.labels.refused(values["name"])) is not None:
            self._say(request, (refused,))
        for index, view in enumerate(request.views):
            name = self.labels.name(values["name"], request.target, view if index else "")
            shown = answer if isinstance(answer, tuple) else self._drawn(request, index, name, answer)
            said = caption if index == 0 else None
            if said is None and captioned:
                said = _default_caption(view, request.target, stash)
            after = legend if index == 0 else []
            table = isinstance(shown, Table) or (isinstance(shown, tuple) and view in TABLES)
            element = Element("table" if table else "figure", {"id": name})
            align = f"align-{request.align or 'default'}"
            classes = ["kerasarch", f"kerasarch-{identifier(view)}", align, *values["figclass"]]
            element.set("class", " ".join([*classes, *(request.classes if table else ())]))
            if said is not None:
                self._number(said, TABLE if table else FIGURE, name)
            if isinstance(shown, tuple):
                new = shown if shown != failed else (again(request, 0),)
                if shown != failed:
                    self._say(request, shown)
                failed = failed or shown
                element.tag = "figure"
                element.append(_box(request, new, stash))
                _append_caption(element, said, after)
                result.append(element)
            elif isinstance(shown, Table):
                result += self._table(element, shown, said, after, request.width, stash)
            else:
                assert isinstance(answer, Description)
                element.append(self._image(request, shown, stash, index, answer))
                _append_caption(element, said, after)
                result.append(element)
        return result

    # ---- what is shown

    def _answer(self, request: ModelRequest) -> Description | tuple[Failure, ...]:
        if request.problems:
            return request.problems
        if self.session.asked is not None:
            self.session.asked.append(request)
        if self.session.asked is not None or self.session.values["mode"] == "off":
            return (OFF,)
        found = self.session.answer(request.source)
        return (located(request, found),) if isinstance(found, Failure) else found

    def _drawn(
        self, request: ModelRequest, index: int, name: str, answer: Description
    ) -> list[bytes] | Table | tuple[Failure, ...]:
        """The picture; as files, with the theme ``auto``, one for light pages and one for dark ones."""
        inline = self.session.publish is None
        # The model, too: lists of posts show figures of several pages in one, and some of them have one name.
        place = (self.place.page, name, request.target, request.arguments, request.views[index])
        prefix = f"ka{_digest(chr(0).join(place))[:6]}" if inline else "ka"
        auto = (request.theme or self.session.values["theme"]) == "auto"
        asked = [request] if inline or not auto else [request._replace(theme=theme) for theme in ("light", "dark")]
        try:
            found = [drawn(self.session, one, index, answer, prefix, inline=inline) for one in asked]
        except Exception as error:  # a view may come from a third party; no figure may stop a page
            return (failure_of(error, DEFECT),)
        return found[0] if isinstance(found[0], Table) else [data for data in found if isinstance(data, bytes)]

    def _image(
        self, request: ModelRequest, pictures: list[bytes], stash: Stash, index: int, answer: Description
    ) -> Element:
        view = request.views[index]
        place = Element("div", {"class": " ".join(["kerasarch-image", escape.IGNORED, *request.classes])})
        if request.width:
            place.set("style", f"width: {request.width}; margin-inline: auto")
        if self.session.publish is None:
            place.set("data-search-exclude", "")  # the letters of a picture are no text of the page
            place.text = AtomicString(stash(pictures[0].decode()))
            return place
        slug = f"{identifier(short_name(request.target)) or 'model'}-{identifier(view)}"
        alt = request.alt or alt_text(view, describe_words(answer.spec))
        # Python-Markdown leaves alone what looks like a character reference.
        alt = escape.line(alt).replace("&", "&amp;")
        for data, kind in zip(pictures, (ON_LIGHT, ON_DARK) if len(pictures) > 1 else ("",), strict=True):
            url = self.session.publish(f"kerasarch-{slug}-{_digest(data)[:8]}.svg", data)
            width, height = svg_size(data)
            told = {"class": f"kerasarch-image {kind}".rstrip(), "src": url, "alt": alt}
            lazy = {"loading": "lazy"} if kind == ON_DARK else {}  # not fetched where it is not shown
            SubElement(place, "img", {**told, "width": f"{width:.0f}", "height": f"{height:.0f}", **lazy})
        return place

    def _table(
        self,
        element: Element,
        table: Table,
        said: Element | None,
        legend: list[Element],
        width: str,
        stash: Stash,
    ) -> list[Element]:
        if said is not None:
            said.tag = "caption"
            element.append(said)
        if width:
            element.set("style", f"width: {width}")
        rows = Element("table")
        fill(rows, table)
        for part in rows.iter():
            part.text = literal(part.text, stash) if part.text else None
        element.extend(rows)
        after = []
        if table.note:
            note = Element("p", {"class": f"kerasarch-note {escape.IGNORED}"})
            note.text = literal(table.note, stash)
            after.append(note)
        if legend:
            place = Element("div", {"class": "kerasarch-legend"})
            place.extend(legend)
            after.append(place)
        return [element, *after]

    # ---- around it

    def _number(self, caption: Element, word: str, name: str) -> None:
        said = self.labels.number(word, name)
        if not said:
            return
        number = Element("span", {"class": "kerasarch-number"})
        number.text = AtomicString(f"{said}.")
        number.tail = f" {caption.text or ''}"
        caption.text = None
        caption.insert(0, number)

    def _style(self, stash: Stash) -> Element:
        self._styled = True
        place = Element("div", {"class": "kerasarch-style", "hidden": ""})
        place.text = AtomicString(stash(f"<style>\n{styles(self.session.values)}</style>"))
        return place

    def _say(self, request: ModelRequest, found: tuple[Failure, ...]) -> None:
        how = self.session.values["on_error"]
        for failure in found:
            if failure == OFF or how == "ignore":
                continue
            text = f"{request.location}: {log_text(request, failure)}"
            if how == "raise":
                raise ERRORS.get(failure.slug, KerasarchError)(text)
            self.failures.append((failure.slug, text))
            warn(f"{text} [kerasarch.{failure.slug}]")


def styles(values: dict[str, Any]) -> str:
    """The style sheet of pages with figures."""
    light = palette("light", values["colors"])
    return stylesheet.common(light) + stylesheet.themed(light)


def _caption(parsed: list[Element]) -> tuple[Element | None, list[Element]]:
    """The first paragraph, and what follows."""
    if parsed and parsed[0].tag == "p":
        return parsed[0], parsed[1:]
    return None, parsed


def literal(text: str, stash: Stash) -> AtomicString:
    """``text`` as it stands. It is put back when the page is written: in the tree, extensions would still take names of
    layers for lists of attributes, abbreviations or formulas, atomic or not."""
    return AtomicString(stash("\n".join(map(escape.xml, escape.lines(text).split("\n")))))


def _default_caption(view: str, target: str, stash: Stash) -> Element:
    paragraph = Element("p")
    paragraph.text = literal(caption_words(view), stash)
    SubElement(paragraph, "code").text = literal(short_name(target), stash)
    return paragraph


def _append_caption(figure: Element, said: Element | None, legend: list[Element]) -> None:
    if said is None and not legend:
        return
    place = SubElement(figure, "figcaption")
    if said is not None:
        place.append(said)
    if legend:
        SubElement(place, "div", {"class": "legend"}).extend(legend)


def _box(request: ModelRequest, found: tuple[Failure, ...], stash: Stash) -> Element:
    if found == (OFF,):
        place = Element("p", {"class": "kerasarch-off"})
        place.text = literal(f"{request.target}: {OFF.message}", stash)
        return place
    box = Element("div", {"class": f"admonition error danger kerasarch-failure {escape.IGNORED}"})
    title = SubElement(box, "p", {"class": "admonition-title"})
    title.text = "Error"
    for failure in found:
        said = SubElement(box, "p")
        code = SubElement(said, "code")
        code.text = literal(subject(request, failure), stash)
        code.tail = literal(f": {failure.message}", stash)
        if failure.advice:
            SubElement(box, "p").text = literal(failure.advice, stash)
        if failure.traceback:
            SubElement(SubElement(box, "pre"), "code").text = literal(failure.traceback, stash)
    return box


def _digest(data: bytes | str) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()
