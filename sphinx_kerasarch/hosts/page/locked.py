"""Answers from the lock of a site, for all hosts of pages."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...cache.current import Project, moved, record_of
from ...cache.lock import Lock, Question, read
from ...cache.lockpaths import LockPaths
from ...cache.verify import Verifier
from ...errors import KerasarchError, LockError, MissingPackageError, TargetError
from ...spec.codec import from_json
from ...spec.target import parse, shapes
from ...wire.question import Description
from .request import Failure, Source
from .settings import texts


def project_of(values: Mapping[str, Any], base: Path) -> Project:
    """``values``: the settings of the site by their names. ``base``: from which its paths count."""
    path = tuple(os.path.realpath(base / entry) for entry in texts(values["path"]))
    return Project(
        LockPaths(base, path),
        values["backend"],
        values["python"],
        texts(values["custom_objects"]),
        {str(key): str(value) for key, value in values["env"].items()},
    )


def question(source: Source, paths: LockPaths) -> Question:
    """How a lock names a source: the same for the same model, however its arguments are written."""
    target, arguments, input_shape, python, opened, custom_objects, weights = source
    try:
        parsed = parse(target, arguments)
        told = paths.written(parsed.file) if parsed.file and Path(parsed.file).is_absolute() else str(parsed)
    except TargetError:
        told = f"{target} {arguments}".strip()
    return Question(
        told,
        _shape(input_shape),
        ", ".join(texts(opened)),
        ", ".join(texts(custom_objects)),
        paths.written(python) if Path(python).is_absolute() else python,
        bool(weights),
    )


def _shape(text: str) -> str:
    try:
        return str(shapes(text)) if text.strip() else ""
    except TargetError:
        return text.strip()


class Locked:
    """The lock of one build: read when it is first asked, once.

    ``place``: what ``kerasarch freeze`` takes for this site, as the advice names it.
    """

    def __init__(self, path: Path, project: Project, place: str) -> None:
        self.path = path
        self.place = place
        self.project = project
        self.problem: LockError | None = None
        """Why the lock cannot be read."""
        self._verifier = Verifier()
        self._lock: Lock | None = None

    @property
    def advice(self) -> str:
        return f"Run kerasarch freeze {self.place} where Keras is, and commit {self.path.name}."

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    def lock(self) -> Lock:
        """What the file says; nothing when it cannot be read, which is told in :attr:`problem`."""
        if self._lock is None:
            try:
                self._lock = read(self.path)
            except LockError as error:
                self.problem = LockError(error.message, advice=error.advice or self.advice, data=error.data)
                self._lock = Lock()
        return self._lock

    @property
    def location(self) -> str:
        """``kerasarch.lock:12``: where :attr:`problem` is."""
        line = self.problem.data["line"] if self.problem else 0
        return f"{self.path}:{line}" if line else str(self.path)

    def frozen(self, source: Source) -> Description | Failure:
        """What the lock says of a source, whatever its files are now. Nothing of the user's is looked at."""
        lock = self.lock()
        if self.problem:
            return Failure(LockError.slug, self.problem.message, self.problem.advice)
        asked = question(source, self.project.paths)
        if asked not in lock.entries:
            return Failure(LockError.slug, self._missing(lock, asked), self.advice)
        try:
            # Valid for as long as the lock is this one.
            record = {"files": {str(self.path): self._verifier.file(str(self.path))}}
            return Description(from_json(lock.entries[asked].spec), record)
        except KerasarchError as error:
            return Failure(LockError.slug, f"{self.path.name}, {asked.target}: {error.message}", self.advice)

    def current(self, source: Source) -> Description | None:
        """What the lock says of a source when that is still true."""
        lock = self.lock()
        entry = lock.entries.get(question(source, self.project.paths))
        if entry is None or moved(lock, entry, self.project, self._verifier):
            return None
        try:
            return Description(from_json(entry.spec), record_of(entry, self.project))
        except KerasarchError:
            return None

    def why(self, source: Source, failure: Failure) -> Failure:
        """A failure of the worker; where there is no Keras, with the reason why the lock was not enough."""
        if failure.slug != MissingPackageError.slug or not self.exists:
            return failure
        lock = self.lock()
        asked = question(source, self.project.paths)
        if self.problem is not None:
            return failure
        entry = lock.entries.get(asked)
        reason = moved(lock, entry, self.project, self._verifier) if entry else ""
        said = f"{reason} is not as {self.path.name} says." if reason else self._missing(lock, asked)
        return failure._replace(message=f"{said} {failure.message}", advice=f"{failure.advice} Or: {self.advice}")

    def _missing(self, lock: Lock, asked: Question) -> str:
        for damage in lock.damaged:
            if damage.target == asked.target:
                return f"{self.path.name} cannot be used for {asked}: line {damage.line}: {damage.problem}."
        others = [other for other in lock.entries if other.target == asked.target]
        if others:
            return f"{self.path.name} has {others[0]}, but not {asked}."
        return f"{asked} is not in {self.path.name}."
