"""A fork for each request, several at a time: imports are shared, and no model reaches the next or this process.

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
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from .. import wire
from ..wire.endings import closed, crash, garbled, own_frames, timed_out
from ..wire.said import Said
from . import answer, frames, reset
from .channel import Channel

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

TICK = 0.25
"""Seconds between looks at a child whose pipe is held open by a process of its own."""

LAST_WORDS = 2.0
"""Seconds at most for a child to write where it was: it ends when it has. One that is stopped never does."""

ENDING = 1.0
"""Seconds between the end of a child's pipe and its own; longer if it has closed the pipe and goes on."""

STACK = 1 << 20
"""Bytes at the end of a file for faulthandler that are read; a stack of all threads has some thousands."""


@dataclass(slots=True)
class Child:
    """A running request, seen from the server."""

    request: dict[str, Any]
    pid: int
    result: int
    output: int
    stack: IO[bytes]
    """File for faulthandler."""
    said: Said = field(default_factory=Said)
    """What it printed."""
    decoder: wire.Decoder = field(default_factory=wire.Decoder)
    code: int | None = None
    """As in subprocess, once it has ended."""
    ears: list[int] = field(default_factory=list)
    """Those of its ends that have not come to their end."""
    deadline: float = 0.0
    """By the monotonic clock."""
    silent: bool = False
    """It has closed the pipe for its answer."""
    late: dict[str, Any] | None = None
    """What becomes of it, once it has been asked where it is: its time is over."""

    @property
    def ends(self) -> tuple[int, int, int]:
        """Descriptors that its siblings must not keep open."""
        return (self.result, self.output, self.stack.fileno())

    @property
    def subject(self) -> str:
        return str(self.request["target"])

    def listen(self) -> bool:
        """Read what it printed; False at the end."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.output, 1 << 20)
            self.said.add(data)
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

    def where(self) -> str:
        """The user's own frames that it was in when it ended."""
        self.stack.seek(max(0, self.stack.seek(0, os.SEEK_END) - STACK))
        return own_frames(self.stack.read().decode("utf-8", "replace"), frames.is_own, frames.short_path)

    def listen_out(self) -> None:
        """Read what is left of what it printed."""
        os.set_blocking(self.output, False)
        with contextlib.suppress(BlockingIOError):
            for _ in range(64):  # a pipe holds 64 KiB at most, in pieces of any size
                data = os.read(self.output, 1 << 20)
                if not data:
                    break
                self.said.add(data)

    def close(self) -> None:
        os.close(self.result)
        os.close(self.output)
        self.stack.close()


def serve(source: int, sink: int, limit: int, decoder: wire.Decoder) -> None:
    """Answer requests from ``source`` until it ends, at most ``limit`` at the same time.

    ``decoder`` holds what has been read already.
    """
    adopt()
    queue = decoder.feed()
    running: list[Child] = []
    try:
        while True:
            while queue and len(running) < limit:
                running.append(_start(queue.pop(0), source, sink, running))
            ready = _listen(source, running)
            if source in ready:
                data = os.read(source, 1 << 16)
                if not data:  # nobody wants the answers any more
                    return
                queue += decoder.feed(data)
            for child in list(running):
                result = _look(child, ready)
                if result is not None:
                    running.remove(child)
                    child.kill()
                    if not running:
                        end_strays()
                    wire.send(sink, _finish(child, result))
                    child.close()
    finally:
        for child in running:
            child.kill()
        end_strays()


def _start(request: dict[str, Any], source: int, sink: int, running: list[Child]) -> Child:
    stack = _scratch()
    foreign = [source, sink, *(end for child in running for end in child.ends)]
    child = _fork(request, foreign, stack)
    wire.send(sink, {"id": request["id"], "pid": child.pid})
    return child


