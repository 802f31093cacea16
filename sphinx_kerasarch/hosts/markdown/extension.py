"""The extension: finds the blocks, gives Python-Markdown's parser their elements, fills references to their numbers."""

from __future__ import annotations

import re
from html import escape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from ..page.project import settings_of
from ..page.session import Place, session_of
from .log import warn
from .scan import MARKED, Found, scan
from .writing import Writer


class KerasarchExtension(Extension):
    """Registered as ``kerasarch``. Raises :class:`.OptionError` for settings that mean nothing."""

    def __init__(self, **given: Any) -> None:
        super().__init__()
        self.settings = settings_of(given)
        self.session = session_of(self.settings, warn)
        self.found: list[Found] = []
        self.writer = Writer(self.session, Place())

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        md.registerExtension(self)
        # After normalize_whitespace (30), before fences (25) and raw HTML (20) are taken out.
        md.preprocessors.register(Finding(md, self), "kerasarch", 27)
        # After indented lines have been dealt with: what still has a mark in code stays code.
        md.parser.blockprocessors.register(Building(md.parser, self), "kerasarch", 75)
        md.treeprocessors.register(Numbering(md, self), "kerasarch", 15)
        md.postprocessors.register(Restoring(md, self), "kerasarch", 5)

    def reset(self) -> None:
        self.found = []
        self.writer = Writer(self.session, Place())


def place_of(md: Markdown, told: Place) -> Place:
    """The page at work: told by the plugin, or by Zensical, whose preprocessor knows it."""
    if told.page:
        return told
    for processor in md.preprocessors:
        path = getattr(getattr(processor, "page", None), "path", None)
        if path:
            return Place(str(path))
    return told


class Finding(Preprocessor):
    def __init__(self, md: Markdown, extension: KerasarchExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        if not any("keras-" in line for line in lines):
            return lines
        marked, self.extension.found = scan(lines)
        self.extension.writer = Writer(self.extension.session, place_of(self.md, self.extension.session.place))
        return marked


class Building(BlockProcessor):
    def __init__(self, parser: Any, extension: KerasarchExtension) -> None:
        super().__init__(parser)
        self.extension = extension

    def test(self, parent: Element, block: str) -> bool:
        match = MARKED.fullmatch(block.strip())
        return match is not None and int(match[1]) < len(self.extension.found)

    def run(self, parent: Element, blocks: list[str]) -> None:
        match = MARKED.fullmatch(blocks.pop(0).strip())
        assert match is not None
        for element in self.extension.writer.elements(
            self.extension.found[int(match[1])], self._parsed, self.parser.md.htmlStash.store
        ):
            parent.append(element)

    def _parsed(self, text: str) -> list[Element]:
        """Caption and legend, in which everything that the page's Markdown knows may stand."""
        place = Element("div")
        self.parser.parseBlocks(place, re.split(r"\n\s*\n", text))
        return list(place)


class Numbering(Treeprocessor):
    def __init__(self, md: Markdown, extension: KerasarchExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        """``[](#lenet)`` becomes *Figure 1*."""
        numbers = self.extension.writer.numbers
        for link in root.iter("a") if numbers else ():
            number = numbers.get(link.get("href", "").removeprefix("#"))
            if number and not len(link) and not (link.text or "").strip():
                link.text = number


class Restoring(Postprocessor):
    def __init__(self, md: Markdown, extension: KerasarchExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, text: str) -> str:
        """Blocks inside of code and raw HTML are what was written."""
        found = self.extension.found
        return MARKED.sub(lambda match: escape(found[int(match[1])].source, quote=False), text) if found else text


