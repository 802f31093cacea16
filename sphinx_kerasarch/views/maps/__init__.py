"""Maps view: every tensor as a stack of feature maps, every vector as a slanted bar, as in the plates of LeNet-5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...errors import DrawError
from ...figure import Group, Item, Scene
from ...options import Option, choice, length
from ...registry import View
from ...spec.model import ArchSpec
from ...spec.query import describe_words
from ..layered.advice import check_connected, instead, wider, worth_wires
from ..layered.pictures import Pictures, pictures, with_pictures
from . import fit
from .outline import outline
from .paint import Sheet, body, incoming, labels
from .places import Line, Parts
from .rows import lane_orders, place
from .sound import sound

FOLDS = ("auto", "none")
TALLEST = 1300.0
"""px of the highest figure, a page and a little more."""


def draw(spec: ArchSpec, *, width: float = 642.0, fold: str = "auto", image: Pictures = ()) -> Scene:
    """The feature maps of a model from left to right, at most ``width`` px wide.

    ``fold``: ``none`` draws equal layers that follow each other one by one. ``image``: pictures on inputs. Raises
    :class:`.DrawError` with advice when the model cannot be shown legibly, :class:`.OptionError` for a picture on
    what is no image.
    """
    check_connected(spec)
    spec = with_pictures(spec, image)
    plans = list(fit.plans(spec, fold))
    drawn = _drawn(spec, plans, width)
    if isinstance(drawn, Scene):
        return drawn
    layered = ["take the view 'layered'"] if worth_wires(spec) else []
    raise DrawError(
        REASONS[drawn].format(f"{width:.0f} px"),
        advice=instead(
            spec, *wider(lambda w: isinstance(_drawn(spec, plans, w), Scene), width, drawn), *layered
        ),
        data={"calls": len(spec.calls), "width": round(width)},
    )


REASONS: Mapping[str, str] = {
    "many": "The model has too many layers for a figure of feature maps.",
    "wide": "The feature maps of the model do not fit into {}; branches and skips allow no rows.",
    "crossed": "The ways of the model cannot be drawn as feature maps without crossing each other or its words.",
}


def _drawn(spec: ArchSpec, plans: Sequence[Parts], width: float) -> Scene | str:
    """The figure, or why there is none: a key of :data:`REASONS`."""
    found: list[Scene] = []
    reason = "many"
    for parts in plans:
        fitted = fit.fit(parts, width)
        if fitted is None:
            reason = "wide"
            continue
        line, rows = fitted
        scene = _scene(spec, line, rows)
        if scene is None:
            reason = "crossed"
            continue
        found.append(scene)
        if len(rows) <= fit.FEW_ROWS:
            break
    if not found:
        return reason
    scene = min(found, key=lambda scene: scene.height)
    return scene if scene.height <= TALLEST else "many"


def _scene(spec: ArchSpec, line: Line, rows: list[tuple[str, ...]]) -> Scene | None:
    """The figure with the first arrangement of its lanes in which nothing is crossed."""
    layers = {layer.id: layer for layer in spec.layers}
    owner = {call.id: layers[call.layer] for call in spec.calls}
    choices = [lane_orders(line, nodes) for nodes in rows]
    for k in range(max(map(len, choices))):
        placed = place(line, rows, [orders[min(k, len(orders) - 1)] for orders in choices])
        sheet = Sheet(spec, line, placed, owner)
        net = line.parts.net
        edges = [(s, i) for i, node in net.items() for s in node.inputs]
        items: list[Item] = [body(sheet, i) for i in net]
        lines = [incoming(sheet, edge) for edge in edges]
        texts = [Group(tuple(labels(sheet, i)), ref=i, role="words") for i in net]
        scene = Scene(
            width=round(placed.width, 1),
            height=round(placed.height, 1),
            items=(*items, *lines, *(group for group in texts if group.items)),
            title=spec.name,
            description=describe_words(spec),
            graph=outline(spec, line.parts),
        )
        if sound(scene):
            return scene
    return None


VIEW = View(
    name="maps",
    title="Feature maps",
    draw=draw,
    options=(
        Option(
            "width", length, 642.0, "Printed width that the figure must keep to: 85mm, 642px, narrow, wide."
        ),
        Option(
            "fold",
            choice(*FOLDS),
            "auto",
            "Whether equal layers that follow each other are drawn once, with their count, where rows are many.",
            FOLDS,
        ),
        Option(
            "image",
            pictures,
            (),
            "Picture on the front of an input: photo.png, or left=a.png, right=b.png for several inputs.",
        ),
    ),
)
