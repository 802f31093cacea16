"""A running worker process with its pipes. All ends of it are errors with a name, never exceptions of the system."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .. import wire
from ..errors import CrashError, KerasarchError, MissingPackageError
from ..wire.endings import TAIL, crash, own_frames, tail, timed_out
from ..wire.record import PACKAGE, TIERS, environment
from . import start

START_LIMIT = 300.0
"""Seconds for the worker to import Keras, and to begin with a request. Not counted in a request's time."""

GRACE = 5.0
"""Seconds beyond a request's time after which a worker that should have ended the request is ended itself."""

LAST_WORDS = 1.0
"""Seconds beyond a request's time for a worker without children to say where it was."""

Answers = dict[int, dict[str, Any]]
"""Number of a request → its answer frame; ``lost`` in one tells that the end of the process was not its doing."""


@dataclass(slots=True)
class Pending:
    """A request that has been sent."""

    subject: str
    timeout: float
    """Seconds."""
    started: float = 0.0
    """By the monotonic clock; 0 while it waits for others."""
    child: int = 0
    """Process that builds it, where the worker forks."""
    begin: int = 0
    """Where its output begins in what the worker printed."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker process is started with."""

    python: str
    path: tuple[str, ...]
    env: Mapping[str, str]
    backend: str
    fork: bool
    jobs: int
    """Requests that are answered at the same time, where the worker forks."""


