"""What to do where no layered figure is possible."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import DrawError
from ...spec.model import ArchSpec
from ...spec.query import is_tangle

GRAPH_MOST = 1500
"""Calls up to which the graph view is worth trying."""
WIDEST, MM = 2000.0, 96 / 25.4
"""px of the widest figure that is worth naming; px per millimetre."""


def worth_wires(spec: ArchSpec) -> bool:
    """Whether views that draw every edge are worth trying."""
    return 0 < len(spec.calls) <= GRAPH_MOST and not is_tangle(spec)


def check_connected(spec: ArchSpec) -> None:
    """Raises :class:`.DrawError` when a model has no layers, or they are a mere list."""
    if not spec.calls:
        raise DrawError("The model has no layers to draw.", advice="Take the view 'summary'.")
    if len(spec.calls) > 1 and not spec.edges:
        raise DrawError(
            "How the layers of the model are connected is not known, so there is nothing to arrange.",
            advice="Take the view 'summary', which lists them.",
        )
    if is_tangle(spec):
        raise DrawError(
            "The model has too many connections for a layered figure.", advice="Take the view 'summary'."
        )


def instead(spec: ArchSpec, *first: str) -> str:
    """``Draw 'encoder' or 'decoder' alone, or take the view 'graph'.``; ``first``: what to try before."""
    ways = list(first)
    names = [block.label for block in spec.blocks if not block.auto_named and block.parent is None]
    names = list(dict.fromkeys(names))
    if names:
        shown = [repr(name) if len(name) <= 40 else repr(name[:39] + "…") for name in names[:3]]
        more = "" if len(names) == len(shown) else f" or another of its {len(names)} submodels"
        ways.append(f"draw {' or '.join(shown)}{more} alone")
    ways.append("take the view 'graph'" if worth_wires(spec) else "take the view 'summary'")
    text = ", or ".join(ways)
    return f"{text[0].upper()}{text[1:]}."


def wider(fits: Callable[[float], bool], width: float, reason: str = "wide") -> list[str]:
    """``give it 540 px (143 mm)`` when a figure that is too wide fits into that; empty for any other reason."""
    need = 1.2 * width
    while reason == "wide" and need <= WIDEST:
        if fits(need):
            return [f"give it {need:.0f} px ({need / MM:.0f} mm)"]
        need *= 1.2
    return []
