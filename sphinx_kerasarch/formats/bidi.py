"""Letters from right to left for writers that place them one after the other.

A part of the Unicode bidirectional algorithm (UAX #9) for labels in a line from left to right: stretches of Hebrew or
Arabic are turned round, numbers in them are not, brackets are mirrored. Arabic letters are not joined.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

RIGHT = frozenset({"R", "AL"})
MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")
PIECE = re.compile(r"\d+(?:[.,:/]\d+)*|.", re.DOTALL)
"""A number, which keeps its order, or one character."""
NUMBER = re.compile(r"[^\w()\[\]{}]*\d+(?:[.,:/]\d+)*")
CLOSING = {")": "(", "]": "[", "}": "{"}


def visual(text: str) -> str:
    """``text`` in the order in which it is seen."""
    kinds = [unicodedata.bidirectional(char) for char in text]
    if RIGHT.isdisjoint(kinds):
        return text
    stretches = [(at, at + 1) for at, kind in enumerate(kinds) if kind in RIGHT]
    joined = [stretches[0]]
    for (_, end), (start, after) in pairwise(stretches):
        if "L" in kinds[end:start]:
            joined.append((start, after))
        else:
            joined[-1] = (joined[-1][0], after)
    parts, last = [], 0
    for start, after in joined:
        end = _end(text, start, after)
        parts += [text[last:start], _turned(text[start:end])]
        last = end
    return "".join([*parts, text[last:]])


def _end(text: str, start: int, end: int) -> int:
    """With the marks of the last letter, a bracket that was opened within, and numbers (UAX #9: N0, N1)."""
    while end < len(text):
        opening = CLOSING.get(text[end], "")
        number = NUMBER.match(text, end)
        if unicodedata.combining(text[end]) or (opening and text.count(opening, start, end)):
            end += 1
        elif number:
            end = number.end()
        else:
            break
    return end


def _turned(text: str) -> str:
    clusters: list[str] = []
    for piece in PIECE.findall(text):
        if clusters and unicodedata.combining(piece[0]):
            clusters[-1] += piece  # a mark stays on its letter
        else:
            clusters.append(piece)
    return "".join(piece.translate(MIRRORED) for piece in reversed(clusters))
