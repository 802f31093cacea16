"""What a worker process prints, read as it comes: neither memory nor disk can be filled by it."""

from __future__ import annotations

import os
import threading

from ..wire.said import LONGEST_MARK, MARK, Said

MARKED = 5.0
"""Seconds to wait for what was printed for a request; its end is marked, so that this is only the worst."""

PATIENCE = 2.0
"""Seconds to wait for the end of the pipe, which a process that was left behind may hold open."""

CLOSING = 0.5
"""Seconds to wait for that where nobody asks any more what was printed."""


class Output:
    """Takes over the reading end of a pipe. One thread; the rest may be asked from any."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._change = threading.Condition()
        self._now = Said()
        self._ended = False
        self._told: dict[int, Said] = {}
        self._thread = threading.Thread(target=self._read, name="kerasarch-output", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        rest = b""
        try:
            while data := os.read(self._source, 1 << 16):
                rest = self._take(rest + data)
        except OSError:
            pass
        finally:
            os.close(self._source)
            with self._change:
                self._now.add(rest)
                self._ended = True
                self._change.notify_all()

    def _take(self, data: bytes) -> bytes:
        """Keep what has come, apart for each request; what may be the beginning of a mark is given back."""
        with self._change:
            while (found := MARK.search(data)) is not None:
                self._now.add(data[: found.start()])
                self._told[int(found[1])], self._now = self._now, Said()
                data = data[found.end() :]
                self._change.notify_all()
            begin = data.find(b"\0", max(0, len(data) - LONGEST_MARK))
            begin = len(data) if begin < 0 else begin
            self._now.add(data[:begin])
            return data[begin:]

    def of(self, number: int) -> Said:
        """What was printed for a request that has been answered."""
        with self._change:
            self._change.wait_for(lambda: number in self._told or self._ended, MARKED)
            return self._told.pop(number, self._now)

    def last(self) -> Said:
        """What was printed since the last answer, by a process that has ended or is about to be."""
        with self._change:
            self._change.wait_for(lambda: self._ended, PATIENCE)
            return self._now

    def forget(self, number: int) -> None:
        with self._change:
            self._told.pop(number, None)

    def close(self) -> None:
        """Wait for the end of the pipe; somebody who was not found may hold it open."""
        self._thread.join(CLOSING)
