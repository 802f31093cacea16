"""One fork for each request: imports are shared, nothing that a model does reaches the next one or this process.

This process runs no operation of a backend and no user code: threads of a backend would not survive the fork.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import select
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .. import wire
from ..wire.endings import TAIL, crash, own_frames, tail, timed_out
from . import answer, frames, reset

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

TICK = 0.25
"""Seconds between looks at a child whose pipe is held open by a process of its own."""

LAST_WORDS = 0.3
"""Seconds for a child to write where it was."""


@dataclass(slots=True)
class Child:
    """A running request, seen from the server."""

    request: dict[str, Any]
    pid: int
    result: int
    output: int
    stack: IO[bytes]
    """File for faulthandler."""
    said: bytearray = field(default_factory=bytearray)
    """End of what it printed."""
    decoder: wire.Decoder = field(default_factory=wire.Decoder)
    code: int | None = None
    """As in subprocess, once it has ended."""

    @property
    def subject(self) -> str:
        return str(self.request["target"])

    def listen(self) -> bool:
        """Read what it printed; False at the end."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.output, 1 << 20)
            self.said += data
            del self.said[: -8 * TAIL]
            return bool(data)
        return True

    def ended(self) -> bool:
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def kill(self) -> None:
        """End it and all it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)  # before it had a group of its own
            self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        _reap_strays()

    def where(self) -> str:
        """The user's own frames that it was in when it ended."""
        self.stack.seek(0)
        return own_frames(self.stack.read().decode("utf-8", "replace"), frames.is_own, frames.short_path)

    def close(self) -> None:
        os.set_blocking(self.output, False)
        for _ in range(64):  # a pipe holds 64 KiB at most, in pieces of any size
            before = len(self.said)
            if not self.listen() or len(self.said) == before:
                break
        os.close(self.result)
        os.close(self.output)


def serve(source: int, sink: int) -> None:
    """Answer requests from ``source`` until it ends, one child at a time."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    decoder = wire.Decoder()
    queue: list[dict[str, Any]] = []
    while True:
        while not queue:
            data = os.read(source, 1 << 16)
            if not data:
                return
            queue += decoder.feed(data)
        request = queue.pop(0)
        with tempfile.TemporaryFile() as stack:
            child = _fork(request, source, sink, stack)
            try:
                wire.send(sink, {"id": request["id"], "pid": child.pid})
                result = _watch(child, source, decoder, queue)
            finally:
                child.kill()
                child.close()
            if result is None:
                return
            wire.send(sink, _finish(child, result))


def _finish(child: Child, result: dict[str, Any]) -> dict[str, Any]:
    """The answer, completed by what only the server knows."""
    said = tail(bytes(child.said))
    if "timeout" in result:
        error = timed_out(child.subject, result["timeout"], said, child.where())
        return {"id": child.request["id"], "error": error.to_json()}
    if "code" in result:
        return {
            "id": child.request["id"],
            "error": crash(child.subject, result["code"], said, child.where()).to_json(),
        }
    if "error" in result and said:
        result["error"]["data"]["output"] = said
    return result


def _watch(
    child: Child, source: int, decoder: wire.Decoder, queue: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """The child's answer, ``{"code": …}``, ``{"timeout": …}``, or None when nobody wants it any more."""
    seconds = float(child.request["timeout"])
    deadline = time.monotonic() + seconds
    ears = [child.result, child.output, source]
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            _ask_where(child)
            return {"timeout": seconds}
        ready, _, _ = select.select(ears, [], [], min(left, TICK))
        if child.output in ready and not child.listen():
            ears.remove(child.output)
        if child.result in ready:
            data = os.read(child.result, 1 << 20)
            for message in child.decoder.feed(data):
                return message
            if not data:
                ears.remove(child.result)
        if source in ready:
            data = os.read(source, 1 << 16)
            if not data:
                return None
            queue += decoder.feed(data)
        if child.result not in ready and child.ended():
            # It may have answered and ended since the look at the pipe: look once more.
            if child.result in ears and select.select([child.result], [], [], 0)[0]:
                continue
            assert child.code is not None
            return {"code": child.code}


def _ask_where(child: Child) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGUSR1)
        time.sleep(LAST_WORDS)


def _fork(request: dict[str, Any], source: int, sink: int, stack: IO[bytes]) -> Child:
    result, result_end = os.pipe()
    output, output_end = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            os.setsid()
            _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != server:
                os._exit(code)
            for end in (1, 2):
                os.dup2(output_end, end)
            for end in (result, output, output_end, source, sink):
                os.close(end)
            _answer_in_child(request, result_end, stack)
            code = 0
        finally:
            os._exit(code)
    os.close(result_end)
    os.close(output_end)
    return Child(request, pid, result, output, stack)


def _answer_in_child(request: dict[str, Any], end: int, stack: IO[bytes]) -> None:
    own = os.getpid()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # lines of a crashing process arrive
    faulthandler.enable(stack, all_threads=True)
    faulthandler.register(signal.SIGUSR1, stack, all_threads=True)
    found = answer.on_deep_stack(lambda: answer.answer(request))
    if os.getpid() == own:  # not a fork that the user's code made and forgot
        reset.flush()
        wire.send(end, found)


def _prctl(option: int, value: int) -> None:
    """Linux: die with the server; inherit the orphans of a child. Elsewhere the process group has to do."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _reap_strays() -> None:
    """End processes that left their group: as a subreaper this process has become their parent."""
    for _ in range(20):
        strays: list[int] = []
        for file in Path("/proc/self/task").glob("*/children"):
            with contextlib.suppress(OSError):
                strays += [int(text) for text in file.read_text().split()]
        for pid in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        if not strays:
            return
