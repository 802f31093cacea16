"""Undo what one model's code did to the process, for systems where the next one shares it."""

from __future__ import annotations

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
    policy: Any
    recursion: int

    @classmethod
    def take(cls) -> State:
        return cls(
            cwd=str(Path.cwd()),
            argv=tuple(sys.argv),
            path=tuple(sys.path),
            env=tuple(os.environ.items()),
            modules=frozenset(sys.modules),
            policy=_policy(),
            recursion=sys.getrecursionlimit(),
        )

    def restore(self) -> None:
        """Also forget modules that have been imported from the project: each request reads its own files anew."""
        from .inputs import is_project

        os.chdir(self.cwd)
        sys.argv[:] = self.argv
        sys.path[:] = self.path
        os.environ.clear()
        os.environ.update(self.env)
        sys.setrecursionlimit(self.recursion)
        for name in [name for name in sys.modules if name not in self.modules]:
            if is_project(getattr(sys.modules[name], "__file__", None) or ""):
                del sys.modules[name]
        if "keras" in sys.modules and self.policy is not None:
            keras = compat.keras()
            keras.config.set_dtype_policy(self.policy)
            # Names count from the beginning again: ``dense``, not ``dense_7``.
            keras.utils.clear_session()
            keras.saving.get_custom_objects().clear()


def _policy() -> Any:
    if "keras" not in sys.modules:
        return None
    try:
        return compat.keras().config.dtype_policy()
    except AttributeError:
        return None
