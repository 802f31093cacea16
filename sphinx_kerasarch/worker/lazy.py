"""Variables without values: a weight is allocated by its first real read or write, and within a budget of bytes.

The public ``StatelessScope(initialize_variables=False)`` is entered only while a Variable is being constructed, so
compiling, fitting, stateful layers and code that reads its own weights go on working; they only pay for what they read.
Patches four members of ``keras.src.backend.Variable`` that have kept their names from Keras 3.0 to 3.15;
:func:`self_test` tells when that is over.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import BuildError
from ..spec.query import DTYPE_BITS
from . import compat

DEFAULT_BUDGET = 8 << 30
"""Bytes. Loading a real checkpoint is lawful; an accident of this size is not."""


@dataclass(slots=True)
class Ledger:
    """What was really allocated in this process."""

    active: bool = False
    """Whether new variables stay without values."""
    installed: bool = False
    refused: str = ""
    """Why no build of this process is to be lazy."""
    deferred: int = 0
    """Variables that were created without a value."""
    bytes: int = 0
    """Bytes of variables that were given one afterwards."""
    budget: int = DEFAULT_BUDGET


LEDGER = Ledger()
"""One for the process, because the patch is one for the process."""


def budget() -> int:
    """``KERASARCH_WEIGHT_BUDGET`` in bytes, or the default."""
    text = os.environ.get("KERASARCH_WEIGHT_BUDGET", "")
    return int(text) if text.isdigit() else DEFAULT_BUDGET


def _size(variable: Any) -> int:
    return size_of(variable._shape, str(variable._dtype))


def size_of(shape: Any, dtype: str) -> int:
    """Bytes of a weight."""
    return int(math.prod(shape)) * DTYPE_BITS.get(dtype, 32) // 8


def _spend(variable: Any) -> None:
    spend(_size(variable), str(variable.path), variable._shape)


def spend(size: int, path: str, shape: Any) -> None:
    """Note that a weight of ``size`` bytes is allocated. Raises BuildError beyond the budget."""
    LEDGER.bytes += size
    if LEDGER.bytes > LEDGER.budget:
        told = "×".join(str(axis) for axis in shape)
        raise BuildError(
            f"The factory reads the values of its weights, {LEDGER.bytes / 1e6:,.0f} MB so far; "
            f"the last was {path!r} ({told}).",
            advice="Build the architecture without loading, fitting or predicting, "
            f"or raise KERASARCH_WEIGHT_BUDGET above {LEDGER.budget:,} bytes.",
            data={"variable": path, "bytes": LEDGER.bytes, "budget": LEDGER.budget},
        )


def install() -> None:
    """Patch the Variable class, once. Nothing changes before ``LEDGER.active``."""
    if LEDGER.installed:
        return
    LEDGER.installed = True
    LEDGER.budget = budget()
    cls, in_stateless_scope, scope = (
        compat.variable_class(),
        compat.in_stateless_scope(),
        compat.keras().StatelessScope,
    )
    construct, initialize, assign = cls.__init__, cls._deferred_initialize, cls._direct_assign
    value = next(base.__dict__["value"] for base in cls.__mro__ if "value" in base.__dict__)
    busy: set[int] = set()

    def init(self: Any, initializer: Any, *args: Any, **kwargs: Any) -> None:
        # A literal value (``Variable(1.0)``) is small and cannot be made in a stateless scope.
        if (
            LEDGER.active
            and (callable(initializer) or isinstance(initializer, str))
            and not in_stateless_scope()
        ):
            with scope(initialize_variables=False):
                construct(self, initializer, *args, **kwargs)
            LEDGER.deferred += 1
        else:
            construct(self, initializer, *args, **kwargs)

    def materialize(self: Any) -> None:
        waiting = getattr(self, "_value", None) is None and self._initializer is not None
        if waiting and id(self) not in busy and not in_stateless_scope():
            _spend(self)
            busy.add(id(self))
            try:
                initialize(self)
            finally:
                busy.discard(id(self))

    def read(self: Any) -> Any:
        materialize(self)
        return value.fget(self)

    def write(self: Any, new: Any) -> Any:
        if compat.backend_name() == "numpy" and getattr(self, "_value", None) is None:
            _spend(self)  # the new value takes the place of the one that was never drawn
        else:
            materialize(self)
        return assign(self, new)

    cls.__init__ = init
    cls.value = property(read)
    cls._direct_assign = write
    # Keras initializes what is waiting when a stateless scope ends; here it goes on waiting.
    cls._deferred_initialize = lambda self: None
    compat.unmirror_torch()


def self_test() -> str:
    """Why lazy variables do not work with this Keras, or an empty text. Runs no operation of the backend."""
    if LEDGER.refused:
        return LEDGER.refused
    try:
        with lazy_variables():
            layer = compat.keras().layers.Dense(3, name="kerasarch_self_test")
            layer.build((None, 2))
        if getattr(layer.kernel, "_value", None) is not None:
            return "variables are allocated at once"
        if layer.count_params() != 9 or tuple(layer.kernel.shape) != (2, 3):
            return "variables without values have no shape"
    except Exception as error:  # whatever a future Keras does, the ordinary build still works
        return f"{type(error).__name__}: {error}"
    return ""


@contextmanager
def lazy_variables() -> Iterator[Ledger]:
    """Variables made inside have no values until they are read."""
    install()
    before, LEDGER.active = LEDGER.active, True
    try:
        yield LEDGER
    finally:
        LEDGER.active = before
