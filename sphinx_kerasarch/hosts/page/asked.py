"""All that the pages of a site ask for, and the worker's answers to it: what a lock is made of and compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...cache.current import Project
from ...cache.lock import Entry, Question
from ...errors import KerasarchError
from ...spec.codec import to_json
from ...wire.question import Description, Request
from .locked import question
from .request import ModelRequest, Source, worker_request

if TYPE_CHECKING:
    from ...inspector import Inspector
    from .session import Session


@dataclass(frozen=True, slots=True)
class Cache:
    """Where builds of a site remember descriptions."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """What entries go by besides requests; of a model without an interpreter of its own."""
    directory: Path | None = None
    """None where the site names none, and it is in the output of a build."""
    remote: str = ""
    """Address of the one that machines share."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A site as its host has read it."""

    requests: tuple[ModelRequest, ...]
    """Of all pages; without those that are wrong in themselves."""
    project: Project
    lock: Path
    inspector: Callable[[str], Inspector]
    """Starts a worker with the settings of the site, under the named interpreter."""
    cache: Cache = Cache()

    def questions(self) -> dict[Question, ModelRequest]:
        """What a lock must answer, each with the first place that asks it."""
        found: dict[Question, ModelRequest] = {}
        for request in self.requests:
            found.setdefault(question(request.source, self.project.paths), request)
        return found

    def describe(
        self, asked: Mapping[Question, ModelRequest]
    ) -> Iterator[tuple[Question, Entry | KerasarchError]]:
        """Ask a worker, one for each interpreter that is named; as they are done."""
        for python in dict.fromkeys(request.python for request in asked.values()):
            chosen = {q: request.source for q, request in asked.items() if request.python == python}
            yield from self._by(python, chosen)

    def _by(
        self, python: str, chosen: Mapping[Question, Source]
    ) -> Iterator[tuple[Question, Entry | KerasarchError]]:
        places = {self.request(source): asked for asked, source in chosen.items()}
        with self.inspector(python) as worker:
            for request, found in worker.describe_many(places):
                asked = places[request]
                yield asked, self._entry(asked, found) if isinstance(found, Description) else found

    def request(self, source: Source) -> Request:
        """As the worker gets it."""
        return worker_request(source, self.project.backend, self.project.custom_objects)

    def _entry(self, asked: Question, found: Description) -> Entry:
        spec = to_json(found.spec)
        # As the page has it: an absolute path of a saved model is no one else's.
        spec["provenance"] = {**spec["provenance"], "target": asked.target}
        return Entry(asked, self.project.paths.pack(found.inputs), spec)


def asked_by(session: Session, requests: Iterable[ModelRequest]) -> Asked:
    """The site of a session, whose pages have asked for ``requests``."""
    locked, origin = session.lock(), session.origin
    cache = Cache(origin.settings, origin.kept.directory, session.values["cache_remote"])
    return Asked(tuple(requests), locked.project, locked.path, origin.inspector, cache)


def located(requests: Iterable[ModelRequest], folder: Path) -> str:
    """``docs/index.rst:12``: the first of some directives, seen from ``folder``."""
    location = next(iter(requests)).location
    path, colon, line = location.rpartition(":")
    return f"{_seen(path, folder)}{colon}{line}" if Path(path).is_absolute() else location


def _seen(path: str, folder: Path) -> str:
    return Path(path).relative_to(folder).as_posix() if Path(path).is_relative_to(folder) else path
