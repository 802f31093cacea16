"""Whether an entry of a lock is still what its sources say; found out without a worker.

Files, listings, variables and settings must be as recorded. A package must not be there in another version; one that
is not there at all says nothing against the lock, which exists for places without Keras. Versions of Python and of
this package are no concern here: ``kerasarch check`` describes anew when this package has changed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..wire import packages, record
from .lock import Entry, Lock
from .lockpaths import LockPaths
from .verify import Verifier

SITES = frozenset({"site-packages", "dist-packages"})
"""Names of the directories that hold packages."""


@dataclass(frozen=True, slots=True)
class Project:
    """What all models of a site depend on."""

    paths: LockPaths
    backend: str = ""
    python: str = ""
    """Interpreter of the worker; empty for this one."""
    custom_objects: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        """For the lock: without secrets, and without places of this machine."""
        return {
            "backend": self.backend,
            "custom_objects": list(self.custom_objects),
            "env": {name: record.text_digest(value) for name, value in sorted(self.env.items())},
            "path": [self.paths.written(entry) for entry in self.paths.path],
        }


def moved(lock: Lock, entry: Entry, project: Project, verifier: Verifier) -> str:
    """What is no longer as it was when the entry was made, or an empty text."""
    here = project.settings()
    for name, value in here.items():
        if lock.settings.get(name) != value:
            return f"the setting {name}"
    try:
        return _other_package(entry, project) or verifier.differs(
            record_of(entry, project), {"env": project.env}, project.backend
        )
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return "what it was made from"  # its digest fits, and yet it is nothing that we have written


def record_of(entry: Entry, project: Project) -> dict[str, Any]:
    """What can be verified here of what an entry was made from."""
    found = project.paths.unpack(entry.inputs)
    told = found.pop("packages", {})
    if not (entry.question.python or project.python):  # the verifier looks where a record says, and this says nothing
        here = packages.installed(_sites("")).versions
        found["packages"] = {name: version for name, version in told.items() if name in here}
    return found


def _other_package(entry: Entry, project: Project) -> str:
    here = packages.installed(_sites(entry.question.python or project.python))
    for name, told in entry.inputs.get("packages", {}).items():
        if name in here.versions and here.told(name) != told:
            return f"{name} {here.told(name)}"
    return ""


def _sites(python: str) -> Iterable[str]:
    """Directories of packages of an interpreter, by the places that virtual environments have."""
    if not python:
        return [entry for entry in sys.path if Path(entry).name in SITES]
    home = Path(python).expanduser().parent.parent
    return sorted(str(place) for name in SITES for place in (home / "lib").glob(f"python3*/{name}"))
