"""Files that are asked for without being opened: ``os.stat`` and what rests on it, links, the current folder.

The audit events of Python do not tell of these; the functions in :mod:`os` are replaced. The import system has its own
references to them and is not slowed down.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any

from . import ACTIVE, BUSY, quiet
from .audit import text_of

SUPPORTS = (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids)
"""Sets of functions, by which the standard library asks what a system can do."""

BUILT_IN = ("exists", "lexists", "isfile", "isdir", "islink", "isjunction")
"""Of ``os.path``: functions that some systems have in C, where they do not rest on ``os.stat``."""

_INSTALLED: list[bool] = []


def install() -> None:
    if _INSTALLED:
        return
    _INSTALLED.append(True)
    for name in ("stat", "lstat"):
        _replace(os, name, _status)
    _replace(os, "access", _exists)
    for name in BUILT_IN:
        if isinstance(getattr(os.path, name, None), type(len)):
            _replace(os.path, name, _exists)
    for name, module in (("readlink", os), ("realpath", os.path)):
        _replace(module, name, _link)
    _replace_getcwd()


def _status(path: str, frame: Any) -> None:
    ACTIVE[-1].saw_status(path, frame)


def _link(path: str, frame: Any) -> None:
    ACTIVE[-1].saw_link(path, frame)


def _exists(path: str, frame: Any) -> None:
    ACTIVE[-1].saw_status(path, frame, existence=True)


def _replace(module: Any, name: str, tell: Callable[[str, Any], None]) -> None:
    original = getattr(module, name)
    inner = name == "realpath"  # asks for the status of each part of the path

    @functools.wraps(original)
    def watched(path: Any, *args: Any, **kwargs: Any) -> Any:
        if quiet() or kwargs.get("dir_fd") is not None:
            return original(path, *args, **kwargs)
        BUSY.on = True
        try:
            if text := text_of(path):
                tell(text, sys._getframe(1))
        except (OSError, ValueError):
            pass  # the caller will be told
        finally:
            BUSY.on = inner
        try:
            return original(path, *args, **kwargs)
        finally:
            BUSY.on = False

    for known in SUPPORTS:
        if original in known:
            known.add(watched)
    setattr(module, name, watched)


def _replace_getcwd() -> None:
    original = os.getcwd

    @functools.wraps(original)
    def getcwd() -> str:
        if not quiet():
            BUSY.on = True
            try:
                ACTIVE[-1].saw_folder(sys._getframe(1))
            except OSError:
                pass  # the folder is gone: the caller will be told
            finally:
                BUSY.on = False
        return original()

    os.getcwd = getcwd
