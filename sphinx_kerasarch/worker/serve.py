"""The request loop. Where the system can fork, each request gets a child of its own; else one after the other here."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
from collections.abc import Iterator
from typing import Any

from .. import wire
from ..wire.said import mark
from . import answer, fork, reset
from .channel import Channel
from .parent import Parent

LATER = 5.0
"""Seconds beyond a request's time."""


def serve(source: int, sink: int) -> None:
    """Read requests from ``source``, write answers to ``sink``, until ``source`` ends."""
    decoder = wire.Decoder()
    frames = messages(source, decoder)
    setting = next(frames, None)
    if setting is None:
        return
    # On macOS the system's own frameworks, which backends load, do not survive a fork.
    forking = bool(setting["fork"]) and hasattr(os, "fork") and sys.platform != "darwin"
    with Parent(source) as parent:
        answer.prepare(setting["path"], setting.get("tier", ""))
        wire.send(sink, {"ready": True, "fork": forking})
        if not forking:
            one_after_the_other(frames, sink)
            return
    assert not parent.watching  # no thread may run at a fork
    # Requests may have come in one piece with the setting.
    fork.serve(source, sink, int(setting["jobs"]), decoder)


def one_after_the_other(frames: Iterator[dict[str, Any]], sink: int) -> None:
    """All requests in this process, which is as it was before after each."""
    state, channel = reset.State.take(), Channel.at(sink)
    fork.adopt()
    own = fork.children()
    faulthandler.enable(all_threads=True)
    fork.end_when_asked(sys.stderr)
    for request in frames:
        wire.send(sink, {"id": request["id"], "pid": os.getpid()})
        # Says where it was, and ends this process also where nothing of Python can run any more. Where the parent can
        # ask where it was, it also knows better what else is to be ended, and comes before.
        later = 0.0 if os.name == "nt" else LATER
        faulthandler.dump_traceback_later(request["timeout"] + later, exit=True)
        found = answer.on_deep_stack(lambda asked=request: answer.answer(asked))  # type: ignore[misc]
        faulthandler.cancel_dump_traceback_later()
        fork.end_strays(own)
        with contextlib.suppress(OSError):  # then the channel is closed as well
            state.restore_output()
            os.write(2, mark(request["id"]))
        channel.answer(found, request["target"])
        state.restore()


def messages(source: int, decoder: wire.Decoder) -> Iterator[dict[str, Any]]:
    """Messages until the pipe ends."""
    while True:
        while (message := decoder.next()) is not None:
            yield message
        data = os.read(source, 1 << 16)
        if not data:
            return
        decoder.put(data)
