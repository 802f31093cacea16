"""Where modules are looked for."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from . import ACTIVE, native, quiet


class FirstFinder:
    """Stands first on ``sys.meta_path``: is asked for each module that is not loaded, and finds next to none."""

    @staticmethod
    def find_spec(name: str, path: Iterable[str] | None = None, target: Any = None) -> ModuleSpec | None:
        if not quiet():
            with contextlib.suppress(OSError):  # the current folder is gone
                ACTIVE[-1].saw_lookup(name, tuple(sys.path if path is None else path), sys._getframe(1))
        return _telling_when_loaded(name, path) if name in native.MODULES else None


def _telling_when_loaded(name: str, path: Iterable[str] | None) -> ModuleSpec | None:
    """A library that opens files in C is watched from its first import on."""
    spec = PathFinder.find_spec(name, None if path is None else list(path))
    if spec is None or spec.loader is None:
        return None
    load = spec.loader.exec_module

    def exec_module(module: ModuleType) -> None:
        load(module)
        native.install()

    spec.loader.exec_module = exec_module  # type: ignore[method-assign]
    return spec


def install() -> None:
    if FirstFinder not in sys.meta_path:
        sys.meta_path.insert(0, FirstFinder)
