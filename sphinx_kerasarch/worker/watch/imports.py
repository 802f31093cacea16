"""Where modules are looked for, and distributions."""

from __future__ import annotations

import contextlib
import errno
import functools
import sys
from collections.abc import Iterable
from importlib.machinery import BYTECODE_SUFFIXES, ModuleSpec, PathFinder, SourceFileLoader
from importlib.metadata import Distribution
from types import ModuleType
from typing import Any

from ..project import is_project
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
    if SourceFileLoader.get_data is not _get_data:
        SourceFileLoader.get_data = _get_data  # type: ignore[assignment, method-assign]
        Distribution.from_name = classmethod(_telling_name(Distribution.from_name))  # type: ignore[assignment]


_GET_DATA = SourceFileLoader.get_data
_FLAGS = slice(4, 8)
"""Of bytecode: zeros where it tells the time and the size of its source (PEP 552)."""


def _get_data(self: SourceFileLoader, path: str) -> bytes:
    """Bytecode of the project that tells time and size of its source is not there: Python would trust these.

    Both are the same after two changes within a second, or in a checkout that gives all files one time. What is
    recorded of a project's module is its source, and so that is what must have been run. Bytecode that tells the
    digest of its source, or that none shall be looked at, is taken as ever.
    """
    data = _GET_DATA(self, path)
    if path.endswith(tuple(BYTECODE_SUFFIXES)) and not any(data[_FLAGS]) and is_project(path):
        raise FileNotFoundError(errno.ENOENT, "Bytecode that is trusted by the time of its source", path)
    return data


def _telling_name(original: Any) -> Any:
    """``Distribution.from_name``, telling of what is looked for, which may not be there."""

    @functools.wraps(original.__func__)
    def from_name(cls: type[Distribution], name: str) -> Distribution:
        if not quiet() and isinstance(name, str) and name:
            ACTIVE[-1].saw_distribution(name, sys._getframe(1))
        found: Distribution = original.__func__(cls, name)
        return found

    return from_name
