"""A running worker process with its pipes. All ends of it are errors with a name, never exceptions of the system."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import wire
from ..errors import CrashError, KerasarchError, MissingPackageError
from ..wire.endings import closed, crash, garbled, out_of_memory, own_frames, timed_out, without_stacks
from ..wire.record import PACKAGE, TIERS, environment
from ..wire.said import Said
from . import memory, start
from .output import Output

START_LIMIT = 300.0
"""Seconds for the worker to import Keras, and to begin with a request. Not counted in a request's time."""

GRACE = 10.0
"""Seconds beyond a request's time after which a worker that should have ended the request is ended itself: it waits
for last words, and on a busy machine for its turn."""

ENDING = 5.0
"""Seconds for a process that has closed its pipe to end."""

LAST_WORDS = 2.0
"""Seconds at most for a worker without children to say where it was."""

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
    builder: memory.Watched | None = None
    """Process that builds it, once it is known."""


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
    memory: int = 0
    """Megabytes that the process that builds a model may take; 0 for no limit."""


class Process:
    """Sends requests; what comes back is put into ``inbox`` as ``(process, message)`` and told to :meth:`take`."""

    def __init__(self, setup: Setup, inbox: queue.SimpleQueue[tuple[Process, dict[str, Any] | None]]) -> None:
        self._setup = setup
        self._forks = setup.fork
        self._ready = False
        self._dead = False
        self._garbled = False
        self._silent = False
        self._closed = False
        self._heard = time.monotonic()
        self.pending: dict[int, Pending] = {}
        script = str(PACKAGE / "worker" / "__main__.py")
        started = start.posix if os.name == "posix" else start.elsewhere
        printed, output = os.pipe()
        try:
            self.process, self._sink, source = started(
                [setup.python, script], output, environment(setup.env, setup.backend)
            )
        except OSError as error:
            os.close(printed)
            raise MissingPackageError(
                f"The interpreter {setup.python!r} cannot be started: {error.strerror or error}.",
                advice="kerasarch_python (--python) takes the path of a Python that has Keras.",
                data={"python": setup.python},
            ) from None
        finally:
            os.close(output)
        self._output = Output(printed)
        self._watch = memory.Watch(setup.memory, self._builders) if setup.memory else None
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
                mine.started, mine.builder = self._heard, memory.Watched(int(message["pid"]))
            return {}
        asked = self.pending.pop(number, None)
        if asked is None:
            return {}
        message["seconds"] = self._heard - asked.started if asked.started else 0.0
        if not self._forks:
            said = self._output.of(number).text()
            if "error" in message and said:
                message["error"]["data"]["output"] = said
        if "error" in message and asked.builder is not None and asked.builder.over:
            told = message["error"]
            error = out_of_memory(
                asked.subject, self._setup.memory, told["data"].get("output", ""), told["traceback"]
            )
            return {number: _answer(error)}
        return {number: message}

    def _builders(self) -> list[memory.Watched]:
        """The processes that the limit on memory is for. Asked by another thread."""
        return [asked.builder for asked in list(self.pending.values()) if asked.builder is not None]

    def deadline(self) -> float:
        """When :meth:`late` should be asked, by the monotonic clock; infinity when nothing is pending."""
        if not self.pending:
            return float("inf")
        more = GRACE if self._forks else (0.0 if memory.ASKS else LAST_WORDS)
        ends = [asked.started + asked.timeout + more for asked in self.pending.values() if asked.started]
        return min(ends, default=self._heard + START_LIMIT)

    def late(self) -> Answers:
        """The answers when the deadline has passed: the process is ended, for it did not end the request itself."""
        now = time.monotonic()
        if now < self.deadline():
            return {}
        family = [] if self._forks else memory.family_of(self.process.pid)
        if not self._forks:
            memory.ask_where(self.process.pid, LAST_WORDS)  # which ends it
        self._kill()
        end_all(family)
        self._dead = True
        said = self._output.last()
        answers = {}
        for number, asked in self.pending.items():
            seconds = asked.timeout if asked.started else START_LIMIT
            subject = asked.subject if self._ready else "Keras"
            lost = bool(asked.started) and now < asked.started + asked.timeout
            error = timed_out(subject, seconds, without_stacks(said.text()), self._where(said))
            answers[number] = _answer(error, lost=lost or (not asked.started and self._ready))
        self.pending.clear()
        return answers

    def _after_end(self) -> Answers:
        if self._closed or self._dead:
            return {}
        self._dead = True
        code = self._ended()
        now = time.monotonic()
        said = self._output.last()
        if not self._ready:
            failed = _answer(self._failed_start(code))
            answers = dict.fromkeys(self.pending, failed)
        else:
            suspects = [asked for asked in self.pending.values() if asked.started]
            answers = {}
            for number, asked in self.pending.items():
                answers[number] = _answer(self._why(asked, code, now, said), lost=[asked] != suspects)
        self.pending.clear()
        return answers

    def _why(self, asked: Pending, code: int, now: float, said: Said) -> KerasarchError:
        """What ended a process that was at work on ``asked``."""
        told = (without_stacks(said.text()), self._where(said))
        if asked.builder is not None and asked.builder.over:
            return out_of_memory(asked.subject, self._setup.memory, *told)
        if self._garbled:
            return garbled(asked.subject, *told)
        if self._silent:
            return closed(asked.subject, *told)
        if not self._forks and asked.started and now >= asked.started + asked.timeout:
            return timed_out(asked.subject, asked.timeout, *told)  # it has ended itself
        return crash(asked.subject, code, *told)

    def _failed_start(self, code: int) -> KerasarchError:
        said = self._output.last().text()
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
        except OSError:
            pass
        except wire.FrameError:
            self._garbled = True
        finally:
            os.close(source)
            inbox.put((self, None))

    def _ended(self) -> int:
        """Exit code of a process whose pipe has ended; it is ended when it goes on without one."""
        if self._garbled:
            self._kill()
        try:
            return self.process.wait(ENDING)
        except subprocess.TimeoutExpired:
            self._silent = True
            self._kill()
            return self.process.wait()

    def _where(self, said: Said) -> str:
        """The project's frames in what ``faulthandler`` wrote."""

        def root_of(name: str) -> str:
            return max((root for root in self._setup.path if Path(name).is_relative_to(root)), key=len, default="")

        return own_frames(
            said.raw().decode("utf-8", "replace"),
            lambda name: bool(root_of(name)),
            lambda name: Path(name).relative_to(root_of(name)).as_posix(),
        )

    def close(self) -> None:
        """End the process and all that it started. Idempotent."""
        if self._closed:
            return
        self._closed = True
        if self._watch is not None:
            self._watch.close()
        family = [] if self._forks else memory.family_of(self.process.pid)
        with contextlib.suppress(OSError):
            os.close(self._sink)
        if self.pending or not self._ready:
            self._kill()
        try:
            self.process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._kill()
            self.process.wait()
        end_all(family)
        if os.name == "posix":
            self._kill()  # what user code has started and left behind
        self._reader.join(2.0)
        self._output.close()

    def _kill(self) -> None:
        """With all that it has started, wherever that has gone: once it is dead, there is no telling what was its."""
        family = memory.family_of(self.process.pid) if self.process.poll() is None else []
        if os.name == "posix":
            builders = [one.pid for one in self._builders()] if self._forks else []
            for group in (*builders, self.process.pid):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, signal.SIGKILL)
        else:
            self.process.kill()
        end_all(family)


def end_all(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _answer(error: KerasarchError, *, lost: bool = False) -> dict[str, Any]:
    return {"error": error.to_json(), "lost": lost}


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
