"""Names to show: an author's as they are, those that Keras numbered counted from nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from . import compat, legacy

NUMBERED = re.compile(r"(.*?)(?:_(\d+))?")


def renumbered(names: Iterable[str]) -> dict[str, str]:
    """Names with a number → the same counted from nothing: ``dense_7``, ``dense_9`` → ``dense``, ``dense_1``.

    Keras counts through a whole process, so the numbers would tell what else the process has built.
    """
    groups: dict[str, list[tuple[int, str]]] = {}
    for name in dict.fromkeys(names):
        match = NUMBERED.fullmatch(name)
        if match:
            groups.setdefault(match[1], []).append((int(match[2] or 0), name))
    return {
        name: stem if rank == 0 else f"{stem}_{rank}"
        for stem, members in groups.items()
        for rank, (_, name) in enumerate(sorted(members))
    }


CLONE = re.compile(r"keras_tensor(_\d+)?CLONE")
"""Name of the input that Keras makes where a model is cut out of the middle of another."""


def shown_names(operations: Iterable[Any]) -> dict[int, str]:
    """``id()`` of each operation or model → its name to show."""
    found = list(operations)
    short = renumbered(thing.name for thing in found if _chosen(thing))
    inputs = [thing.name for thing in found if legacy.is_a(thing, "InputLayer") and _chosen(thing)]
    short |= {name: "input_layer" if index == 0 else f"input_layer_{index}" for index, name in enumerate(inputs)}
    clones = [thing.name for thing in found if CLONE.fullmatch(thing.name)]
    short |= {name: "input" if index == 0 else f"input_{index}" for index, name in enumerate(clones)}
    authored = {thing.name for thing in found if thing.name not in short}
    return {
        id(thing): name if (name := short.get(thing.name, thing.name)) not in authored else thing.name
        for thing in found
    }


def _chosen(thing: Any) -> bool:
    chosen = compat.chose_name(thing)
    return legacy.chose_name(thing) if chosen is None else chosen


def auto_named(thing: Any) -> bool:
    """Whether Keras chose the name; by its form when nothing was recorded."""
    if CLONE.fullmatch(thing.name):
        return True
    chosen = compat.chose_name(thing)
    if chosen is not None:
        return chosen
    if legacy.chose_name(thing):
        return True
    match = NUMBERED.fullmatch(thing.name)
    return match is not None and match[1] == compat.snake(type(thing).__name__)
