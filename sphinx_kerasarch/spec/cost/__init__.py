"""What a model costs: multiply–accumulates, operations, memory, receptive field, from shapes and configurations."""

from __future__ import annotations

from .count import CallCost, ModelCost, cost, plain, reasons
from .field import Field, field_text, receptive_fields
from .table import LAYERS, OPERATIONS, WRAPPERS
from .work import Formula, UnknownCost, Use, Work

__all__ = [
    "LAYERS",
    "OPERATIONS",
    "WRAPPERS",
    "CallCost",
    "Field",
    "Formula",
    "ModelCost",
    "UnknownCost",
    "Use",
    "Work",
    "cost",
    "field_text",
    "plain",
    "reasons",
    "receptive_fields",
]
