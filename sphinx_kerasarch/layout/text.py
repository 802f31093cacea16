"""Width of text in the bundled typeface."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files


@cache
def _advances(weight: int) -> dict[str, float]:
    table = json.loads((files(__package__) / "fonts" / "advances.json").read_text("utf-8"))
    advances: dict[str, float] = table[str(min((400, 500, 600), key=lambda known: abs(known - weight)))]
    return advances


def measure(text: str, size: float, weight: int = 400) -> float:
    """Advance width in px of ``text`` at ``size`` px."""
    advances = _advances(weight)
    return size * sum(advances.get(char, 0.62) for char in text)
