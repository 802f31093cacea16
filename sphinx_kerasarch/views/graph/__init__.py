"""Graph view: a card per layer, wires from top to bottom, nested models as clusters, repeated blocks once."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import DrawError
from ...figure import Graph
from ...options import NAMED_WIDTHS, Option, choice, length, words
from ...registry import View
from ...spec import ArchSpec
from ...spec.query import describe_words
from .building import Plan, cards, clusters, links, plans

OPEN_LIMIT = 40
"""Visible cards up to which repeated blocks are drawn open."""
FOLD_LIMIT = 60
"""Visible cards from which repeats are folded and nested models closed."""
LIMIT = 400
"""Visible cards above which no reader can follow a single figure."""


def draw(
    spec: ArchSpec,
    *,
    width: float = NAMED_WIDTHS["wide"],
    fuse: str = "auto",
    expand: Sequence[str] = ("all",),
    fold: str = "auto",
) -> Graph:
    """The graph of a model.

    ``width``: px at most. ``fuse``: ``none`` gives normalization, activation and dropout cards of their own.
    ``expand``: nested models drawn with their layers (``all``, ``none`` or names). ``fold``: ``none`` draws every copy
    of a repeated block. Raises :class:`.DrawError` when more cards remain than a reader can follow.
    """
    chosen = _chosen(spec, fuse == "auto", expand, fold == "auto")
    drawn = cards(chosen)
    visible = sum(card.kind not in {"tail", "merge"} for card in drawn)
    if visible > LIMIT:
        raise DrawError(
            f"The graph of {spec.name} would have {visible} cards.",
            advice="Close nested models (expand: none), draw a nested model alone, or take the layered view.",
            data={"cards": visible},
        )
    return Graph(
        title=spec.name,
        cards=tuple(drawn),
        links=tuple(links(chosen, drawn)),
        clusters=tuple(clusters(chosen)),
        width=width,
        description=describe_words(spec),
        notes=tuple(note.message for note in spec.notes),
    )


def _chosen(spec: ArchSpec, fuse: bool, expand: Sequence[str], fold: bool) -> Plan:
    """The most open drawing within the limits."""
    found = plans(spec, fuse=fuse, expand=expand, fold=fold)
    chosen = next(found)
    if _visible(chosen) > FOLD_LIMIT:
        for chosen in found:
            if _visible(chosen) <= OPEN_LIMIT:
                break
    return chosen


def _visible(chosen: Plan) -> int:
    hidden = chosen.dropped if chosen.open_groups else set()
    return len({item for call, item in chosen.item_of.items() if call not in hidden})


VIEW = View(
    name="graph",
    title="Graph",
    draw=draw,
    options=(
        Option("width", length, NAMED_WIDTHS["wide"], "Printed width at most: 85mm, 170mm, narrow, wide, …"),
        Option(
            "fuse",
            choice("auto", "none"),
            "auto",
            "Chips for followers, or a card for each layer.",
            ("auto", "none"),
        ),
        Option("expand", words, ("all",), "Nested models drawn with their layers: all, none, or names."),
        Option(
            "fold", choice("auto", "none"), "auto", "Repeated blocks once, or every copy.", ("auto", "none")
        ),
    ),
)
