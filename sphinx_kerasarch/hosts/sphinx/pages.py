"""The style sheets: written when their sources change, linked from the pages that need them."""

from __future__ import annotations

import filecmp
import shutil
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from . import collect, config
from .domain import KerasDomain

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = Path(__file__).parents[1] / "page"


def add_stylesheets(app: Sphinx) -> None:
    """Put the style sheets among the static files of HTML builders.

    They are copied here: an entry of our own in ``html_static_path`` would be a change of the configuration to every
    later build, which says so.
    """
    if app.builder.format != "html":
        return
    stats = [(PAGE / part).stat() for part in ("stylesheet.py", "static/kerasarch.css", "../../theme.py")]
    own = repr(config.colors(app.config)).encode()
    stamp = "-".join(f"{stat.st_size:x}.{stat.st_mtime_ns:x}" for stat in stats) + f"-{zlib.crc32(own):x}"
    folder = Path(app.doctreedir) / "kerasarch-static" / stamp
    if not folder.is_dir():
        from ...theme import palette
        from ..page.stylesheet import SHEETS

        shutil.rmtree(folder.parent, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, write in SHEETS.items():
            (folder / name).write_text(write(palette("light", app.config.kerasarch_colors)), "utf-8")
    static = Path(app.outdir) / "_static"
    static.mkdir(exist_ok=True)
    for sheet in sorted(folder.iterdir()):
        if not (static / sheet.name).is_file() or not filecmp.cmp(sheet, static / sheet.name, shallow=False):
            shutil.copyfile(sheet, static / sheet.name)


def leave_out_of_epub(app: Sphinx) -> list[Any]:
    """Where the doctrees stand in the output, an EPUB would take in our pictures, style sheets and descriptions.

    Handler of ``html-collect-pages``, the last event before the files are listed; no page is added.
    """
    folder, output = Path(app.doctreedir), Path(app.outdir)
    if app.builder.name == "epub" and folder.is_relative_to(output):
        app.config.epub_exclude_files = [
            *app.config.epub_exclude_files,
            *sorted(
                str(file.relative_to(output)) for file in folder.glob("kerasarch*/**/*") if file.is_file()
            ),
        ]
    return []


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
