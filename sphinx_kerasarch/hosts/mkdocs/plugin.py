"""The plugin: one batch for all pages, watched sources, files of the site."""

from __future__ import annotations

import posixpath
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from ...errors import KerasarchError
from ...theme import palette
from ..markdown.extension import KerasarchExtension
from ..markdown.labels import REFERENCE
from ..markdown.request import sources_of
from ..markdown.scan import lines_of, may_hold, scan
from ..markdown.writing import styles
from ..page.request import ModelRequest, Source
from ..page.session import Place
from .config import PluginConfig, extension_settings
from .watching import Watched, watched

if TYPE_CHECKING:
    from mkdocs.utils.templates import TemplateContext

STYLES = "assets/kerasarch.css"
PICTURES = "assets/kerasarch/"
DRAWN = re.compile(r"<svg\b[^>]*\bkerasarch-svg\b.*?</svg>|(?<=data-search-exclude=\"\">)\s*<svg\b.*?</svg>", re.DOTALL)
REFERENCES = re.compile(rf'<a(?P<one>[^>]*) {REFERENCE}="(?P<to>[^"]*)"(?P<two>[^>]*)>(?P<text>[^<]*)</a>')

INCLUDES = re.compile(r"-8<-|\{[%{!]")
"""What snippets, macros and their like put other text in place of."""
FIGURE = 'class="kerasarch kerasarch-'


def _text(file: File) -> str:
    """The Markdown of a page; nothing where no block is in it, or where MkDocs will say why it cannot be read."""
    text = _whole(file)
    return text if may_hold(text) else ""


def _whole(file: File) -> str:
    try:
        return file.content_string
    except (OSError, ValueError):
        return ""


