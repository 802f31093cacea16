"""Files that libraries open in C or Rust, where Python does not see it."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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

SYSTEM = ("/usr/", "/lib", "/bin/", "/opt/", os.path.join(sys.base_prefix, ""), os.path.join(sys.prefix, ""))  # noqa: PTH118

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
