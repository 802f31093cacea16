"""What lives longer than a page: one inspector for all pages and rebuilds, and the descriptions that it gave.

Python-Markdown and docutils know pages only, and MkDocs and Zensical make a new parser for each. So the sessions are
kept here, by their settings, and end with the process.
"""

from __future__ import annotations

import atexit
import functools
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ...cache import Store
from ...cache.remote import Remote
from ...cache.sizes import parse_size
from ...cache.verify import Verifier
from ...errors import CacheError, KerasarchError
from ...inspector import Description, Inspector, Request
from .failures import failure_of
from .locked import Locked, project_of
from .project import Settings
from .request import Failure, ModelRequest, Source, worker_request
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
        self._store: Store | None = None
        self._no_store = False
        self._no_keeping = False

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(os.path.realpath(self.base / entry) for entry in texts(self.values["path"]))

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
            missing = [source for source in asked if source not in self._known and not self._recalled(source)]
            if missing and self._fetch(missing):
                missing = [source for source in missing if not self._recalled(source)]
            for interpreter in dict.fromkeys(source[3] for source in missing):
                self._ask(interpreter, [source for source in missing if source[3] == interpreter])

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
        if self._store is not None and self._store.grown and (limit := parse_size(self.values["cache_size"])):
            self._store.trim(limit)

    # ---- one source

    def _settings(self, source: Source) -> dict[str, Any]:
        return self.cache_settings(source[3])

    def cache_settings(self, interpreter: str = "") -> dict[str, Any]:
        """What the cache goes by, besides requests. ``interpreter``: a model's own."""
        return {
            "path": [Path(entry).as_posix() for entry in texts(self.values["path"])],
            "python": interpreter or self.values["python"],
            "custom_objects": list(texts(self.values["custom_objects"])),
            "env": {str(key): str(value) for key, value in sorted(self.values["env"].items())},
            "roots": [str(self.base), *self.path],
        }

    def _request(self, source: Source) -> Request:
        return worker_request(source, self.values["backend"], texts(self.values["custom_objects"]))

    def _holds(self, source: Source) -> bool:
        inputs = self._known[source].inputs
        return not self._verifier.differs(inputs, self._settings(source), self.values["backend"])

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

    def _recalled(self, source: Source) -> bool:
        """Whether the lock or the cache knew it; in a frozen build nothing else is asked."""
        if self.values["mode"] == "frozen":
            answer = self.lock().frozen(source)
            if isinstance(answer, Failure):
                self._failed[source] = answer
            else:
                self._known[source] = answer
            return True
        if self.values["mode"] == "auto" and self.lock().exists:
            current = self.lock().current(source)
            if current is not None:
                self._known[source] = current
                return True
            if self.lock().problem is None:
                place = f"kerasarch freeze {self.lock().place}"
                self.say(f"{source[0]} is not as {self.lock().path.name} says; {place} writes it anew")
        store = self.store() if self.values["mode"] == "auto" else None
        try:
            found = store.find(self._request(source), self._settings(source)) if store else None
        except CacheError as error:
            self._without_store(error)
            found = None
        if found is not None:
            self._known[source] = found
        return found is not None

    def _fetch(self, sources: list[Source]) -> bool:
        """Whether there is a shared cache, which was then asked for ``sources``."""
        store = self.store() if self.values["mode"] == "auto" else None
        if store is None or store.remote is None:
            return False
        try:
            store.fetch((self._request(source), self._settings(source)) for source in sources)
        except CacheError as error:
            self._without_store(error)
            return False
        return True

    def _ask(self, interpreter: str, sources: list[Source]) -> None:
        places: Mapping[Request, Source] = {self._request(source): source for source in sources}
        left = dict(places)
        try:
            for request, found in self._running(interpreter).describe_many(places):
                source = left.pop(request)
                if isinstance(found, KerasarchError):
                    failure = failure_of(found, DEFECT)
                    auto = self.values["mode"] == "auto"
                    self._failed[source] = self.lock().why(source, failure) if auto else failure
                else:
                    self._known[source] = found
                    self._keep(source, found)
        except Exception as error:  # no figure may stop a page
            for source in left.values():
                self._failed[source] = failure_of(error, DEFECT)
        if self._store is not None and self._store.remote is not None:
            self._store.remote.flush()

    def _running(self, interpreter: str) -> Inspector:
        if interpreter not in self._inspectors:
            self._inspectors[interpreter] = self.inspector(interpreter)
        return self._inspectors[interpreter]

    def inspector(self, interpreter: str) -> Inspector:
        """A new one, with the settings of the site; the caller ends it."""
        return Inspector(
            path=self.path,
            python=interpreter or self.values["python"],
            env={str(key): str(value) for key, value in self.values["env"].items()},
            timeout=float(self.values["timeout"]),
            backend=self.values["backend"],
            jobs=self.values["jobs"],
            memory=self.values["memory"],
        )

    # ---- the cache

    def drawn(self, key: str, make: Callable[[], bytes], suffix: str = ".svg") -> bytes:
        """The bytes of a picture: remembered, from the cache, or made. Raises what ``make`` raises."""
        with self._lock:
            if key in self._drawn:
                return self._drawn[key]
            store = self.store()
            try:
                path = store.artifact(key, suffix) if store else None
                data = path.read_bytes() if path else None
            except (CacheError, OSError):
                data = None
            if data is None:
                data = make()
                try:
                    if store is not None and not self._no_keeping:
                        store.keep_artifact(key, suffix, data)
                except CacheError as error:
                    self._without_keeping(error)
            if len(self._drawn) > LIMIT:
                self._drawn.clear()
            self._drawn[key] = data
            return data

    def store(self) -> Store | None:
        """The cache; None where there is none, or none that can be used, which is said once."""
        if self._store is None and not self._no_store and self.values["cache_dir"]:
            try:
                remote = Remote(self.values["cache_remote"], self._warn) if self.values["cache_remote"] else None
                self._store = Store(Path(os.path.realpath(self.base / self.values["cache_dir"])), remote)
            except CacheError as error:
                self._without_store(error)
        return self._store

    def _keep(self, source: Source, found: Description) -> None:
        if not self._no_keeping and (store := self.store()) is not None:
            try:
                store.keep(self._request(source), self._settings(source), found)
            except CacheError as error:
                self._without_keeping(error)

    def _without_keeping(self, error: CacheError) -> None:
        self._warn(f"{error} Nothing more is kept.")
        self._no_keeping = True

    def _without_store(self, error: CacheError) -> None:
        self._warn(f"{error} The build goes on without it.")
        self._store, self._no_store = None, True


def _files(description: Description) -> list[str]:
    told = description.inputs.get("files", {})
    return [path for path, digest in told.items() if digest and Path(path).is_file()]


@functools.cache
def session_of(settings: Settings, warn: Callable[[str], None]) -> Session:
    """The one session with these settings. ``warn``: tells the reader of the log."""
    session = Session(settings, warn)
    atexit.register(session.close)
    return session
