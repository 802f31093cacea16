"""Starting the worker process, with a channel of its own beside standard output."""

from __future__ import annotations

import os
import subprocess


def posix(command: list[str], output: int, env: dict[str, str]) -> tuple[subprocess.Popen[bytes], int, int]:
    """The process, the end to write requests to, the end to read answers from."""
    their_source, sink = _pipe()
    source, their_sink = _pipe()
    try:
        process = subprocess.Popen(
            [*command, str(their_source), str(their_sink)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            pass_fds=(their_source, their_sink),
            start_new_session=True,
        )
    except OSError:
        os.close(sink)
        os.close(source)
        raise
    finally:
        os.close(their_source)
        os.close(their_sink)
    return process, sink, source


def _pipe() -> tuple[int, int]:
    """Both ends above the numbers of standard streams: where these are closed here, in the child they are taken."""
    source, sink = os.pipe()
    return _above(source), _above(sink)


def _above(end: int) -> int:
    if end > STREAMS:
        return end
    import fcntl

    try:
        return fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, STREAMS + 1)
    finally:
        os.close(end)


STREAMS = 2
"""The largest number of a standard stream."""


def elsewhere(command: list[str], output: int, env: dict[str, str]) -> tuple[subprocess.Popen[bytes], int, int]:
    """Without inheritable descriptors: stdin and stdout, which the worker moves away from user code."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, env=env)
    assert process.stdin is not None and process.stdout is not None
    sink, source = os.dup(process.stdin.fileno()), os.dup(process.stdout.fileno())
    process.stdin.close()
    process.stdout.close()
    return process, sink, source
