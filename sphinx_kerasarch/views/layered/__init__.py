"""Layered view: every tensor a box in 2.5 dimensions, lengths from its shape."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import DrawError
from ...figure import Scene
from ...options import FOLD, Option, choice, flag, length
from ...registry import View
from ...spec.folding import folded
from ...spec.model import ArchSpec
from .advice import check_connected
from .compose import fuller, straight, tangled, u_form
from .fit import too_wide
from .pictures import Pictures, pictures, with_pictures

SHAPES = ("auto", "straight", "u")


def draw(
    spec: ArchSpec,
    *,
    width: float = 642.0,
    legend: bool = True,
    fold: str = "auto",
    shape: str = "auto",
    image: Pictures = (),
) -> Scene:
    """The layered figure of a model, at most ``width`` px wide.

    ``shape``: ``straight`` in rows, ``u`` with one level for each resolution, ``auto`` the latter only where the
    former does not fit. ``image``: pictures on inputs, as :func:`.pictures` reads them. Raises :class:`.DrawError`
    with advice when the model cannot be shown legibly in that width, :class:`.OptionError` for a picture on what is
    no image.
    """
    check_connected(spec)
    spec = with_pictures(spec, image)
    if shape == "u":
        return u_form(spec, width, legend)
    if folded(fold).how in {"depth", "names"}:
        return straight(spec, width, legend, fold)
    return _first(spec, width, legend, fold, shape)


def _first(spec: ArchSpec, width: float, legend: bool, fold: str, shape: str) -> Scene:
    """The first form that fits."""
    ways: list[Callable[[], Scene]] = [
        lambda: fuller(spec, width, legend, straight(spec, width, legend, fold, "first")),
        lambda: u_form(spec, width, legend),
        lambda: fuller(spec, width, legend, straight(spec, width, legend, fold, "rows")),
        lambda: tangled(spec, width, legend),
        lambda: straight(spec, width, legend, fold, "cells"),
    ]
    if shape == "straight":
        ways.pop(1)
    failure: DrawError | None = None
    for way in ways:
        try:
            return way()
        except DrawError as error:
            failure = failure or error
    assert failure is not None
    if failure.data.keys() == {"width"}:
        raise too_wide(spec, width, fold)
    raise failure


VIEW = View(
    name="layered",
    title="Layered",
    draw=draw,
    options=(
        Option(
            "width", length, 642.0, "Printed width that the figure must keep to: 85mm, 642px, narrow, wide."
        ),
        Option("legend", flag, True, "Whether a legend is drawn under the figure."),
        FOLD,
        Option(
            "shape",
            choice(*SHAPES),
            "auto",
            "straight: boxes in rows; u: encoder and decoder as a U with one level for each resolution.",
            SHAPES,
        ),
        Option(
            "image",
            pictures,
            (),
            "Picture on the front of an input: photo.png, or left=a.png, right=b.png for several inputs.",
        ),
    ),
)
