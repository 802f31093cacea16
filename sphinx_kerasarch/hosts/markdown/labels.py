"""Names and numbers of the figures of a page, also of one that is not at work."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

from markdown import Markdown

from ...errors import OptionError
from ...escape import identifier
from ..page.options import TABLES, short_name
from ..page.project import Settings
from ..page.request import Failure
from ..page.session import Place
from .request import request_of
from .scan import lines_of, may_hold, scan

REFERENCE = "data-kerasarch"
"""Attribute of a link to a figure of another page, ``page.md#name``, until all pages are known."""
FIGURE, TABLE = "Figure", "Table"


class Labels:
    """Given in the order of the figures: names that the page has once, numbers of figures and tables apart."""

    def __init__(self, counted: bool) -> None:
        self.numbers: dict[str, str] = {}
        """Name → ``Figure 1``."""
        self._counted = counted
        self._names: set[str] = set()
        self._counts = {FIGURE: 0, TABLE: 0}

    def refused(self, told: str) -> Failure | None:
        """Why the first figure of a block cannot have the name that its author gave it."""
        if told and not identifier(told):
            said = f"Option 'name': {told!r} has no letter of the Latin alphabet."
            return Failure(OptionError.slug, said, "It becomes part of an address: write it in letters from a to z.")
        if identifier(told) in self._names:
            said = f"Option 'name': {identifier(told)!r} is the name of another figure on this page."
            return Failure(OptionError.slug, said, "Links lead to that one; take another name.")
        return None

    def name(self, told: str, target: str, view: str) -> str:
        """The id of a figure: as told, else from the model; ``view`` is empty for the first one of a block."""
        base = identifier(told) or f"keras-{identifier(short_name(target)) or 'model'}"
        name = wanted = f"{base}-{identifier(view)}" if view else base
        count = 1
        while name in self._names:
            count += 1
            name = f"{wanted}-{count}"
        self._names.add(name)
        return name

    def number(self, word: str, name: str) -> str:
        """``Figure 1``; empty where figures have no numbers."""
        if not self._counted:
            return ""
        self._counts[word] += 1
        self.numbers[name] = f"{word} {self._counts[word]}"
        return self.numbers[name]


@functools.lru_cache(maxsize=256)
def numbers_on(text: str, page: str, settings: Settings) -> dict[str, str]:
    """Name → ``Figure 1`` on a page whose Markdown is ``text``, without a look at any model.

    A page into which other files are put may have more figures than its text tells: there the word alone is given.
    """
    values = settings.values
    labels = Labels(values["numbers"])
    for found in scan(lines_of(text))[1] if may_hold(text) else ():
        if found.code:
            continue
        request, told, caption = request_of(found, Place(page), values)
        captioned = bool(told["name"]) or _starts_with_words(caption)
        for index, view in enumerate(request.views):
            name = labels.name(told["name"], request.target, view if index else "")
            if captioned:
                labels.number(TABLE if view in TABLES else FIGURE, name)
    if "--8<--" in text:
        return {name: number.partition(" ")[0] for name, number in labels.numbers.items()}
    return labels.numbers


def _starts_with_words(caption: str) -> bool:
    place = Element("div")
    Markdown().parser.parseBlocks(place, re.split(r"\n\s*\n", caption))
    return bool(len(place)) and place[0].tag == "p"


def referred(link: str, place: Place) -> tuple[str, str]:
    """Page and name of what a link of the page at ``place`` leads to; empty texts for what is no figure of a page."""
    path, _, name = link.partition("#")
    if not name or ":" in path or path.startswith("/") or (path and not (place.page and path.endswith(".md"))):
        return "", ""
    page = posixpath.normpath(posixpath.join(posixpath.dirname(place.page), path)) if path else place.page
    return page, name


def read_below(docs: str) -> Callable[[str], str | None]:
    """Pages of a folder; none from outside of it."""

    def read(page: str) -> str | None:
        if page.startswith("../"):
            return None
        try:
            return (Path(docs) / page).read_text("utf-8")
        except (OSError, ValueError):
            return None

    return read
