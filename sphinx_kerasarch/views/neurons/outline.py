"""The figure without places: a node for each circle, a cluster for each layer."""

from __future__ import annotations

from collections.abc import Iterator

from ...figure import Card, Cluster, Graph, Link
from ...spec.model import ArchSpec
from ...spec.query import describe_words
from ...spec.sample import FIRST
from ..maps.outline import SIGNS
from .paint import sentence, weighted
from .steps import Step, Steps


def outline(spec: ArchSpec, steps: Steps) -> Graph:
    """Circles, dots, merges and boxes, from left to right."""
    cards: list[Card] = []
    clusters: list[Cluster] = []
    links: list[Link] = []
    for i, step in steps.items():
        if step.kind != "column":
            kind, text = ("merge", "") if step.kind == "ball" else ("card", ", ".join(step.lines))
            title, *more = step.inside or ("",)
            cards.append(
                Card(
                    i,
                    kind,
                    step.style,
                    title=title,
                    subtitle=" … ".join(more),
                    detail=text,
                    sign=SIGNS.get(step.sign, step.sign),
                    label=sentence(step),
                    calls=step.calls,
                )
            )
        else:
            times = f" ×{step.times}" if step.times > 1 else ""
            clusters.append(Cluster(i, step.value + times, ", ".join(text for text in step.lines if text)))
            for k, name in enumerate(_circles(step)):
                kind = "dots" if name == f"{i} …" else "neuron"
                calls = step.calls if k == 0 else ()
                cards.append(Card(name, kind, step.style, label=sentence(step), parent=i, calls=calls))
        for order, source in enumerate(step.inputs):
            links += _links(steps[source], step, order)
    return Graph(
        spec.name,
        tuple(cards),
        tuple(links),
        tuple(clusters),
        direction="LR",
        description=describe_words(spec),
    )


def _circles(step: Step) -> tuple[str, ...]:
    """Names of the circles of a column from top to bottom, ``… `` for the dots; of all else its own."""
    if step.kind != "column":
        return (step.id,)
    names = [f"{step.id} {k}" for k in range(step.shown)]
    if step.dots:
        names.insert(FIRST, f"{step.id} …")
    return tuple(names)


def _links(source: Step, target: Step, order: int) -> Iterator[Link]:
    starts, ends = ([name for name in _circles(step) if name != f"{step.id} …"] for step in (source, target))
    single = target.link == "each" and len(starts) == len(ends)
    known = source.kind == "column" and weighted(source, target)
    largest = max((abs(value) for row in target.values for value in row if value is not None), default=0.0)
    for k, start in enumerate(starts):
        for other, end in enumerate(ends):
            if not single or k == other:
                value = target.values[k][other] if known else None
                yield Link(start, end, order=order, weight=value / largest if value and largest else None)
