"""The wire format of Protocol Buffers and the tables of LevelDB, as far as a SavedModel needs them.

https://protobuf.dev/programming-guides/encoding and tensorflow/core/lib/io/format.cc. Nothing is copied that is not
asked for: a graph of a gigabyte is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator

Value = int | memoryview


class MalformedError(ValueError):
    """The bytes are not what they should be."""


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """(number, place after it)."""
    result = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise MalformedError(f"a number breaks off at byte {at}")
        byte = data[at]
        result |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return result & (1 << 64) - 1, at
        shift += 7


def fields(data: memoryview) -> Iterator[tuple[int, Value]]:
    """(number, value) of each field of a message: an integer, or bytes. Raises MalformedError."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        value: Value
        if number == 0:
            raise MalformedError(f"there is no message at byte {at}")
        if kind == 0:
            value, at = _varint(data, at)
        elif kind in {1, 2, 5}:
            size, at = (8, at) if kind == 1 else (4, at) if kind == 5 else _varint(data, at)
            if at + size > len(data):
                raise MalformedError(f"a message of {size:,} bytes breaks off after {len(data) - at:,}")
            value, at = data[at : at + size], at + size
        else:
            raise MalformedError(f"byte {at} begins nothing known")
        yield number, value


class Message:
    """A message with its fields by number."""

    def __init__(self, data: memoryview) -> None:
        self._found: dict[int, list[Value]] = {}
        for number, value in fields(data):
            self._found.setdefault(number, []).append(value)

    def __contains__(self, number: int) -> bool:
        return number in self._found

    def bytes(self, number: int) -> list[memoryview]:
        """All values of a repeated field. Raises MalformedError when they are numbers."""
        found = [value for value in self._found.get(number, ()) if isinstance(value, memoryview)]
        if len(found) != len(self._found.get(number, ())):
            raise MalformedError(f"field {number} is no message")
        return found

    def messages(self, number: int) -> Iterator[Message]:
        return (Message(value) for value in self.bytes(number))

    def message(self, number: int) -> Message:
        """The last one, as Protocol Buffers have it; an empty one when there is none."""
        found = self.bytes(number)
        return Message(found[-1] if found else memoryview(b""))

    def text(self, number: int) -> str:
        found = self.bytes(number)
        return str(found[-1], "utf-8", "replace") if found else ""

    def number(self, number: int) -> int:
        """A signed integer; 0 when there is none."""
        value = self._found.get(number, [0])[-1]
        if isinstance(value, memoryview):
            raise MalformedError(f"field {number} is no number")
        return value - (1 << 64) if value >> 63 else value


# ---- tables ---------------------------------------------------------------------------------------------------------

FOOTER = 48
MAGIC = bytes.fromhex("57fb808b247547db")


def entries(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Keys and values of a table without compression. Raises MalformedError."""
    if len(data) < FOOTER or bytes(data[-8:]) != MAGIC:
        raise MalformedError("it is no table, or its end is missing")
    footer = data[-FOOTER:]
    _, at = _handle(footer, 0)
    index, _ = _handle(footer, at)
    for _, place in _block(data, index):
        yield from _block(data, _handle(place, 0)[0])


Handle = tuple[int, int]


def _handle(data: memoryview, at: int) -> tuple[Handle, int]:
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return (offset, size), at


def _block(data: memoryview, handle: Handle) -> Iterator[tuple[bytes, memoryview]]:
    offset, size = handle
    if offset + size + 1 > len(data) or size < 4:
        raise MalformedError("a block lies outside of the table")
    if data[offset + size]:
        raise MalformedError("a block is compressed")
    block = data[offset : offset + size]
    restarts = int.from_bytes(block[-4:], "little")
    end = size - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        rest, at = _varint(block, at)
        length, at = _varint(block, at)
        if shared > len(key) or at + rest + length > end:
            raise MalformedError("an entry lies outside of its block")
        key = key[:shared] + bytes(block[at : at + rest])
        yield key, block[at + rest : at + rest + length]
        at += rest + length
