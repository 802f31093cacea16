"""The style sheets: written once per build, linked from the pages that need them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from . import collect
from .domain import KerasDomain

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def add_stylesheets(app: Sphinx) -> None:
    """Put the style sheets where HTML builders collect static files."""
    if app.builder.format != "html":
        return
    from .stylesheet import SHEETS

    folder = Path(app.doctreedir) / "kerasarch-static"
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in SHEETS.items():
        file, text = folder / name, write()
        if not file.is_file() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")
    app.config.html_static_path.append(str(folder))


def link_stylesheets(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    data = cast(KerasDomain, app.env.get_domain("keras")).collected
    # A builder that merges all documents into one page names the page after the root document.
    merged = app.builder.name == "singlehtml" and pagename == app.config.root_doc
    requests = list(collect.requests(data)) if merged else data["requests"].get(pagename, [])
    if requests:
        app.add_css_file("kerasarch.css")
    if any((request.theme or app.config.kerasarch_theme) == "auto" for request in requests):
        app.add_css_file("kerasarch-themed.css")
