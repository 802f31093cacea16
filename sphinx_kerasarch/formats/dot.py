"""DOT text of a graph, for those who go on in Graphviz: plain boxes, clusters, labels; written through ``pydot``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from ..escape import dot as quoted
from ..figure import Card, Cluster, Graph, Link
from ..registry import Format
from ..theme import Theme, category_of, color

if TYPE_CHECKING:
    import pydot


def lines(*words: str) -> str:
    """Words below each other as one quoted string; empty ones are left out."""
    return '"' + "\\n".join(quoted(word)[1:-1] for word in words if word) + '"'


def write(graph: Graph, *, theme: Theme = "light") -> bytes:
    import pydot

    dot = pydot.Dot(quoted(graph.title), graph_type="digraph", rankdir=graph.direction)
    dot.set_bgcolor(quoted(color("bg", theme)))
    dot.set_node_defaults(
        shape="box",
        style=quoted("rounded,filled"),
        fontname="Helvetica",
        fontsize="11",
        margin=quoted("0.12,0.06"),
    )
    dot.set_edge_defaults(color=quoted(color("edge", theme)), fontname="Helvetica", fontsize="9")
    neurons = any(card.kind == "neuron" for card in graph.cards)
    if neurons:
        dot.set_splines("line")
        dot.set_nodesep("0.08")
        dot.set_ranksep("0.9")
        dot.set_edge_defaults(color=quoted(color("rule", theme)), arrowhead="none", penwidth="0.5")
    # Names are numbers: ids of calls may hold ports and quotes, which DOT reads in its own way.
    names = {card.id: f"n{number}" for number, card in enumerate(graph.cards)}
    boxes: dict[str | None, pydot.Graph] = {None: dot}
    for number, cluster in enumerate(graph.clusters):
        times = f" ×{cluster.repeat}" if cluster.repeat > 1 else ""
        if neurons:
            boxes[cluster.id] = _layer(
                number, cluster, [card for card in graph.cards if card.parent == cluster.id], names, theme
            )
            continue
        boxes[cluster.id] = pydot.Cluster(
            f"c{number}",
            label=quoted(cluster.title + times),
            color=quoted(color("clline", theme)),
            fontname="Helvetica",
        )
    for card in graph.cards:
        boxes[card.parent].add_node(_node(card, names, theme))
    for cluster in graph.clusters[::-1]:
        boxes[cluster.parent].add_subgraph(boxes[cluster.id])
    first = {card.parent: names[card.id] for card in reversed(graph.cards)}
    for cluster in graph.clusters[::-1]:
        first.setdefault(cluster.parent, first.get(cluster.id, ""))
    ends = names | {cluster.id: first.get(cluster.id, "") for cluster in graph.clusters}
    for link in graph.links:
        if ends[link.source] and ends[link.target]:
            dot.add_edge(_edge(link, ends, theme))
    text: str = dot.to_string()
    return (text + "\n").encode("utf-8")


def _layer(
    number: int, cluster: Cluster, cards: Sequence[Card], names: Mapping[str, str], theme: Theme
) -> pydot.Graph:
    """Its words above its circles. Edges that are not drawn keep the order, which Graphviz does only outside of
    clusters."""
    import pydot

    layer = pydot.Subgraph(f"c{number}")
    layer.set_rank("same")
    words = pydot.Node(f"w{number}", label=lines(cluster.title, cluster.subtitle), shape="plaintext")
    words.set_style(quoted(""))
    words.set_fontcolor(quoted(color("ink", theme)))
    layer.add_node(words)
    for first, second in pairwise([f"w{number}", *(names[card.id] for card in cards)]):
        layer.add_edge(pydot.Edge(first, second, style="invis"))
    return layer


def _node(card: Card, names: Mapping[str, str], theme: Theme) -> object:
    import pydot

    ink = quoted(color("ink", theme))
    if card.kind == "merge":
        return pydot.Node(
            names[card.id],
            label=quoted(card.sign),
            shape="circle",
            color=quoted(color("edge", theme)),
            fillcolor=quoted(color("surface", theme)),
            fontcolor=ink,
        )
    style = category_of(card.parent if card.kind == "neuron" and card.parent else card.id, card.style, theme)
    if card.kind == "neuron":
        return pydot.Node(
            names[card.id],
            label=quoted(""),
            tooltip=quoted(card.label),
            shape="circle",
            fixedsize="true",
            width="0.2",
            fillcolor=quoted(color(f"{style}.base", theme)),
            color=quoted(color(f"{style}.outline", theme)),
        )
    if card.kind == "dots":
        return pydot.Node(
            names[card.id],
            label=quoted("⋮"),
            shape="plaintext",
            style=quoted(""),
            fontcolor=ink,
            fixedsize="true",
            width="0.2",
            height="0.3",
        )
    if card.kind == "tail":
        return pydot.Node(names[card.id], label=quoted(card.title), shape="plaintext", style=quoted(""))
    count = f"{card.count:,}" if card.count else ""
    words = [f"{card.title} ×{card.repeat}" if card.repeat > 1 else card.title, card.subtitle]
    words += [card.detail, " ".join(chip.text for chip in card.chips), count]
    return pydot.Node(
        names[card.id],
        label=lines(*words),
        shape="box3d" if card.kind == "map" else "box",
        fillcolor=quoted(color(f"{style}.tint", theme)),
        color=quoted(color(f"{style}.line", theme)),
        fontcolor=ink,
    )


def _edge(link: Link, names: Mapping[str, str], theme: Theme) -> object:
    import pydot

    edge = pydot.Edge(names[link.source], names[link.target])
    if link.shape:
        edge.set_label(quoted(link.shape))
    if link.skip:
        edge.set_color(quoted(color("skip", theme)))
    if link.weight:
        edge.set_color(quoted(color("plus" if link.weight > 0 else "minus", theme)))
        edge.set_penwidth(f"{0.5 + 1.5 * abs(link.weight):.2f}")
        edge.set_style("solid" if link.weight > 0 else "dashed")
    if link.tether:
        edge.set_style("dotted")
        edge.set_dir("none")
        edge.set_constraint("false")
    return edge


FORMAT = Format(
    name="dot", accepts=(Graph,), write=write, media_type="text/vnd.graphviz", suffix=".gv", aliases=(".dot",)
)
