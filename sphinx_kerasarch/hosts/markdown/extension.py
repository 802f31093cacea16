"""The extension: finds the blocks, gives Python-Markdown's parser their elements, fills references to their numbers."""

from __future__ import annotations

import functools
import json
import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from ... import escape
from ...errors import ERRORS, KerasarchError
from ..page.project import Settings, settings_of
from ..page.session import Place, session_of
from .labels import REFERENCE, numbers_on, read_below, referred
from .log import say, warn
from .request import sources_of
from .scan import MARKED, Found, lines_of, may_hold, placed, scan
from .writing import Writer
from .zensical import Site, forgetting, site_of, unwatched


class KerasarchExtension(Extension):
    """Registered as ``kerasarch``. Raises :class:`.OptionError` for settings that mean nothing."""

    def __init__(self, **given: Any) -> None:
        super().__init__()
        self.given = given
        self.site: Site | None = None
        """The project, where Zensical is at work."""
        self._turn(settings_of(given))

    def _turn(self, settings: Settings) -> None:
        self.settings = settings
        self.session = session_of(settings, warn)
        self.session.say = say
        self.reset()

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        md.registerExtension(self)
        if (site := site_of(md)) is not None:
            self.site = site
            self._turn(settings_of({**site.defaults, **self.given}))
            self.session.configuration = site.configuration
            frozen = self.settings.values["mode"] == "frozen"
            what, paths = ("the lock", [str(self.session.locked_by)]) if frozen else ("a model", self.session.path)
            if missing := unwatched(site, paths):
                told = json.dumps(missing)
                toml = site.configuration.endswith(".toml")
                how = f"watch = {told} below [project]" if toml else f"watch: {told} into {site.configuration}"
                _tell_once(f"Zensical sees no change of {what}: write {how}.")
        # After normalize_whitespace (30), before fences (25) and raw HTML (20) are taken out.
        md.preprocessors.register(Finding(md, self), "kerasarch", 27)
        # After indented lines have been dealt with: what still has a mark in code stays code.
        md.parser.blockprocessors.register(Building(md.parser, self), "kerasarch", 75)
        md.treeprocessors.register(Numbering(md, self), "kerasarch", 15)
        md.postprocessors.register(Restoring(md, self), "kerasarch", 5)

    def reset(self) -> None:
        self.found: list[Found] = []
        self.turned = False
        self.writer = Writer(self.session, self.place)

    def read(self, page: str) -> str | None:
        """Markdown of a page by its path, where pages are known."""
        return (self.session.read or read_below(self.session.values["docs"]))(page)

    @property
    def place(self) -> Place:
        """The page at work, as the plugin or Zensical tells it."""
        told = self.session.place
        return Place(self.site.page) if self.site and not told.page else told


@functools.cache
def _tell_once(text: str) -> None:
    warn(text)


class Finding(Preprocessor):
    def __init__(self, md: Markdown, extension: KerasarchExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        extension = self.extension
        extension.reset()
        if not any(map(may_hold, lines)):
            return lines
        marked, found = scan(lines)
        place = extension.place
        written = extension.read(place.page) if place.page else None
        extension.found = placed(found, lines, lines_of(written), place.offset) if written else found
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
        if not self.extension.turned:  # the first block that is one: all of the page are described together
            self.extension.turned = True
            session = self.extension.session
            session.turn(sources_of(self.extension.found, self.extension.place, session.values))
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
        """``[](#lenet)`` becomes *Figure 1*, and so does ``[](page.md#lenet)`` where the pages are known."""
        extension = self.extension
        for link in root.iter("a"):
            if len(link) or (link.text or "").strip():
                continue
            page, name = referred(link.get("href", ""), extension.place)
            if page == extension.place.page:
                link.text = extension.writer.labels.numbers.get(name) or link.text
            elif name:
                text = extension.read(page) or ""
                link.text = numbers_on(text, page, extension.settings).get(name) or link.text
                if extension.session.read is not None:  # a host of whole sites, which will know better
                    link.set(REFERENCE, f"{page}#{name}")


class Restoring(Postprocessor):
    def __init__(self, md: Markdown, extension: KerasarchExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, text: str) -> str:
        """Blocks inside of code and raw HTML are what was written. Raises where Zensical is told to be strict."""
        found, failures, site = self.extension.found, self.extension.writer.failures, self.extension.site
        if site and failures:
            if site.strict:
                slug, said = failures[0]
                raise ERRORS.get(slug, KerasarchError)(said)
            forgetting(site.root).pages.add(site.page)
        return MARKED.sub(lambda match: written(found[int(match[1])].source), text) if found else text


def written(text: str) -> str:
    return "\n".join(map(escape.xml, escape.lines(text).split("\n")))
