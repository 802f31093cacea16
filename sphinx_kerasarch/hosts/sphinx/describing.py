"""The describing part of a build: asks the memory, then the cache, then one worker for all that they do not know."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sphinx.util import logging
from sphinx.util.display import status_iterator

from ...errors import CacheError, KerasarchError, LockError
from ...escape import line
from ..page.request import Failure, Source, worker_request
from ..page.settings import texts
from . import config, failures, memory
from .collect import Data
from .memory import Picture, Settled

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from ...cache import Store
    from ...cache.remote import Remote
    from ...inspector import Description, Inspector, Request
    from ...spec import ArchSpec
    from ..page.locked import Locked
    from .early import EarlyWorker

logger = logging.getLogger(__name__)

T = TypeVar("T")

SLOWEST = 5
"""Models that a build with ``-v`` names."""

LOCKED = frozenset({"auto", "frozen"})
"""Modes that read the lock."""


class Describing:
    """Answers what the sources of a build are, and gives their specs to those who must draw."""

    def __init__(self, app: Sphinx, data: Data, early: EarlyWorker | None = None) -> None:
        self.early = early
        self.config = app.config
        self.verbosity = app.verbosity
        self.srcdir = Path(app.srcdir)
        self.directory = config.cache_dir(app.config, self.srcdir, Path(app.doctreedir))
        self.path = config.import_path(app.config, self.srcdir, sys.path)
        self.data = data
        self.mode: str = app.config.kerasarch_mode
        self._locked: Locked | None = None
        self._store: Store | None = None
        self._no_store = False
        self._no_keeping = False
        self._specs: dict[Source, ArchSpec] = {}
        self._took: list[tuple[float, Source]] = []
        """Seconds of the models that were described."""
        self.learned = False
        """Whether something came to be known that the environment did not remember."""

    @property
    def settings(self) -> dict[str, Any]:
        """What descriptions depend on besides their requests; paths are relative, so that a cache can move."""
        return {
            "path": [Path(os.path.relpath(entry, self.srcdir)).as_posix() for entry in self.path],
            "python": self.config.kerasarch_python,
            "custom_objects": list(texts(self.config.kerasarch_custom_objects)),
            "env": {str(key): str(value) for key, value in sorted(self.config.kerasarch_env.items())},
            "roots": [str(self.srcdir), *self.path],
        }

    def run(
        self, sources: list[Source], described: Callable[[Source, Settled | Failure], object]
    ) -> dict[Source, Settled | Failure]:
        """What every source came to. Says so in one line.

        ``described`` is called with each that had to be described, while the worker is at work with the next.
        """
        known: dict[Source, Settled | Failure] = {}
        if self.mode != "live":
            known.update(memory.recall(self.data, self._told, self.config.kerasarch_backend, sources))
        left = [source for source in sources if source not in known]
        locked = self._from_lock(left) if self.mode in LOCKED else {}
        cached = self._from_cache([source for source in left if source not in locked]) if self.mode == "auto" else {}
        counts = [len(locked), len(known) + len(cached)]
        known.update({**locked, **cached})
        if self.mode == "frozen":
            memory.forget(self.data, sources)
            logger.info("%s", frozen_summary(list(known.values()), self.locked.path.name))
            return known
        misses = [source for source in sources if source not in known]
        for interpreter in dict.fromkeys(source[3] for source in misses):
            for source, answer in self._ask(interpreter, [s for s in misses if s[3] == interpreter]):
                known[source] = answer
                described(source, answer)
        memory.forget(self.data, sources)
        name = self.locked.path.name if locked else ""
        logger.info("%s", summary(counts[1], [known[source] for source in misses], counts[0], name))
        if told := slowest(self._took):
            logger.verbose("%s", told)
        return known

    def spec(self, source: Source) -> ArchSpec:
        """For drawing. Raises :class:`.KerasarchError` when it is gone from the cache and cannot be had again."""
        if source not in self._specs:
            found = self._described(source)
            if found is None:
                with self.inspector(source[3]) as worker:
                    found = worker.describe(self._request(source))
                self._keep(source, found)
            self._specs[source] = found.spec
        return self._specs[source]

    def _described(self, source: Source) -> Description | None:
        """Without the worker. Raises :class:`.LockError` where nothing else may be asked."""
        if self.mode == "frozen":
            answer = self.locked.frozen(source)
            if isinstance(answer, Failure):
                raise LockError(answer.message, advice=answer.advice)
            return answer
        return self._cached(source) or (self.locked.current(source) if self.mode == "auto" else None)

    # ---- the lock

    @property
    def locked(self) -> Locked:
        self._locked = self._locked or config.lock(self.config, self.srcdir)
        return self._locked

    @property
    def _told(self) -> dict[str, Any]:
        """What the memory depends on: what a lock says is no answer where live models are asked for."""
        return {**self.settings, "mode": self.mode} if self.mode == "frozen" else self.settings

    def _from_lock(self, sources: list[Source]) -> dict[Source, Settled | Failure]:
        """What the lock says of ``sources``: of all in a frozen build, else of those that are still so."""
        if not sources or (self.mode == "auto" and not self.locked.exists):
            return {}
        result: dict[Source, Settled | Failure] = {}
        for source in sources:
            answer = self.locked.frozen(source) if self.mode == "frozen" else self.locked.current(source)
            if isinstance(answer, Failure):
                result[source] = answer
            elif answer is not None:
                result[source] = self._settle(source, answer)
        self._say_lock(len(sources) - len(result))
        return result

    def _say_lock(self, count: int) -> None:
        """``count``: models that the lock does not hold as they are now."""
        problem = self.locked.problem
        if problem is not None and self.locked.exists:
            where = self.locked.location
            logger.warning("%s", problem, location=where, type="kerasarch", subtype=problem.slug)
        elif count:
            name, place = self.locked.path.name, self.locked.place
            models = "1 model is not as" if count == 1 else f"{count} models are not as"
            logger.info("kerasarch: %s %s says; kerasarch freeze %s writes it anew", models, name, place)

    # ---- the cache

    def _from_cache(self, sources: list[Source]) -> dict[Source, Settled]:
        """What this machine's cache knows of ``sources``, then what the shared one does."""
        known: dict[Source, Settled] = {}
        for shared in (False, True):
            missing = [source for source in sources if source not in known]
            if shared and (not missing or not self._fetch(missing)):
                break
            for source in missing:
                if (found := self._cached(source)) is not None:
                    known[source] = self._settle(source, found)
        return known

    def finish(self, pictures: Callable[[], Iterable[Picture]]) -> None:
        """At the end of a build: a cache that has grown is made no larger than it may be.

        ``pictures``: those that the environment remembers, and that were therefore not read from the cache.
        """
        if self._store is None or not self._store.grown:
            return
        from ...cache.sizes import parse_size

        if not (limit := parse_size(self.config.kerasarch_cache_size)):
            return
        for source in self.data["known"]:
            self._store.mark(self._request(source), self._settings_of(source))
        for picture in pictures():
            if picture.artifact:
                self._store.mark_artifact(picture.artifact)
        removed = self._store.trim(limit).removed
        if removed:
            logger.info("kerasarch: %d old entries removed from the cache", len(removed))

    def store(self) -> Store | None:
        """The cache; None when it cannot be used, which is said once."""
        if self._store is None and not self._no_store:
            from ...cache import Store

            try:
                self._store = Store(self.directory, self._remote())
            except CacheError as error:
                self.without_store(error)
        return self._store

    def _remote(self) -> Remote | None:
        if not self.config.kerasarch_cache_remote:
            return None
        from ...cache.remote import Remote

        return Remote(
            self.config.kerasarch_cache_remote,
            lambda said: logger.warning("%s", said, type="kerasarch", subtype="remote"),
        )

    def _fetch(self, sources: list[Source]) -> bool:
        """Whether there is a shared cache, which was then asked for ``sources``."""
        if (store := self.store()) is None or store.remote is None:
            return False
        try:
            store.fetch((self._request(source), self._settings_of(source)) for source in sources)
        except CacheError as error:
            self.without_keeping(error)
            return False
        return True

    def without_keeping(self, error: CacheError) -> None:
        """What is in the cache is still good where nothing more can be written."""
        if not self._no_keeping:
            logger.warning("%s Nothing more is kept.", error, type="kerasarch", subtype="cache")
        self._no_keeping = True

    @property
    def keeps(self) -> Store | None:
        """The cache, while it can be written to."""
        return None if self._no_keeping else self.store()

    def without_store(self, error: CacheError) -> None:
        if not self._no_store:
            logger.warning("%s The build goes on without it.", error, type="kerasarch", subtype="cache")
        self._store, self._no_store = None, True

    def _request(self, source: Source) -> Request:
        return worker_request(source, self.config.kerasarch_backend, texts(self.config.kerasarch_custom_objects))

    def _settings_of(self, source: Source) -> dict[str, Any]:
        settings = self.settings
        return {**settings, "python": source[3] or settings["python"]}

    def _cached(self, source: Source) -> Description | None:
        store = self.store()
        if store is None:
            return None
        try:
            return store.find(self._request(source), self._settings_of(source))
        except CacheError as error:
            self.without_store(error)
            return None

    def _keep(self, source: Source, found: Description) -> None:
        if (store := self.keeps) is not None:
            try:
                store.keep(self._request(source), self._settings_of(source), found)
            except CacheError as error:
                self.without_keeping(error)

    def _settle(self, source: Source, found: Description) -> Settled:
        from ...spec.codec import digest
        from ...spec.query import describe_words

        self._specs[source] = found.spec
        self.learned = True
        inputs = memory.shared(self.data, found.inputs)
        settled = Settled(
            digest(found.spec),
            describe_words(found.spec),
            found.spec.provenance.versions.get("keras", ""),
            # Of a lock only what it says of a model counts: no page is read again because another model has changed.
            () if self.mode == "frozen" else memory.project_files(inputs),
            memory.record_key(inputs),
        )
        memory.note(self.data, source, settled, inputs)
        return settled

    # ---- the worker

    def inspector(self, interpreter: str) -> Inspector:
        from ... import inspector

        return inspector.Inspector(
            path=config.import_path(self.config, self.srcdir, sys.path, interpreter) if interpreter else self.path,
            python=interpreter or self.config.kerasarch_python,
            env={str(key): str(value) for key, value in self.config.kerasarch_env.items()},
            timeout=float(self.config.kerasarch_timeout),
            backend=self.config.kerasarch_backend,
            jobs=self.config.kerasarch_jobs,
            memory=self.config.kerasarch_memory,
        )

    def _ask(self, interpreter: str, sources: list[Source]) -> Iterator[tuple[Source, Settled | Failure]]:
        """Describe ``sources`` in one worker, with progress; each as soon as it is there."""
        places: dict[Request, Source] = {self._request(source): source for source in sources}
        running = self.early.take() if self.early and not interpreter else None
        with running or self.inspector(interpreter) as worker:
            answers = self._progress(
                self._answers(worker, places), len(sources), lambda pair: source_text(pair[0])
            )
            for source, answer in answers:
                if isinstance(answer, Failure):
                    yield source, self.locked.why(source, answer) if self.mode == "auto" else answer
                else:
                    self._took.append((answer.seconds, source))
                    self._keep(source, answer)
                    yield source, self._settle(source, answer)
        if self._store is not None and self._store.remote is not None:
            self._store.remote.flush()

    def _answers(
        self, worker: Inspector, places: Mapping[Request, Source]
    ) -> Iterator[tuple[Source, Description | Failure]]:
        left = dict(places)
        try:
            for request, found in worker.describe_many(places):
                source = left.pop(request)
                yield source, failures.failure_of(found) if isinstance(found, KerasarchError) else found
        except Exception as error:  # a defect of ours: the page shows it, and the build goes on
            for source in left.values():
                yield source, failures.failure_of(error)

    def _progress(self, items: Iterable[T], length: int, text_of: Callable[[T], str]) -> Iterator[T]:
        return status_iterator(
            items, "describing Keras models... ", "darkgreen", length, self.verbosity, stringify_func=text_of
        )


