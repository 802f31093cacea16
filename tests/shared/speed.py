"""How fast this machine is at the moment, for limits on CPU time that were measured on another one."""

from __future__ import annotations

import time

MEASURED = 0.02
"""CPU seconds that :func:`work` takes on the machine that the limits were measured on, with nothing beside it."""


def work() -> None:
    """Some of everything that Python does all day."""
    found: dict[str, list[int]] = {}
    for number in range(120_000):
        found.setdefault(str(number % 997), []).append(number)
    sorted(found, key=lambda name: (sum(found[name]), name))


def slowness() -> float:
    """How many times longer the same takes here and now; at least 1. Neighbours on a core cost CPU time as well."""
    taken = []
    for _ in range(3):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return max(1.0, sorted(taken)[1] / MEASURED)
