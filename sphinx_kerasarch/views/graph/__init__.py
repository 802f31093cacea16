"""Graph view: a card per layer, wires from top to bottom, nested models as clusters, repeated blocks once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...errors import DrawError, OptionError
from ...figure import Graph
from ...layout import fits
from ...options import FOLD, NAMED_WIDTHS, Option, choice, length, words
from ...registry import View
from ...spec import ArchSpec
from ...spec.folding import Folding, folded
from ...spec.query import describe_words, is_tangle
from .building import FOLDINGS, Plan, cards, clusters, links, plans
from .calling import opened, part_named, spine, with_callout

ENGINES = ("own", "graphlay", "dot")
OPEN_LIMIT = 40
"""Visible cards up to which repeated blocks are drawn open."""
FOLD_LIMIT = 60
"""Visible cards from which repeats are folded and nested models closed."""
CELLS_LIMIT = 200
"""Visible cards from which merges of several branches are closed with what they join."""
LIMIT = 400
"""Visible cards above which no reader can follow a single figure."""


def draw(  # noqa: PLR0913 - one for each option
    spec: ArchSpec,
    *,
    width: float = NAMED_WIDTHS["wide"],
    height: float = math.inf,
    direction: str = "tb",
    fuse: str = "auto",
    expand: Sequence[str] = ("all",),
    fold: str = "auto",
    engine: str = "own",
    callout: str = "",
) -> Graph:
    """The graph of a model.

    ``width`` and ``height``: px at most; a graph that is longer is cut into columns (rows when ``direction`` is
    ``lr``, left to right). ``fuse``: ``none`` gives normalization, activation and dropout cards of their own.
    ``expand``: nested models drawn with their layers (``all``, ``none`` or names). ``fold``: ``none`` draws every copy
    of a repeated block, a number leaves as many levels open, names close what they match, see
    :class:`.Folding`. ``engine``: who places the cards. ``callout``: a closed part that is
    opened beside the folded graph, by its title or the beginning of it. What does not fit is folded harder. Raises
    :class:`.DrawError` when more cards remain than a reader can follow, or when the engine is missing.
    """
    if is_tangle(spec):
        raise DrawError(f"{spec.name} has too many connections for a graph.", advice="Take the view 'summary'.")
    graphs: list[Graph] = []
    tried: list[Plan] = []
    ways: tuple[str, ...] = ()
    fewest = LIMIT + 1
    folding = folded(fold)
    if callout:
        if direction != "tb":
            raise OptionError(
                "A call-out stands beside a graph from top to bottom.", advice="Leave out direction."
            )
        closed = plans(spec, fuse=fuse == "auto", expand=expand, fold=spine(folding))
        return _called_out(spec, callout, closed, width, engine)
    for plan in _from_first(plans(spec, fuse=fuse == "auto", expand=expand, fold=folding)):
        visible = _visible(plan)
        ways = ways or _ways(spec, plan, folding)
        if visible > LIMIT:
            fewest = visible if fewest == LIMIT + 1 else min(fewest, visible)
            continue
        if any(plan.item_of == other.item_of for other in tried):
            continue
        tried.append(plan)
        graph = replace(_graph(plan, width, height, direction.upper(), engine), ways=ways)
        if fits(graph):
            return graph
        graphs.append(graph)
    if not graphs:
        told = (*ways, "take the layered view or the summary")
        raise DrawError(
            f"The graph of {spec.name} would have {fewest:,} cards, more than {LIMIT}"
            + (f"; it has {len(spec.inputs):,} inputs." if len(spec.inputs) > LIMIT // 2 else "."),
            advice=f"{', or '.join(told).capitalize()}.",
            data={"cards": fewest},
        )
    return graphs[-1]


def _called_out(spec: ArchSpec, name: str, source: Iterator[Plan], width: float, engine: str) -> Graph:
    """The folded graph with one part open beside it."""
    tried: list[tuple[int, Plan]] = []
    for plan in source:
        tried.append((_visible(plan), plan))
        if tried[-1][0] <= FOLD_LIMIT:
            break
    folded_plan = min(tried, key=lambda pair: pair[0])[1]
    graph = _graph(folded_plan, width, math.inf, "TB", engine)
    card = part_named(name, graph, spec.name)
    return with_callout(graph, _graph(opened(folded_plan, card.id), width, math.inf, "TB", engine), card)


def _ways(spec: ArchSpec, whole: Plan, fold: Folding) -> tuple[str, ...]:
    """What the author of the page can do for fewer cards."""
    ways = [] if fold.how == "auto" else ["fold repeats (fold: auto)"]
    if any(block.id not in whole.shut for block in spec.blocks):
        ways.append("close nested models (expand: none)")
    return (*ways, "draw a nested model alone") if spec.blocks else tuple(ways)


def _from_first(source: Iterator[Plan]) -> Iterator[Plan]:
    """The most open plan with few cards and those after it, made one by one: to find repeats takes time.

    When all have many cards, that with the fewest, but whole cells stay open.
    """
    seen: list[Plan] = []
    for plan in source:
        seen.append(plan)
        few = FOLD_LIMIT if len(seen) == 1 else OPEN_LIMIT
        if len(seen) <= len(FOLDINGS) and _visible(plan) <= few:
            yield plan
            yield from source
            return
    shown = [_visible(plan) for plan in seen]
    fewest = min(range(len(shown[:-1]) or 1), key=lambda i: shown[i])
    yield from seen[fewest if shown[fewest] <= CELLS_LIMIT else -1 :]


def _graph(plan: Plan, width: float, height: float, direction: str, engine: str) -> Graph:
    drawn = cards(plan)
    return Graph(
        title=plan.spec.name,
        cards=tuple(drawn),
        links=tuple(links(plan, drawn)),
        clusters=tuple(clusters(plan, drawn)),
        direction=direction,
        width=width,
        height=height,
        description=describe_words(plan.spec),
        engine=engine,
        notes=tuple(note.message for note in plan.spec.notes),
    )


def _visible(chosen: Plan) -> int:
    return len({item for call, item in chosen.item_of.items() if call not in chosen.dropped})


def limit(text: str) -> float:
    """A length, or ``none`` for no limit."""
    return math.inf if text.strip().lower() == "none" else length(text)


VIEW = View(
    name="graph",
    title="Graph",
    draw=draw,
    gives=Graph,
    options=(
        Option("width", length, NAMED_WIDTHS["wide"], "Printed width at most: 85mm, 170mm, narrow, wide, …"),
        Option(
            "height",
            limit,
            math.inf,
            "Printed height at most: a longer graph is cut into columns. none: any.",
        ),
        Option(
            "direction", choice("tb", "lr"), "tb", "From top to bottom, or from left to right.", ("tb", "lr")
        ),
        Option(
            "fuse",
            choice("auto", "none"),
            "auto",
            "Chips for followers, or a card for each layer.",
            ("auto", "none"),
        ),
        Option("expand", words, ("all",), "Nested models drawn with their layers: all, none, or names."),
        FOLD,
        Option(
            "callout",
            str.strip,
            "",
            "A part of the folded graph that is opened beside it, by its title: conv3.",
        ),
        Option(
            "engine",
            choice(*ENGINES),
            "own",
            "Who places the cards: own, graphlay or dot (Graphviz).",
            ENGINES,
        ),
    ),
)
