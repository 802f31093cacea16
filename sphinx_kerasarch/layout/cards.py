"""A card: how wide its texts are, which of them give way, and its drawing.

All cards of a figure give way together, so that equal things look equal: class name, long numbers, padding, words of
chips, at last the middle of the name. The full text stays in the label for assistive technology.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..figure import Card, Group, Item, Rect, Text
from .icons import ICONS, draw_icon
from .text import ELLIPSIS, ellipsize, measure

TILE = 24.0
HEIGHT, LOW = 40.0, 26.0
RADIUS = 6.0
PAD = 8.0
RIGHT = 10.0
LONG = 196.0
"""A name and a class that are longer together stand on two lines."""
OUT = 11.0
"""px that a badge stands out of its card."""
LEVELS = 5
"""Steps of giving way, see :func:`reduced`."""
LEGIBLE = 96.0
"""px of a name that tell it from others when its middle is cut."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What a card says at some level of giving way."""

    title: str
    subtitle: str
    detail: str
    count: str
    chips: tuple[tuple[str, str], ...]
    """(category, text); the text is empty when only the pictogram is drawn."""
    compact: bool = False
    """The pictograms of the chips stand on line 2, so that the title has line 1 for itself."""


def reduced(card: Card, level: int) -> Texts:
    """``level`` 0 is everything; each step drops what the reader misses least."""
    title, subtitle, detail = card.title, card.subtitle, card.detail
    short = card.short if level >= 3 and card.short else detail
    compact = level >= LEVELS
    if compact:
        # As in the tables of papers: 3×3/2 is a 3×3 kernel with stride 2.
        short = re.sub(r"^([^,]+), (.*?)(?:, )?stride (\S+)$", r"\1/\3, \2", short).rstrip(", ")
        short = re.sub(r"^(\S+), stride (\S+)$", r"\1/\2", short)
    if level == 0:
        if not detail and measure(title, 12, 600) + measure(subtitle, 10.5) > LONG:
            subtitle, detail = "", subtitle
    elif (
        (card.auto_named or (compact and card.chips and card.parent))
        and card.count is not None
        and card.style in {"conv", "up"}
        and detail
    ):
        # A name that Keras chose says less than the kernel, and so does a name within a part when there is room for
        # one of them; other layers are told best by their class.
        title, subtitle, detail = short, "", subtitle
    elif card.auto_named and subtitle:
        title, subtitle, detail = _brief(subtitle) if compact else subtitle, "", short
    elif card.kind not in {"input", "output"}:
        subtitle, detail = "", short or subtitle
    count = "" if card.count is None else count_text(card.count, level >= 2, 10_000 if compact else 100_000)
    count += " each" * (card.each and bool(count))
    if card.call[0] > 1 and card.count == 0:
        count = "0 new"
    chips = tuple((chip.style, chip.text if level < 4 else "") for chip in card.chips)
    return Texts(title, subtitle, detail, count, chips, compact and bool(chips))


def _brief(name: str) -> str:
    """Class by the shorter of its names, as Keras and its users have them: ``MaxPool2D``, ``BatchNorm``."""
    for long, brief in (("MaxPooling", "MaxPool"), ("AveragePooling", "AvgPool"), ("Normalization", "Norm")):
        name = name.replace(long, brief)
    return name


def count_text(count: int, short: bool, least: int = 100_000) -> str:
    """``1,256,080`` or, when ``short`` and not below ``least``, ``1.26 M``."""
    if not short or count < least:
        return f"{count:,}"
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    raise AssertionError


def chip_width(chip: tuple[str, str]) -> float:
    return 18.0 + (measure(chip[1], 10, 500) + 4 if chip[1] else 0.0)


def _chips_width(chips: Sequence[tuple[str, str]]) -> float:
    return sum(chip_width(chip) for chip in chips) + 4 * max(0, len(chips) - 1)


def has_two_lines(texts: Texts, width: float) -> bool:
    """Whether ``texts`` need a second line; a name and a number that fit ``width`` together do not."""
    if texts.detail or texts.compact or (texts.count and texts.chips):
        return True
    words = measure(texts.title, 12, 600) + (6 + measure(texts.subtitle, 10.5) if texts.subtitle else 0.0)
    return bool(texts.count) and TILE + PAD + words + 12 + measure(texts.count, 10) + RIGHT > width


