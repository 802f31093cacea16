"""Remember: descriptions by what they were made from, artifacts by what they show."""

from __future__ import annotations

from .keys import artifact_key
from .store import Store

__all__ = ["Store", "artifact_key"]
