"""Opened files and listed directories, by an audit hook: one for the process, because it cannot be taken away."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from . import ACTIVE, BUSY, quiet

if TYPE_CHECKING:
    from ..inputs import Recorder

Args = tuple[Any, ...]

_INSTALLED: list[bool] = []


def install() -> None:
    if not _INSTALLED:
        _INSTALLED.append(True)
        sys.addaudithook(_hook)


def _hook(event: str, args: Args) -> None:
    # By thread: several may open files at a time, and each one of them counts.
    told = EVENTS.get(event)
    if told is None or quiet():
        return
    BUSY.on = True
    try:
        told(ACTIVE[-1], args, sys._getframe(1))
    except (OSError, ValueError, TypeError, IndexError):
        pass  # a path that no file can have, or the current folder is gone: the caller will be told
    finally:
        BUSY.on = False


def _opened(recorder: Recorder, args: Args, frame: Any) -> None:
    path, mode, flags = args
    name = text_of(path)
    if not name:
        return
    if isinstance(mode, str):
        first, both = mode[:1], "+" in mode
        reads, writes = both or first == "r", both or first != "r"
        recorder.saw_open(name, frame, reads=reads, fresh=first in {"w", "x"}, writes=writes)
        return
    flags = int(flags or 0)
    writes = flags & (os.O_WRONLY | os.O_RDWR) != 0
    fresh = writes and bool(flags & (os.O_TRUNC | os.O_EXCL))
    recorder.saw_open(name, frame, reads=not flags & os.O_WRONLY, fresh=fresh, writes=writes)


def _database(recorder: Recorder, args: Args, frame: Any) -> None:
    """A path, or https://www.sqlite.org/uri.html: what says ``mode=ro`` has to be written so."""
    name = text_of(args[0])
    if name.startswith("file:") and not os.path.lexists(name):
        address, _, query = name.removeprefix("file:").partition("#")[0].partition("?")
        if "mode=memory" in query:
            return
        if address.startswith("//"):
            address = "/" + address[2:].partition("/")[2]
        name = os.fsdecode(unquote_to_bytes(address))
    if name and name != ":memory:":
        recorder.saw_open(name, frame)


def _library(recorder: Recorder, args: Args, frame: Any) -> None:
    name = text_of(args[0])
    if os.sep in name:  # others are looked for where the system has its libraries
        recorder.saw_open(name, frame)


def _listed(recorder: Recorder, args: Args, frame: Any) -> None:
    path = "." if args[0] is None else args[0]
    if isinstance(path, int):
        path = os.readlink(f"/proc/self/fd/{path}")  # noqa: PTH115
    if name := text_of(path):
        recorder.saw_listing(name, frame)


def _started(recorder: Recorder, args: Args, frame: Any) -> None:
    """Files on another program's command line; what else it reads is not seen."""
    program, words = args[0], args[1]
    folder = text_of(args[2]) if args[2] is not None else ""
    words = [words] if isinstance(words, str | bytes | os.PathLike) else words
    for word in (program, *words):
        name = text_of(word)
        if name and os.path.isfile(os.path.join(folder, name)):  # noqa: PTH113, PTH118
            recorder.saw_open(os.path.join(folder, name), frame)  # noqa: PTH118


def _made(recorder: Recorder, args: Args, frame: Any) -> None:
    if (name := text_of(args[0])) and not os.path.lexists(name):
        recorder.saw_made(name)


def _made_last(recorder: Recorder, args: Args, frame: Any) -> None:
    if name := text_of(args[1]):
        recorder.saw_made(name)


def _goes(recorder: Recorder, args: Args, frame: Any) -> None:
    if name := text_of(args[0]):
        recorder.saw_change(name)


def _renamed(recorder: Recorder, args: Args, frame: Any) -> None:
    _goes(recorder, args, frame)
    _made_last(recorder, args, frame)


def text_of(path: Any) -> str:
    """A path as text, "" for descriptors and for what is none."""
    return os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""


EVENTS: Mapping[str, Callable[[Recorder, Args, Any], None]] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "os.mkdir": _made,
    "os.link": _made_last,
    "os.symlink": _made_last,
    "os.rename": _renamed,
    "os.remove": _goes,
    "os.truncate": _goes,
    "sqlite3.connect": _database,
    "ctypes.dlopen": _library,
    "subprocess.Popen": _started,
}
"""https://docs.python.org/3/library/audit_events.html"""
