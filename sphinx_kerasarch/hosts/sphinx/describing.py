"""The describing part of a build: asks the memory, then the cache, then one worker for all that they do not know."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.util import logging
from sphinx.util.display import status_iterator

from ...errors import LockError
from ...escape import line
from ..page.origin import LOCKED, Origin
from ..page.request import Failure, Source, by_interpreter
from . import config, failures, memory
from .collect import Data
from .memory import Picture, Settled

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from ...cache import Store
    from ...inspector import Description
    from ...spec import ArchSpec
    from ..page.locked import Locked
    from .early import EarlyWorker

logger = logging.getLogger(__name__)

SLOWEST = 5
"""Models that a build with ``-v`` names."""


class Describing:
    """Answers what the sources of a build are, and gives their specs to those who must draw."""

    def __init__(self, app: Sphinx, data: Data, early: EarlyWorker | None = None) -> None:
        self.early = early
        self.config = app.config
        self.verbosity = app.verbosity
        self.srcdir = Path(app.srcdir)
        self.directory = config.cache_dir(app.config, self.srcdir, Path(app.doctreedir))
        self.origin = Origin(
            config.values(app.config),
            self.srcdir,
            lambda interpreter: config.import_path(app.config, self.srcdir, sys.path, interpreter),
            self.directory,
            lambda: self.locked,
            lambda said, slug: logger.warning("%s", said, type="kerasarch", subtype=slug),
        )
        self.kept = self.origin.kept
        self.mode = self.origin.mode
        self.data = data
        self._locked: Locked | None = None
        self._specs: dict[Source, ArchSpec] = {}
        self._took: list[tuple[float, Source]] = []
        """Seconds of the models that were described."""
        self.learned = False
        """Whether something came to be known that the environment did not remember."""

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
        locked = self._settled(self.origin.from_lock(left))
        if left and self.mode in LOCKED:
            self._say_lock(len(left) - len(locked))
        cached = self._settled(self.origin.from_cache(source for source in left if source not in locked))
        counts = [len(locked), len(known) + len(cached)]
        known.update({**locked, **cached})
        if self.mode == "frozen":
            memory.forget(self.data, sources)
            logger.info("%s", frozen_summary(list(known.values()), self.locked.path.name))
            return known
        misses = [source for source in sources if source not in known]
        for interpreter, group in by_interpreter(misses).items():
            for source, answer in self._ask(interpreter, group):
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
                with self.origin.inspector(source[3]) as worker:
                    found = worker.describe(self.origin.request(source))
                self.origin.keep(source, found)
            self._specs[source] = found.spec
        return self._specs[source]

    def _described(self, source: Source) -> Description | None:
        """Without the worker. Raises :class:`.LockError` where nothing else may be asked."""
        if self.mode == "frozen":
            answer = self.locked.frozen(source)
            if isinstance(answer, Failure):
                raise LockError(answer.message, advice=answer.advice)
            return answer
        return self.origin.cached(source) or (self.locked.current(source) if self.mode == "auto" else None)

    # ---- the lock

    @property
    def locked(self) -> Locked:
        self._locked = self._locked or config.lock(self.config, self.srcdir)
        return self._locked

    @property
    def _told(self) -> dict[str, Any]:
        """What the memory depends on: what a lock says is no answer where live models are asked for."""
        return {**self.origin.settings, "mode": self.mode} if self.mode == "frozen" else self.origin.settings

    def _say_lock(self, count: int) -> None:
        """``count``: models that the lock does not hold as they are now."""
        problem = self.locked.problem
        if not self.locked.exists:
            return
        if problem is not None:
            where = self.locked.location
            logger.warning("%s", problem, location=where, type="kerasarch", subtype=problem.slug)
        elif count:
            name, place = self.locked.path.name, self.locked.place
            models = "1 model is not as" if count == 1 else f"{count} models are not as"
            logger.info("kerasarch: %s %s says; kerasarch freeze %s writes it anew", models, name, place)

    # ---- the cache

    def finish(self, pictures: Callable[[], Iterable[Picture]]) -> None:
        """At the end of a build: a cache that has grown is made no larger than it may be.

        ``pictures``: those that the environment remembers, and that were therefore not read from the cache.
        """

        def mark(store: Store) -> None:
            for source in self.data["known"]:
                store.mark(self.origin.request(source), self.origin.settings_of(source))
            for picture in pictures():
                if picture.artifact:
                    store.mark_artifact(picture.artifact)

        if removed := self.kept.trim(self.config.kerasarch_cache_size, mark):
            logger.info("kerasarch: %d old entries removed from the cache", removed)

    # ---- what a page needs of a description

    def _settled(
        self, found: Iterable[tuple[Source, Description | Failure]]
    ) -> dict[Source, Settled | Failure]:
        return {
            source: answer if isinstance(answer, Failure) else self._settle(source, answer)
            for source, answer in found
        }

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

    def _ask(self, interpreter: str, sources: list[Source]) -> Iterator[tuple[Source, Settled | Failure]]:
        """Describe ``sources`` in one worker, with progress; each as soon as it is there."""
        running = self.early.take() if self.early and not interpreter else None
        with running or self.origin.inspector(interpreter) as worker:
            answers = status_iterator(
                self.origin.ask(worker, sources, failures.failure_of),
                "describing Keras models... ",
                "darkgreen",
                len(sources),
                self.verbosity,
                stringify_func=lambda pair: source_text(pair[0]),
            )
            for source, answer in answers:
                if isinstance(answer, Failure):
                    yield source, answer
                else:
                    self._took.append((answer.seconds, source))
                    yield source, self._settle(source, answer)


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
