"""A table in a terminal: fitted to its width, with the colours of the figures.

Nothing is cut and no number is divided. Where space is short, a layer that the row above feeds says so by an arrow;
what is still too wide is continued on the next line, in the columns where that costs the fewest lines.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ... import escape
from ...figure import Row, Table
from ...formats.text import cells_of
from ...theme import Theme, category_of, color
from .colors import Depth, bold, paint

GAP = "  "
SIGN = "▌ "
"""Before each name, in the colour of the layer's category."""

ABOVE = "↑"
ABOVE_NOTE = f"{ABOVE} connected to the row above."

DIVIDED = frozenset({"layer", "type", "connected"})
"""Columns whose texts may be continued on the next line."""

LEAST, WHOLE = 8, 24
"""Cells below which no such column is made narrower; a part of a name that is no longer than the second is not divided.
A line that is longer than the terminal is easier to read then."""

NOTE = 79
"""Cells of the paragraph below at most: longer lines are hard to read."""

PIECE = re.compile(r".+?(?:[_/.(×-]+(?!\d{1,3}(?:\W|$))|(?<=[a-z])(?=[A-Z])|$)")
"""A part of a name; a last number stays with what it numbers."""

FAINT = "#52606d"
"""Of rules and of what is not there."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as it will be printed."""

    kind: str
    texts: tuple[str, ...]
    lead: str = ""
    """What stands before the first text."""
    tone: str = FAINT


@dataclass(frozen=True, slots=True)
class _Grid:
    keys: tuple[str, ...]
    aligns: tuple[str, ...]
    widths: tuple[int, ...]
    depth: Depth


def show(table: Table, width: int, depth: Depth, theme: Theme = "light") -> str:
    """Lines of ``table``, none wider than ``width`` cells unless names would be illegible then.

    ``theme``: with colours of the user's own, if there are any.
    """
    keys = tuple(column.key for column in table.columns)
    sign = SIGN if depth else ""
    lines = [_Line("head", tuple(column.title for column in table.columns), " " * size(sign))]
    lines += [_line(row, sign, theme) for row in (*table.rows, *table.totals)]
    room = width - len(GAP) * (len(keys) - 1)
    notes = [escape.line(table.note)] if table.note else []
    if sum(_natural(lines)) > room and "connected" in keys and "layer" in keys:
        shorter = _with_arrows(lines, keys)
        if shorter != lines:
            lines = shorter
            notes.append(ABOVE_NOTE)
    widths = _natural(lines) if sum(_natural(lines)) <= room else fitted(lines, keys, room)
    grid = _Grid(keys, tuple(column.align for column in table.columns), tuple(widths), depth)
    rule = paint("─" * (sum(widths) + len(GAP) * (len(widths) - 1)), FAINT, depth)
    printed = [bold(escape.line(table.title), depth), "", *_printed(lines[0], grid), rule]
    end = len(lines) - len(table.totals)
    printed += [part for line in lines[1:end] for part in _printed(line, grid)]
    printed += [rule, *(part for line in lines[end:] for part in _printed(line, grid))]
    for note in notes:
        printed += ["", *textwrap.wrap(note, min(NOTE, max(width, 2 * LEAST)))]
    return "\n".join(line.rstrip() for line in printed) + "\n"


def _line(row: Row, sign: str, theme: Theme) -> _Line:
    tone = color(f"{category_of(row.ref, row.style, theme)}.tile", theme) if row.style else FAINT
    lead = (sign if row.style else " " * size(sign)) + "  " * (row.depth - 1) + "└ " * bool(row.depth)
    return _Line(row.kind, tuple(escape.line(cell.text) for cell in row.cells), lead, tone)


def _with_arrows(lines: Sequence[_Line], keys: Sequence[str]) -> list[_Line]:
    """Without the name of the row above."""
    name, source = keys.index("layer"), keys.index("connected")
    found = list(lines)
    for number, (above, line) in enumerate(pairwise(lines[1:]), 2):
        if line.texts[source] and line.texts[source] == above.texts[name]:
            texts = [*line.texts]
            texts[source] = ABOVE
            found[number] = _Line(line.kind, tuple(texts), line.lead, line.tone)
    return found


def _natural(lines: Sequence[_Line]) -> list[int]:
    columns = range(len(lines[0].texts))
    return [max(size(line.texts[index]) + _before(line, index) for line in lines) for index in columns]


