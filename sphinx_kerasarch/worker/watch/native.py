"""Files that libraries open in C or Rust, where Python does not see it."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..readers import name_of
from . import ACTIVE, quiet

READS: tuple[tuple[str, str, str], ...] = (
    ("h5py", "File", "__init__"),
    ("tensorflow.python.lib.io.file_io", "FileIO", "__init__"),
    ("safetensors", "safe_open", ""),
)
"""Module, class and method whose first argument is a path and whose second, if there is one, the mode.

Without a method, for classes that cannot be changed, the name in the module is given a function in place of the class.
"""

MARK = "kerasarch"

FIXED = re.compile(r"([^*?\[]*/)?")
"""Folders of a pattern before the first wildcard."""

SYSTEM = ("/usr/", "/lib", "/bin/", "/opt/", os.path.join(sys.base_prefix, ""), os.path.join(sys.prefix, ""))  # noqa: PTH118

FILE_IO = "tensorflow.python.lib.io.file_io"

ASKS: tuple[tuple[str, str, str], ...] = (
    (f"{FILE_IO}._pywrap_file_io", "FileExists", "status"),
    (f"{FILE_IO}._pywrap_file_io", "IsDirectory", "status"),
    (f"{FILE_IO}._pywrap_file_io", "Stat", "status"),
    (f"{FILE_IO}._pywrap_file_io", "GetChildren", "listing"),
    (f"{FILE_IO}._pywrap_file_io", "GetMatchingFiles", "listing"),
    ("tensorflow.python.ops.gen_io_ops", "read_file", "open"),
)
"""Module, function whose first argument is a path or a pattern, and what it asks: behind ``tf.io``."""

MODULES = frozenset(module for module, _, _ in READS)


def install() -> None:
    for name, thing, method in READS:
        module = sys.modules.get(name)
        found = getattr(module, thing, None)
        if found is None or hasattr(getattr(found, method, found), MARK):
            continue
        if method:
            setattr(found, method, _telling(getattr(found, method), 1))
        else:
            setattr(module, thing, _telling(found, 0))
    for name, function, what in ASKS:
        module = _loaded(name)
        found = getattr(module, function, None)
        if found is not None and not hasattr(found, MARK):
            setattr(module, function, _asking(found, what))


def _loaded(name: str) -> Any:
    """A loaded module, or what stands under a name in one."""
    owner, _, last = name.rpartition(".")
    return sys.modules.get(name) or getattr(sys.modules.get(owner), last, None)


def _asking(original: Callable[..., Any], what: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def watched(path: Any, *args: Any, **kwargs: Any) -> Any:
        if not quiet() and isinstance(path, str | bytes | os.PathLike) and "://" not in os.fsdecode(path):
            recorder, name, frame = ACTIVE[-1], os.fsdecode(path), sys._getframe(1)
            while frame.f_back is not None and name_of(frame).startswith("tensorflow."):
                frame = frame.f_back  # who asked TensorFlow
            if what == "status":
                recorder.saw_status(name, frame, existence=original.__name__ != "Stat")
            elif what == "listing":
                recorder.saw_listing(FIXED.match(name)[0] if set(name) & set("*?[") else name, frame)  # type: ignore[index]
            else:
                recorder.saw_open(name, frame)
        return original(path, *args, **kwargs)

    setattr(watched, MARK, True)
    return watched


def _telling(original: Callable[..., Any], place: int) -> Callable[..., Any]:
    """``original``, telling of the path that is its argument at ``place``."""

    @functools.wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        name = args[place] if len(args) > place else kwargs.get("name", kwargs.get("filename"))
        mode = kwargs.get("mode", args[place + 1] if len(args) > place + 1 else "r")
        mode = mode if isinstance(mode, str) else "r"
        if not quiet() and isinstance(name, str | bytes | os.PathLike):
            fresh = mode[:1] in {"w", "x"}
            writes = fresh or mode[:2] in {"r+", "a"}
            ACTIVE[-1].saw_open(os.fsdecode(name), sys._getframe(1), reads=not fresh, fresh=fresh, writes=writes)
        return original(*args, **kwargs)

    setattr(watched, MARK, True)
    return watched


def mapped() -> set[str]:
    """Files in this process' memory: libraries that extension modules brought along, and mapped data. Linux.

    Those of the system and of the interpreter are left out.
    """
    try:
        lines = Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return set()
    found = {line[line.index("/") :] for line in lines if "/" in line and not line.endswith(" (deleted)")}
    return {path for path in found if not path.startswith(SYSTEM)}
