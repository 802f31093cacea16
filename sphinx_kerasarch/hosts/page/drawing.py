"""From a description to what a page without Sphinx holds: the bytes of a picture, or a table."""

from __future__ import annotations

from ... import api, registry
from ...cache import artifact_key
from ...figure import Table
from ...inspector import Description
from ...spec.assign import with_labels, with_roles
from ...spec.codec import digest
from .options import TABLES
from .request import ModelRequest
from .session import Session
from .views import described, inline_svg, view_options


def drawn(
    session: Session,
    request: ModelRequest,
    index: int,
    answer: Description,
    prefix: str,
    *,
    inline: bool,
    format: str = "svg",
) -> bytes | Table:
    """What to show for view number ``index`` of a request: remembered, from the cache, or made.

    ``prefix``: start of the ids in the picture. ``inline``: whether it stands in the page itself and may take its
    colours from there. Raises :class:`.KerasarchError` for options and figures that cannot be.
    """
    values = session.values
    view = request.views[index]
    options = view_options(request, view)
    theme = request.theme or values["theme"]
    plain = "light" if theme == "auto" else theme
    themed = theme == "auto" and inline
    tables: list[Table] = []

    def make() -> bytes:
        spec = with_labels(with_roles(answer.spec, values["roles"]), values["labels"])
        figure = api.draw(spec, view, **options).figure
        if isinstance(figure, Table):
            tables.append(figure)
            return b""
        if themed:
            return inline_svg(figure, values["colors"], prefix, request.alt)
        more = {"prefix": prefix} if format == "svg" else {}
        figure = described(figure, request.alt if inline else "")
        return api.write(figure, format, theme=plain, colors=values["colors"], **more)

    if view in TABLES:
        make()
        return tables[0]
    styles = {key: values[key] for key in ("colors", "roles", "labels")}
    told = {**options, **styles, "place": [prefix, request.alt if inline else "", themed]}
    key = artifact_key(digest(answer.spec), view, told, format, theme)
    data = session.drawn(key, make, registry.format(format).suffix)
    if not data:  # a table of a third party's view: quicker drawn than kept
        make()
        return tables[-1]
    return data
