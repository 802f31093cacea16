"""Where a command writes: a file, or ``-`` for standard output."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from ...errors import OptionError


@dataclass(frozen=True, slots=True)
class Output:
    place: str
    """Path, or ``-``."""
    format: str

    @property
    def is_stdout(self) -> bool:
        return self.place == "-"

    def write(self, data: bytes) -> None:
        """Raises :class:`OSError`."""
        if self.is_stdout:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
            return
        Path(self.place).write_bytes(data)
        click.echo(f"wrote {self.place} ({size(len(data))})", err=True)


def check(output: Output) -> None:
    """Refuse a place that cannot be written before the model is built. Raises :class:`.OptionError`."""
    if output.is_stdout:
        return
    path = Path(output.place)
    if path.is_dir():
        raise OptionError(f"{path} is a folder.", advice="Name a file in it.")
    if not path.parent.is_dir():
        raise OptionError(
            f"The folder {path.parent} does not exist.", advice=f"Create it with: mkdir -p {path.parent}"
        )


def size(count: int) -> str:
    return f"{count} B" if count < 1024 else f"{count / 1024:.0f} KiB"
