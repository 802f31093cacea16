"""Thousands of models: what a cache knows is not described, the rest is by workers here or by an engine of the caller.

An engine is whatever has ``submit`` as :class:`concurrent.futures.Executor` has: thread and process pools, Dask's
distributed client. It gets pieces of work that are plain data, and gives plain data back.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import CrashError, KerasarchError, OptionError, from_json
from .spec import ArchSpec
from .wire.question import Description, Request

if TYPE_CHECKING:
    from .cache import Store
    from .inspector import Inspector

CHUNK = 16
"""Models in one piece of work for an engine: each piece starts a worker, which imports Keras once."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one target."""

    request: Request
    spec: ArchSpec | None = None
    error: KerasarchError | None = None
    """Why there is no spec."""
    cached: bool = False
    """Whether it was known, so that nothing was imported for it."""
    seconds: float = 0.0
    """That the description took."""

    @property
    def target(self) -> str:
        """As it was asked for."""
        return self.request.target


@dataclass(frozen=True, slots=True)
class Means:
    """How workers are started. Plain data, so that it can be sent to another machine."""

    path: tuple[str, ...] = ()
    """Directories for the import path; relative ones count from the current folder of whoever starts the worker."""
    python: str = ""
    backend: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 300.0
    """Seconds for a model."""
    jobs: int = 0
    memory: int = 0
    """Megabytes."""

    def inspector(self) -> Inspector:
        from .inspector import Inspector

        return Inspector(
            path=self.path,
            python=self.python,
            env=self.env,
            timeout=self.timeout,
            backend=self.backend,
            jobs=self.jobs,
            memory=self.memory,
        )

    def roots(self) -> tuple[str, ...]:
        """Directories that files are told relative to, here."""
        return tuple(str(Path(entry).resolve()) for entry in (".", *self.path))

    def settings(self) -> dict[str, Any]:
        """What descriptions depend on besides their requests, for the cache."""
        return {
            "path": [Path(entry).as_posix() for entry in self.path],
            "python": self.python,
            "custom_objects": [],
            "env": dict(sorted(self.env.items())),
            "roots": list(self.roots()),
        }


def describe_many(  # noqa: PLR0913 - as of describe
    targets: Iterable[str | Request],
    *,
    path: Sequence[str] = (),
    python: str = "",
    backend: str = "",
    env: Mapping[str, str] | None = None,
    timeout: float = 300.0,
    memory: int = 0,
    jobs: int = 0,
    cache_dir: str | Path | None = None,
    cache_remote: str = "",
    executor: Executor | None = None,
    chunk: int = CHUNK,
) -> Iterator[Outcome]:
    """Describe many models; what became of each as soon as it is known, a failure does not keep the others.

    ``targets``: texts, or requests with arguments and input shapes; equal ones are answered once. ``cache_dir``: a
    folder that remembers; ``cache_remote``: a store that machines share, for which a ``cache_dir`` is needed.
    ``executor``: an engine to run on, ``chunk`` models in a piece of work; without one ``jobs`` models are described
    at the same time in this machine's worker, 0 for as many as there are processors, four at most. ``path``,
    ``python``, ``backend``, ``env``, ``timeout`` (seconds) and ``memory`` (megabytes): as of
    :func:`sphinx_kerasarch.describe`. Raises :class:`.CacheError` for a folder that cannot be used and
    :class:`.OptionError` for options that mean nothing.
    """
    if chunk < 1:
        raise OptionError("chunk is smaller than 1.", advice=f"Leave it out for {CHUNK}.")
    if cache_remote and cache_dir is None:
        raise OptionError(
            "cache_remote needs a cache_dir.", advice="Entries of the remote cache are kept there."
        )
    requests = [Request(item, backend=backend) if isinstance(item, str) else item for item in targets]
    means = Means(tuple(path), python, backend, dict(env or {}), timeout, jobs, memory)
    store = None
    if cache_dir is not None:
        store = opened(Path(cache_dir), cache_remote)
    ask = partial(by_engine, means, executor, chunk) if executor else partial(by_worker, means.inspector)
    return outcomes(requests, ask, store, means.settings())


def opened(directory: Path, remote: str = "", say: Callable[[str], object] = warnings.warn) -> Store:
    """A cache, with a shared one behind it; ``say``: tells what is wrong with that. Raises :class:`.CacheError`."""
    from .cache import Store
    from .cache.remote import Remote

    return Store(directory, Remote(remote, say) if remote else None)


Answers = Iterator[tuple[Request, Description | KerasarchError]]


