"""What a process printed: its beginning and its end, in bounded memory however much it was."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TAIL = 4000
"""Characters of output that an error carries."""

HEAD = 800
"""Of them, those of the beginning when not all can be carried."""

KEPT_FIRST = 8 * HEAD
KEPT_LAST = 8 * TAIL
"""Bytes kept; colours and characters of several bytes go out later."""

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def clean(output: bytes) -> str:
    """Text without colours; of a line that overwrites itself, as a progress bar does, the last state."""
    text = ANSI.sub("", output.decode("utf-8", "replace")).replace("\r\n", "\n").replace("\0", "")
    return "\n".join(line.rpartition("\r")[2].rstrip() for line in text.split("\n")).strip("\n")


def tail(text: str, limit: int = TAIL) -> str:
    """The end of a text, beginning with a whole line."""
    if len(text) <= limit:
        return text
    text = text[-limit:]
    _, newline, rest = text.partition("\n")
    return rest if newline and rest.strip() else text


def head(text: str, limit: int = HEAD) -> str:
    """The beginning of a text, ending with a whole line."""
    if len(text) <= limit:
        return text
    whole, newline, _ = text[:limit].rpartition("\n")
    return whole if newline and whole.strip() else text[:limit]


@dataclass(slots=True)
class Said:
    """Takes what comes, keeps both ends of it."""

    first: bytearray = field(default_factory=bytearray)
    last: bytearray = field(default_factory=bytearray)
    lost: int = 0
    """Bytes between the two."""

    def add(self, data: bytes | bytearray) -> None:
        room = KEPT_FIRST - len(self.first)
        if room > 0:
            self.first += data[:room]
            data = data[room:]
        self.last += data
        more = len(self.last) - KEPT_LAST
        if more > 0:
            self.lost += more
            del self.last[:more]

    def raw(self) -> bytes:
        return bytes(self.first + self.last)

    def text(self) -> str:
        """At most :data:`TAIL` characters: all of it, or whole lines of both ends with a note of what is between."""
        if not self.lost:
            whole = clean(self.raw())
            if len(whole) <= TAIL:
                return whole
            begin, end = head(whole), tail(whole, TAIL - HEAD - 60)
            between = f"{len(whole) - len(begin) - len(end):,} characters"
        else:
            begin, end = head(clean(bytes(self.first))), tail(clean(bytes(self.last)), TAIL - HEAD - 60)
            count = len(self.first) + len(self.last) + self.lost
            between = f"in all {count:,} bytes"
        return f"{begin}\n[… {between} …]\n{end}"


def mark(number: int) -> bytes:
    """Stands in the output of a worker without children behind what was printed for a request."""
    return b"\0kerasarch %d\0" % number


MARK = re.compile(rb"\0kerasarch (\d+)\0")
LONGEST_MARK = 32
"""Bytes."""
