"""What a model is: pure data and pure questions about it, standard library only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .model import (
        ArchSpec,
        Block,
        Call,
        Edge,
        Layer,
        Note,
        Port,
        Provenance,
        Slot,
        Tensor,
        Weight,
    )

__all__ = [
    "ArchSpec",
    "Block",
    "Call",
    "Edge",
    "Layer",
    "Note",
    "Port",
    "Provenance",
    "Slot",
    "Tensor",
    "Weight",
]


def __getattr__(name: str) -> Any:
    # Those who only parse targets need none of the classes.
    if name in __all__:
        from . import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
