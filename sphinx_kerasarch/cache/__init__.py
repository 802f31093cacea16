"""Remember: descriptions by what they were made from, artifacts by what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .keys import artifact_key
    from .store import Store

__all__ = ["Store", "artifact_key"]


def __getattr__(name: str) -> Any:
    # A warm build verifies records (:mod:`.verify`) and needs neither of these, nor what they import.
    if name == "Store":
        from .store import Store

        return Store
    if name == "artifact_key":
        from .keys import artifact_key

        return artifact_key
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