def outcomes(
    requests: Iterable[Request],
    ask: Callable[[Sequence[Request]], Answers],
    store: Store | None,
    settings: Mapping[str, Any],
) -> Iterator[Outcome]:
    """As :func:`describe_many`. ``ask``: answers what is not known; ``settings``: what the cache goes by."""
    left = list(dict.fromkeys(requests))
    for shared in (False, True) if store is not None else ():
        assert store is not None
        if shared and left:
            store.fetch((request, settings) for request in left)
        missing = []
        for request in left:
            found = store.find(request, settings) if not shared or store.remote else None
            if found is None:
                missing.append(request)
            else:
                yield Outcome(request, found.spec, cached=True)
        left = missing
    for request, answer in ask(left):
        if isinstance(answer, KerasarchError):
            yield Outcome(request, error=answer)
            continue
        if store is not None:
            store.keep(request, settings, answer)
        yield Outcome(request, answer.spec, seconds=answer.seconds)
    if store is not None and store.remote is not None:
        store.remote.flush()


def by_worker(start: Callable[[], Inspector], requests: Sequence[Request]) -> Answers:
    """By the worker that ``start`` starts, where there is something to ask."""
    if requests:
        with start() as worker:
            yield from worker.describe_many(requests)


# ---- an engine


@dataclass(frozen=True, slots=True)
class Piece:
    """Work for an engine."""

    requests: tuple[Request, ...]
    means: Means


def work(piece: Piece) -> list[dict[str, Any]]:
    """Done by the engine, wherever that is: the answers in the order of the requests, as JSON.

    Paths in them are relative to the directories there, so that they hold where the answers are read.
    """
    from .cache.places import Places, pack
    from .spec.codec import to_json

    places = Places(piece.means.roots(), Path())
    answers: dict[Request, dict[str, Any]] = {}
    with piece.means.inspector() as worker:
        for request, found in worker.describe_many(piece.requests):
            if isinstance(found, KerasarchError):
                answers[request] = {"error": found.to_json()}
            else:
                inputs = pack(found.inputs, places)
                answers[request] = {"spec": to_json(found.spec), "inputs": inputs, "seconds": found.seconds}
    return [answers[request] for request in piece.requests]


def by_engine(means: Means, executor: Executor, chunk: int, requests: Sequence[Request]) -> Answers:
    """By an engine, ``chunk`` requests at a time."""
    pieces = [
        Piece(tuple(requests[begin : begin + chunk]), means) for begin in range(0, len(requests), chunk)
    ]
    running: dict[Future[list[dict[str, Any]]], Piece] = {}
    try:
        for piece in pieces:
            running[executor.submit(work, piece)] = piece
        for future in as_completed(running):
            yield from _unpacked(future, running[future])
    finally:
        for future in running:  # who stops listening wants no more of it
            future.cancel()


def _unpacked(future: Future[list[dict[str, Any]]], piece: Piece) -> Answers:
    from .cache.places import Places, unpack
    from .spec.codec import from_json as spec_from_json

    try:
        answers = future.result()
    except Exception as error:  # of the engine: a node that is gone, a version of this package that it lacks
        lost = CrashError(
            f"The engine lost the work: {type(error).__name__}: {error}.",
            advice="See the engine's log; its workers need this package, and the sources at the same relative places.",
        )
        yield from ((request, lost) for request in piece.requests)
        return
    places = Places(piece.means.roots(), Path())
    for request, answer in zip(piece.requests, answers, strict=True):
        if "error" in answer:
            yield request, from_json(answer["error"])
        else:
            inputs = unpack(answer["inputs"], places)
            yield request, Description(spec_from_json(answer["spec"]), inputs, answer["seconds"])


# ---- shards


def shard(items: Iterable[T], number: int, count: int) -> list[T]:
    """Part ``number`` (from 1) of ``count``: the same on every machine, disjoint, of equal size but for one.

    Neighbours in a zoo are of a kind, so the parts are mixed: by a digest of the items' texts.
    """
    if not 1 <= number <= count:
        raise OptionError(f"There is no shard {number}/{count}.", advice="Shards are 1/4, 2/4, 3/4, 4/4.")
    mixed = sorted(dict.fromkeys(items), key=lambda item: hashlib.sha256(repr(item).encode()).digest())
    return mixed[number - 1 :: count]


def parse_shard(text: str) -> tuple[int, int]:
    """``2/4`` → (2, 4). Raises :class:`.OptionError`."""
    number, slash, count = text.partition("/")
    if not (slash and number.strip().isdecimal() and count.strip().isdecimal()):
        raise OptionError(f"{text!r} is no shard.", advice="Write 2/4 for the second of four.")
    shard((), int(number), int(count))
    return int(number), int(count)


__all__ = ["Means", "Outcome", "describe_many", "opened", "outcomes", "parse_shard", "shard"]
