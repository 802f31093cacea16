"""The figure without places: a card for each picture."""

from __future__ import annotations

from ...figure import Card, Graph, Link
from ...spec.model import ArchSpec
from ...spec.query import describe_words
from ..layered.paint import sentence
from .places import Parts
from .words import title

SIGNS = {
    "add": "+",
    "subtract": "−",
    "multiply": "×",
    "divide": "÷",
    "concatenate": "‖",
    "average": "avg",
    "maximum": "max",
    "minimum": "min",
    "dot product": "·",
    "matrix product": "@",
    "stack": "≡",
}


def outline(spec: ArchSpec, parts: Parts) -> Graph:
    """Pictures and edges of the figure, from left to right."""
    cards, links = [], []
    for i, node in parts.net.items():
        words = parts.words[i]
        merge = node.kind == "ball"
        cards.append(
            Card(
                i,
                kind="merge" if merge else "map" if node.rank > 1 else "card",
                style=node.cat,
                title=title(node),
                subtitle=words.name or node.caption,
                detail=" ".join(words.lines),
                sign=SIGNS.get(node.sign, node.sign) if merge else "",
                label=sentence(node),
                calls=node.calls,
            )
        )
        skips = {s for s, target in parts.skips if target == i}
        links += [Link(s, i, skip=s in skips, order=k) for k, s in enumerate(node.inputs)]
    return Graph(spec.name, tuple(cards), tuple(links), direction="LR", description=describe_words(spec))
