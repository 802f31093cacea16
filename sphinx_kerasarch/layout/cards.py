"""A card: how wide its texts are, which of them give way, and its drawing.

All cards of a figure give way together, so that equal things look equal: class name, long numbers, padding, words of
chips, at last the middle of the name. The full text stays in the label for assistive technology.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..figure import Card, Group, Item, Rect, Text
from .icons import draw_icon
from .text import ellipsize, measure

TILE = 24.0
HEIGHT, LOW = 40.0, 26.0
RADIUS = 6.0
PAD = 8.0
RIGHT = 10.0
LONG = 196.0
"""A name and a class that are longer together stand on two lines."""
LEVELS = 5
"""Steps of giving way, see :func:`reduced`."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a card says at some level of giving way."""

    title: str
    subtitle: str
    detail: str
    count: str
    chips: tuple[tuple[str, str], ...]
    """(category, text); the text is empty when only the pictogram is drawn."""


def reduced(card: Card, level: int) -> Texts:
    """``level`` 0 is everything; each step drops what the reader misses least."""
    title, subtitle, detail = card.title, card.subtitle, card.detail
    swap = level >= 1 and card.auto_named and detail[:1].isdigit()  # 3×3, 64; 256; 4 heads
    if not detail and measure(title, 12, 600) + measure(subtitle, 10.5) > LONG:
        subtitle, detail = "", subtitle
    if level >= 1:
        if swap:
            title, subtitle, detail = detail, "", card.subtitle
        else:
            subtitle, detail = "", detail or subtitle
    if level >= 3 and card.short:
        title, detail = (card.short, detail) if card.auto_named else (title, card.short)
    if level >= 5:
        detail = detail if not card.count else ""
    count = "" if card.count is None else count_text(card.count, level >= 2) + " each" * card.each
    if card.call[0] > 1 and card.count == 0:
        count = "0 new"
    chips = tuple((chip.style, chip.text if level < 4 else "") for chip in card.chips)
    return Texts(title, subtitle, detail, count, chips)


def count_text(count: int, short: bool) -> str:
    """``1,256,080`` or ``1.26 M``."""
    if not short or count < 100_000:
        return f"{count:,}"
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    raise AssertionError


def chip_width(chip: tuple[str, str]) -> float:
    return 18.0 + (measure(chip[1], 10, 500) + 4 if chip[1] else 0.0)


def _chips_width(chips: Sequence[tuple[str, str]]) -> float:
    return sum(chip_width(chip) for chip in chips) + 4 * max(0, len(chips) - 1)


def has_two_lines(texts: Texts) -> bool:
    return bool(texts.detail or (texts.count and (texts.chips or texts.subtitle or texts.title)))


def natural_width(card: Card, level: int) -> float:
    """Width that the texts of ``level`` need, in px."""
    texts = reduced(card, level)
    first = measure(texts.title, 12, 600)
    if texts.subtitle:
        first += 6 + measure(texts.subtitle, 10.5)
    if texts.chips:
        first += 8 + _chips_width(texts.chips)
    second = measure(texts.detail, 11)
    if texts.count:
        second += (12 if texts.detail else 0) + measure(texts.count, 10)
    return TILE + PAD + max(first, second) + RIGHT


def level_for(cards: Sequence[Card], width: float) -> int:
    """The lowest level at which all cards fit ``width``; ``LEVELS`` when names must be cut as well."""
    for level in range(LEVELS):
        if all(natural_width(card, level) <= width for card in cards):
            return level
    return LEVELS


def height(card: Card, level: int) -> float:
    return HEIGHT if has_two_lines(reduced(card, level)) else LOW


def draw_card(card: Card, x: float, y: float, width: float, level: int) -> Group:
    """The card with its upper left corner at ``x``, ``y``."""
    texts, tall = reduced(card, level), height(card, level)
    ghost = card.call[0] > 1
    items: list[Item] = []
    for step in (2, 1) if card.repeat > 1 else ():
        items.append(
            Rect(x + 3 * step, y + 3 * step, width, tall, RADIUS, f"{card.style}.tint", f"{card.style}.line")
        )
    fill, dash = ("surface", (4.0, 3.0)) if ghost else (f"{card.style}.tint", ())
    items.append(
        Rect(x, y, width, tall, RADIUS, fill, f"{card.style}.line", dash=dash, role="card", ref=card.id)
    )
    if not ghost:
        items.append(Rect(x, y, TILE, tall, RADIUS, f"{card.style}.solid", corners="left", role="tile"))
    if card.frozen and not ghost:
        items.extend(_hatch(card.style, x, y, tall))
    icon = {"input": "data", "output": "output", "block": "block"}.get(card.kind, card.style)
    token = f"{card.style}.solid" if ghost else "onsolid"
    items.extend(draw_icon(icon, x + 5, y + tall / 2 - 7, token))
    items.extend(_words(texts, x, y, width, tall, card.id))
    items.extend(_marks(card, x, y, width))
    return Group(tuple(items), card.id, "block" if card.kind == "block" else "call", card.label)


