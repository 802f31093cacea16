"""One part of a folded graph opened beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ...errors import OptionError
from ...figure import Callout, Card, Graph, Link
from ...options import suggest
from ...spec.fold import common_prefix
from ...spec.folding import Folding
from ...spec.groups import Group
from .building import Plan, grouped
from .grouping import repeated


def part_named(name: str, graph: Graph, spec_name: str) -> Card:
    """The closed card with this title, or the first one whose title begins so. Raises :class:`.OptionError`."""
    closed = [card for card in graph.cards if card.kind == "block"]
    found = [card for card in closed if name in {card.title, card.id}]
    found += [card for card in closed if card.title.startswith(name)]
    if found and name:
        return found[0]
    titles = [card.title for card in closed]
    raise OptionError(
        f"The folded graph of {spec_name} has no part {name!r} to call out.",
        advice=suggest(name, titles) if titles else "Nothing of it is closed: fold it by depth or by names.",
        data={"option": "callout", "value": name},
    )


def opened(plan: Plan, name: str) -> Plan:
    """The plan in which one closed part is open, with what repeats inside of it once."""
    shut = plan.shut - {name}
    group = next((group for group in plan.groups if group.id == name), None)
    inside = set(group.copies[0]) if group else {c for c, item in plan.item_of.items() if item == name}
    inner: list[Group] = []
    for other in repeated(plan.spec, plan.anchors):
        calls = {call for copy in other.copies for call in copy}
        if calls < inside:
            inner.append(replace(other, outer=name if group and not other.outer else other.outer))
    known = {g.id for g in inner}
    kept = [g for g in plan.groups if g.id not in known]
    at = next((k + 1 for k, g in enumerate(kept) if g.id == name), len(kept))
    groups = (*kept[:at], *inner, *kept[at:])
    return grouped(replace(plan, shut=shut), groups, plan.opened | {name} | known)


def only(graph: Graph, name: str) -> Graph:
    """The cluster ``name`` of a graph, with an end for each line that enters or leaves it."""
    parent = {cluster.id: cluster.parent for cluster in graph.clusters}

    def within(at: str | None) -> bool:
        while at is not None and at != name:
            at = parent.get(at)
        return at is not None

    own = f"open:{name}"  # the closed card has the other name
    cards = [
        replace(card, parent=own if card.parent == name else card.parent)
        for card in graph.cards
        if within(card.parent)
    ]
    ids = {card.id for card in cards}
    clusters = [
        replace(
            cluster,
            id=own if cluster.id == name else cluster.id,
            parent=None if cluster.id == name else own if cluster.parent == name else cluster.parent,
        )
        for cluster in graph.clusters
        if within(cluster.id)
    ]
    links: list[Link] = []
    before: dict[str, Card] = {}
    after: dict[str, Card] = {}
    for link in graph.links:
        if link.tether:
            continue
        if link.source in ids and link.target in ids:
            links.append(link)
        elif link.target in ids:
            end = before.setdefault(
                link.source, Card(f"from:{link.source}", "tail", "data", label="from outside")
            )
            links.append(replace(link, source=end.id))
        elif link.source in ids and link.source not in after:
            end = after.setdefault(link.source, Card(f"to:{link.source}", "tail", "data", label="to outside"))
            links.append(replace(link, target=end.id, letter="", skip=False, order=0))
    return replace(
        graph,
        cards=(*before.values(), *_shortly(cards), *after.values()),
        clusters=tuple(clusters),
        links=tuple(links),
        notes=(),
    )


def _shortly(cards: Sequence[Card]) -> list[Card]:
    """Titles without what all names in one cluster begin with: its header says it."""
    prefix: dict[str | None, str] = {}
    for around in {card.parent for card in cards}:
        names = [card.title for card in cards if card.parent == around and _named(card)]
        prefix[around] = re.sub(r"[^_./-]*$", "", common_prefix(names)) if len(names) > 1 else ""
    return [
        card
        if not _named(card) or card.title == prefix[card.parent]
        else replace(card, title=card.title.removeprefix(prefix[card.parent]))
        for card in cards
    ]


def _named(card: Card) -> bool:
    """Whether the title is a name that the author gave; that of an activation is its function."""
    return card.kind == "card" and card.style != "act" and not card.auto_named


def with_callout(spine: Graph, whole: Graph, card: Card) -> Graph:
    """``whole``: the graph in which the part is open."""
    return replace(spine, callout=Callout(card.id, only(whole, card.id)))


def spine(fold: Folding) -> Folding:
    """How the graph beside an open part is folded: as its author tells, else as far as can be."""
    return fold if fold.how in {"depth", "names"} else Folding("depth", 0)
