"""Parent side of the worker: one process for all requests of a build, time-outs, restart, typed errors."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any

from ..errors import (
    BuildError,
    ImportTargetError,
    KerasarchError,
    MissingPackageError,
    OptionError,
    UnbuiltModelError,
    from_json,
)
from ..options import suggest
from ..spec.codec import from_json as spec_from_json
from ..wire.question import Description, Request
from ..wire.record import CHOICES, SYMBOLIC, environment, text_digest
from . import saved
from .process import Process, Setup

__all__ = ["Description", "Inspector", "Request"]

MOST_JOBS = 4
"""Models described at the same time when the caller does not say how many: each may need memory of its own."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request on its way."""

    request: Request
    backend: str
    alone: bool = False
    """It was lost when a process ended, and is asked again with no other beside it."""
    read: dict[str, Any] | None = None
    """What a file told without Keras, when Keras may know more."""
    fault: dict[str, Any] | None = None
    """What failed in the symbolic tier, told when there is no backend to hand on to."""


class Inspector:
    """Describes models in a worker process, which starts with the first request and ends with the ``with`` block.

    ``path``: directories put first on the worker's import path. ``python``: its interpreter, by default this one.
    ``env``: more environment variables. ``timeout``: seconds for a request. ``backend``: Keras backend, or
    ``symbolic`` for none at all. By default the symbolic tier is tried first; what it hands on goes to the backend of
    the environment, ``keras.json`` and what is installed. ``fork``: a child process for each request where
    the system can; otherwise they share one. ``jobs``: how many are described at the same time; 0 for as many as
    there are processors, four at most, by children of one process, and one where there are no children.
    ``memory``: megabytes that the process that builds a model may take, with what it starts; 0 for no limit.
    """

    def __init__(
        self,
        path: tuple[str, ...] = (),
        python: str = "",
        env: Mapping[str, str] | None = None,
        timeout: float = 300.0,
        backend: str = "",
        *,
        fork: bool = True,
        jobs: int = 0,
        memory: int = 0,
    ) -> None:
        self._path = tuple(map(os.path.realpath, path))  # a link to itself is none of ours
        self._python = python
        self._env = dict(env or {})
        self._timeout = timeout
        self._backend = backend
        self._memory = memory
        self._fork = fork and hasattr(os, "fork") and sys.platform != "darwin"
        self._jobs = jobs or (min(MOST_JOBS, _processors()) if self._fork else 1)
        self._workers: dict[tuple[str, int], Process] = {}
        self._inbox: queue.SimpleQueue[tuple[Process, dict[str, Any] | None]] = queue.SimpleQueue()
        self._found: dict[int, dict[str, Any]] = {}
        self._lock = threading.RLock()
        self._count = 0

    def __enter__(self) -> Inspector:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def started(self) -> bool:
        """Whether a worker process is running."""
        return any(worker.alive for worker in self._workers.values())

    @property
    def remembers(self) -> bool:
        """Whether modules that one request has imported are still there at the next: where the system cannot fork."""
        return not self._fork

    def start(self) -> None:
        """Start the worker without waiting for it: Keras is imported while the caller does something else.

        Why it cannot be started is told by the first request.
        """
        if not self._backend or self._backend in CHOICES:
            with contextlib.suppress(KerasarchError):
                self._worker(self._backend or SYMBOLIC, 0)

    def close(self) -> None:
        """End the workers. A later request starts a new one."""
        workers, self._workers = self._workers, {}
        for worker in workers.values():
            worker.close()

    def describe(self, request: Request) -> Description:
        """Build the model and read it. Raises the :class:`.KerasarchError` that names the cause."""
        ((_, found),) = self.describe_many([request])
        if isinstance(found, KerasarchError):
            raise found
        return found

    def describe_many(
        self, requests: Iterable[Request]
    ) -> Iterator[tuple[Request, Description | KerasarchError]]:
        """Each request with what it came to, as they are done; a failure does not keep the others.

        The workers go on while the caller is at work with an answer.
        """
        waiting = [_Asked(request, request.backend or self._backend or SYMBOLIC) for request in requests]
        waiting.reverse()
        asked: dict[int, _Asked] = {}
        # Enough in the pipe for the worker to have no rest, few enough for the pipe to take them.
        window = 4 * self._jobs + 4
        try:
            while waiting or asked:
                while waiting and len(asked) < window and not any(other.alone for other in asked.values()):
                    if waiting[-1].alone and asked:
                        break
                    one = self._read(waiting.pop())
                    if one.read is not None and one.read["complete"]:
                        yield one.request, self._result(one.read, one.request)
                        continue
                    asked[self._send(one)] = one
                if not asked:
                    continue
                number, answer = self._next(asked)
                one = asked.pop(number)
                if answer.get("lost") and not one.alone:
                    waiting.insert(0, replace(one, alone=True))
                elif "backend" in answer and (one.request.backend or self._backend) != SYMBOLIC:
                    # The symbolic tier hands on, or the factory itself chose a backend that is not loaded.
                    fault = answer.get("error", one.fault)
                    waiting.append(replace(one, backend=str(answer["backend"]), fault=fault))
                elif one.read is not None and _is_no_better(answer, one.request):
                    yield one.request, self._result(saved.instead(one.read, one.request, answer), one.request)
                else:
                    yield one.request, self._result(_told(answer, one), one.request)
        finally:
            if asked:  # also Ctrl-C: answers still under way must not be waited for by anybody
                self.close()

    def _result(self, answer: dict[str, Any], request: Request) -> Description | KerasarchError:
        if "error" in answer:
            return _with_absent_path(from_json(answer["error"]), self._path)
        inputs = answer["inputs"]
        # As it was for the first worker: a factory that chooses another one by itself does so again.
        told = environment(self._env, request.backend or self._backend).get("KERAS_BACKEND")
        inputs["env"]["KERAS_BACKEND"] = "" if told is None else text_digest(told)
        return Description(spec_from_json(answer["spec"]), inputs, float(answer.get("seconds", 0.0)))

    def _read(self, one: _Asked) -> _Asked:
        """A saved model is read without Keras first."""
        if one.read is not None or one.request.weights or not saved.file_of(one.request):
            return one
        try:
            return replace(one, read=saved.read(one.request, self._interpreter(), self._env))
        except MissingPackageError:
            return one  # told by the worker that cannot be started

    def _send(self, one: _Asked) -> int:
        """Send a request; its number, under which the answer will be found."""
        with self._lock:
            self._count += 1
            number = self._count
            try:
                _check_backend(one.backend)
                worker = self._worker(one.backend, number % (1 if self._fork else self._jobs))
            except KerasarchError as error:
                self._found[number] = {"error": error.to_json()}
                return number
            worker.send(
                {
                    "id": number,
                    "target": one.request.target,
                    "arguments": one.request.arguments,
                    "input_shape": one.request.input_shape,
                    "backend": one.backend,
                    "open": one.request.open,
                    "custom_objects": one.request.custom_objects,
                    "weights": one.request.weights,
                    "timeout": self._timeout,
                }
            )
            return number

    def _next(self, numbers: Iterable[int]) -> tuple[int, dict[str, Any]]:
        """The first answer to one of ``numbers``."""
        while True:
            # Released between two messages, so that a second thread finds what the first one has received.
            with self._lock:
                for number in numbers:
                    if number in self._found:
                        return number, self._found.pop(number)
                self._receive()

    def _receive(self) -> None:
        """Wait for a message, or for the time at which one should have come."""
        deadline = min((worker.deadline() for worker in self._workers.values()), default=0.0)
        try:
            worker, message = self._inbox.get(timeout=max(0.0, min(deadline - time.monotonic(), 3600.0)))
        except queue.Empty:
            for worker in self._workers.values():
                self._found.update(worker.late())
        else:
            self._found.update(worker.take(message))

    def _worker(self, backend: str, place: int) -> Process:
        """The running process, started when there is none. Raises MissingPackageError."""
        worker = self._workers.get((backend, place))
        if worker is not None and not worker.alive:
            if worker.pending:  # its end has not been taken note of
                self._found.update(worker.take(None))
            worker.close()
            worker = None
        if worker is None:
            setup = Setup(self._interpreter(), self._path, self._env, backend, self._fork, self._jobs, self._memory)
            worker = self._workers[backend, place] = Process(setup, self._inbox)
        return worker

    def _interpreter(self) -> str:
        if not self._python:
            return sys.executable
        found = shutil.which(os.path.expanduser(self._python))  # noqa: PTH111
        if found is None:
            raise MissingPackageError(
                f"There is no Python interpreter {self._python!r}.",
                advice="kerasarch_python (--python) takes the path of a Python that has Keras, as venv/bin/python.",
                data={"python": self._python},
            )
        return found


