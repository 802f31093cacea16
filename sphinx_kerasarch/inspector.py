"""Parent side of the worker: one process for all requests of a build, time-outs, restart, typed errors."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from . import wire
from .errors import CrashError, KerasarchError, MissingPackageError, OptionError, from_json
from .options import suggest
from .spec.codec import from_json as spec_from_json
from .wire.endings import TAIL, crash, own_frames, tail, timed_out
from .wire.question import Description, Request
from .wire.record import KNOWN_BACKENDS, PACKAGE, environment, text_digest

__all__ = ["Description", "Inspector", "Request"]

START_LIMIT = 300.0
"""Seconds for the worker to import Keras. Not counted in a request's time."""

GRACE = 5.0
"""Seconds beyond a request's time after which a worker that should have ended the request is ended itself."""

LAST_WORDS = 1.0
"""Seconds beyond a request's time for a worker without children to say where it was."""


class Inspector:
    """Describes models in a worker process, which starts with the first request and ends with the ``with`` block.

    ``path``: directories put first on the worker's import path. ``python``: its interpreter, by default this one.
    ``env``: more environment variables. ``timeout``: seconds for a request. ``backend``: Keras backend, by default
    the choice of environment, ``keras.json`` and what is installed. ``fork``: a child process for each request where
    the system can; otherwise they share one.
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
    ) -> None:
        self._path = tuple(str(Path(entry).resolve()) for entry in path)
        self._python = python
        self._env = dict(env or {})
        self._timeout = timeout
        self._backend = backend
        self._fork = fork
        self._workers: dict[str, _Worker] = {}
        self._lock = threading.Lock()
        self._count = 0

    def __enter__(self) -> Inspector:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def started(self) -> bool:
        """Whether a worker process is running."""
        return any(worker.alive for worker in self._workers.values())

    def start(self) -> None:
        """Start the worker without waiting for it: Keras is imported while the caller does something else.

        Why it cannot be started is told by the first request.
        """
        known = not self._backend or self._backend in KNOWN_BACKENDS
        if known and self._backend not in self._workers:
            with contextlib.suppress(KerasarchError):
                self._workers[self._backend] = self._worker(self._backend)

    def _worker(self, backend: str) -> _Worker:
        return _Worker(self._interpreter(), self._path, self._env, backend, self._fork)

    def close(self) -> None:
        """End the workers. A later request starts a new one."""
        workers, self._workers = self._workers, {}
        for worker in workers.values():
            worker.close()

    def describe(self, request: Request) -> Description:
        """Build the model and read it. Raises the :class:`.KerasarchError` that names the cause."""
        backend = request.backend or self._backend
        if backend and backend not in KNOWN_BACKENDS:
            raise OptionError(
                f"Keras has no backend {backend!r}.",
                advice=suggest(backend, KNOWN_BACKENDS),
                data={"backend": backend},
            )
        with self._lock:
            answer = self._ask(request, backend)
            if "backend" in answer:  # the factory itself chose one that is not loaded
                answer = self._ask(request, str(answer["backend"]))
        if "error" in answer:
            raise from_json(answer["error"])
        inputs = answer["inputs"]
        # As it was for the first worker: a factory that chooses another one by itself does so again.
        told = environment(self._env, backend).get("KERAS_BACKEND")
        inputs["env"]["KERAS_BACKEND"] = "" if told is None else text_digest(told)
        return Description(spec_from_json(answer["spec"]), inputs)

    def describe_many(
        self, requests: Iterable[Request]
    ) -> Iterator[tuple[Request, Description | KerasarchError]]:
        """Each request with what it came to; a failure does not keep the others."""
        for request in requests:
            try:
                yield request, self.describe(request)
            except KerasarchError as error:
                yield request, error

    def _ask(self, request: Request, backend: str) -> dict[str, Any]:
        worker = self._workers.get(backend)
        if worker is None or not worker.alive:
            if worker is not None:
                worker.close()
            worker = self._workers[backend] = self._worker(backend)
        self._count += 1
        message = {
            "id": self._count,
            "target": request.target,
            "arguments": request.arguments,
            "input_shape": request.input_shape,
            "backend": backend,
            "timeout": self._timeout,
        }
        try:
            return worker.ask(message)
        except BaseException:
            # Also Ctrl-C: an answer that is still under way must not be taken for the next one's.
            worker.close()
            raise

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


class _Worker:
    """A running process with its pipes. All ends of it are :class:`.KerasarchError`."""

    def __init__(self, python: str, path: tuple[str, ...], env: Mapping[str, str], backend: str, fork: bool) -> None:
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._child = 0
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._python = python
        self._path = path
        script = str(PACKAGE / "worker" / "__main__.py")
        started = _started_posix if os.name == "posix" else _started_elsewhere
        try:
            self._process, self._sink, source = started(
                [python, script], self._output, environment(env, backend)
            )
        except OSError as error:
            self._output.close()
            raise MissingPackageError(
                f"The interpreter {python!r} cannot be started: {error.strerror or error}.",
                advice="kerasarch_python (--python) takes the path of a Python that has Keras.",
                data={"python": python},
            ) from None
        self._reader = threading.Thread(target=self._listen, args=(source,), name="kerasarch", daemon=True)
        self._reader.start()
        self._ready = False
        self._forks = fork
        with contextlib.suppress(OSError):  # it has ended already, which the first request will find
            wire.send(self._sink, {"path": list(path), "fork": fork})

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request. Raises CrashError, TimeoutExceededError; then the process has been ended."""
        subject = str(message["target"])
        if not self._ready:
            self._wait_ready()
        begin = self._output.seek(0, os.SEEK_END)
        with contextlib.suppress(OSError):
            wire.send(self._sink, message)
        deadline = time.monotonic() + float(message["timeout"]) + (GRACE if self._forks else LAST_WORDS)
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self._kill()
                said, where = self._said(begin), self._where(begin)
                raise timed_out(subject, float(message["timeout"]), said, where) from None
            if answer is None:
                code = self._ended()
                raise crash(subject, code, self._said(begin), self._where(begin))
            if answer.get("id") != message["id"]:
                continue
            if "pid" in answer:
                self._child = int(answer["pid"])
                continue
            self._child = 0
            if "error" in answer and not answer["error"]["data"].get("output") and (said := self._said(begin)):
                answer["error"]["data"]["output"] = said
            return answer

    def _wait_ready(self) -> None:
        try:
            hello = self._answers.get(timeout=START_LIMIT)
        except queue.Empty:
            raise timed_out("Keras", START_LIMIT, self._said()) from None
        if hello is None:
            code, said = self._ended(), self._said()
            if code == 64:
                raise MissingPackageError(
                    f"The worker {said}.".replace("\n", " "),
                    advice="Point kerasarch_python (--python) to a newer one that has Keras.",
                    data={"python": self._python},
                )
            error = crash("the worker", code, said)
            raise CrashError(
                f"The worker process could not start: {self._python} ended with {_ending(code)}.",
                advice="Is kerasarch_python (--python) a Python that has Keras?",
                traceback=error.traceback,
                data={**error.data, "python": self._python},
            )
        self._ready = True
        self._forks = bool(hello["fork"])

    def _listen(self, source: int) -> None:
        decoder = wire.Decoder()
        try:
            while data := os.read(source, 1 << 16):
                for message in decoder.feed(data):
                    self._answers.put(message)
        except (OSError, wire.FrameError):
            pass
        finally:
            os.close(source)
            self._answers.put(None)

    def _ended(self) -> int:
        """Exit code of a process whose pipe has ended; it is ended when it goes on without one."""
        try:
            return self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._kill()
            return self._process.wait()

    def _raw(self, begin: int) -> bytes:
        end = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(begin, end - 8 * TAIL))
        return self._output.read()

    def _said(self, begin: int = 0) -> str:
        return tail(self._raw(begin))

    def _where(self, begin: int) -> str:
        """The project's frames in what ``faulthandler`` wrote."""

        def root_of(name: str) -> str:
            return max((root for root in self._path if Path(name).is_relative_to(root)), key=len, default="")

        return own_frames(
            self._raw(begin).decode("utf-8", "replace"),
            lambda name: bool(root_of(name)),
            lambda name: Path(name).relative_to(root_of(name)).as_posix(),
        )

    def close(self) -> None:
        """End the process and all that it started. Idempotent."""
        if self._output.closed:
            return
        with contextlib.suppress(OSError):
            os.close(self._sink)
        if self._child or not self._ready:
            self._kill()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
        if os.name == "posix":
            self._kill()  # what user code has started and left behind
        self._reader.join(2.0)
        self._output.close()

    def _kill(self) -> None:
        if os.name != "posix":
            self._process.kill()
            return
        for group in filter(None, (self._child, self._process.pid)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _started_posix(
    command: list[str], output: IO[bytes], env: dict[str, str]
) -> tuple[subprocess.Popen[bytes], int, int]:
    """The process, the end to write requests to, the end to read answers from."""
    their_source, sink = os.pipe()
    source, their_sink = os.pipe()
    try:
        process = subprocess.Popen(
            [*command, str(their_source), str(their_sink)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            pass_fds=(their_source, their_sink),
            start_new_session=True,
        )
    except OSError:
        os.close(sink)
        os.close(source)
        raise
    finally:
        os.close(their_source)
        os.close(their_sink)
    return process, sink, source


def _started_elsewhere(
    command: list[str], output: IO[bytes], env: dict[str, str]
) -> tuple[subprocess.Popen[bytes], int, int]:
    """Without inheritable descriptors: stdin and stdout, which the worker moves away from user code."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, env=env)
    assert process.stdin is not None and process.stdout is not None
    sink, source = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
    process.stdin.close()
    process.stdout.close()
    return process, sink, source
