"""What lives longer than a page: one inspector for all pages and rebuilds, and the descriptions that it gave.

Python-Markdown and docutils know pages only, and MkDocs and Zensical make a new parser for each. So the sessions are
kept here, by their settings, and end with the process.
"""

from __future__ import annotations

import atexit
import functools
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from ...cache.verify import Verifier
from ...inspector import Description, Inspector
from .failures import failure_of
from .locked import Locked, project_of
from .origin import Origin
from .project import Settings
from .request import Failure, ModelRequest, Source, by_interpreter
from .settings import texts

LIMIT = 1_000
"""Pictures remembered in memory; beyond, all are forgotten."""

DEFECT = "This is a defect of sphinx_kerasarch."


class Place(NamedTuple):
    """The page at work."""

    page: str = ""
    """Path relative to the folder of the pages; empty where nobody tells."""
    offset: int = 0
    """Lines that the host has taken off its beginning."""


class Session:
    """Answers sources; safe to be asked by several threads, one after the other."""

    def __init__(self, settings: Settings, warn: Callable[[str], None]) -> None:
        self.settings = settings
        self.values = settings.values
        self._warn = warn
        self.base = Path(self.values["base"])
        self.place = Place()
        self.read: Callable[[str], str | None] | None = None
        """Gives the Markdown of a page by its path. Pages are read from their folder where there is none."""
        self.publish: Callable[[str, bytes], str] | None = None
        """Takes a file for the site; what a page links to. Pictures are inline where there is none."""
        self.asked: list[ModelRequest] | None = None
        """Takes what the pages ask for, where that is all that is wanted: nothing is described then."""
        self.configuration = "mkdocs.yml"
        """What ``kerasarch freeze`` takes for the site, as advice names it."""
        self._builds = False
        self._drawn: dict[str, bytes] = {}
        self._lock = threading.RLock()
        self._known: dict[Source, Description] = {}
        self._failed: dict[Source, Failure] = {}
        self._tried: frozenset[Source] = frozenset()
        self._inspectors: dict[str, Inspector] = {}
        self._verifier = Verifier()
        self.say: Callable[[str], None] = lambda text: None
        """Tells the reader of the log what is no warning."""
        self._locked: tuple[str, Locked] | None = None
        self.path = tuple(os.path.realpath(self.base / entry) for entry in texts(self.values["path"]))
        cache = self.values["cache_dir"]
        directory = Path(os.path.realpath(self.base / cache)) if cache else None
        self.origin = Origin(
            self.values, self.base, lambda _: self.path, directory, self.lock, lambda text, _: warn(text)
        )

    @property
    def locked_by(self) -> Path:
        """The lock file, whether it is there or not."""
        return self.base / str(self.values["lock"])

    def begin(self) -> None:
        """A build begins, in which what fails once is not tried again. Without builds it is, on every page."""
        with self._lock:
            self._failed.clear()
            self._builds = True

    def turn(self, sources: Iterable[Source]) -> None:
        """Another page: describe what it needs in one batch. What failed on the page before is tried once more."""
        with self._lock:
            asked = list(sources)
            self._tried = frozenset(asked)
            for source in () if self._builds else asked:
                self._failed.pop(source, None)
            self.prefetch(asked)

    def answer(self, source: Source) -> Description | Failure:
        """What ``source`` is now: remembered while its files are unchanged. A failure is tried again."""
        with self._lock:
            if not self._builds and source not in self._tried:
                self._failed.pop(source, None)
            if source not in self._failed:
                self.prefetch([source])
            return self._failed.get(source) or self._known[source]

    def prefetch(self, sources: Iterable[Source]) -> None:
        """Describe all that is not known, in one batch."""
        if self.asked is not None:
            return
        with self._lock:
            asked = [source for source in dict.fromkeys(sources) if source not in self._failed]
            stale = [source for source in asked if source in self._known and not self._holds(source)]
            for source in stale:
                del self._known[source]
            if stale and any(inspector.remembers for inspector in self._inspectors.values()):
                self._end()  # it holds modules of before the change
            self._recall([source for source in asked if source not in self._known])
            missing = [source for source in asked if source not in self._known and source not in self._failed]
            for interpreter, group in by_interpreter(missing).items():
                if interpreter not in self._inspectors:
                    self._inspectors[interpreter] = self.origin.inspector(interpreter)
                for answer in self.origin.ask(self._inspectors[interpreter], group, _failure):
                    self._note(*answer)

    def files(self) -> set[str]:
        """Absolute paths of what the described models were made from."""
        with self._lock:
            found = [_files(description) for description in self._known.values()]
        return {path for paths in found for path in paths}

    def younger(self, source: Source, time: float) -> bool:
        """Whether ``source`` failed, or was made from a file that was written after ``time`` (seconds of the epoch)."""
        with self._lock:
            known = self._known.get(source)
        return known is None or any(Path(path).stat().st_mtime > time for path in _files(known))

    def close(self) -> None:
        """End the workers; a later page starts new ones."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        inspectors, self._inspectors = self._inspectors, {}
        for inspector in inspectors.values():
            inspector.close()
        self.origin.kept.trim(self.values["cache_size"])

    def _holds(self, source: Source) -> bool:
        inputs = self._known[source].inputs
        return not self._verifier.differs(inputs, self.origin.settings_of(source), self.values["backend"])

    def lock(self) -> Locked:
        """The lock of the site, read again when it has changed."""
        path = self.locked_by
        digest = self._verifier.file(str(path))
        if self._locked is None or self._locked[0] != digest:
            locked = Locked(path, project_of(self.values, self.base), self.configuration)
            self._locked = digest, locked
            if locked.exists:
                locked.lock()
            if locked.exists and locked.problem is not None:
                self._warn(f"{locked.location}: {locked.problem} [kerasarch.{locked.problem.slug}]")
        return self._locked[1]

    def _recall(self, sources: list[Source]) -> None:
        """Note what the lock and the cache know of ``sources``."""
        for answer in self.origin.from_lock(sources):
            self._note(*answer)
        left = [source for source in sources if source not in self._known and source not in self._failed]
        if left and self.origin.mode == "auto" and (locked := self.lock()).exists and locked.problem is None:
            for source in left:
                told = f"{source[0]} is not as {locked.path.name} says"
                self.say(f"{told}; kerasarch freeze {locked.place} writes it anew")
        for answer in self.origin.from_cache(left):
            self._note(*answer)

    def _note(self, source: Source, answer: Description | Failure) -> None:
        if isinstance(answer, Failure):
            self._failed[source] = answer
        else:
            self._known[source] = answer

    def drawn(self, key: str, make: Callable[[], bytes], suffix: str = ".svg") -> bytes:
        """The bytes of a picture: remembered, from the cache, or made. Raises what ``make`` raises."""
        with self._lock:
            if key in self._drawn:
                return self._drawn[key]
            _, data = self.origin.kept.artifact(key, suffix)
            if data is None:
                data = make()
                self.origin.kept.keep_artifact(key, suffix, data)
            if len(self._drawn) > LIMIT:
                self._drawn.clear()
            self._drawn[key] = data
            return data


def _failure(error: Exception) -> Failure:
    return failure_of(error, DEFECT)


def _files(description: Description) -> list[str]:
    told = description.inputs.get("files", {})
    return [path for path, digest in told.items() if digest and Path(path).is_file()]


@functools.cache
def session_of(settings: Settings, warn: Callable[[str], None]) -> Session:
    """The one session with these settings. ``warn``: tells the reader of the log."""
    session = Session(settings, warn)
    atexit.register(session.close)
    return session
