"""What parent and worker exchange: frames of JSON over pipes of their own, never over stdout.

A frame is four bytes of length (unsigned, big-endian) and as many bytes of UTF-8 JSON, always an object.
"""

from __future__ import annotations

import json
import os
import struct
from typing import Any

HEAD = struct.Struct(">I")
LIMIT = 1 << 27
"""Bytes. A longer frame is not ours: something else has written to the pipe."""


class FrameError(Exception):
    """What came through the pipe is not a frame."""


# The code of a model may put its own in place of what is called here by name.
_encode = json.JSONEncoder(separators=(",", ":")).encode
_write = os.write


def encode(message: dict[str, Any]) -> bytes:
    """The frame of a message. Raises FrameError for one that is too long, ValueError for one that is not JSON."""
    # Escaped, because names in user code may hold lone surrogates, which UTF-8 cannot say.
    data = _encode(message).encode("ascii")
    if len(data) > LIMIT:
        raise FrameError(f"a message of {len(data) >> 20} MB is too long")
    return HEAD.pack(len(data)) + data


def send(fd: int, message: dict[str, Any]) -> None:
    """Write a whole frame. Raises OSError when the other end is gone."""
    write(fd, encode(message))


def write(fd: int, frame: bytes) -> None:
    """Write a frame that has been encoded."""
    data = memoryview(frame)
    while data:
        data = data[_write(fd, data) :]


class Decoder:
    """Bytes in, messages out; bytes may come in any pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def put(self, data: bytes) -> None:
        """Keep ``data`` for :meth:`next`."""
        self._buffer += data

    def next(self) -> dict[str, Any] | None:
        """The next message, None when it is not complete. Raises FrameError."""
        if len(self._buffer) < HEAD.size:
            return None
        (length,) = HEAD.unpack_from(self._buffer)
        if length > LIMIT:
            raise FrameError(f"a frame of {length:,} bytes is announced")
        if len(self._buffer) < HEAD.size + length:
            return None
        body = bytes(self._buffer[HEAD.size : HEAD.size + length])
        del self._buffer[: HEAD.size + length]
        return _message(body)

    def feed(self, data: bytes = b"") -> list[dict[str, Any]]:
        """The messages that are complete now. Raises FrameError."""
        self.put(data)
        messages = []
        while (message := self.next()) is not None:
            messages.append(message)
        return messages


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise FrameError(f"a frame is not JSON: {error}") from None
    if not isinstance(message, dict):
        raise FrameError("a frame is not an object")
    return message