class Process:
    """Sends requests; what comes back is put into ``inbox`` as ``(process, message)`` and told to :meth:`take`."""

    def __init__(self, setup: Setup, inbox: queue.SimpleQueue[tuple[Process, dict[str, Any] | None]]) -> None:
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._setup = setup
        self._forks = setup.fork
        self._ready = False
        self._dead = False
        self._heard = time.monotonic()
        self.pending: dict[int, Pending] = {}
        script = str(PACKAGE / "worker" / "__main__.py")
        started = start.posix if os.name == "posix" else start.elsewhere
        try:
            self.process, self._sink, source = started(
                [setup.python, script], self._output, environment(setup.env, setup.backend)
            )
        except OSError as error:
            self._output.close()
            raise MissingPackageError(
                f"The interpreter {setup.python!r} cannot be started: {error.strerror or error}.",
                advice="kerasarch_python (--python) takes the path of a Python that has Keras.",
                data={"python": setup.python},
            ) from None
        self._reader = threading.Thread(
            target=self._listen, args=(source, inbox), name="kerasarch", daemon=True
        )
        self._reader.start()
        with contextlib.suppress(OSError):  # it has ended already, which the reader will find
            tier = setup.backend if setup.backend in TIERS else ""
            setting = {"path": list(setup.path), "fork": setup.fork, "jobs": setup.jobs, "tier": tier}
            wire.send(self._sink, setting)

    @property
    def alive(self) -> bool:
        return not self._dead and self.process.poll() is None

    def send(self, message: dict[str, Any]) -> None:
        """Send a request; its answer, or that there will be none, comes out of :meth:`take` or :meth:`late`."""
        self.pending[int(message["id"])] = Pending(str(message["target"]), float(message["timeout"]))
        with contextlib.suppress(OSError):
            wire.send(self._sink, message)

    def take(self, message: dict[str, Any] | None) -> Answers:
        """The answers that a message from the inbox amounts to."""
        self._heard = time.monotonic()
        if message is None:
            return self._after_end()
        if "ready" in message:
            self._ready = True
            self._forks = bool(message["fork"])
            return {}
        number = int(message["id"])
        if "pid" in message:
            if number in self.pending:
                mine = self.pending[number]
                mine.started, mine.child, mine.begin = self._heard, int(message["pid"]), int(message["begin"])
            return {}
        asked = self.pending.pop(number, None)
        if asked is None:
            return {}
        if "error" in message and not message["error"]["data"].get("output") and (said := self._said(asked.begin)):
            message["error"]["data"]["output"] = said
        return {number: message}

    def deadline(self) -> float:
        """When :meth:`late` should be asked, by the monotonic clock; infinity when nothing is pending."""
        if not self.pending:
            return float("inf")
        more = GRACE if self._forks else LAST_WORDS
        ends = [asked.started + asked.timeout + more for asked in self.pending.values() if asked.started]
        return min(ends, default=self._heard + START_LIMIT)

    def late(self) -> Answers:
        """The answers when the deadline has passed: the process is ended, for it did not end the request itself."""
        now = time.monotonic()
        if now < self.deadline():
            return {}
        self._kill()
        self._dead = True
        answers = {}
        for number, asked in self.pending.items():
            seconds = asked.timeout if asked.started else START_LIMIT
            subject = asked.subject if self._ready else "Keras"
            lost = bool(asked.started) and now < asked.started + asked.timeout
            error = timed_out(subject, seconds, self._said(asked.begin), self._where(asked.begin))
            answers[number] = _answer(error, lost=lost or (not asked.started and self._ready))
        self.pending.clear()
        return answers

    def _after_end(self) -> Answers:
        if self._output.closed or self._dead:
            return {}
        self._dead = True
        code = self._ended()
        if not self._ready:
            failed = _answer(self._failed_start(code))
            answers = dict.fromkeys(self.pending, failed)
        else:
            suspects = [asked for asked in self.pending.values() if asked.started]
            answers = {}
            for number, asked in self.pending.items():
                error = crash(asked.subject, code, self._said(asked.begin), self._where(asked.begin))
                answers[number] = _answer(error, lost=[asked] != suspects)
        self.pending.clear()
        return answers

    def _failed_start(self, code: int) -> KerasarchError:
        said = self._said()
        if code == 64:
            return MissingPackageError(
                f"The worker {said}.".replace("\n", " "),
                advice="Point kerasarch_python (--python) to a newer one that has Keras.",
                data={"python": self._setup.python},
            )
        error = crash("the worker", code, said)
        return CrashError(
            f"The worker process could not start: {self._setup.python} ended with {_ending(code)}.",
            advice="Is kerasarch_python (--python) a Python that has Keras?",
            traceback=error.traceback,
            data={**error.data, "python": self._setup.python},
        )

    def _listen(self, source: int, inbox: queue.SimpleQueue[tuple[Process, dict[str, Any] | None]]) -> None:
        decoder = wire.Decoder()
        try:
            while data := os.read(source, 1 << 16):
                for message in decoder.feed(data):
                    inbox.put((self, message))
        except (OSError, wire.FrameError):
            pass
        finally:
            os.close(source)
            inbox.put((self, None))

    def _ended(self) -> int:
        """Exit code of a process whose pipe has ended; it is ended when it goes on without one."""
        try:
            return self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._kill()
            return self.process.wait()

    def _raw(self, begin: int) -> bytes:
        end = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(begin, end - 8 * TAIL))
        return self._output.read()

    def _said(self, begin: int = 0) -> str:
        return tail(self._raw(begin))

    def _where(self, begin: int) -> str:
        """The project's frames in what ``faulthandler`` wrote."""

        def root_of(name: str) -> str:
            return max((root for root in self._setup.path if Path(name).is_relative_to(root)), key=len, default="")

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
        if self.pending or not self._ready:
            self._kill()
        try:
            self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._kill()
            self.process.wait()
        if os.name == "posix":
            self._kill()  # what user code has started and left behind
        self._reader.join(2.0)
        self._output.close()

    def _kill(self) -> None:
        if os.name != "posix":
            self.process.kill()
            return
        for group in (*(asked.child for asked in self.pending.values() if asked.child), self.process.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)


def _answer(error: KerasarchError, *, lost: bool = False) -> dict[str, Any]:
    return {"error": error.to_json(), "lost": lost}


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