def _before(line: _Line, index: int) -> int:
    return 0 if index else size(line.lead)


def fitted(lines: Sequence[_Line], keys: Sequence[str], room: int) -> list[int]:
    """Widths of columns that are ``room`` cells wide together: each cell is taken where it makes the fewest lines."""
    widths = _natural(lines)
    long = [[(line.texts[index], _before(line, index)) for line in lines] for index in range(len(keys))]
    least = [_least(own, key in DIVIDED) for own, key in zip(long, keys, strict=True)]
    able = {index for index, width in enumerate(widths) if width > least[index]}

    @functools.cache
    def height(index: int, width: int) -> int:
        return sum(len(wrapped(text, width - before)) for text, before in long[index] if before + size(text) > width)

    while (over := sum(widths) - room) > 0 and able:
        step = 1 + over // 8  # few steps from far, single cells in the end
        chosen = min(able, key=lambda index: (height(index, widths[index] - step), -widths[index]))
        widths[chosen] = max(widths[chosen] - step, least[chosen])
        able = {index for index in able if widths[index] > least[index]}
    return widths


def _least(texts: Sequence[tuple[str, int]], divided: bool) -> int:
    """Cells that a column needs: ``texts`` are its title and its texts with the cells before each."""
    (title, _), *own = texts
    words = [size(piece) for piece in pieces(title)]
    whole = [before + size(text) for text, before in own]
    if not divided:
        return max([*words, *whole])
    parts = [before + min(WHOLE, size(piece)) for text, before in own for piece in pieces(text)]
    return max([*words, *parts, min(LEAST, max(whole, default=0))])


@functools.cache
def size(text: str) -> int:
    """Cells that ``text`` takes."""
    return len(text) if text.isascii() else sum(map(cells_of, text))


@functools.cache
def pieces(text: str) -> tuple[str, ...]:
    """``text`` divided where a line may end: after the parts of names, before the capitals of classes."""
    return tuple(piece for word in text.split() for piece in PIECE.findall(word))


@functools.lru_cache(maxsize=1 << 14)
def wrapped(text: str, width: int) -> tuple[str, ...]:
    """Lines of at most ``width`` cells: whole names where they fit, else divided at the ends of their parts."""
    width = max(width, 4)
    lines = [""]
    for word in re.findall(r"\S+\s*", text):
        if size(lines[-1] + word.rstrip()) <= width:
            lines[-1] += word
            continue
        if lines[-1]:
            lines.append("")
        for piece in pieces(word):
            if lines[-1] and size(lines[-1] + piece) > width:
                lines.append("")
            for char in piece:
                if size(lines[-1]) + cells_of(char) > width:
                    lines.append("")
                lines[-1] += char
        lines[-1] += " "
    return tuple(line.rstrip() for line in lines)


def _printed(line: _Line, grid: _Grid) -> list[str]:
    """The lines of the terminal that a row takes."""
    parts = [
        wrapped(text, width - _before(line, index)) if size(text) + _before(line, index) > width else (text,)
        for index, (text, width) in enumerate(zip(line.texts, grid.widths, strict=True))
    ]
    found = []
    for number in range(max(map(len, parts))):
        cells = []
        for index, part in enumerate(parts):
            text = part[number] if number < len(part) else ""
            lead = "" if index else line.lead.replace("└", " ") if number else line.lead
            space = max(0, grid.widths[index] - size(lead) - size(text))
            left = {"right": space, "center": space // 2}.get(grid.aligns[index], 0)
            styled = _styled(text, line, grid.keys[index], grid.depth)
            cells.append(_signed(lead, line, grid.depth) + " " * left + styled + " " * (space - left))
        found.append(GAP.join(cells))
    return found


def _signed(lead: str, line: _Line, depth: Depth) -> str:
    return paint(SIGN, line.tone, depth) + lead[len(SIGN) :] if lead.startswith(SIGN) else lead


def _styled(text: str, line: _Line, key: str, depth: Depth) -> str:
    if line.kind in {"head", "total"} or (line.kind == "block" and key == "layer"):
        return bold(text, depth)
    if key == "type":
        return paint(text, line.tone, depth)
    return paint(text, FAINT, depth) if text in {"–", "?", ABOVE} else text
