"""Errors for a worker process that did not answer; either end of the pipe may be the one that notices."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import Any

from ..errors import CrashError, MemoryExceededError, TimeoutExceededError

TRACEBACK_LINES = 40

CLOSED = 243
"""Exit code of a process that can no longer answer."""


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


STACKS = re.compile(
    r"(?m)^(?:Timeout \(\d+:\d+:\d+.*\)!|(?:Current thread|Thread) 0x\w+.*|Fatal Python error: .*|Extension modules: .*"
    r'|  File ".+", line \d+ in .+|  \.\.\.|  <no Python frame>)\n*'
)


def without_stacks(text: str) -> str:
    """What a process printed, without what ``faulthandler`` wrote between."""
    return STACKS.sub("", text + "\n").strip("\n")


def crash(subject: str, code: int, output: str = "", traceback: str = "") -> CrashError:
    """``code``: exit code, or minus the number of the signal, as ``subprocess`` counts."""
    if code == CLOSED:
        return closed(subject, output, traceback)
    data: dict[str, Any] = {"output": output}
    advice = "Does it load a native library, or call os._exit? Try the factory in a plain Python."
    if code < 0:
        name = name_of(-code)
        data["signal"] = name
        how = f"was ended by {name}"
        if name == "SIGKILL":
            advice = "Memory may have run out: build it with smaller arguments. kerasarch_memory (--memory) limits it."
    else:
        data["code"] = code
        how = f"ended with exit code {code}"
    return CrashError(f"The process that built {subject} {how}.", advice=advice, traceback=traceback, data=data)


def closed(subject: str, output: str = "", traceback: str = "") -> CrashError:
    """The process is there, its end of the channel is not."""
    return CrashError(
        f"The process that built {subject} closed the channel by which it answers.",
        advice="Does it close what is not its own (os.close, os.closerange), or become another program (os.exec)?",
        traceback=traceback,
        data={"output": output},
    )


def garbled(subject: str, output: str = "", traceback: str = "") -> CrashError:
    """Something else than an answer came through the channel."""
    return CrashError(
        f"The process that built {subject} wrote to the channel by which it answers.",
        advice="Does it write to file descriptors that are not its own (os.write)?",
        traceback=traceback,
        data={"output": output},
    )


def out_of_memory(subject: str, limit: int, output: str = "", traceback: str = "") -> MemoryExceededError:
    """``limit``: megabytes."""
    return MemoryExceededError(
        f"{subject} takes more than {limit} MB of memory.",
        advice="Build it without data, or with smaller arguments; otherwise raise kerasarch_memory (--memory).",
        traceback=traceback,
        data={"limit": limit, "output": output},
    )


def timed_out(subject: str, seconds: float, output: str = "", traceback: str = "") -> TimeoutExceededError:
    return TimeoutExceededError(
        f"{subject} was not built within {seconds:g} s.",
        advice="Is there an endless loop, or training, or a download? Otherwise raise kerasarch_timeout (--timeout).",
        traceback=traceback,
        data={"seconds": seconds, "output": output},
    )
