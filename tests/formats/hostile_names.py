"""Any number of hostile names from a seed, and what of a name may be seen: told from the Unicode database, not from
the program."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from functools import cache

from hostile_cases import CASES

BIDI = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f"
)
ENDS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")
PIECES = tuple(case.name for case in CASES if len(case.name) < 200)
SIGNS = "<>&\"'\\{}[]()$%#_^~|`*+-=@:;,.!?/ \t\n"
RANGES = ((0, 0x20), (0x20, 0x7F), (0x7F, 0x250), (0x300, 0x370), (0x590, 0x780), (0x900, 0x980), (0x2000, 0x2070),
          (0x3000, 0x30FF), (0x4E00, 0x9FFF), (0xD800, 0xE000), (0xFB1D, 0xFDF0), (0xFE00, 0x10000), (0x1F300, 0x1FA00),
          (0xE0000, 0xE0080), (0, 0x110000))  # fmt: skip


def names(count: int, seed: int = 0) -> Iterator[str]:
    """All cases, then mixtures: pieces of cases cut anywhere, signs, and characters of every plane. Mostly short, one
    in five thousand of 10 000 characters."""
    chance = random.Random(seed)
    for number in range(count):
        if seed == 0 and number < len(CASES):
            yield CASES[number].name
        elif chance.random() < 0.0002:
            yield _piece(chance) * 20 + chr(chance.randrange(0x110000)) * 10_000
        else:
            yield "".join(_piece(chance) for _ in range(chance.randint(1, 4)))


def _piece(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.45:
        whole = chance.choice(PIECES)
        start = chance.randrange(len(whole) + 1)
        return whole[start : chance.randint(start, len(whole))] if kind < 0.25 else whole
    if kind < 0.65:
        return "".join(chance.choices(SIGNS, k=chance.randint(1, 6)))
    first, last = chance.choice(RANGES)
    return "".join(chr(chance.randrange(first, last)) for _ in range(chance.randint(1, 5)))


@cache
def seen_as(char: str) -> str:
    if char in ENDS:
        return " "
    code = ord(char)
    hidden = (
        code & 0xFFFE == 0xFFFE
        or 0xFDD0 <= code <= 0xFDEF
        or char in BIDI
        or char in "\ufeff\ufff9\ufffa\ufffb"
    )
    return "\ufffd" if hidden or unicodedata.category(char) in {"Cc", "Cs"} else char


def seen(name: str) -> str:
    """What a reader may see of a name: as many characters, each itself, a space or a sign for what is not shown."""
    return "".join(map(seen_as, name))


def words(text: str) -> str:
    """Without the spaces that formats are free to change."""
    return " ".join(text.split())
