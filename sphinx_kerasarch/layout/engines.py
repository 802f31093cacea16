"""Places and routes of one level from other programs, read back and drawn by us.

Only on demand: what is installed must not decide how a picture looks.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ..errors import DrawError
from .flat import Node, Placed, Rows, Wire, out_port
from .wires import RADIUS, Point, Routed, simplified

INCH = 72.0
"""Units of ``dot`` per inch: we tell it points and mean px."""
NODE_GAP, RANK_GAP = 24.0, 40.0
DOT_SECONDS = 60.0
"""For one level of a graph. The largest of ``keras.applications`` takes a third of one."""
SAID = 300
"""Characters of what ``dot`` said that are told."""
STUB = 8.0
"""px above a cluster where a wire turns towards its port."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Found = tuple[list[Point], list[list[Point]]]
"""Centres of the nodes, points of the wires; y downwards."""


def place(engine: str, nodes: Sequence[Node], wires: Sequence[Wire]) -> tuple[Placed, Routed]:
    """The level as ``graphlay`` or ``dot`` places it.

    Raises :class:`.DrawError` when the engine is not installed or cannot lay the level out.
    """
    centres, lines = {"dot": _dot, "graphlay": _graphlay}[engine](nodes, wires)
    tops = [y - node.height / 2 for (_, y), node in zip(centres, nodes, strict=True)]
    least = min(tops, default=0.0)
    number = {node.id: index for index, node in enumerate(nodes)}
    # The origin of a cluster is not its middle.
    xs = [x + (node.left - node.right) / 2 for (x, _), node in zip(centres, nodes, strict=True)]
    height = max((top + node.height for top, node in zip(tops, nodes, strict=True)), default=0.0) - least
    tops = [top - least for top in tops]
    tops = [height if node.kind == "exit" else top for top, node in zip(tops, nodes, strict=True)]
    chains = tuple((number[wire.source], number[wire.target]) for wire in wires)
    routes = []
    for wire, (a, b), line in zip(wires, chains, lines, strict=True):
        points = [(x, y - least) for x, y in line]
        route = _joined(points, nodes[a], nodes[b], wire, (xs[a], tops[a]), (xs[b], tops[b]))
        if nodes[b].kind == "circle":
            others = [
                (x - node.left - STUB, top - STUB, x + node.right + STUB, top + node.height + STUB)
                for number, (node, x, top) in enumerate(zip(nodes, xs, tops, strict=True))
                if number not in {a, b}
            ]
            route = _from_the_side(route, (xs[b], tops[b] + RADIUS), others)
        routes.append(route)
    rows = Rows(tuple(nodes), (tuple(range(len(nodes))),), chains, (0,) * len(nodes))
    placed = Placed(rows, tuple(xs), (0.0,) * len(wires))
    return placed, Routed(tuple(tops), (height,), height, tuple(routes), ())


def _joined(
    points: list[Point], source: Node, target: Node, wire: Wire, at: Point, to: Point
) -> tuple[Point, ...]:
    """The route with its ends on our ports."""
    bottom = at[1] + source.height
    start = at[0] + out_port(source, wire) if source.kind != "card" else _within(points[0][0], source, at[0])
    end = (
        to[0] + target.ins.get(wire.tag, 0.0)
        if target.kind != "card"
        else _within(points[-1][0], target, to[0])
    )
    inner = [(x, min(max(y, bottom), max(to[1], bottom))) for x, y in points]
    line = [(start, bottom), (start, min(bottom + STUB, to[1])), (inner[0][0], min(bottom + STUB, to[1]))]
    line += inner[1:-1]
    line += [(inner[-1][0], max(to[1] - STUB, bottom)), (end, max(to[1] - STUB, bottom)), (end, to[1])]
    right: list[Point] = line[:1]
    for (x, y), (after, below) in pairwise(line):
        if abs(after - x) > 0.01 and abs(below - y) > 0.01:
            right.append((x, below))  # corners of other programs may lie a little beside each other
        right.append((after, below))
    return simplified(right)


def _from_the_side(route: tuple[Point, ...], centre: Point, others: Sequence[Box]) -> tuple[Point, ...]:
    """The route into a circle with its last upright piece down to the circle's own height, if ``others`` let it."""
    for number in range(len(route) - 1, 0, -1):
        (x, y), (_, below) = route[number - 1 : number + 1]
        away = abs(x - centre[0]) > RADIUS + STUB
        if away and route[number][0] == x and y < below <= centre[1]:
            break
    else:
        return route
    low, high = sorted((x, centre[0]))
    if any(
        (left < x < right and top < centre[1] and bottom > below)
        or (left < high and right > low and top < centre[1] < bottom)
        for left, top, right, bottom in others
    ):
        return route
    end = centre[0] + (RADIUS if x > centre[0] else -RADIUS)
    return (*route[:number], (x, centre[1]), (end, centre[1]))


