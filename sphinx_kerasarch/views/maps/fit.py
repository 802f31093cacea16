"""Which figure: at which scale, in how many rows, equal layers folded or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...layout.text import ellipsize
from ...spec.model import ArchSpec
from ..layered.tensors import nodes, slot_names
from ..layered.words import DETAIL
from .folding import fold
from .places import Line, Parts, arrange, chained
from .rows import balance
from .sizing import FIT, FURTHER, sizes
from .words import LONGEST, counted, words

MOST_PICTURES = 60
MOST_ROWS = 7
START = (0, 1, 3, 5)
"""First scale that is tried for one, two, three and more ways beside each other."""
FEW_ROWS = 2
"""Rows up to which equal layers are not folded."""


def plans(spec: ArchSpec, folding: str) -> Iterator[Parts]:
    """The model as it is, then with equal layers folded."""
    net = nodes(spec, keep_flatten=len(spec.calls))
    names = slot_names(spec)
    own = {i: next((names[call] for call in node.calls if call in names), "") for i, node in net.items()}
    net = {i: replace(node, caption=ellipsize(own[i], LONGEST, DETAIL)) for i, node in net.items()}
    said = words(spec, net)
    if len(net) <= MOST_PICTURES:
        yield chained(net, said)
    if folding == "auto":
        shorter, count = fold(net, said)
        if len(shorter) < len(net) and len(shorter) <= MOST_PICTURES:
            yield chained(shorter, {i: counted(said[i], count[i]) for i in shorter})


def fit(parts: Parts, width: float) -> tuple[Line, list[tuple[str, ...]]] | None:
    """The largest scale at which the figure needs no more rows than at the smallest usual one."""
    least = None
    for pair in (FIT[-1], *FURTHER):
        least = balance(arrange(parts, sizes(parts.net, *pair)), width, MOST_ROWS)
        if least is not None:
            break
    if least is None:
        return None
    if len(least) > 1:
        least = balance(arrange(parts, sizes(parts.net, *FURTHER[0])), width, 1) or least
    # Lanes below each other make a figure high as it is.
    for pair in (*FIT, *FURTHER)[START[min(len(parts.chains), len(START)) - 1] :]:
        line = arrange(parts, sizes(parts.net, *pair))
        rows = balance(line, width, len(least))
        if rows is not None:
            return line, rows
    return None
