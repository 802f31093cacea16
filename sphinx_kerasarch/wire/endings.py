"""Errors for a worker process that did not answer; either end of the pipe may be the one that notices."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import Any

from ..errors import CrashError, TimeoutExceededError

TAIL = 4000
"""Characters of output that an error carries."""

TRACEBACK_LINES = 40

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


def tail(output: bytes) -> str:
    """The end of what a process printed, as text without colours, beginning with a whole line."""
    text = ANSI.sub("", output.decode("utf-8", "replace")).replace("\r\n", "\n").replace("\0", "")
    text = "\n".join(line.rpartition("\r")[2].rstrip() for line in text.split("\n")).strip("\n")
    if len(text) <= TAIL:
        return text
    text = text[-TAIL:]
    _, newline, rest = text.partition("\n")
    return rest if newline and rest.strip() else text


def name_of(number: int) -> str:
    """``SIGSEGV`` for 11."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def own_frames(stack: str, is_own: Callable[[str], bool], short: Callable[[str], str]) -> str:
    """The user's own frames of a stack as ``faulthandler`` writes it, in the order of a traceback, outermost first."""
    threads: list[list[str]] = []
    for line in stack.splitlines():
        found = re.match(r'  File "(.+)", line (\d+) in (.+)', line)
        if found is None:
            threads.append([])
        elif threads and is_own(found[1]):
            threads[-1].append(f'File "{short(found[1])}", line {found[2]}, in {found[3]}')
    longest = max(threads, key=len, default=[])
    return "\n".join(reversed(longest[:TRACEBACK_LINES]))


def crash(subject: str, code: int, output: str = "", traceback: str = "") -> CrashError:
    """``code``: exit code, or minus the number of the signal, as ``subprocess`` counts."""
    data: dict[str, Any] = {"output": output}
    advice = "Does it load a native library, or call os._exit? Try the factory in a plain Python."
    if code < 0:
        name = name_of(-code)
        data["signal"] = name
        how = f"was ended by {name}"
        if name == "SIGKILL":
            advice = "It may have run out of memory: build it with smaller arguments."
    else:
        data["code"] = code
        how = f"ended with exit code {code}"
    said = output.rstrip().splitlines()
    return CrashError(
        f"The process that built {subject} {how}.",
        advice=advice,
        traceback=traceback or "\n".join(said[-10:]),
        data=data,
    )


def timed_out(subject: str, seconds: float, output: str = "", traceback: str = "") -> TimeoutExceededError:
    return TimeoutExceededError(
        f"{subject} was not built within {seconds:g} s.",
        advice="Is there an endless loop, or training, or a download? Otherwise raise kerasarch_timeout.",
        traceback=traceback,
        data={"seconds": seconds, "output": output},
    )
