"""What all pages of a process share."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakSet

from docutils import nodes

from ..page.project import limits_of, settings_of
from ..page.session import Session, session_of
from ..page.trust import Limits


@dataclass(frozen=True, eq=False, slots=True)
class Site:
    session: Session
    limits: Limits
    files: Path | None
    """Folder for files that LaTeX includes; None for that of the output."""
    begun: WeakSet[nodes.document] = field(default_factory=WeakSet)
    """Documents whose models are described."""
    styled: WeakSet[nodes.document] = field(default_factory=WeakSet)
    """Documents that have their style sheet."""


def log(text: str) -> None:
    """For what concerns no place in a document, and for readers that take a warning of docutils for an error."""
    logging.getLogger("sphinx_kerasarch").warning("%s", text)


def site_of(files: str, settings: Mapping[str, Any]) -> Site:
    """Raises :class:`.OptionError`."""
    checked = settings_of(settings)
    session = session_of(checked, log)
    return Site(session, limits_of(checked.values), Path(files).resolve() if files else None)
