"""What is wrong with a drawing, measured: overlaps, overflow, too small, too pale, too wide, edges lost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from .figure import Circle, Graph, Item, Path, Rect, Scene, Text, flat
from .layout.clash import (
    FACES,
    LINES,
    MOST_EMPTY,
    TOLERANCE,
    WORTH,
    Box,
    coinciding,
    crossed_texts,
    emptiness,
    extent,
    strokes,
    text_box,
    texts_on_faces,
    through_boxes,
)
from .spec import ArchSpec
from .spec.query import shape_text, weight_size
from .theme import Theme, color, contrast

SMALLEST_TEXT = 8.7
"""px at 96 dpi = 6.5 pt in print."""
THINNEST_STROKE = 0.5
TEXT_CONTRAST = 4.5
"""Ratio for text (WCAG 2.2, 1.4.3)."""
FREE_TEXTS = frozenset({"shape", "letter"})
"""Roles of texts that stand beside lines, never on a card."""
BOXES = frozenset({"card", "header"})
MARKS = frozenset({"badge", "pill", "chip"})
"""Roles of what stands on a card or its border and has a text of its own."""


@dataclass(frozen=True, slots=True)
class Finding:
    slug: str
    """``text-overlap``, ``text-outside``, ``text-on-line``, ``text-on-card``, ``text-on-face``,
    ``line-through-card``,
    ``line-through-box``, ``lines-coincide``, ``empty-area``, ``cards-overlap``, ``shape-outside``, ``small-text``,
    ``thin-stroke``, ``contrast``, ``too-wide``, ``text-on-mark``, ``line-through-mark``; against a graph or a spec also
    ``call-missing``, ``call-doubled``, ``edge-missing``, ``edge-doubled``, ``edge-invented``, ``weights-wrong``,
    ``stack-of-shared``, ``nothing-shared``, ``shape-repeated``."""
    subject: str
    """Text or reference of the item."""
    message: str


def lint(
    scene: Scene, *, width: float = 642.0, theme: Theme = "light", graph: Graph | None = None
) -> tuple[Finding, ...]:
    """Findings in a fixed order; none for a drawing that can be printed ``width`` px wide.

    ``graph``: what the scene draws; then every link must be drawn once.
    """
    items = list(flat(scene.items))
    texts = [item for item in items if isinstance(item, Text) and item.text.strip()]
    return (
        *_page(scene, items, texts, width),
        *_overlaps(texts),
        *_in_cards(items, texts),
        *_cards(items, texts),
        *_marks(items, texts),
        *_lines(items, texts),
        *_boxes(scene, items, texts),
        *_empty(scene, items),
        *(_drawn_once(items, graph) if graph else ()),
        *_sizes(items, texts),
        *_contrast(scene, items, texts, theme),
    )


def _page(scene: Scene, items: Sequence[Item], texts: Sequence[Text], width: float) -> Iterator[Finding]:
    if scene.width > width + TOLERANCE:
        yield Finding("too-wide", scene.title, f"{scene.width:.0f} px wide, {width:.0f} allowed")
    page = Box(0, 0, scene.width, scene.height)
    for text in texts:
        if not page.holds(text_box(text)):
            yield Finding("text-outside", text.text, "stands out of the page")
    for item in items:
        reach = extent(item)
        if reach and not isinstance(item, Text) and not page.holds(reach):
            yield Finding("shape-outside", item.ref or item.role, "stands out of the page")


def _near(texts: Sequence[Text]) -> Iterator[tuple[Text, Text]]:
    """Pairs whose boxes share a range of y: a sweep, since a figure may hold thousands of texts."""
    ordered = sorted(texts, key=lambda text: text_box(text).top)
    for index, first in enumerate(ordered):
        bottom = text_box(first).bottom
        for second in ordered[index + 1 :]:
            if text_box(second).top >= bottom:
                break
            yield first, second


def _overlaps(texts: Sequence[Text]) -> Iterator[Finding]:
    for first, second in _near(texts):
        if text_box(first).meets(text_box(second)):
            yield Finding("text-overlap", first.text, f"meets {second.text!r}")


def _in_cards(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    cards = {
        item.ref: item
        for item in items
        if isinstance(item, Rect) and item.role in BOXES | {"cluster"} and item.ref
    }
    for text in texts:
        card = cards.get(text.ref)
        if card is None or text.role in {"shape", "letter"}:
            continue
        if not Box(card.x, card.y, card.x + card.w, card.y + card.h).holds(text_box(text)):
            yield Finding("text-outside", text.text, f"stands out of the card of {text.ref}")


def _cards(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    cards = [
        (item, Box(item.x, item.y, item.x + item.w, item.y + item.h))
        for item in items
        if isinstance(item, Rect) and item.role == "card"
    ]
    for (first, one), (second, other) in combinations(cards, 2):
        if one.meets(other):
            yield Finding("cards-overlap", first.ref, f"meets {second.ref}")
    # The outlines of further copies hide what stands under them as well.
    cards += [
        (item, Box(item.x, item.y, item.x + item.w, item.y + item.h))
        for item in items
        if isinstance(item, Rect) and item.role == "stack"
    ]
    for text in texts:
        if text.role in FREE_TEXTS:
            for card, box in cards:
                if text_box(text).meets(box):
                    yield Finding("text-on-card", text.text, f"stands on the card of {card.ref}")


def _marks(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    """Badges, pills and chips hold their own text; no other text and no line may meet them."""
    boxes = [
        (item.role, item.ref, Box(item.x, item.y, item.x + item.w, item.y + item.h))
        for item in items
        if isinstance(item, Rect) and item.role in MARKS
    ]
    for text in texts if boxes else ():
        reach = text_box(text)
        for role, ref, box in boxes:
            if reach.meets(box) and not (text.role == role and box.holds(reach)):
                yield Finding("text-on-mark", text.text, f"meets the {role} of {ref or 'a card'}")
    for ref, thick in strokes(items, LINES | {"bracket"}) if boxes else ():
        for role, at, box in boxes:
            inner = Box(box.left + 1, box.top + 1, box.right - 1, box.bottom - 1)
            if thick.meets(inner):
                yield Finding("line-through-mark", ref, f"meets the {role} of {at or 'a card'}")


def _lines(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    for text, ref in crossed_texts(items, texts):
        yield Finding("text-on-line", text.text, f"is crossed by {ref}")
    cards = [item for item in items if isinstance(item, Rect) and item.role in BOXES]
    inner = [Box(card.x + 1, card.y + 1, card.x + card.w - 1, card.y + card.h - 1) for card in cards]
    for ref, thick in strokes(items, LINES | {"bracket"}) if cards else ():
        for card, box in zip(cards, inner, strict=True):
            if thick.meets(box) and card.ref not in ref:
                yield Finding("line-through-card", card.ref, f"is crossed by {ref}")
    for ref, other in coinciding(items):
        yield Finding("lines-coincide", ref, f"runs on top of {other}")


def _boxes(scene: Scene, items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    for text, ref in texts_on_faces(items, texts):
        yield Finding("text-on-face", text.text, f"stands on the box of {ref or 'the legend'}")
    for line, ref in through_boxes(scene.items):
        yield Finding("line-through-box", ref, f"is crossed by {line}")


def _empty(scene: Scene, items: Sequence[Item]) -> Iterator[Finding]:
    """A rectangle with nothing in it, larger than a quarter of a figure of boxes."""
    if not any(isinstance(item, Path) and item.role in FACES for item in items) or scene.width < WORTH:
        return
    share = emptiness(items, scene.width, scene.height)
    if share > MOST_EMPTY:
        yield Finding("empty-area", scene.title, f"{share:.0%} of the figure is one empty rectangle")


def _drawn_once(items: Sequence[Item], graph: Graph) -> Iterator[Finding]:
    """Links against lines. A line may end on the header of a cluster for what is in it."""
    # An open part beside the graph has lines of its own.
    graphs = [graph, graph.callout.graph] if graph.callout else [graph]
    parents = {name: parent for one in graphs for name, parent in _parents(one).items()}
    lines = Counter(
        item.ref for item in items if isinstance(item, Path) and item.role in LINES and "->" in item.ref
    )
    wanted: Counter[str] = Counter()
    for link in (link for one in graphs for link in one.links):
        if link.tether:
            continue
        names = {
            f"{source}->{target}"
            for source in _chain(link.source, parents)
            for target in _chain(link.target, parents)
        }
        drawn = sorted(names & set(lines))
        if not drawn:
            yield Finding("edge-missing", f"{link.source}->{link.target}", "is not drawn")
        wanted.update(drawn)
    for ref, count in sorted(lines.items()):
        if "entry:" in ref or "exit:" in ref:
            continue  # the part of a line within a cluster, between its border and a card
        if count > wanted[ref]:
            slug, words = (
                ("edge-doubled", f"is drawn {count} times")
                if wanted[ref]
                else ("edge-invented", "is no link")
            )
            yield Finding(slug, ref, words)


def _parents(graph: Graph) -> dict[str, str | None]:
    parents: dict[str, str | None] = {card.id: card.parent for card in graph.cards}
    return parents | {cluster.id: cluster.parent for cluster in graph.clusters}


def _chain(name: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    """``name`` and the clusters around it."""
    current: str | None = name
    while current is not None:
        yield current
        current = parents.get(current)


def lint_graph(graph: Graph, spec: ArchSpec) -> tuple[Finding, ...]:
    """Whether the graph tells the truth about the spec: each call on one card, each edge one link.

    A repeated block may be drawn once; the calls of its other copies are then on no card, and as many as the copies
    explain may be absent.
    """
    seen = Counter(call for card in graph.cards for call in card.calls)
    place = {call: card.id for card in graph.cards for call in card.calls}
    absent = [call.id for call in spec.calls if call.id not in seen]
    parents = _parents(graph)
    repeats = {cluster.id: cluster.repeat * cluster.called for cluster in graph.clusters}
    copies = {
        card.id: math.prod(repeats.get(name, 1) for name in _chain(card.id, parents)) for card in graph.cards
    }
    explained = sum((copies[card.id] - 1) * len(card.calls) for card in graph.cards)
    findings = [
        Finding("call-doubled", call, f"is on {count} cards") for call, count in seen.items() if count > 1
    ]
    if len(absent) != explained:
        findings += [Finding("call-missing", call, "is on no card") for call in absent]
    links = Counter((link.source, link.target) for link in graph.links if not link.tether)
    edges: Counter[tuple[str, str]] = Counter()
    for edge in spec.edges:
        source, target = place.get(edge.source.call), place.get(edge.target.call)
        if source and target and source != target:
            edges[source, target] += 1
    kinds = {card.id: card.kind for card in graph.cards}
    copied = {name for name, count in copies.items() if count > 1}
    for ends, count in sorted(edges.items()):
        if not links[ends]:
            findings.append(Finding("edge-missing", "->".join(ends), "is no link"))
        elif links[ends] > count:
            findings.append(
                Finding("edge-doubled", "->".join(ends), f"is {links[ends]} links, {count} edges")
            )
    for ends in sorted(links):
        if ends not in edges and kinds.get(ends[1]) not in {"tail", "output"} and not copied & set(ends):
            findings.append(Finding("edge-invented", "->".join(ends), "is no edge of the model"))
    return (*findings, *_sharing(graph, spec, parents), *_repeated_shapes(graph, spec))


def _sharing(graph: Graph, spec: ArchSpec, parents: Mapping[str, str | None]) -> Iterator[Finding]:
    """Weights are counted once; stacks stand for different weights, pills for the same."""
    layers = {layer.id: layer for layer in spec.layers}
    layer_of = {call.id: layers[call.layer] for call in spec.calls}
    uses = Counter(call.layer for call in spec.calls)
    each = {cluster.id: cluster.repeat for cluster in graph.clusters}
    total = 0
    for card in graph.cards:
        total += (card.count or 0) * math.prod(each.get(name, 1) for name in _chain(card.id, parents))
        weighted = Counter(layer_of[call].id for call in card.calls if layer_of[call].weights)
        if card.repeat > 1 and weighted and max(weighted.values()) >= card.repeat:
            yield Finding("stack-of-shared", card.id, f"is a stack of {card.repeat}, but uses the same weights")
        shared = card.called > 1 or card.call[1] > 1
        if shared and weighted and max(uses[name] for name in weighted) < 2:
            yield Finding("nothing-shared", card.id, "has a pill, but no weights that are used again")
    weights = {weight.id: weight_size(weight) for layer in layer_of.values() for weight in layer.weights}
    if total != (wanted := sum(weights.values())):
        yield Finding("weights-wrong", graph.title, f"cards count {total:,}, the model has {wanted:,}")


def _repeated_shapes(graph: Graph, spec: ArchSpec) -> Iterator[Finding]:
    """A shape stands where it changes: not behind a card all of whose inputs have it already."""
    place = {call: card.id for card in graph.cards for call in card.calls}
    shapes = {call.id: [shape_text(tensor) for tensor in call.outputs] for call in spec.calls}
    before: dict[str, set[str]] = {}
    for edge in spec.edges:
        source, target = place.get(edge.source.call), place.get(edge.target.call)
        found = shapes[edge.source.call]
        if target and source != target and edge.source.index < len(found):
            before.setdefault(target, set()).add(found[edge.source.index])
    told = {(link.source, link.shape) for link in graph.links if link.shape}
    for source, shape in sorted(told):
        if before.get(source) == {shape}:
            yield Finding("shape-repeated", source, f"{shape} is told once more")


def _sizes(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    for text in texts:
        if text.size < SMALLEST_TEXT - 0.01:
            yield Finding("small-text", text.text, f"{text.size:g} px, {SMALLEST_TEXT} at least")
    for item in items:
        if isinstance(item, Path | Rect | Circle) and item.stroke and item.width < THINNEST_STROKE:
            yield Finding(
                "thin-stroke", item.ref or item.role, f"{item.width:g} px, {THINNEST_STROKE} at least"
            )


def _contrast(scene: Scene, items: Sequence[Item], texts: Sequence[Text], theme: Theme) -> Iterator[Finding]:
    grounds = [item for item in items if isinstance(item, Rect) and item.fill]
    for text in texts:
        box = text_box(text)
        ground = scene.background
        for rect in grounds:
            if rect.fill and Box(rect.x, rect.y, rect.x + rect.w, rect.y + rect.h).holds(box):
                ground = rect.fill
        ratio = contrast(color(text.fill, theme), color(ground, theme))
        if ratio < TEXT_CONTRAST:
            yield Finding("contrast", text.text, f"{ratio:.1f} : 1 on {ground}, {TEXT_CONTRAST} needed")