def natural_width(card: Card, level: int) -> float:
    """Width that the texts of ``level`` need, in px."""
    texts = reduced(card, level)
    first = measure(texts.title, 12, 600)
    if texts.subtitle and level == 0:
        first += 6 + measure(texts.subtitle, 10.5)
    if texts.chips:
        first += 8 + _chips_width(texts.chips)
    second = measure(texts.detail, 11)
    if texts.count:
        second += (12 if texts.detail else 0) + measure(texts.count, 10)
    return TILE + PAD + max(first, second) + RIGHT


def level_for(cards: Sequence[Card], width: float) -> int:
    """The lowest level at which all cards fit ``width``; in the last two a name of its own may be cut."""
    for level in range(LEVELS - 1):
        if all(natural_width(card, level) <= width for card in cards):
            return level
    return LEVELS - 1 if all(_cut_fits(card, width) for card in cards) else LEVELS


def _cut_fits(card: Card, width: float) -> bool:
    """Whether at the last level but one the texts fit when the name is cut to ``LEGIBLE`` px."""
    texts = reduced(card, LEVELS - 1)
    title = measure(texts.title, 12, 600)
    if texts.title == card.title:
        title = min(title, LEGIBLE)
    first = title + (8 + _chips_width(texts.chips) if texts.chips else 0.0)
    second = measure(texts.detail, 11) if ", " in texts.detail else 0.0
    if texts.count:
        second += (12 if second else 0) + measure(texts.count, 10)
    return TILE + PAD + max(first, second) + RIGHT <= width


def card_width(card: Card, level: int, width: float) -> float:
    """px of a card in a figure whose cards are ``width`` wide."""
    return min(width, math.ceil(natural_width(card, level)) + 4.0) if card.small else width


def height(card: Card, level: int, width: float) -> float:
    return HEIGHT if has_two_lines(reduced(card, level), width) else LOW


def draw_card(card: Card, x: float, y: float, width: float, level: int) -> Group:
    """The card with its upper left corner at ``x``, ``y``, in a figure whose cards are ``width`` wide."""
    width = card_width(card, level, width)
    texts, tall = reduced(card, level), height(card, level, width)
    ghost = card.call[0] > 1
    items: list[Item] = []
    for step in (2, 1) if card.repeat > 1 else ():
        fill, line = f"{card.style}.tint", f"{card.style}.line"
        items.append(Rect(x + 3 * step, y + 3 * step, width, tall, RADIUS, fill, line, role="stack"))
    fill, dash = ("surface", (4.0, 3.0)) if ghost else (f"{card.style}.tint", ())
    items.append(
        Rect(x, y, width, tall, RADIUS, fill, f"{card.style}.line", dash=dash, role="card", ref=card.id)
    )
    if not ghost:
        items.append(Rect(x, y, TILE, tall, RADIUS, f"{card.style}.tile", corners="left", role="tile"))
    if card.frozen and not ghost:
        items.extend(_hatch(card.style, x, y, tall))
    icon = {"input": "data", "output": "output", "block": "block"}.get(card.kind, card.style)
    if card.style == "merge" and card.kind == "card" and card.sign != "+":
        # An operation with a constant: what it does, not that it adds.
        icon = card.sign if card.sign in ICONS else "join"
    token = f"{card.style}.solid" if ghost else f"{card.style}.ontile"
    items.extend(draw_icon(icon, x + 5, y + tall / 2 - 7, token))
    items.extend(_words(texts, x, y, width, tall, card))
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
    "tether": (10, 500, "ink2", "start"),
}
"""Role of a text → size in px, weight, colour, anchor."""


def styled(role: str, x: float, y: float, text: str, ref: str = "") -> Text:
    """A text in the style of its role, measured."""
    size, weight, fill, anchor = STYLES[role]
    length = round(measure(text, size, weight), 2)
    return Text(round(x, 2), round(y, 2), text, size, weight, fill, anchor, length, role, ref)


