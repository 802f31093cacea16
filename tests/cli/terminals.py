"""The program in a pseudo-terminal."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest


class Terminal:
    """The program in a terminal of its own: what it shows there, and its status."""

    def __init__(self, *arguments: str, columns: int = 80, cwd: Path | None = None, **env: str) -> None:
        pty, fcntl, termios = (pytest.importorskip(name) for name in ("pty", "fcntl", "termios"))
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        kept = {
            name: value
            for name, value in os.environ.items()
            if name not in {"NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "TERM"}
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sphinx_kerasarch", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env={**kept, "TERM": "xterm-256color", **env},
        )
        os.close(slave)

    def shown(self) -> str:
        """All that it writes until its end, with line ends as they were written."""
        parts = []
        while True:
            try:
                data = os.read(self.master, 1 << 16)
            except OSError:  # Linux ends the reading so when the other side is closed
                break
            if not data:
                break
            parts.append(data)
        os.close(self.master)
        self.process.wait(60)
        return b"".join(parts).decode().replace("\r\n", "\n")


def shown(*arguments: str, columns: int = 80, cwd: Path | None = None, **env: str) -> str:
    return Terminal(*arguments, columns=columns, cwd=cwd, **env).shown()
