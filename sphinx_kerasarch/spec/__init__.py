"""What a model is: pure data and pure questions about it, standard library only."""

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
