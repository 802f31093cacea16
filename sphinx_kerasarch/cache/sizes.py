"""Amounts of storage as people write them."""

from __future__ import annotations

import re

from ..errors import OptionError

UNITS = {
    "": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip
"""Unit in small letters → bytes (SI and IEC 80000-13)."""


def parse_size(text: str) -> int:
    """``500 MB``, ``1.5GiB``, ``0`` → bytes. Raises :class:`.OptionError`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?i?b|)", text.strip().lower())
    if not match or match[2] not in UNITS:
        raise OptionError(
            f"{text!r} is not an amount of storage.",
            advice="Write 500 MB or 2 GiB, or 0 for no limit.",
            data={"text": text},
        )
    return int(float(match[1]) * UNITS[match[2]])


def size_text(count: int) -> str:
    """``3 KiB``; at least what is there, so that nothing is told to be empty."""
    for unit, step in (("GiB", 2**30), ("MiB", 2**20)):
        if count >= 10 * step:
            return f"{count / step:,.0f} {unit}"
    return f"{count / 2**10:,.0f} KiB"
