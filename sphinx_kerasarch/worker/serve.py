"""The request loop. Where the system can fork, each request gets a child of its own; else one after the other here."""

from __future__ import annotations

import faulthandler
import os
import sys
from collections.abc import Iterator
from typing import Any

from .. import wire
from . import answer, fork, reset


def serve(source: int, sink: int) -> None:
    """Read requests from ``source``, write answers to ``sink``, until ``source`` ends."""
    decoder = wire.Decoder()
    frames = messages(source, decoder)
    setting = next(frames, None)
    if setting is None:
        return
    # On macOS the system's own frameworks, which backends load, do not survive a fork.
    forking = bool(setting["fork"]) and hasattr(os, "fork") and sys.platform != "darwin"
    answer.prepare(setting["path"], setting.get("tier", ""))
    wire.send(sink, {"ready": True, "fork": forking})
    if forking:
        # Requests may have come in one piece with the setting.
        fork.serve(source, sink, int(setting["jobs"]), decoder)
        return
    state = reset.State.take()
    faulthandler.enable(all_threads=True)
    for request in frames:
        wire.send(sink, {"id": request["id"], "pid": 0, "begin": printed()})
        # A second before the parent ends this process: where it was.
        faulthandler.dump_traceback_later(request["timeout"])
        found = answer.on_deep_stack(lambda asked=request: answer.answer(asked))  # type: ignore[misc]
        faulthandler.cancel_dump_traceback_later()
        reset.flush()
        wire.send(sink, found)
        state.restore()


def printed() -> int:
    """Bytes that have been written to the standard output, a file."""
    return os.fstat(1).st_size


def messages(source: int, decoder: wire.Decoder) -> Iterator[dict[str, Any]]:
    """Messages until the pipe ends."""
    while True:
        while (message := decoder.next()) is not None:
            yield message
        data = os.read(source, 1 << 16)
        if not data:
            return
        decoder.put(data)
