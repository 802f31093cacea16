"""A graph without places: cards, links and clusters. :mod:`..layout` gives the places."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chip:
    """A fused layer at the right end of a card's first line."""

    style: str
    """Category."""
    text: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    kind: str = "card"
    """``card``, ``input``, ``output``, ``merge`` (circle), ``block`` (closed cluster), ``tail`` (a bare arrow out);
    in the graph of a drawing also ``map`` (stack of feature maps), ``neuron`` and ``dots`` (neurons left out)."""
    style: str = "custom"
    """Category."""
    title: str = ""
    subtitle: str = ""
    """Class name beside the title."""
    detail: str = ""
    """Second line left: hyper-parameters."""
    short: str = ""
    """``detail`` without padding, for narrow cards."""
    auto_named: bool = False
    """The title was chosen by Keras and may give way to the hyper-parameters."""
    count: int | None = None
    """Weights, second line right."""
    each: bool = False
    chips: tuple[Chip, ...] = ()
    sign: str = ""
    """Of a merge circle: ``+``, ``×``, ``−``, ``‖``, ``max``, ``avg``, ``·``."""
    repeat: int = 1
    """Stacked copies with distinct weights."""
    call: tuple[int, int] = (1, 1)
    """This call and the number of calls of the same weights."""
    called: int = 1
    """Calls of the same weights in a row that the card stands for."""
    frozen: bool = False
    small: bool = False
    """As wide as its title needs, not as wide as the cards of its column."""
    label: str = ""
    """Full sentence for assistive technology."""
    parent: str | None = None
    """Cluster id."""
    calls: tuple[str, ...] = ()
    """Calls that the card stands for: its own, those of its chips, those folded into it."""


@dataclass(frozen=True, slots=True)
class Link:
    source: str
    target: str
    shape: str = ""
    """Text beside the producer's end, empty when it repeats the last one."""
    letter: str = ""
    """``q``, ``k``, ``v``, ``h``, ``c`` at the consumer's end."""
    skip: bool = False
    order: int = 0
    """Input position at the target."""
    weight: float | None = None
    """Of a line between neurons, in shares of the largest of its layer: −1 … 1."""
    tether: bool = False
    """Not data flow: two calls of the same weights."""


@dataclass(frozen=True, slots=True)
class Cluster:
    id: str
    title: str
    subtitle: str = ""
    count: int | None = None
    parent: str | None = None
    repeat: int = 1
    call: tuple[int, int] = (1, 1)
    each: bool = False
    """The count is that of one copy."""
    label: str = ""
    called: int = 1
    """Calls of the same weights in a row that the cluster stands for."""


@dataclass(frozen=True, slots=True)
class Graph:
    title: str
    cards: tuple[Card, ...]
    links: tuple[Link, ...]
    clusters: tuple[Cluster, ...] = ()
    direction: str = "TB"
    """``TB`` (top to bottom) or ``LR`` (left to right)."""
    width: float = 642.0
    """Budget in CSS px."""
    height: float = math.inf
    """Budget in CSS px; a longer graph is cut into columns."""
    description: str = ""
    engine: str = "own"
    notes: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    """What its author can still do when it does not fit: ``close nested models (expand: none)``, …"""
    callout: Callout | None = None
    """A closed card opened beside the graph."""


@dataclass(frozen=True, slots=True)
class Callout:
    card: str
    """Of the graph that it belongs to."""
    graph: Graph
    """What is in that card: one cluster of the same id, and the ends of the lines that cross its border."""
