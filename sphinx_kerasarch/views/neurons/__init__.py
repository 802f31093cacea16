"""Neurons view: a column of circles for each layer of vectors, with lines between them."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import DrawError
from ...figure import Scene
from ...options import Option, length
from ...registry import View
from ...spec.model import ArchSpec
from ...spec.query import describe_words
from ..layered.advice import check_connected, instead, wider, worth_wires
from ..maps.sound import sound
from . import weights
from .outline import outline
from .paint import body, edge, weighted
from .places import Placed
from .rows import MOST_ROWS, fitted
from .steps import Steps, fold, steps

MOST_STEPS = 40
TALLEST = 1300.0
"""px of the highest figure, a page and a little more."""


def draw(spec: ArchSpec, *, width: float = 642.0) -> Scene:
    """The layers of vectors of a model as columns of circles, at most ``width`` px wide.

    What is no vector is summarized in a box. Raises :class:`.DrawError` with advice when nothing of the model is a
    vector or when it cannot be shown legibly.
    """
    check_connected(spec)
    found = steps(spec)
    if not any(step.kind == "column" for step in found.values()):
        raise DrawError(
            "Nothing in the model is a vector, so there are no neurons to draw.",
            advice=instead(spec, "take the view 'maps' or 'layered'"),
        )
    shorter = fold(found)
    forms = [found, shorter] if len(shorter) < len(found) else [found]
    forms = [form for form in forms if len(form) <= MOST_STEPS]
    if drawn := _drawn(spec, forms, width):
        return drawn
    layered = ["take the view 'layered'"] if worth_wires(spec) else []
    more = wider(lambda w: _drawn(spec, forms, w) is not None, width) if forms else []
    raise DrawError(
        f"The neurons of the model do not fit legibly into {width:.0f} px: {len(shorter)} layers and blocks.",
        advice=instead(spec, *more, *layered),
        data={"steps": len(shorter), "width": round(width)},
    )


def _drawn(spec: ArchSpec, forms: Sequence[Steps], width: float) -> Scene | None:
    """In one row, then folded in one row, then in several."""
    for tried, rows in [(form, 1) for form in forms] + [(form, MOST_ROWS) for form in forms[::-1]]:
        placed = fitted(tried, width, rows)
        if placed is not None:
            scene = _scene(spec, placed)
            if scene.height <= TALLEST and sound(scene):
                return scene
    return None


def _scene(spec: ArchSpec, placed: Placed) -> Scene:
    steps = placed.steps
    lines = tuple(edge(placed, s, i) for i, step in steps.items() for s in step.inputs)
    told = any(weighted(steps[s], steps[i]) for s, i in placed.direct)
    legend, width, height = (
        weights.legend(placed.width, placed.height) if told else (None, placed.width, placed.height)
    )
    return Scene(
        width=round(width, 1),
        height=round(height, 1),
        items=(*lines, *(body(placed, i) for i in steps), *([legend] if legend else [])),
        title=spec.name,
        description=describe_words(spec),
        notes=tuple(note.message for note in spec.notes if note.slug == "values"),
        graph=outline(spec, placed.steps),
    )


VIEW = View(
    name="neurons",
    title="Neurons",
    draw=draw,
    options=(
        Option(
            "width", length, 642.0, "Printed width that the figure must keep to: 85mm, 642px, narrow, wide."
        ),
    ),
)
