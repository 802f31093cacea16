"""All that the pages of a site ask for, and the worker's answers to it: what a lock is made of and compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...cache.lock import Entry, Question
from ...errors import KerasarchError
from ...spec.codec import to_json
from ...wire.question import Description
from .locked import Locked, question
from .origin import Origin
from .request import ModelRequest, Source

if TYPE_CHECKING:
    from .session import Session


@dataclass(frozen=True, slots=True)
class Asked:
    """A site as its host has read it."""

    requests: tuple[ModelRequest, ...]
    """Of all pages; without those that are wrong in themselves."""
    origin: Origin
    locked: Locked
    cache: Path | None
    """Folder where its builds remember descriptions; None where it names none, and it is in the output of a build."""

    def questions(self) -> dict[Question, ModelRequest]:
        """What a lock must answer, each with the first place that asks it."""
        found: dict[Question, ModelRequest] = {}
        for request in self.requests:
            found.setdefault(question(request.source, self.locked.project.paths), request)
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
        places = {self.origin.request(source): asked for asked, source in chosen.items()}
        with self.origin.inspector(python) as worker:
            for request, found in worker.describe_many(places):
                asked = places[request]
                yield asked, self._entry(asked, found) if isinstance(found, Description) else found

    def _entry(self, asked: Question, found: Description) -> Entry:
        spec = to_json(found.spec)
        # As the page has it: an absolute path of a saved model is no one else's.
        spec["provenance"] = {**spec["provenance"], "target": asked.target}
        return Entry(asked, self.locked.project.paths.pack(found.inputs), spec)


def asked_by(session: Session, requests: Iterable[ModelRequest]) -> Asked:
    """The site of a session, whose pages have asked for ``requests``."""
    return Asked(tuple(requests), session.origin, session.lock(), session.origin.kept.directory)


def located(requests: Iterable[ModelRequest], folder: Path) -> str:
    """``docs/index.rst:12``: the first of some directives, seen from ``folder``."""
    location = next(iter(requests)).location
    path, colon, line = location.rpartition(":")
    return f"{_seen(path, folder)}{colon}{line}" if Path(path).is_absolute() else location


def _seen(path: str, folder: Path) -> str:
    return Path(path).relative_to(folder).as_posix() if Path(path).is_relative_to(folder) else path