def source_text(source: Source) -> str:
    """``pkg.mod:factory(units=3)``"""
    target, arguments, *_ = source
    return line(f"{target}({arguments})" if arguments else target)


def slowest(took: list[tuple[float, Source]]) -> str:
    """``kerasarch: the slowest models: zoo:large 12.1 s, zoo:small 0.2 s``; empty where nothing was measured."""
    worst = sorted((pair for pair in took if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:SLOWEST]
    told = ", ".join(f"{source_text(source)} {seconds:.1f} s" for seconds, source in worst)
    return f"kerasarch: the slowest models: {told}" if told else ""


def frozen_summary(answers: list[Settled | Failure], lock: str) -> str:
    """``kerasarch: 12 models from kerasarch.lock, nothing was imported``"""
    found = sum(isinstance(answer, Settled) for answer in answers)
    text = f"kerasarch: {found} model{'s' * (found != 1)} from {lock}"
    failed = len(answers) - found
    return line(f"{text}, {failed} failed" if failed else f"{text}, nothing was imported")


def summary(cached: int, answers: list[Settled | Failure], locked: int = 0, lock: str = "") -> str:
    """``kerasarch: 12 models from the cache, nothing was imported``"""
    text = f"kerasarch: {cached} model{'s' * (cached != 1)} from the cache"
    if locked:
        text = f"kerasarch: {locked} model{'s' * (locked != 1)} from {lock}"
        text += f", {cached} from the cache" * bool(cached)
    if not answers:
        return f"{text}, nothing was imported"
    settled = [answer for answer in answers if isinstance(answer, Settled)]
    versions = sorted({answer.keras for answer in settled if answer.keras})
    text += f", {len(settled)} described{' by Keras ' * bool(versions)}{', '.join(versions)}"
    failed = len(answers) - len(settled)
    return line(f"{text}, {failed} failed" if failed else text)
