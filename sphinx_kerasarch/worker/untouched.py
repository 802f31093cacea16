"""Reading a model in a process that is not ours: whatever happens inside, its Keras and the model are as before.

To trace a subclassed model its ``call`` runs on symbolic tensors. That makes nodes on its layers, counts names, may
draw random numbers, set attributes and build layers that have no weights yet; all of it is taken back.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from . import compat, foreign, legacy

DEPTH = 3
"""Levels of nested containers of a layer that are compared."""
LONG = 10_000
"""Longer containers hold a user's data; what lies in them is not looked at."""

Undo = Callable[[], None]


@contextmanager
def untouched(model: Any) -> Iterator[None]:
    """Inside, ``model`` may be traced and described. Not for several threads with the same model at once."""
    undone: list[Undo] = [*_layers(model), _settings(), *_counters(), _random(), _dispatchers()]
    with ExitStack() as stack:
        for undo in undone:
            stack.callback(undo)
        stack.enter_context(_no_tensorflow())
        stack.enter_context(_no_nodes())
        token = compat.COUNTED.set(True)
        stack.callback(compat.COUNTED.reset, token)
        yield


# ---- the model ------------------------------------------------------------------------------------------------------


def _layers(model: Any) -> Iterator[Undo]:
    """Attributes of the model and of all layers in it, and the lists, sets and dicts among them."""
    found = list(model._flatten_layers(include_self=True, recursive=True))
    inner = [getattr(layer, "_functional", None) for layer in found]  # of a Sequential; it is not among its layers
    for owner in {id(one): one for one in (*found, *inner) if one is not None}.values():
        yield _held(vars(owner), DEPTH)
        if legacy.is_a(owner, "Layer"):
            yield _without_views(owner)


def _held(container: Any, depth: int) -> Undo:
    """What puts a container, and the containers in it, back."""
    base = _base(container)
    assert base is not None
    kept = base(container)
    inside: list[Undo] = []
    if depth and len(kept) <= LONG and base is not set:
        for value in kept.values() if base is dict else kept:
            if _base(value) is not None:
                inside.append(_held(value, depth - 1))
            elif type(value).__name__ == "Tracker":
                inside.append(_held(vars(value), 2))  # what Keras has noticed, and whether it may be more

    def undo() -> None:
        for more in inside:
            more()
        if base is set:
            if container != kept:
                set.clear(container)
                set.update(container, kept)
        elif base is list:
            if len(container) != len(kept) or any(a is not b for a, b in zip(container, kept, strict=True)):
                list.__setitem__(container, slice(None), kept)
        elif container.keys() != kept.keys() or any(container[key] is not value for key, value in kept.items()):
            dict.clear(container)
            dict.update(container, kept)

    return undo


def _base(value: Any) -> Any:
    """``list``, ``dict`` or ``set``: plain ones and those with which Keras notices what is put in."""
    kind = type(value)
    ours = kind.__module__ == "builtins" or kind.__module__.startswith(("keras.", "collections"))
    return next((base for base in (list, dict, set) if ours and base in kind.__mro__), None)


def _without_views(layer: Any) -> Undo:
    """Keras 2: what stands for its nodes and layers as those of Keras 3."""

    def undo() -> None:
        for made in (layer, *getattr(layer, "_inbound_nodes", ())):
            vars(made).pop(legacy.VIEW, None)

    return undo


@contextmanager
def _no_nodes() -> Iterator[None]:
    """Nodes made by this thread are taken off the operations that they hang on, wherever those are."""
    from keras.src.ops.node import Node

    construct, mine, made = Node.__init__, threading.get_ident(), []

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        construct(self, *args, **kwargs)
        if threading.get_ident() == mine:
            made.append(self)

    Node.__init__ = init
    try:
        yield
    finally:
        Node.__init__ = construct
        owners = {id(node.operation): node.operation for node in made}
        for node in made:
            for tensor in node.arguments.keras_tensors:
                if (source := tensor._keras_history[0]) is not None:
                    owners[id(source)] = source
        ours = {id(node) for node in made}
        for owner in owners.values():
            for nodes in (owner._inbound_nodes, owner._outbound_nodes):
                if any(id(node) in ours for node in nodes):
                    nodes[:] = [node for node in nodes if id(node) not in ours]


# ---- Keras and the backend ------------------------------------------------------------------------------------------


def _settings() -> Undo:
    """Counters of names and everything else that Keras remembers for this thread."""
    from keras.src.backend.common import global_state

    return _held(vars(global_state.GLOBAL_STATE_TRACKER), DEPTH)


def _counters() -> Iterator[Undo]:
    """Keras 2: counters of names, for each graph of TensorFlow."""
    counted = getattr(sys.modules.get(f"{legacy.PACKAGE}.src.backend"), "PER_GRAPH_OBJECT_NAME_UIDS", None)
    for counts in list(counted.values()) if counted is not None else ():
        yield _held(counts, 0)


def _random() -> Undo:
    undone: list[Undo] = []

    def keep(read: Callable[[], Any], write: Callable[[Any], Any]) -> None:
        state = read()
        undone.append(lambda: write(state))

    keep(random.getstate, random.setstate)
    if "numpy" in sys.modules:
        import numpy.random

        keep(numpy.random.get_state, numpy.random.set_state)
    if "torch" in sys.modules:
        import torch

        keep(torch.get_rng_state, torch.set_rng_state)
    if "tensorflow" in sys.modules:
        with suppress(ImportError, AttributeError):
            from tensorflow.python.eager.context import context

            own, name = vars(context()), "_rng"  # of the seeds of operations that have none
            if name in own:
                keep(own[name].getstate, own[name].setstate)
            else:
                undone.append(lambda: own.pop(name, None))

    def undo() -> None:
        for more in undone:
            more()

    return undo


def _dispatchers() -> Undo:
    """TensorFlow: who is asked about a function that is called on symbolic tensors."""
    if "tensorflow" not in sys.modules or compat.backend_name() != "tensorflow":
        return lambda: None
    from tensorflow.python.util import dispatch

    found = getattr(dispatch, "_GLOBAL_DISPATCHERS", None)
    if not isinstance(found, list):
        return lambda: None
    kept = list(found)

    def undo() -> None:
        if found != kept:
            found[:] = kept
            foreign._register.cache_clear()

    return undo


@contextmanager
def _no_tensorflow() -> Iterator[None]:
    """With another backend, ``get_config()`` asks whether TensorFlow is there and thereby imports it."""
    if "tensorflow" in sys.modules:
        yield
        return
    from keras.src.utils import module_utils

    lazy = module_utils.tensorflow
    kept = getattr(lazy, "_available", None)
    lazy._available = False
    try:
        yield
    finally:
        lazy._available = kept
