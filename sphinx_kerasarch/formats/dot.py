"""DOT text of a graph, for those who go on in Graphviz: plain boxes, clusters, labels; written through ``pydot``."""

from __future__ import annotations

from collections.abc import Mapping

from ..figure import Card, Graph, Link
from ..registry import Format
from ..theme import Theme, category_of, color
from .text import printable


def escape(text: str) -> str:
    """``text`` as a quoted DOT string, in which a backslash starts an escape sequence (Graphviz: *escString*)."""
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(graph: Graph, *, theme: Theme = "light") -> bytes:
    import pydot

    dot = pydot.Dot(escape(graph.title), graph_type="digraph", rankdir=graph.direction)
    dot.set_bgcolor(escape(color("bg", theme)))
    dot.set_node_defaults(
        shape="box",
        style=escape("rounded,filled"),
        fontname="Helvetica",
        fontsize="11",
        margin=escape("0.12,0.06"),
    )
    dot.set_edge_defaults(color=escape(color("edge", theme)), fontname="Helvetica", fontsize="9")
    # Names are numbers: ids of calls may hold ports and quotes, which DOT reads in its own way.
    names = {card.id: f"n{number}" for number, card in enumerate(graph.cards)}
    boxes: dict[str | None, pydot.Graph] = {None: dot}
    for number, cluster in enumerate(graph.clusters):
        times = f" ×{cluster.repeat}" if cluster.repeat > 1 else ""
        boxes[cluster.id] = pydot.Cluster(
            f"c{number}",
            label=escape(cluster.title + times),
            color=escape(color("clline", theme)),
            fontname="Helvetica",
        )
    for card in graph.cards:
        boxes[card.parent].add_node(_node(card, names, theme))
    for cluster in graph.clusters[::-1]:
        boxes[cluster.parent].add_subgraph(boxes[cluster.id])
    for link in graph.links:
        dot.add_edge(_edge(link, names, theme))
    text: str = dot.to_string()
    return (text + "\n").encode("utf-8")


def _node(card: Card, names: Mapping[str, str], theme: Theme) -> object:
    import pydot

    if card.kind == "merge":
        return pydot.Node(
            names[card.id], label=escape(card.sign), shape="circle", fillcolor=escape(color("surface", theme))
        )
    if card.kind == "tail":
        return pydot.Node(names[card.id], label=escape(card.title), shape="plaintext", style=escape(""))
    count = f"{card.count:,}" if card.count else ""
    words = [f"{card.title} ×{card.repeat}" if card.repeat > 1 else card.title, card.subtitle]
    words += [card.detail, " ".join(chip.text for chip in card.chips), count]
    style = category_of(card.id, card.style, theme)
    label = '"' + "\\n".join(escape(word)[1:-1] for word in words if word) + '"'
    return pydot.Node(
        names[card.id],
        label=label,
        fillcolor=escape(color(f"{style}.tint", theme)),
        color=escape(color(f"{style}.line", theme)),
        fontcolor=escape(color("ink", theme)),
    )


def _edge(link: Link, names: Mapping[str, str], theme: Theme) -> object:
    import pydot

    edge = pydot.Edge(names[link.source], names[link.target])
    if link.shape:
        edge.set_label(escape(link.shape))
    if link.skip:
        edge.set_color(escape(color("skip", theme)))
    if link.tether:
        edge.set_style("dotted")
    return edge


FORMAT = Format(
    name="dot", accepts=(Graph,), write=write, media_type="text/vnd.graphviz", suffix=".gv", aliases=(".dot",)
)