def _hatch(style: str, x: float, y: float, tall: float) -> list[Item]:
    """Frozen: lines at 45° over the tile."""
    from ..figure import Path

    lines: list[tuple[str | float, ...]] = []
    for start in range(int(-tall) + 4, int(TILE), 6):
        x0, y0 = max(0.0, float(start)), max(0.0, -float(start))
        length = min(TILE - x0, tall - y0)
        if length > 1:
            lines += [("M", x + x0, y + y0), ("L", x + x0 + length, y + y0 + length)]
    return [Path(tuple(lines), None, f"{style}.tint", 1.2, opacity=0.45, role="decoration")]


STYLES = {
    "title": (12, 600, "ink", "start"),
    "class": (10.5, 400, "muted", "start"),
    "detail": (11, 400, "ink2", "start"),
    "count": (10, 400, "muted", "end"),
    "chip": (10, 500, "ink2", "start"),
    "badge": (11, 600, "onbadge", "middle"),
    "pill": (10, 600, "ink", "end"),
    "shape": (10.5, 400, "ink2", "start"),
    "letter": (10, 500, "ink2", "start"),
    "note": (10.5, 400, "muted", "start"),
}
"""Role of a text → size in px, weight, colour, anchor."""


def styled(role: str, x: float, y: float, text: str, ref: str = "") -> Text:
    """A text in the style of its role, measured."""
    size, weight, fill, anchor = STYLES[role]
    length = round(measure(text, size, weight), 2)
    return Text(round(x, 2), round(y, 2), text, size, weight, fill, anchor, length, role, ref)


def _words(texts: Texts, x: float, y: float, width: float, tall: float, ref: str) -> list[Item]:
    items: list[Item] = []
    left, right = x + TILE + PAD, x + width - RIGHT
    line1, line2 = (y + 16.5, y + 32) if tall == HEIGHT else (y + 17.3, y + 17.3)
    chips_at = right - _chips_width(texts.chips) + 3 if texts.chips else right
    room = (chips_at - 8 if texts.chips else right) - left
    single = tall == LOW and texts.count
    if single:
        room -= measure(texts.count, 10) + 10
    title = ellipsize(texts.title, room, 12, 600)
    items.append(styled("title", left, line1, title, ref))
    used = measure(title, 12, 600)
    if texts.subtitle and used + 6 + measure(texts.subtitle, 10.5) <= room + 0.5:
        items.append(styled("class", left + used + 6, line1, texts.subtitle, ref))
    at = chips_at
    for chip in texts.chips:
        items.extend(_chip(chip, at, line1 - 12, ref))
        at += chip_width(chip) + 4
    if texts.count:
        items.append(styled("count", right, line2, texts.count, ref))
    if texts.detail and not single:
        space = right - left - (measure(texts.count, 10) + 8 if texts.count else 0)
        detail = ellipsize(texts.detail, space, 11)
        items.append(styled("detail", left, line2, detail, ref))
    return items


def _chip(chip: tuple[str, str], x: float, y: float, ref: str) -> list[Item]:
    style, text = chip
    wide = chip_width(chip)
    items: list[Item] = [Rect(x, y, wide, 15, 3.5, "surface", f"{style}.line", role="chip", ref=ref)]
    items.extend(draw_icon(style, x + 4, y + 2.6, f"{style}.solid", 0.7))
    if text:
        items.append(styled("chip", x + 16.5, y + 11.2, text, ref))
    return items


def _marks(card: Card, x: float, y: float, width: float) -> list[Item]:
    if card.repeat > 1:
        return badge(f"×{card.repeat}", x + width + 11, y - 8.5)
    if card.call[1] > 1:
        return pill(f"call {card.call[0]} of {card.call[1]}", x + width + 6, y - 13)
    return []


def badge(text: str, right: float, top: float) -> list[Item]:
    """A filled capsule with its right end at ``right``."""
    wide = measure(text, 11, 600) + 14
    return [
        Rect(right - wide, top, wide, 17, 8.5, "badge", role="badge"),
        styled("badge", right - wide / 2, top + 12.4, text),
    ]


def pill(text: str, right: float, top: float) -> list[Item]:
    """An outlined capsule with the link pictogram."""
    wide = measure(text, 10, 600) + 27
    return [
        Rect(right - wide, top, wide, 17, 8.5, "surface", "ink", 1.2, role="pill"),
        *draw_icon("link", right - wide + 7, top + 4, "ink", 0.65),
        styled("pill", right - 8, top + 12.2, text),
    ]
