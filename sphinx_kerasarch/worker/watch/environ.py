"""Environment variables that code reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from . import ACTIVE


class Watched(type(os.environ)):  # type: ignore[misc]  # the class of os.environ is private
    """``os.environ`` that tells which variables a model's code reads."""

    def __getitem__(self, key: Any) -> Any:
        try:
            value = super().__getitem__(key)
        except KeyError:
            _read(key, None)
            raise
        _read(key, value)
        return value

    def __contains__(self, key: object) -> bool:
        try:
            self[key]
        except (KeyError, TypeError):
            return False
        return True

    def __iter__(self) -> Iterator[Any]:
        names = list(super().__iter__())
        if ACTIVE:
            ACTIVE[-1].saw_all_variables(map(os.fsdecode, names), sys._getframe(1))
        return iter(names)

    def __setitem__(self, key: Any, value: Any) -> None:
        _own(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: Any) -> None:
        _own(key)
        super().__delitem__(key)


def install() -> None:
    os.environ.__class__ = Watched
    if hasattr(os, "environb"):
        os.environb.__class__ = Watched


def _read(key: Any, value: Any) -> None:
    if ACTIVE and isinstance(key, str | bytes):
        told = None if value is None else os.fsdecode(value)
        ACTIVE[-1].saw_variable(os.fsdecode(key), told, sys._getframe(2))


def _own(key: Any) -> None:
    if ACTIVE and isinstance(key, str | bytes):
        ACTIVE[-1].saw_own_variable(os.fsdecode(key))
