"""How a model was built: what the build hands to the description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..spec.model import Note, Provenance


@dataclass(frozen=True, slots=True)
class BuildFacts:
    target: str = ""
    """Canonical text of the target."""
    tier: str = ""
    """``backend`` (lazy variables) or ``plain`` (ordinary build); ``symbolic`` is to come before them."""
    backend: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    materialized: int = 0
    """Bytes of weights that were really allocated because the factory read or wrote them."""
    notes: tuple[Note, ...] = ()
    wanted: Any = None
    """Shapes of the inputs as asked for, without the batch axis: a shape, or a list or dict of shapes."""
    opened: tuple[str, ...] = ()
    """Patterns of classes or names of the layers of Keras that are opened."""
    values: bool = False
    """Whether numbers of the weights are asked for."""

    def provenance(self) -> Provenance:
        return Provenance(self.target, self.tier, self.backend, dict(self.versions), self.materialized)
