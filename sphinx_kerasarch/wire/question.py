"""What is asked and what comes of it, as both the inspector and the cache know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..spec import ArchSpec


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be described."""

    target: str
    arguments: str = ""
    input_shape: str = ""
    backend: str = ""
    open: str = ""
    """Layers of Keras that are opened: patterns of classes or names, separated by commas."""
    custom_objects: str = ""
    """Classes and functions that a saved model needs: ``pkg.mod:Name``, separated by commas."""
    weights: bool = False
    """Whether numbers of its dense layers are asked for."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a request came to."""

    spec: ArchSpec
    inputs: dict[str, Any] = field(default_factory=dict)
    """What it was made from, see :mod:`.record`."""
    seconds: float = field(default=0.0, compare=False)
    """That it took, without the start of the worker; 0 where nobody measured."""
