"""Where the descriptions of a site come from: its lock, its cache, the one that machines share, a worker."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import KerasarchError
from .kept import Kept, Warn
from .request import Failure, Source, worker_request
from .settings import texts

if TYPE_CHECKING:
    from ...inspector import Description, Inspector, Request
    from .locked import Locked

LOCKED = frozenset({"auto", "frozen"})
"""Modes that read the lock."""


class Origin:
    """Answers sources, by the settings of a site.

    ``values``: the settings by their names. ``base``: the folder of the site, absolute. ``path``: gives the import path
    of the worker under an interpreter, absolute; under ``""`` that of the site. ``directory``: of its cache, None for
    none. ``lock``: gives its lock as it is now.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        base: Path,
        path: Callable[[str], tuple[str, ...]],
        directory: Path | None,
        lock: Callable[[], Locked],
        warn: Warn,
    ) -> None:
        self.mode: str = values["mode"]
        self._own = own = path("")
        self.kept = Kept(directory, values["cache_remote"], warn)
        self.settings: dict[str, Any] = {
            "path": [_seen_from(base, entry) for entry in own],
            "python": values["python"],
            "custom_objects": list(texts(values["custom_objects"])),
            "env": {str(key): str(value) for key, value in sorted(values["env"].items())},
            "roots": [str(base), *own],
        }
        """What descriptions depend on besides their requests; paths are relative, so that a cache can move."""
        self._values = values
        self._path = path
        self._lock = lock

    def request(self, source: Source) -> Request:
        """As the worker gets it."""
        return worker_request(source, self._values["backend"], self.settings["custom_objects"])

    def settings_of(self, source: Source) -> dict[str, Any]:
        """As :attr:`settings`, with the interpreter of this model."""
        return {**self.settings, "python": source[3] or self.settings["python"]}

    # ---- without a worker

    def from_lock(self, sources: list[Source]) -> Iterator[tuple[Source, Description | Failure]]:
        """What the lock says: of all ``sources`` in a frozen build, else of those that are still so."""
        if not sources or self.mode not in LOCKED:
            return
        locked, frozen = self._lock(), self.mode == "frozen"
        for source in sources if frozen or locked.exists else ():
            answer = locked.frozen(source) if frozen else locked.current(source)
            if answer is not None:
                yield source, answer

    def from_cache(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Description]]:
        """What this machine's cache knows of ``sources``, then what the shared one does."""
        missing = list(sources) if self.mode == "auto" else []
        for shared in (False, True):
            if not missing or (shared and not self._fetch(missing)):
                return
            asked, missing = missing, []
            for source in asked:
                if (found := self.cached(source)) is None:
                    missing.append(source)
                else:
                    yield source, found

    def cached(self, source: Source) -> Description | None:
        """What this machine's cache knows."""
        return self.kept.find(self.request(source), self.settings_of(source))

    def _fetch(self, sources: Iterable[Source]) -> bool:
        return self.kept.fetch((self.request(source), self.settings_of(source)) for source in sources)

    # ---- by a worker

    def inspector(self, interpreter: str = "") -> Inspector:
        """A new one, which the caller ends."""
        from ... import inspector

        return inspector.Inspector(
            path=self._path(interpreter) if interpreter else self._own,
            python=interpreter or self._values["python"],
            env=self.settings["env"],
            timeout=float(self._values["timeout"]),
            backend=self._values["backend"],
            jobs=self._values["jobs"],
            memory=self._values["memory"],
        )

    def ask(
        self, worker: Inspector, sources: Iterable[Source], failure_of: Callable[[Exception], Failure]
    ) -> Iterator[tuple[Source, Description | Failure]]:
        """What ``worker`` makes of each of ``sources``, as soon as it is there; the cache has it then."""
        left = {self.request(source): source for source in sources}
        answer: Description | Failure
        try:
            for request, found in worker.describe_many(list(left)):
                source = left[request]
                if isinstance(found, KerasarchError):
                    answer = self._failed(source, failure_of(found))
                else:
                    self.keep(source, answer := found)
                del left[request]
                yield source, answer
        except Exception as error:  # a defect of ours: the page shows it, and the build goes on
            for source in left.values():
                yield source, failure_of(error)
        self.kept.flush()

    def keep(self, source: Source, found: Description) -> None:
        """In the cache."""
        self.kept.keep(self.request(source), self.settings_of(source), found)

    def _failed(self, source: Source, failure: Failure) -> Failure:
        return self._lock().why(source, failure) if self.mode == "auto" else failure


def _seen_from(base: Path, entry: str) -> str:
    with contextlib.suppress(ValueError):  # another drive
        entry = os.path.relpath(entry, base)
    return Path(entry).as_posix()
