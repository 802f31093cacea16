"""What the author of a page wants folded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folding:
    how: str = "auto"
    """``auto``, ``none``, ``depth`` or ``names``."""
    depth: int = 0
    """Levels of nested models and repeated blocks that stay open; what is deeper is closed."""
    patterns: tuple[str, ...] = ()
    """Names of parts to be closed, see :func:`.name_groups`."""


def folded(text: str) -> Folding:
    """``auto``, ``none``, a number of levels, or patterns of names with commas between them."""
    text = text.strip()
    if text in {"auto", "none"}:
        return Folding(text)
    if text.isdigit():
        return Folding("depth", int(text))
    return Folding("names", patterns=tuple(part.strip() for part in text.split(",") if part.strip()))
