"""One file → one answer frame on standard output: the whole life of a process that needs no Keras."""

from __future__ import annotations

import json
import sys
from typing import Any

from ...errors import KerasarchError
from ...spec.codec import to_json
from .. import inputs


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The answer frame with ``complete``, empty when Keras has to be asked."""
    from .describe import describe

    recorder = inputs.Recorder()
    try:
        with recorder:
            recorder.note(request["target"])
            spec, complete = describe(request["target"])
    except KerasarchError as error:
        return {"error": error.to_json(), "complete": error.data.get("cause") != "unknown"}
    except ImportError:  # h5py
        return {}
    return {"spec": to_json(spec), "inputs": recorder.record(""), "complete": complete}


def main() -> None:
    found = answer(json.load(sys.stdin))
    sys.stdout.buffer.write(json.dumps(found).encode())
    sys.stdout.flush()
