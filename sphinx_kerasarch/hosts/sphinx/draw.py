"""From a description to what a page can hold: an image file or a table."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import api, registry
from ...cache import artifact_key
from ...escape import identifier
from ...figure import Table
from ...spec import ArchSpec
from ...spec.assign import with_labels, with_roles
from ..page.options import TABLES, short_name
from ..page.request import ModelRequest
from ..page.views import inline_svg, svg_size, view_options
from . import latex, memory
from .memory import Picture
from .results import Inline, Order

if TYPE_CHECKING:
    from .describing import Describing


def draw(
    spec: ArchSpec,
    digest: str,
    request: ModelRequest,
    index: int,
    order: Order,
    folder: Path,
    describing: Describing,
) -> Picture | Inline | Table:
    """What to show for a view of ``request``. Raises :class:`.KerasarchError`."""
    view = request.views[index]
    options = view_options(request, view)
    spec = with_labels(with_roles(spec, dict(order.roles)), dict(order.labels))
    if view in TABLES:
        return _drawn_table(spec, view, options)
    prefix = _prefix(request, index, describing.srcdir) if order.inline else ""
    told = {**options, "inline": [prefix, request.alt]} if prefix else options
    paged = order.format == "pdf" and view == "graph"
    told = {**told, "paged": True} if paged else told
    styles = {
        "colors": order.colors,
        "roles": order.roles,
        "labels": order.labels,
        "fonts": [d for _, d in order.fonts],
    }
    told = {**told, **{name: value for name, value in styles.items() if value}}
    key = artifact_key(digest, view, told, order.format, order.theme)
    record = registry.format(order.format)
    kept, data = describing.kept.artifact(key, record.suffix)
    if data is None:
        figure = latex.draw_graph(spec, options) if paged else api.draw(spec, view, **options).figure
        if isinstance(figure, Table):
            return figure
        if order.inline:
            data = inline_svg(figure, dict(order.colors), prefix, request.alt)
        else:
            more = {"fonts": [file for file, _ in order.fonts]} if order.fonts else {}
            data = api.write(figure, order.format, theme=order.theme, colors=dict(order.colors), **more)
        kept = describing.kept.keep_artifact(key, record.suffix, data)
    if order.inline:
        return Inline(data.decode())
    slug = f"{identifier(short_name(request.target)) or 'model'}-{identifier(view)}"
    name = f"kerasarch-{slug}-{memory.digest_in_name(data)}{record.suffix}"
    width, height = svg_size(data) if order.format == "svg" else (0.0, 0.0)
    return Picture(_publish(folder / name, data), record.media_type, width, height, kept)


def _drawn_table(spec: ArchSpec, view: str, options: dict[str, Any]) -> Table:
    table = api.draw(spec, view, **options).figure  # quicker drawn than looked up
    assert isinstance(table, Table)
    return table


def _publish(path: Path, data: bytes) -> str:
    """A file whose name may be seen: builders take the public name of an image from its file."""
    if not memory.is_whole(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return str(path)


def _prefix(request: ModelRequest, index: int, srcdir: Path) -> str:
    """Of the ids of an inline figure: unique on any page, also when a builder merges all pages into one, and the same
    in another checkout."""
    location = request.location
    with contextlib.suppress(ValueError):  # another drive
        location = Path(os.path.relpath(location, srcdir)).as_posix()
    place = f"{request.docname}\0{location}\0{index}"
    return f"ka{hashlib.sha256(place.encode()).hexdigest()[:6]}"
