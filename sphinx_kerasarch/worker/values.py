"""Numbers of weights, where they are asked for: those of the dense layers that a figure of neurons has lines for."""

from __future__ import annotations

import math
from typing import Any

from ..spec.model import Note
from ..spec.query import DTYPE_BITS
from ..spec.sample import shown
from . import compat
from .draft import Draft
from .facts import BuildFacts

LARGEST = 1 << 28
"""Bytes of a kernel that is worth allocating for a handful of numbers."""
DIGITS = 4


def kernels(draft: Draft, facts: BuildFacts) -> dict[str, list[list[float | None]]]:
    """Layer id → numbers of its kernel: the rows and columns that :func:`.sample.shown` names, to four digits.

    What is not read is said in a note of the draft.
    """
    if any(note.slug == "weights" for note in facts.notes):
        said = "The numbers of the weights are not shown: those of the trained model were not fetched."
        draft.notes.append(Note("values", "", said))
        return {}
    found = {}
    for path, layer in draft.operations.items():
        kernel = _kernel(layer)
        if kernel is None:
            continue
        rows, columns = (int(axis) for axis in kernel.shape)
        if rows * columns * DTYPE_BITS.get(str(kernel.dtype), 32) // 8 > LARGEST:
            draft.notes.append(Note("values", path, f"{path} is too large for its numbers to be read."))
            continue
        array = compat.keras().ops.convert_to_numpy(kernel)
        found[path] = [[_number(array[row][column]) for column in shown(columns)] for row in shown(rows)]
    return found


def _kernel(layer: Any) -> Any:
    """The matrix of a dense layer; None for all other layers."""
    if not isinstance(layer, compat.keras().layers.Dense):
        return None
    kernel = getattr(layer, "kernel", None)
    return kernel if kernel is not None and len(kernel.shape) == 2 else None


def _number(value: Any) -> float | None:
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else None