class KerasarchPlugin(BasePlugin[PluginConfig]):  # type: ignore[no-untyped-call]
    """Registered as ``kerasarch``."""

    asked: list[ModelRequest] | None = None
    """Takes what the pages ask for, see :attr:`.Session.asked`."""

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Its presence keeps this object, and with it the worker, over the rebuilds of ``mkdocs serve``."""
        self._command, self._dirty = command, dirty
        self._server: Any = None
        self._places: tuple[Watched, ...] | None = None
        self._watched: set[str] = set()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        folder = str(Path(config.config_file_path or "mkdocs.yml").resolve().parent)
        try:
            settings = extension_settings(self.config, folder)
            self._extension = KerasarchExtension(**settings, docs=config.docs_dir)
            palette("light", self.config.colors)
        except KerasarchError as error:
            raise PluginError(str(error)) from None
        self.session = self._extension.session
        self.session.begin()
        self.session.configuration = Path(config.config_file_path or "mkdocs.yml").name
        self.session.asked = self.asked
        self.session.publish = self._publish if self.config.pictures == "files" else None
        names = [name for name in config.markdown_extensions if "kerasarch" in str(name)]
        for name in names:  # listed as well: the settings of the plugin are those that count
            config.markdown_extensions.remove(name)
        config.markdown_extensions.append(self._extension)  # type: ignore[arg-type]
        if STYLES not in config.extra_css:
            config.extra_css.append(STYLES)
        if self._command == "serve" and self._places is None:
            self._places = self._around(config)
        for place in self._places or ():
            if place.whole and place.folder not in config.watch:
                config.watch.append(place.folder)
        return config

    def _around(self, config: MkDocsConfig) -> tuple[Watched, ...]:
        left_out = [Path(config.site_dir), Path(config.docs_dir)]  # MkDocs watches the pages itself
        if self.config.cache_dir:
            left_out.append(self.session.base / self.config.cache_dir)
        return tuple(place for entry in self.session.path for place in watched(Path(entry), left_out))

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Describe the models of all pages in one batch."""
        self._files, self._config = files, config
        self._numbers: dict[str, dict[str, str]] = {}
        self.session.read = self._read
        pages = {file.src_uri: text for file in files.documentation_pages() if (text := _text(file))}
        asked = {uri: self._sources(uri, text) for uri, text in pages.items()}
        self.session.prefetch(source for sources in asked.values() for source in sources)
        self._watch()
        for file in files.documentation_pages() if self._dirty else ():
            self._mark(file, asked.get(file.src_uri, []))
        return files

    def _sources(self, uri: str, text: str) -> list[Source]:
        return sources_of(scan(lines_of(text))[1], Place(uri), self.session.values)

    def _mark(self, file: File, sources: list[Source]) -> None:
        """A dirty build leaves out pages that are older than their Markdown; a page is as old as its models, too.

        Which models a page has from snippets and macros is known when it is made: one with such figures always is.
        """
        page = Path(file.abs_dest_path)
        if not page.is_file():
            return
        built = page.stat().st_mtime
        if any(self.session.younger(source, built) for source in sources) or (
            INCLUDES.search(_whole(file)) and FIGURE in page.read_text("utf-8", "replace")
        ):
            file.is_modified = lambda: True  # type: ignore[method-assign]

    def _read(self, page: str) -> str | None:
        file = self._files.get_file_from_path(page)
        return _text(file) if file else None

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        whole = page.file.content_string
        self._page, self._files = page, files  # another plugin may have put its own in place of those of on_files
        self.session.place = Place(page.file.src_uri, max(0, whole.count("\n") - markdown.count("\n")))
        return markdown

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        self._numbers[page.file.src_uri] = self._extension.writer.labels.numbers
        return html

    @event_priority(100)
    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        """All pages have their figures now: references get the numbers that these have, whatever plugins put in.

        The style sheet comes into the site here, since there are plugins whose ``on_files`` cannot bear files that are
        not in a folder (mkdocs-static-i18n).
        """
        if files.get_file_from_path(STYLES) is None:
            files.append(File.generated(config, STYLES, content=styles(self.session.values)))

        def numbered(match: re.Match[str]) -> str:
            page, _, name = unescape(match["to"]).partition("#")
            return f"<a{match['one']}{match['two']}>{self._numbers.get(page, {}).get(name, match['text'])}</a>"

        for file in files.documentation_pages():
            if file.page is not None and file.page.content:
                file.page.content = REFERENCES.sub(numbered, file.page.content)
        return env

    def _publish(self, name: str, data: bytes) -> str:
        """A picture as a file of the site; its path from the page's source, which MkDocs makes an address."""
        uri = PICTURES + name
        if self._files.get_file_from_path(uri) is None:
            self._files.append(File.generated(self._config, uri, content=data))
        return posixpath.relpath(uri, posixpath.dirname(self._page.file.src_uri) or ".")

    # The letters of a picture are no text of the page: the search plugin of MkDocs takes page.content as it is.

    @event_priority(100)
    def _hide(self, /, context: TemplateContext, *, page: Page, **_: Any) -> TemplateContext:
        self._whole = page.content or ""
        page.content = DRAWN.sub("", self._whole)
        return context

    @event_priority(-100)
    def _show(self, /, context: TemplateContext, *, page: Page, **_: Any) -> TemplateContext:
        page.content = self._whole
        return context

    on_page_context = CombinedEvent(_hide, _show)

    def on_serve(self, server: Any, *, config: MkDocsConfig, builder: Any) -> Any:
        """Watch what the models were made from, also where it lies outside of the configured paths."""
        self._server = server
        for place in self._places or ():
            if not place.whole:
                server.watch(place.folder, recursive=False)
        self._watch()
        return server

    def _watch(self) -> None:
        if self._server is None:
            return
        places = (*(self._places or ()), Watched(self._config.docs_dir, True))
        for name in sorted(self.session.files() - self._watched):
            self._watched.add(name)
            if not any(place.sees(Path(name)) for place in places):
                self._server.watch(name)

    def on_shutdown(self) -> None:
        if hasattr(self, "session"):
            self.session.close()
