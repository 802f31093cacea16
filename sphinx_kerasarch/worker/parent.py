"""Ends a worker whose parent is gone while it imports Keras or runs user code, and reads nothing of the pipe."""

from __future__ import annotations

import os
import select
import threading
from types import TracebackType


class Parent:
    """Watches the end that requests come from while it is entered. Where there is no ``poll`` it does nothing."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._thread: threading.Thread | None = None
        self._enough, self._end = -1, -1

    @property
    def watching(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def __enter__(self) -> Parent:
        if hasattr(select, "poll"):
            self._enough, self._end = os.pipe()
            self._thread = threading.Thread(target=self._watch, name="parent", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._thread is not None:
            os.close(self._end)
            self._thread.join()
            os.close(self._enough)

    def _watch(self) -> None:
        poll = select.poll()
        for end in (self._source, self._enough):
            poll.register(end, 0)  # nothing to read: only that the other end is closed
        if (self._source, select.POLLHUP) in poll.poll():
            os._exit(0)
