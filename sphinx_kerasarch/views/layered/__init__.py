"""Layered view: every tensor a box in 2.5 dimensions, lengths from its shape."""

from __future__ import annotations

from contextlib import suppress

from ...errors import DrawError
from ...figure import Scene
from ...options import FOLD, Option, choice, flag, length
from ...registry import View
from ...spec.model import ArchSpec
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
    if len(spec.calls) > 1 and not spec.edges:
        raise DrawError(
            "How the layers of the model are connected is not known, so there is nothing to arrange.",
            advice="Take the view 'summary', which lists them.",
        )
    spec = with_pictures(spec, image)
    if shape == "u":
        return u_form(spec, width, legend)
    if shape == "auto" and fold in {"auto", "none"}:
        with suppress(DrawError):
            return fuller(spec, width, legend, straight(spec, width, legend, fold, last_resorts=False))
        with suppress(DrawError):
            return u_form(spec, width, legend)
    try:
        return fuller(spec, width, legend, straight(spec, width, legend, fold))
    except DrawError as error:
        with suppress(DrawError):
            return tangled(spec, width, legend)
        if error.data.keys() == {"width"}:
            raise too_wide(spec, width, fold) from None
        raise


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
