"""Saved models are asked of a short-lived process that reads the file without Keras."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import KerasarchError, TimeoutExceededError
from ..spec.target import parse
from ..wire.question import Request
from ..wire.record import PACKAGE, environment

SUFFIXES = (".keras", ".h5", ".hdf5")
LIMIT = 60.0
"""Seconds. A file of any size takes less than one; a network drive may think about it."""


def file_of(request: Request) -> str:
    """The saved model that a request names, empty for any other target and for a file that is not there."""
    try:
        file = parse(request.target, request.arguments).file
    except KerasarchError:
        return ""  # told by the worker, with the other errors of targets
    known = file.lower().endswith(SUFFIXES) and Path(file).is_file()
    return file if known or (file and (Path(file) / "saved_model.pb").is_file()) else ""


def read(request: Request, python: str, env: Mapping[str, str]) -> dict[str, Any] | None:
    """The answer frame, with ``complete`` false when Keras may know more; None when Keras has to be asked.

    That is so when shapes were given, which only Keras can build a model for, or when the interpreter lacks h5py. A
    file that is read without end is an error: Keras would read it with the same library.
    """
    file = file_of(request)
    if not file or request.input_shape.strip():
        return None
    try:
        done = subprocess.run(
            [python, str(PACKAGE / "worker" / "__main__.py"), "file"],
            input=json.dumps({"target": file}).encode(),
            env=environment(env, request.backend),
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"error": _endless(file).to_json(), "complete": True}
    except (OSError, ValueError):
        return None
    asks = request.open.strip() or request.custom_objects.strip()
    if answer and "spec" in answer and asks and not Path(file).is_dir():
        answer["complete"] = False  # Keras opens layers and knows what to do with classes
    return answer or None


def _endless(file: str) -> TimeoutExceededError:
    return TimeoutExceededError(
        f"{Path(file).name} was not read within {LIMIT:g} s.",
        advice="Is it damaged? Save the model anew. Does it lie on a slow drive? Copy it.",
        data={"seconds": LIMIT},
    )


def instead(read: dict[str, Any], request: Request, answer: dict[str, Any]) -> dict[str, Any]:
    """What was read without Keras, in place of an ``answer`` of Keras that is no better; says so if more was asked."""
    if "spec" not in read or not request.open.strip():
        return read
    why = answer.get("error", {}).get("message", "Keras is not there.")
    note = {"slug": "file", "subject": "", "message": f"The file was read without Keras. {why}"}
    spec = read["spec"]
    return {**read, "spec": {**spec, "notes": [*spec["notes"], note]}}
