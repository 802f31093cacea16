"""Undo what one model's code did to the process, for systems where the next one shares it."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import compat


@dataclass(frozen=True, slots=True)
class State:
    """What is put back after each request."""

    cwd: str
    argv: tuple[str, ...]
    path: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    modules: frozenset[str]
    settings: tuple[tuple[str, Any], ...]
    """Settings of Keras that hold for the whole process, by name of ``keras.config``."""
    recursion: int
    output: tuple[int, int]
    """Copies of the descriptors 1 and 2."""

    @classmethod
    def take(cls) -> State:
        return cls(
            cwd=str(Path.cwd()),
            argv=tuple(sys.argv),
            path=tuple(sys.path),
            env=tuple(os.environ.items()),
            modules=frozenset(sys.modules),
            settings=_settings(),
            recursion=sys.getrecursionlimit(),
            output=(os.dup(1), os.dup(2)),
        )

    def restore(self) -> None:
        """Also forget modules that have been imported from the project: each request reads its own files anew."""
        from .project import is_project

        with contextlib.suppress(OSError):  # somebody has removed it
            os.chdir(self.cwd)
        sys.argv[:] = self.argv
        sys.path[:] = self.path
        os.environ.clear()
        os.environ.update(self.env)
        sys.setrecursionlimit(self.recursion)
        for name in [name for name in sys.modules if name not in self.modules]:
            if is_project(getattr(sys.modules[name], "__file__", None) or ""):
                del sys.modules[name]
        if "keras" in sys.modules and self.settings:
            keras = compat.keras()
            for name, value in self.settings:
                getattr(keras.config, f"set_{name}")(value)
            # Names count from the beginning again: ``dense``, not ``dense_7``.
            keras.utils.clear_session()
            keras.saving.get_custom_objects().clear()

    def restore_output(self) -> None:
        """Streams may have been replaced or closed, the descriptors as well."""
        flush()
        for kept, end in zip(self.output, (1, 2), strict=True):
            os.dup2(kept, end)
        sys.stdout, sys.stderr = (
            open(end, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
            for end in (1, 2)
        )


def flush() -> None:
    """Write out what was printed; user code may have put anything in the place of the streams."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


SETTINGS = ("floatx", "epsilon", "image_data_format", "dtype_policy")


def _settings() -> tuple[tuple[str, Any], ...]:
    if "keras" not in sys.modules:
        return ()
    config = compat.keras().config
    return tuple((name, getattr(config, name)()) for name in SETTINGS if hasattr(config, f"set_{name}"))
