"""The style sheet: written once per build, linked from the pages that need it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .domain import KerasDomain

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NAME = "kerasarch.css"


def add_stylesheet(app: Sphinx) -> None:
    """Put the style sheet where HTML builders collect static files."""
    if app.builder.format != "html":
        return
    from .stylesheet import stylesheet

    folder = Path(app.doctreedir) / "kerasarch-static"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / NAME
    text = stylesheet()
    if not file.is_file() or file.read_text("utf-8") != text:
        file.write_text(text, "utf-8")
    app.config.html_static_path.append(str(folder))


def link_stylesheet(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    domain = cast(KerasDomain, app.env.get_domain("keras"))
    # A builder that merges all documents into one page names the page after the root document.
    merged = app.builder.name == "singlehtml" and bool(domain.collected["requests"])
    if pagename in domain.collected["requests"] or merged:
        app.add_css_file(NAME)