def _is_no_better(answer: dict[str, Any], request: Request) -> bool:
    """Whether what the file tells by itself is more than Keras makes of it.

    That shapes are missing is worth saying, and what is wrong with custom objects.
    """
    if request.custom_objects.strip():
        return False
    return "backend" in answer or ("error" in answer and answer["error"]["slug"] != UnbuiltModelError.slug)


def _check_backend(backend: str) -> None:
    if backend and backend not in CHOICES:
        raise OptionError(
            f"Keras has no backend {backend!r}.",
            advice=suggest(backend, CHOICES),
            data={"backend": backend},
        )


def _told(answer: dict[str, Any], one: _Asked) -> dict[str, Any]:
    """The answer as the caller gets it: with the error that is nearest to the cause."""
    if "backend" in answer:  # the symbolic tier was asked for alone and hands on
        return {"error": answer.get("error") or _needs_backend(one.request, str(answer["handed_on"])).to_json()}
    if one.fault is not None and answer.get("error", {}).get("slug") == MissingPackageError.slug:
        return {"error": one.fault}
    return answer


def _with_absent_path(error: KerasarchError, path: Iterable[str]) -> KerasarchError:
    """A module that nobody finds, where a folder that is named for it is not there: that is what to mend."""
    package = str(error.data.get("absent", "")) if isinstance(error, ImportTargetError) else ""
    absent = next((entry for entry in path if not os.path.exists(entry)), "")  # noqa: PTH110
    if not package or "." in package or not absent:
        return error
    advice = f"kerasarch_path (--path) names {absent}, which is not there."
    return ImportTargetError(error.message, advice=advice, traceback=error.traceback, data=error.data)


def _needs_backend(request: Request, why: str) -> BuildError:
    return BuildError(
        f"{request.target} cannot be described without a backend: {why}.",
        advice="Leave kerasarch_backend (--backend) empty, or name an installed one: tensorflow, jax or torch.",
        data={"handed_on": why},
    )


def _processors() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
