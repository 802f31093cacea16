"""The limit on memory, watched from outside: frameworks reserve far more than they use, so no limit of the system fits.

What counts is the resident memory of the process that builds a model, and of those that it has started. Pages that
it shares with the worker that it was forked from count as well: the number is the one that ``ps`` and ``top`` show.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

PERIOD = 0.05
"""Seconds between two looks. Memory is filled at one to two gigabytes a second."""

FAMILY = 5
"""At every so many looks the processes that were started count, which takes a search through all of the system's."""

LAST_WORDS = 0.5
"""Seconds at most for a process to write where it was: it ends when it has, as long as it has not come to handle the
signal itself; then it goes on taking memory."""

MEGABYTE = 1_000_000


@dataclass(slots=True)
class Watched:
    """A process with a limit."""

    pid: int
    over: bool = False
    """It was ended for it."""


class Watch:
    """A thread that ends processes which take more than ``limit`` megabytes. ``running`` tells which there are."""

    def __init__(self, limit: int, running: Callable[[], Iterable[Watched]]) -> None:
        self._limit = limit
        self._running = running
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="kerasarch-memory", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._enough.set()
        self._thread.join()

    def _watch(self) -> None:
        look = 0
        while not self._enough.wait(PERIOD):
            look += 1
            for one in self._running():
                if not one.over and resident(one.pid, family=look % FAMILY == 0) > self._limit * MEGABYTE:
                    one.over = True
                    end(one.pid)


def resident(pid: int, *, family: bool) -> int:
    """Bytes; 0 of a process that is not there. ``family``: with those that it has started."""
    import psutil

    try:
        process = psutil.Process(pid)
        own = [process, *(process.children(recursive=True) if family else ())]
        total = 0
        for one in own:
            with contextlib.suppress(psutil.Error):
                total += one.memory_info().rss
        return total
    except psutil.Error:
        return 0


def family_of(pid: int) -> list[int]:
    """The processes that one has started, and those that these have, as far as they are known to be theirs."""
    import psutil

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def end(pid: int) -> None:
    """End a process and its family; where the system can, it first writes down where it was."""
    family = family_of(pid)
    ask_where(pid)
    for one in (pid, *family):
        _send(one, getattr(signal, "SIGKILL", signal.SIGTERM))


ASKS = hasattr(signal, "SIGUSR1")
"""Whether the system has a way to ask a process that is busy."""


def ask_where(pid: int, patience: float = LAST_WORDS) -> None:
    """Let a process write down where it is, where the system can, and end. ``patience``: seconds to wait for that."""
    if not ASKS:
        return
    _send(pid, signal.SIGUSR1)
    until = time.monotonic() + patience
    while _runs(pid) and time.monotonic() < until:
        time.sleep(0.005)


def _runs(pid: int) -> bool:
    """Also when it is stopped; not when nobody has asked for its exit code yet."""
    import psutil

    try:
        return psutil.Process(pid).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.Error:
        return False


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)
