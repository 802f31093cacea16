"""What to do where no layered figure is possible."""

from __future__ import annotations

from ...spec.model import ArchSpec

GRAPH_MOST = 1500
"""Calls up to which the graph view is worth trying."""
TANGLE = 8
"""Edges per call above which no view of wires is."""


def instead(spec: ArchSpec, *first: str) -> str:
    """``Draw 'encoder' or 'decoder' alone, or take the view 'graph'.``; ``first``: what to try before."""
    ways = list(first)
    names = [block.label for block in spec.blocks if not block.auto_named and block.parent is None]
    names = list(dict.fromkeys(names))
    if names:
        shown = [repr(name) if len(name) <= 40 else repr(name[:39] + "…") for name in names[:3]]
        more = "" if len(names) == len(shown) else f" or another of its {len(names)} submodels"
        ways.append(f"draw {' or '.join(shown)}{more} alone")
    graph = len(spec.calls) <= GRAPH_MOST and len(spec.edges) <= TANGLE * len(spec.calls)
    ways.append("take the view 'graph'" if graph else "take the view 'summary'")
    text = ", or ".join(ways)
    return f"{text[0].upper()}{text[1:]}."
