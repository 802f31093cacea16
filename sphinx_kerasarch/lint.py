"""What is wrong with a drawing, measured: overlaps, overflow, too small, too pale, too wide, edges lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .figure import Circle, Group, Item, Path, Rect, Scene, Text
from .theme import color, contrast

SMALLEST_TEXT = 8.7
"""px at 96 dpi = 6.5 pt in print."""
THINNEST_STROKE = 0.5
TEXT_CONTRAST = 4.5
"""Ratio for text (WCAG 2.2, 1.4.3)."""
TOLERANCE = 0.6
"""px by which boxes may touch: advance widths hold the side bearings, letters do not fill them."""

LINES = frozenset({"edge", "skip"})
BOXES = frozenset({"card", "header"})


@dataclass(frozen=True, slots=True)
class Finding:
    slug: str
    """``text-overlap``, ``text-outside``, ``text-on-line``, ``line-through-card``, ``small-text``, ``thin-stroke``,
    ``contrast``, ``too-wide``."""
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


def lint(scene: Scene, *, width: float = 642.0, theme: str = "light") -> tuple[Finding, ...]:
    """Findings in a fixed order; none for a drawing that can be printed ``width`` px wide."""
    items = list(flat(scene.items))
    texts = [item for item in items if isinstance(item, Text) and item.text.strip()]
    return (
        *_page(scene, texts, width),
        *_overlaps(texts),
        *_in_cards(items, texts),
        *_lines(items, texts),
        *_sizes(items, texts),
        *_contrast(scene, items, texts, theme),
    )


def _page(scene: Scene, texts: Sequence[Text], width: float) -> Iterator[Finding]:
    if scene.width > width + TOLERANCE:
        yield Finding("too-wide", scene.title, f"{scene.width:.0f} px wide, {width:.0f} allowed")
    page = Box(0, 0, scene.width, scene.height)
    for text in texts:
        if not page.holds(text_box(text)):
            yield Finding("text-outside", text.text, "stands out of the page")


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
        if not isinstance(item, Path) or item.role not in LINES:
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


def _sizes(items: Sequence[Item], texts: Sequence[Text]) -> Iterator[Finding]:
    for text in texts:
        if text.size < SMALLEST_TEXT - 0.01:
            yield Finding("small-text", text.text, f"{text.size:g} px, {SMALLEST_TEXT} at least")
    for item in items:
        if isinstance(item, Path | Rect | Circle) and item.stroke and item.width < THINNEST_STROKE:
            yield Finding(
                "thin-stroke", item.ref or item.role, f"{item.width:g} px, {THINNEST_STROKE} at least"
            )


def _contrast(scene: Scene, items: Sequence[Item], texts: Sequence[Text], theme: str) -> Iterator[Finding]:
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
