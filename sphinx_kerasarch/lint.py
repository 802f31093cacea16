"""What is wrong with a drawing, measured: overlaps, overflow, too small, too pale, too wide, edges lost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from .figure import Circle, Graph, Group, Item, Path, Rect, Scene, Text
from .spec import ArchSpec
from .theme import Theme, color, contrast

SMALLEST_TEXT = 8.7
"""px at 96 dpi = 6.5 pt in print."""
THINNEST_STROKE = 0.5
TEXT_CONTRAST = 4.5
"""Ratio for text (WCAG 2.2, 1.4.3)."""
TOLERANCE = 0.6
"""px by which boxes may touch: advance widths hold the side bearings, letters do not fill them."""

LINES = frozenset({"edge", "skip"})
FREE_TEXTS = frozenset({"shape", "letter"})
"""Roles of texts that stand beside lines, never on a card."""
BOXES = frozenset({"card", "header"})
FACES = frozenset({"face", "band"})
GRID = 60
"""Cells on each side of the grid on which emptiness is measured."""
WORTH = 320.0
"""px; narrower figures are not measured for emptiness."""


@dataclass(frozen=True, slots=True)
class Finding:
    slug: str
    """``text-overlap``, ``text-outside``, ``text-on-line``, ``text-on-card``, ``text-on-face``,
    ``line-through-card``, ``lines-coincide``, ``empty-area``, ``cards-overlap``, ``shape-outside``, ``small-text``,
    ``thin-stroke``, ``contrast``, ``too-wide``; against a graph or a spec also ``call-missing``, ``call-doubled``,
    ``edge-missing``, ``edge-doubled``, ``edge-invented``."""
    subject: str
    """Text or reference of the item."""
    message: str


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box, tolerance: float = TOLERANCE) -> bool:
        return (
            self.left < other.right - tolerance
            and other.left < self.right - tolerance
            and self.top < other.bottom - tolerance
            and other.top < self.bottom - tolerance
        )

    def holds(self, other: Box, tolerance: float = TOLERANCE) -> bool:
        return (
            self.left <= other.left + tolerance
            and self.top <= other.top + tolerance
            and self.right >= other.right - tolerance
            and self.bottom >= other.bottom - tolerance
        )


def text_box(text: Text) -> Box:
    """Extent of the letters: capital height 0.73 em above, descenders 0.21 em below the baseline (Inter)."""
    left = text.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor] * text.length
    return Box(left, text.y - 0.73 * text.size, left + text.length, text.y + 0.21 * text.size)


def flat(items: Sequence[Item]) -> Iterator[Item]:
    """All items, groups opened, in the order of painting."""
    for item in items:
        if isinstance(item, Group):
            yield from flat(item.items)
        else:
            yield item


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
        *_lines(items, texts),
        *_coinciding(items),
        *_on_faces(items, texts),
        *_empty(scene, items),
        *(_drawn_once(items, graph) if graph else ()),
        *_sizes(items, texts),
        *_contrast(scene, items, texts, theme),
    )


def _extent(item: Item) -> Box | None:
    """Of a shape with its stroke; curves count with their control points."""
    half = item.width / 2 if isinstance(item, Path | Rect | Circle) and item.stroke else 0.0
    match item:
        case Rect():
            return Box(item.x - half, item.y - half, item.x + item.w + half, item.y + item.h + half)
        case Circle():
            reach = item.r + half
            return Box(item.x - reach, item.y - reach, item.x + reach, item.y + reach)
        case Path():
            xs = [float(value) for command in item.commands for value in command[1::2]]
            ys = [float(value) for command in item.commands for value in command[2::2]]
            return Box(min(xs) - half, min(ys) - half, max(xs) + half, max(ys) + half) if xs else None
    return None


def _page(scene: Scene, items: Sequence[Item], texts: Sequence[Text], width: float) -> Iterator[Finding]:
    if scene.width > width + TOLERANCE:
        yield Finding("too-wide", scene.title, f"{scene.width:.0f} px wide, {width:.0f} allowed")
    page = Box(0, 0, scene.width, scene.height)
    for text in texts:
        if not page.holds(text_box(text)):
            yield Finding("text-outside", text.text, "stands out of the page")
    for item in items:
        extent = _extent(item)
        if extent and not isinstance(item, Text) and not page.holds(extent):
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


def _segments(path: Path) -> Iterator[Box]:
    """Straight pieces as boxes without area; the corners between them are rounded within."""
    x = y = 0.0
    for command in path.commands:
        values = [float(value) for value in command[1:]]
        if command[0] == "L":
            yield Box(min(x, values[0]), min(y, values[1]), max(x, values[0]), max(y, values[1]))
        if values:
            x, y = values[-2:]


def _lines(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    cards = [item for item in items if isinstance(item, Rect) and item.role in BOXES]
    boxes = [(text, text_box(text)) for text in texts]
    for item in items:
        if not isinstance(item, Path) or item.role not in LINES | {"bracket"}:
            continue
        for piece in _segments(item):
            if min(piece.right - piece.left, piece.bottom - piece.top) > 1:
                continue  # only orthogonal pieces: the box of a slanted one says nothing
            thick = Box(piece.left - 0.5, piece.top - 0.5, piece.right + 0.5, piece.bottom + 0.5)
            for text, box in boxes:
                if thick.meets(box):
                    yield Finding("text-on-line", text.text, f"is crossed by {item.ref}")
            for card in cards:
                inner = Box(card.x + 1, card.y + 1, card.x + card.w - 1, card.y + card.h - 1)
                if thick.meets(inner) and card.ref not in item.ref:
                    yield Finding("line-through-card", card.ref, f"is crossed by {item.ref}")


def _coinciding(items: Sequence[Item]) -> Iterator[Finding]:
    """Two lines that run on top of each other, though they have no end in common: they read as one."""
    tracks: dict[tuple[bool, int], list[tuple[float, float, str]]] = {}
    for item in items:
        if not isinstance(item, Path) or item.role not in LINES or "->" not in item.ref:
            continue
        for piece in _segments(item):
            wide, high = piece.right - piece.left, piece.bottom - piece.top
            if wide < 0.5 < high:
                tracks.setdefault((True, round(piece.left)), []).append((piece.top, piece.bottom, item.ref))
            elif high < 0.5 < wide:
                tracks.setdefault((False, round(piece.top)), []).append((piece.left, piece.right, item.ref))
    found = set()
    for track in tracks.values():
        track.sort()
        for index, (_, end, ref) in enumerate(track):
            for start, other_end, other in track[index + 1 :]:
                if start > end - 2:
                    break
                if min(end, other_end) - start > 2 and not set(ref.split("->")) & set(other.split("->")):
                    found.add((ref, other))
    for ref, other in sorted(found):
        yield Finding("lines-coincide", ref, f"runs on top of {other}")


def _on_faces(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    """Texts on the faces of boxes (convex polygons): nothing is written there."""
    faces = []
    for item in items:
        extent = _extent(item) if isinstance(item, Path) and item.role in FACES else None
        if extent and isinstance(item, Path):
            corners = [(float(c[-2]), float(c[-1])) for c in item.commands if len(c) > 1]
            faces.append((item.ref, extent, corners))
    for text in texts:
        box = text_box(text)
        for ref, extent, corners in faces:
            if box.meets(extent) and _meets_polygon(box, corners):
                yield Finding("text-on-face", text.text, f"stands on the box of {ref or 'the legend'}")
                break


def _meets_polygon(box: Box, corners: Sequence[tuple[float, float]]) -> bool:
    """Whether a convex polygon reaches more than the tolerance into a box (separating axes)."""
    other = [(box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom)]
    axes = [(1.0, 0.0), (0.0, 1.0)]
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        length = math.hypot(bx - ax, by - ay)
        if length > 0.05:
            axes.append(((by - ay) / length, (ax - bx) / length))
    for ux, uy in axes:
        a = [x * ux + y * uy for x, y in corners]
        b = [x * ux + y * uy for x, y in other]
        if max(a) <= min(b) + TOLERANCE or max(b) <= min(a) + TOLERANCE:
            return False
    return True


def _empty(scene: Scene, items: Sequence[Item]) -> Iterator[Finding]:
    """A rectangle with nothing in it, larger than a quarter of a figure of boxes. Lines divide the emptiness."""
    if not any(isinstance(item, Path) and item.role in FACES for item in items) or scene.width < WORTH:
        return
    filled = [[False] * GRID for _ in range(GRID)]
    for item in items:
        pieces = [_extent(item)]
        if isinstance(item, Text):
            pieces = [text_box(item)]
        elif isinstance(item, Rect) and item.role == "panel":
            continue
        elif isinstance(item, Path) and not item.fill:
            pieces = list(_segments(item))
        for box in pieces:
            if box:
                x0, x1 = (_cell(x, scene.width) for x in (box.left, box.right))
                y0, y1 = (_cell(y, scene.height) for y in (box.top, box.bottom))
                for row in filled[y0 : y1 + 1]:
                    row[x0 : x1 + 1] = [True] * (x1 + 1 - x0)
    share = _largest_gap(filled) / GRID**2
    if share > 0.25:
        yield Finding("empty-area", scene.title, f"{share:.0%} of the figure is one empty rectangle")


def _cell(value: float, length: float) -> int:
    return min(GRID - 1, max(0, int(value / length * GRID)))


def _largest_gap(filled: Sequence[Sequence[bool]]) -> int:
    """Cells of the largest rectangle without a filled one (largest rectangle under a histogram, row by row)."""
    best = 0
    heights = [0] * GRID
    for row in filled:
        heights = [0 if full else h + 1 for full, h in zip(row, heights, strict=True)]
        stack: list[int] = []
        for k, height in enumerate([*heights, 0]):
            while stack and heights[stack[-1]] >= height:
                tall = heights[stack.pop()]
                best = max(best, tall * (k - (stack[-1] + 1 if stack else 0)))
            stack.append(k)
    return best


def _drawn_once(items: Sequence[Item], graph: Graph) -> Iterator[Finding]:
    """Links against lines. A line may end on the header of a cluster for what is in it."""
    parents = _parents(graph)
    lines = Counter(
        item.ref for item in items if isinstance(item, Path) and item.role in LINES and "->" in item.ref
    )
    wanted: Counter[str] = Counter()
    for link in graph.links:
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
    return tuple(findings)


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
