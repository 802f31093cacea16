"""Hooks that tell the active recorder what code reads. Each stays once installed, and is silent without a recorder.

``audit``: opened files, listed directories, what is made. ``status``: files that are asked for without being opened,
links, the current folder. ``environ``: variables. ``imports``: where modules are looked for. ``native``: files that
libraries open in C.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..inputs import Recorder

ACTIVE: list[Recorder] = []
"""The recorders at work; the last one is told."""

BUSY = threading.local()
"""``.on`` while this thread is in a hook: what a hook itself reads is not the model's."""


def install() -> None:
    """Idempotent. Libraries that came since the last time are watched from now on."""
    from . import audit, environ, imports, native, status

    for part in (audit, status, environ, imports, native):
        part.install()


def quiet() -> bool:
    """Whether nobody is to be told."""
    return not ACTIVE or getattr(BUSY, "on", False)
