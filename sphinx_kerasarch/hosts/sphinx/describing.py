"""The describing part of a build: asks the memory, then the cache, then one worker for all that they do not know."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sphinx.util import logging
from sphinx.util.display import status_iterator

from ...errors import CacheError
from . import config, failures, memory
from .collect import Data, Failure, Source
from .memory import Settled

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from ...cache import Store
    from ...inspector import Description, Inspector, Request
    from ...spec import ArchSpec
    from .early import EarlyWorker

logger = logging.getLogger(__name__)

T = TypeVar("T")


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
        self._store: Store | None = None
        self._no_store = False
        self._specs: dict[Source, ArchSpec] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """What descriptions depend on besides their requests; paths are relative, so that a cache can move."""
        return {
            "path": [Path(os.path.relpath(entry, self.srcdir)).as_posix() for entry in self.path],
            "python": self.config.kerasarch_python,
            "env": {str(key): str(value) for key, value in sorted(self.config.kerasarch_env.items())},
            "roots": [str(self.srcdir), *self.path],
        }

    def run(self, sources: list[Source]) -> dict[Source, Settled | Failure]:
        """What every source came to. Says so in one line."""
        known: dict[Source, Settled | Failure] = {}
        if self.config.kerasarch_mode == "auto":
            known.update(memory.recall(self.data, self.settings, self.config.kerasarch_backend, sources))
            for source in sources:
                if source not in known and (found := self._cached(source)) is not None:
                    known[source] = self._settle(source, found)
        cached = len(known)
        misses = [source for source in sources if source not in known]
        for interpreter in dict.fromkeys(source[3] for source in misses):
            known.update(self._ask(interpreter, [source for source in misses if source[3] == interpreter]))
        memory.forget(self.data, sources)
        logger.info("%s", summary(cached, [known[source] for source in misses]))
        return known

    def spec(self, source: Source) -> ArchSpec:
        """For drawing. Raises :class:`.KerasarchError` when it is gone from the cache and cannot be had again."""
        if source not in self._specs:
            found = self._cached(source)
            if found is None:
                with self.inspector(source[3]) as worker:
                    found = worker.describe(self._request(source))
                self._keep(source, found)
            self._specs[source] = found.spec
        return self._specs[source]

    # ---- the cache

    def store(self) -> Store | None:
        """The cache; None when it cannot be used, which is said once."""
        if self._store is None and not self._no_store:
            from ...cache import Store

            try:
                self._store = Store(self.directory)
            except CacheError as error:
                self.without_store(error)
        return self._store

    def without_store(self, error: CacheError) -> None:
        if not self._no_store:
            logger.warning("%s The build goes on without it.", error, type="kerasarch", subtype="cache")
        self._store, self._no_store = None, True

    def _request(self, source: Source) -> Request:
        from ...inspector import Request

        target, arguments, input_shape, _ = source
        backend = self.config.kerasarch_backend
        return Request(target=target, arguments=arguments, input_shape=input_shape, backend=backend)

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
        if (store := self.store()) is not None:
            try:
                store.keep(self._request(source), self._settings_of(source), found)
            except CacheError as error:
                self.without_store(error)

    def _settle(self, source: Source, found: Description) -> Settled:
        from ...spec.codec import digest
        from ...spec.query import describe_words

        self._specs[source] = found.spec
        settled = Settled(
            digest(found.spec),
            describe_words(found.spec),
            found.spec.provenance.versions.get("keras", ""),
            memory.project_files(found.inputs),
            memory.record_key(found.inputs),
        )
        memory.note(self.data, source, settled, found.inputs)
        return settled

    # ---- the worker

    def inspector(self, interpreter: str) -> Inspector:
        from ... import inspector

        return inspector.Inspector(
            path=self.path,
            python=interpreter or self.config.kerasarch_python,
            env={str(key): str(value) for key, value in self.config.kerasarch_env.items()},
            timeout=float(self.config.kerasarch_timeout),
            backend=self.config.kerasarch_backend,
        )

    def _ask(self, interpreter: str, sources: list[Source]) -> dict[Source, Settled | Failure]:
        """Describe ``sources`` in as many workers as configured, with progress."""
        jobs = min(self.config.kerasarch_jobs, len(sources))
        if jobs == 1:
            running = self.early.take() if self.early and not interpreter else None
            with running or self.inspector(interpreter) as worker:
                answers = {
                    source: self._describe(worker, source)
                    for source in self._progress(sources, len(sources), lambda source: source)
                }
        else:
            answers = dict(
                self._progress(self._many(interpreter, sources, jobs), len(sources), lambda pair: pair[0])
            )
        return {
            source: answer if isinstance(answer, Failure) else self._settle(source, answer)
            for source, answer in answers.items()
        }

    def _many(
        self, interpreter: str, sources: list[Source], jobs: int
    ) -> Iterator[tuple[Source, Description | Failure]]:
        from concurrent.futures import ThreadPoolExecutor, as_completed

        def work(queue: list[Source]) -> list[tuple[Source, Description | Failure]]:
            with self.inspector(interpreter) as worker:
                return [(source, self._describe(worker, source)) for source in queue]

        # The threads end before any page is written, so that no fork of Sphinx meets a running thread.
        with ThreadPoolExecutor(jobs) as pool:
            for future in as_completed([pool.submit(work, sources[start::jobs]) for start in range(jobs)]):
                yield from future.result()

    def _progress(self, items: Iterable[T], length: int, source_of: Callable[[T], Source]) -> Iterator[T]:
        return status_iterator(
            items,
            "describing Keras models... ",
            "darkgreen",
            length,
            self.verbosity,
            stringify_func=lambda item: source_text(source_of(item)),
        )

    def _describe(self, worker: Inspector, source: Source) -> Description | Failure:
        try:
            found = worker.describe(self._request(source))
        except Exception as error:  # also a defect of ours: the other models must not suffer from it
            return failures.failure_of(error)
        self._keep(source, found)
        return found


def source_text(source: Source) -> str:
    """``pkg.mod:factory(units=3)``"""
    target, arguments, *_ = source
    return f"{target}({arguments})" if arguments else target


def summary(cached: int, answers: list[Settled | Failure]) -> str:
    """``kerasarch: 12 models from the cache, nothing was imported``"""
    text = f"kerasarch: {cached} model{'s' * (cached != 1)} from the cache"
    if not answers:
        return f"{text}, nothing was imported"
    settled = [answer for answer in answers if isinstance(answer, Settled)]
    versions = sorted({answer.keras for answer in settled if answer.keras})
    text += f", {len(settled)} described{' by Keras ' * bool(versions)}{', '.join(versions)}"
    failed = len(answers) - len(settled)
    return f"{text}, {failed} failed" if failed else text
