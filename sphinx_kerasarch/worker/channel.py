"""The end of the pipe that answers go into, in a process whose code may close it or put another file in its place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from .. import wire
from ..errors import DescribeError
from ..wire.endings import CLOSED

# As they are before user code runs.
_fstat = os.fstat
_exit = os._exit


@dataclass(frozen=True, slots=True)
class Channel:
    end: int
    place: tuple[int, int]
    """Device and inode, by which the pipe is known again."""

    @classmethod
    def at(cls, end: int) -> Channel:
        status = _fstat(end)
        return cls(end, (status.st_dev, status.st_ino))

    def answer(self, message: dict[str, Any], subject: str) -> None:
        """Send an answer; one that is too long is told as an error. Ends the process where the pipe is gone."""
        try:
            data = wire.encode(message)
        except wire.FrameError as error:
            refused = DescribeError(
                f"The description of {subject} cannot be taken in: {error}.",
                advice="Are there names or configurations of many megabytes in it? Describe a part of the model.",
            )
            data = wire.encode({"id": message["id"], "error": refused.to_json()})
        try:
            status = _fstat(self.end)
            # A descriptor of a file that the code has opened since would take the answer as well.
            if (status.st_dev, status.st_ino) != self.place:
                _exit(CLOSED)
            wire.write(self.end, data)
        except OSError:
            _exit(CLOSED)
