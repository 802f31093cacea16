"""Which of many units are shown: the first four and the last three, or all of ten and fewer."""

from __future__ import annotations

ALL = 10
FIRST, LAST = 4, 3


def shown(units: int) -> tuple[int, ...]:
    """Numbers of the units that are shown, from 0."""
    if units <= ALL:
        return tuple(range(units))
    return (*range(FIRST), *range(units - LAST, units))
