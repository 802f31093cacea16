"""One request → one answer: build, describe, record the inputs. Whatever the user's code does ends in a frame."""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..errors import BuildError, DescribeError, KerasarchError
from ..spec.codec import to_json
from ..spec.target import parse
from ..wire.record import KNOWN_BACKENDS, PLAIN
from . import compat, inputs, lazy, originals, shapes, symbolic
from .build import build, start
from .describe import describe
from .frames import own_traceback, reason

STACK = 512 << 20
"""Bytes. Keras walks a graph by recursion through C; the pages are only taken when they are used."""

RECURSION = 100_000


def prepare(path: list[str], tier: str = "") -> None:
    """Once, before the first request: import path and Keras, no user code, no operation of the backend.

    ``tier``: ``symbolic`` for a worker without a backend, ``plain`` for one that builds as Keras does by itself.
    """
    if tier == PLAIN:
        lazy.LEDGER.refused = "that was asked for"
    for entry in reversed(path):
        if entry not in sys.path:
            sys.path.insert(0, entry)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION))
    if backend := compat.choose_backend():
        os.environ["KERAS_BACKEND"] = backend
    gc.disable()  # nothing of an import is garbage
    try:
        if tier == "symbolic":
            symbolic.STATE.fault = symbolic.start()
        start()
        if tier == "symbolic":
            symbolic.STATE.fault = symbolic.STATE.fault or symbolic.install()
        elif tier != PLAIN:
            shapes.install()
    except KerasarchError:
        pass  # each request says it, with its own target
    except Exception as error:  # a broken installation: likewise
        print(reason(error), file=sys.stderr)
    inputs.prepare()
    originals.keep()
    gc.enable()
    # What is here stays: left alone by the collector, its pages stay shared with the children.
    gc.freeze()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The answer frame of a request frame."""
    if not symbolic.STATE.active:
        return _answer(request)
    if symbolic.STATE.fault:
        return symbolic.handing_on(request["id"], symbolic.STATE.fault)
    if request.get("weights"):
        return symbolic.handing_on(request["id"], "numbers of its weights are asked for")
    return symbolic.judged(_answer(request))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    recorder = inputs.Recorder()
    facts = None
    try:
        with recorder:
            if file := parse(request["target"], request["arguments"]).file:
                recorder.note(file)
            model, facts = build(
                request["target"],
                request["arguments"],
                request["input_shape"],
                request.get("open", ""),
                request.get("custom_objects", ""),
                bool(request.get("weights")),
            )
            if request.get("weights"):
                facts = replace(facts, values=True)
            spec = describe(model, facts)
        wanted = os.environ.get("KERAS_BACKEND", "")
        others = facts.tier != "symbolic" and wanted != facts.backend
        if others and wanted in KNOWN_BACKENDS and not request["backend"]:
            return {"id": request["id"], "backend": wanted}
        return {"id": request["id"], "spec": to_json(spec), "inputs": recorder.record(facts.backend)}
    except KerasarchError as error:
        return _failed(request, error)
    except BaseException as error:
        originals.restore()
        cls: type[KerasarchError] = DescribeError
        said = f"The model of {request['target']} was built but could not be read: {reason(error)}."
        own = own_traceback(error)
        advice = "Please report this with the factory."
        if own.count("\n"):  # frames of the user's: a property or a method of a class of theirs
            advice = "Code of your own raises it while the model is read: mend the class."
        if facts is None:  # KeyboardInterrupt and its like, which are not caught with the exceptions
            cls, said = BuildError, f"{request['target']} raises {reason(error)}."
            advice = "Mend the factory."
        data = {"exception": type(error).__name__}
        return _failed(request, cls(said, advice=advice, traceback=own, data=data))


def _failed(request: dict[str, Any], error: KerasarchError) -> dict[str, Any]:
    # The factory may have chosen another backend than the one that it met; with that one it may succeed.
    wanted = os.environ.get("KERAS_BACKEND", "")
    loaded = sys.modules.get("keras")
    if symbolic.STATE.active:
        return {"id": request["id"], "error": error.to_json()}
    if loaded is not None and wanted in KNOWN_BACKENDS and not request["backend"]:
        try:
            if compat.backend_name(loaded) != wanted:
                return {"id": request["id"], "backend": wanted}
        except AttributeError:
            pass  # Keras itself could not be imported
    return {"id": request["id"], "error": error.to_json()}


def on_deep_stack(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run ``work`` in a thread whose stack is deep enough for long models."""
    results: list[dict[str, Any]] = []
    threading.stack_size(STACK)
    thread = threading.Thread(target=lambda: results.append(work()), name="request")
    thread.start()
    threading.stack_size(0)
    thread.join()
    return results[0]
