"""From a request to a figure: the options of its views, the words for those who do not see it, the drawing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ... import api, registry
from ...errors import OptionError
from ...figure import Figure, Graph, Scene
from ...options import resolve, suggest
from .options import OPTIONS
from .request import ModelRequest


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


def described(figure: Figure, alt: str) -> Figure:
    """``figure`` with an author's words for those who do not see it, where there are some."""
    return replace(figure, description=alt) if alt and isinstance(figure, Graph | Scene) else figure


def inline_svg(figure: Figure, colors: Mapping[str, Any], prefix: str, alt: str) -> bytes:
    """An ``svg`` element that takes its colours from the page. ``alt``: instead of the figure's own description."""
    return api.write(described(figure, alt), "svg", colors=dict(colors), flavour="themed", prefix=prefix)


def svg_size(data: bytes) -> tuple[float, float]:
    """Width and height in CSS px from the root element; (0, 0) when it names none."""
    head = data[:2000].decode("utf-8", "replace")
    found = re.search(r"<svg\b[^>]*>", head)
    sizes = []
    for side in ("width", "height"):
        match = re.search(rf'\b{side}="([0-9.]+)(?:px)?"', found[0]) if found else None
        sizes.append(float(match[1]) if match else 0.0)
    return sizes[0], sizes[1]