def _within(x: float, node: Node, centre: float) -> float:
    """``x``, but clear of the rounded corners."""
    return min(max(x, centre - node.left + STUB), centre + node.right - STUB)


def _missing(engine: str, what: str, advice: str) -> DrawError:
    return DrawError(f"Engine {engine!r} needs {what}.", advice=advice, data={"engine": engine})


def _dot(nodes: Sequence[Node], wires: Sequence[Wire]) -> Found:
    text = [
        "digraph {",
        f"graph [splines=ortho nodesep={NODE_GAP / INCH:.4f} ranksep={RANK_GAP / INCH:.4f}];",
    ]
    text.append('node [shape=box fixedsize=true label=""]; edge [arrowhead=none];')
    for index, node in enumerate(nodes):
        wide, high = max(node.left + node.right, 1.0), max(node.height, 1.0)
        text.append(f"n{index} [width={wide / INCH:.4f} height={high / INCH:.4f}];")
    for kind, rank in (("entry", "source"), ("exit", "sink")):
        names = " ".join(f"n{i};" for i, node in enumerate(nodes) if node.kind == kind)
        text.append(f"{{rank={rank}; {names}}}" if names else "")
    number = {node.id: index for index, node in enumerate(nodes)}
    text += [f"n{number[wire.source]} -> n{number[wire.target]};" for wire in wires]
    plain = _run_dot("\n".join([*text, "}"]))
    try:
        return _read_plain(plain, len(nodes), [(number[w.source], number[w.target]) for w in wires])
    except (LookupError, ValueError):
        raise _failed("gave no places") from None


def _run_dot(text: str) -> str:
    """What the program ``dot`` says of a graph, in Graphviz' ``plain`` format."""
    try:
        done = subprocess.run(
            ["dot", "-Tplain"], input=text, capture_output=True, encoding="utf-8", timeout=DOT_SECONDS, check=True
        )
    except FileNotFoundError:
        raise _missing(
            "dot", "the program dot", "Install Graphviz (graphviz.org), or take engine: own."
        ) from None
    except subprocess.TimeoutExpired:
        raise _failed(f"has not ended after {DOT_SECONDS:g} s") from None
    except subprocess.CalledProcessError as error:
        said = " ".join(str(error.stderr).split())
        raise _failed(f"ended with status {error.returncode}" + f": {said[:SAID]}" * bool(said)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise _failed(f"cannot be used: {error}") from None
    return done.stdout


def _failed(why: str) -> DrawError:
    return DrawError(f"The program dot {why}.", advice="Take engine: own.", data={"engine": "dot"})


def _read_plain(text: str, size: int, ends: Sequence[tuple[int, int]]) -> Found:
    """Graphviz' ``plain`` format: inches, y upwards; several edges between two nodes in their order."""
    centres: list[Point] = [(0.0, 0.0)] * size
    lines: dict[tuple[int, int], list[list[Point]]] = {}
    for line in text.splitlines():
        words = line.split()
        if words[0] == "node":
            centres[int(words[1][1:])] = (float(words[2]) * INCH, -float(words[3]) * INCH)
        elif words[0] == "edge":
            count = int(words[3])
            numbers = [float(word) * INCH for word in words[4 : 4 + 2 * count]]
            points = [(numbers[i], -numbers[i + 1]) for i in range(0, len(numbers), 2)]
            lines.setdefault((int(words[1][1:]), int(words[2][1:])), []).append(points)
    return centres, [lines[pair].pop(0) for pair in ends]


def _graphlay(nodes: Sequence[Node], wires: Sequence[Wire]) -> Found:
    try:
        import graphlay
    except ImportError:
        raise _missing(
            "graphlay", "the package graphlay", "Install it: pip install graphlay. Or take engine: own."
        ) from None
    graph = graphlay.Graph()
    for node in nodes:
        graph.node(node.id, width=max(node.left + node.right, 1.0), height=max(node.height, 1.0))
    for wire in wires:
        graph.edge(wire.source, wire.target)
    options: Mapping[str, Any] = {
        "direction": "topbottom",
        "spacing": {"layer_gap": RANK_GAP, "node_gap": NODE_GAP},
    }
    try:
        found = graphlay.layout(graph, options=options).to_dict()
    except graphlay.GraphlayError as error:
        raise DrawError(
            f"graphlay failed: {error}", advice="Take engine: own.", data={"engine": "graphlay"}
        ) from None
    centres = [(node["center"]["x"], node["center"]["y"]) for node in found["nodes"]]
    return centres, [[(p["x"], p["y"]) for p in edge["points"]] for edge in found["edges"]]
