"""From a description to what a page can hold: an image file or a table."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils.nodes import make_id

from ... import api, registry
from ...cache import artifact_key
from ...errors import CacheError, OptionError
from ...figure import Table
from ...options import resolve, suggest
from ...spec import ArchSpec
from ...spec.assign import with_labels, with_roles
from . import latex
from .collect import ModelRequest
from .directive import OPTIONS, TABLES, short_name
from .memory import Picture
from .results import Inline, Order

if TYPE_CHECKING:
    from .describing import Describing


def view_options(request: ModelRequest, view: str) -> dict[str, Any]:
    """The options of ``request`` that ``view`` takes, checked. ``graph-width`` goes before ``width``.

    An option that only another view of the directive knows is passed over, so that one set of options serves
    several views. Raises :class:`.OptionError` for an option that no view knows and for a bad value.
    """
    record = registry.view(view)
    mine = {option.name for option in record.options}
    given: dict[str, str] = {}
    for name, text in request.options:
        if name.removeprefix(f"{view}-") in mine and name.startswith(f"{view}-"):
            given[name.removeprefix(f"{view}-")] = text
        elif name in mine:
            given.setdefault(name, text)
        else:
            _check_known(request, name)
    return resolve(record.options, given, f"view {view!r}")


def _check_known(request: ModelRequest, name: str) -> None:
    views = registry.view_names() if request.directive == "keras-model" else request.views
    known = {option.name for option in OPTIONS} - ({"views"} if request.directive != "keras-model" else set())
    for view in views:
        own = {option.name for option in registry.view(view).options}
        known |= own
        if name in own or (name.startswith(f"{view}-") and name.removeprefix(f"{view}-") in own):
            return
    raise OptionError(f"{request.directive} has no option {name!r}.", advice=suggest(name, known))


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
    prefix = _prefix(request, index) if order.inline else ""
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
    data = _cached(describing, key, record.suffix)
    if data is None:
        figure = latex.draw_graph(spec, options) if paged else api.draw(spec, view, **options).figure
        if isinstance(figure, Table):
            return figure
        if order.inline:
            figure = replace(figure, description=request.alt or figure.description)
            data = api.write(figure, order.format, colors=dict(order.colors), flavour="themed", prefix=prefix)
        else:
            more = {"fonts": [file for file, _ in order.fonts]} if order.fonts else {}
            data = api.write(figure, order.format, theme=order.theme, colors=dict(order.colors), **more)
        _keep(describing, key, record.suffix, data)
    if order.inline:
        return Inline(data.decode())
    slug = f"{make_id(short_name(request.target)) or 'model'}-{make_id(view)}"
    name = f"kerasarch-{slug}-{hashlib.sha256(data).hexdigest()[:8]}{record.suffix}"
    width, height = svg_size(data) if order.format == "svg" else (0.0, 0.0)
    return Picture(_publish(folder / name, data), record.media_type, width, height)


def _drawn_table(spec: ArchSpec, view: str, options: dict[str, Any]) -> Table:
    table = api.draw(spec, view, **options).figure  # quicker drawn than looked up
    assert isinstance(table, Table)
    return table


def _cached(describing: Describing, key: str, suffix: str) -> bytes | None:
    store = describing.store()
    try:
        path = store.artifact(key, suffix) if store else None
        return path.read_bytes() if path else None
    except (CacheError, OSError):
        return None


def _keep(describing: Describing, key: str, suffix: str, data: bytes) -> None:
    if store := describing.store():
        try:
            store.keep_artifact(key, suffix, data)
        except CacheError as error:
            describing.without_store(error)


def _publish(path: Path, data: bytes) -> str:
    """A file whose name may be seen: builders take the public name of an image from its file."""
    if not path.is_file() or path.stat().st_size != len(data):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return str(path)


def _prefix(request: ModelRequest, index: int) -> str:
    """Of the ids of an inline figure: unique on any page, also when a builder merges all pages into one."""
    place = f"{request.docname}\0{request.location}\0{index}"
    return f"ka{hashlib.sha256(place.encode()).hexdigest()[:6]}"


def svg_size(data: bytes) -> tuple[float, float]:
    """Width and height in CSS px from the root element; (0, 0) when it names none."""
    head = data[:2000].decode("utf-8", "replace")
    found = re.search(r"<svg\b[^>]*>", head)
    sizes = []
    for side in ("width", "height"):
        match = re.search(rf'\b{side}="([0-9.]+)(?:px)?"', found[0]) if found else None
        sizes.append(float(match[1]) if match else 0.0)
    return sizes[0], sizes[1]