def _words(texts: Texts, x: float, y: float, width: float, tall: float, card: Card) -> list[Item]:
    items: list[Item] = []
    left, right = x + TILE + (6 if texts.compact else PAD), x + width - (7 if texts.compact else RIGHT)
    line1, line2 = (y + 16.5, y + 32) if tall == HEIGHT else (y + 17.3, y + 17.3)
    first = () if texts.compact else texts.chips
    chips_at = right - _chips_width(first) + 3 if first else right
    room = (chips_at - 8 if first else right) - left
    if card.repeat > 1:
        room -= max(0.0, badge_width(card.repeat) - OUT - RIGHT)
    if tall == LOW and texts.count:
        room -= measure(texts.count, 10) + 10
    title = shortened(texts.title, room, 12, 600, start=texts.title != card.title)
    items.append(styled("title", left, line1, title, card.id))
    used = measure(title, 12, 600)
    if texts.subtitle and used + 6 + measure(texts.subtitle, 10.5) <= room + 0.5:
        items.append(styled("class", left + used + 6, line1, texts.subtitle, card.id))
    for chip in first:
        items.extend(_chip(chip, chips_at, line1 - 12, card.id))
        chips_at += chip_width(chip) + 4
    space = right - left
    if texts.count:
        items.append(styled("count", right, line2, texts.count, card.id))
        space -= measure(texts.count, 10) + (4 if texts.compact else 8)
    if texts.compact:
        for number, (style, _) in enumerate(texts.chips[: int((space + 3) // 13)]):
            items.extend(draw_icon(style, left + 13 * number, line2 - 8.5, f"{style}.solid", 0.7))
    elif texts.detail:
        detail = shortened(texts.detail, space, 11, start=True)
        # Half a number says something wrong: a value stands whole or not at all.
        if texts.detail == card.subtitle or ELLIPSIS not in detail:
            items.append(styled("detail", left, line2, detail, card.id))
    return items


def shortened(text: str, width: float, size: float, weight: int = 400, *, start: bool = False) -> str:
    """``text`` in ``width`` px: of a list its first parts, of a class its ``start``, of a name its two ends."""
    while ", " in text and measure(text, size, weight) > width:
        text = text.rpartition(", ")[0]
    if text.count("(") > text.count(")"):
        text = text.rpartition(" (")[0]  # the comma was one of a shape
    if not start or measure(text, size, weight) <= width:
        return ellipsize(text, width, size, weight)
    while text and measure(text + ELLIPSIS, size, weight) > width:
        text = text[:-1]
    return text + ELLIPSIS


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
        return badge(card.repeat, x + width + OUT, y - 8.5)
    if card.call[1] > 1 or card.called > 1:
        return pill(card.call, card.called, x + width + 6, y - 15.5, width / 2)
    return []


def badge_width(repeat: int) -> float:
    return measure(f"×{repeat}", 11, 600) + 14


def badge(repeat: int, right: float, top: float) -> list[Item]:
    """A filled capsule with its right end at ``right``."""
    wide = badge_width(repeat)
    return [
        Rect(right - wide, top, wide, 17, 8.5, "badge", role="badge"),
        styled("badge", right - wide / 2, top + 12.4, f"×{repeat}"),
    ]


def pill(call: tuple[int, int], called: int, right: float, top: float, room: float) -> list[Item]:
    """An outlined capsule with the link pictogram, right of the arrow that arrives in the middle of the card.

    ``room``: px from the middle of the card to its right side. ``called``: calls in a row that are drawn as one.
    """
    number, calls = call
    texts = [f"call {number} of {calls}", f"{number} of {calls}", f"{number}/{calls}"]
    if called > 1:
        texts = [f"called {called}×", f"{called}×"]
    text = next((t for t in texts if measure(t, 10, 600) + 27 <= room), texts[-1])
    wide = measure(text, 10, 600) + 27
    return [
        Rect(right - wide, top, wide, 17, 8.5, "surface", "ink", 1.2, role="pill"),
        *draw_icon("link", right - wide + 7, top + 4, "ink", 0.65),
        styled("pill", right - 8, top + 12.2, text),
    ]