def _scratch() -> IO[bytes]:
    """A file as long as its child. In memory where that can be: user code may remove the folder for temporary files."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("kerasarch"), "w+b")
    return tempfile.TemporaryFile()


def _listen(source: int, running: list[Child]) -> list[int]:
    """The ends that have something to say, or none after a while."""
    ears = [source]
    wait = None
    for child in running:
        ears += child.ears
        wait = min(TICK if wait is None else wait, max(0.0, child.deadline - time.monotonic()))
    return select.select(ears, [], [], wait)[0]


def _finish(child: Child, result: dict[str, Any]) -> dict[str, Any]:
    """The answer, completed by what only the server knows."""
    child.listen_out()
    said = child.said.text()
    if "fault" in result:
        error = {"closed": closed, "garbled": garbled}[result["fault"]](child.subject, said, child.where())
        return {"id": child.request["id"], "error": error.to_json()}
    if "timeout" in result:
        late = timed_out(child.subject, result["timeout"], said, child.where())
        return {"id": child.request["id"], "error": late.to_json()}
    if "code" in result:
        return {
            "id": child.request["id"],
            "error": crash(child.subject, result["code"], said, child.where()).to_json(),
        }
    if "error" in result and said:
        result["error"]["data"]["output"] = said
    return result


def _look(child: Child, ready: list[int]) -> dict[str, Any] | None:
    """The child's answer, how it ended or that its time is over; None while it is at work."""
    if child.output in ready and child.output in child.ears and not child.listen():
        child.ears.remove(child.output)
    if child.result in ready:
        found = _heard(child)
        if found is not None:
            return found
    elif child.ended():
        # It may have answered and ended since the look at the pipe: look once more.
        return None if _has_more(child) else _ending(child)
    return None if time.monotonic() < child.deadline else _late(child)


def _heard(child: Child) -> dict[str, Any] | None:
    """What has come through the pipe for its answer, once that is something whole."""
    data = os.read(child.result, 1 << 20)
    try:
        for message in child.decoder.feed(data):
            return message
    except wire.FrameError:
        return {"fault": "garbled"}
    if not data:
        child.ears.remove(child.result)
        child.silent, child.deadline = True, min(child.deadline, time.monotonic() + ENDING)
    return None


def _ending(child: Child) -> dict[str, Any]:
    """What the end of a child means that has not answered."""
    assert child.code is not None
    if child.late is not None and ("timeout" in child.late or child.code == -signal.SIGUSR1):
        return child.late
    return {"code": child.code}


def _late(child: Child) -> dict[str, Any] | None:
    """None at first, when it is asked where it is."""
    if child.late is not None:
        return child.late
    if not _has_more(child):  # else the answer came while this process was kept from looking
        child.late = {"fault": "closed"} if child.silent else {"timeout": float(child.request["timeout"])}
        _ask_where(child)
    return None


def _has_more(child: Child) -> bool:
    """Whether there is something in the pipe for its answer."""
    return child.result in child.ears and bool(select.select([child.result], [], [], 0)[0])


def _ask_where(child: Child) -> None:
    """Its siblings are listened to in the meantime."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGUSR1)
    child.deadline = time.monotonic() + LAST_WORDS


def _fork(request: dict[str, Any], foreign: list[int], stack: IO[bytes]) -> Child:
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
            for end in (result, output, output_end, *foreign):
                os.close(end)
            _answer_in_child(request, result_end, stack)
            code = 0
        finally:
            os._exit(code)
    os.close(result_end)
    os.close(output_end)
    deadline = time.monotonic() + float(request["timeout"])
    return Child(request, pid, result, output, stack, ears=[result, output], deadline=deadline)


def _answer_in_child(request: dict[str, Any], end: int, stack: IO[bytes]) -> None:
    own = os.getpid()
    channel = Channel.at(end)
    _go_first()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # lines of a crashing process arrive
    faulthandler.enable(stack, all_threads=True)
    end_when_asked(stack)
    found = answer.on_deep_stack(lambda: answer.answer(request))
    if os.getpid() == own:  # not a fork that the user's code made and forgot
        reset.flush()
        channel.answer(found, request["target"])


def end_when_asked(stack: IO[Any]) -> None:
    """Where the system can: at SIGUSR1 this process writes down where it is, and ends, by which one sees that it has.

    As long as user code does not handle the signal itself.
    """
    if hasattr(faulthandler, "register"):  # not on Windows
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)  # which "chain" leaves it to; it may have been ignored
        faulthandler.register(signal.SIGUSR1, stack, all_threads=True, chain=True)


def _go_first() -> None:
    """Linux: where the memory of the machine is used up, this process is ended rather than any other."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def _prctl(option: int, value: int) -> None:
    """Linux: die with the server; inherit the orphans of a child. Elsewhere the process group has to do."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def adopt() -> None:
    """Linux: whom user code has started becomes a child of this process, when it loses its parent."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def children() -> set[int]:
    """Processes whose parent this one is, as far as the system tells."""
    found: set[int] = set()
    for file in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found |= {int(text) for text in file.read_text().split()}
    return found


def end_strays(own: Collection[int] = ()) -> None:
    """End processes that left their group: as a subreaper this process has become their parent.

    Only while no child is at work, for there is no telling whose they are. ``own``: those that are to stay.
    """
    for _ in range(20):
        strays = children().difference(own)
        for pid in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        if not strays:
            return
