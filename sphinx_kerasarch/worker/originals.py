"""Functions of Python that the code of a model has put others in place of are put back before the model is read."""

from __future__ import annotations

import builtins
import importlib
from types import ModuleType
from typing import Any

MODULES = (
    "io", "json", "json.decoder", "json.encoder", "os", "pathlib", "posixpath", "ntpath", "re", "threading", "time"
)  # fmt: skip
"""Those that describing and answering use."""

_KEPT: list[tuple[dict[str, Any], tuple[tuple[str, Any], ...]]] = []
_NOWHERE = object()


def keep() -> None:
    """Note how they are: once, before any user code."""
    modules: list[ModuleType] = [builtins, *(importlib.import_module(name) for name in MODULES)]
    _KEPT[:] = [(vars(module), tuple(vars(module).items())) for module in modules]


def restore() -> None:
    """Put back what was replaced or deleted; what was added stays. Calls nothing that can have been replaced."""
    for names, kept in _KEPT:
        for name, value in kept:
            if names.get(name, _NOWHERE) is not value:
                names[name] = value
