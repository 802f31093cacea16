"""Where a command writes: a file, or ``-`` for standard output."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...errors import OptionError
from .progress import tell

TEXT = re.compile(r"text/|.*[/+](json|xml)$")
"""Media types of what a terminal can show."""


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
        replace(Path(self.place), data)
        tell(f"wrote {self.place} ({size(len(data))})")


def replace(path: Path, data: bytes) -> None:
    """Write a file at once, so that a viewer or LaTeX never reads half of it. Raises :class:`OSError`."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    # A link stays a link, and a pipe or a device is written to.
    whole = not path.exists() or (path.is_file() and not path.is_symlink())
    if whole and os.access(path.parent, os.W_OK):
        try:
            part.write_bytes(data)
            if path.exists():
                shutil.copymode(path, part)
            part.replace(path)
            return
        except OSError:
            part.unlink(missing_ok=True)
    path.write_bytes(data)


def places(outputs: Iterable[str], format: str, view: str) -> tuple[Output, ...]:
    """Where to write, each with its format: that of the suffix, else ``format``, which standard output needs.

    ``view``: what will be written; ``.tex`` of a table is not that of a drawing.

    Raises :class:`.OptionError`, also for a ``format`` that is for none of them.
    """
    from ... import registry

    chosen = registry.format(format).name if format else ""
    kind = registry.view(view).gives
    found = tuple(Output(text, _format(text, chosen, kind)) for text in outputs)
    if chosen and not any(output.format == chosen for output in found):
        raise OptionError(
            f"No file is for {chosen}: their suffixes tell the formats.",
            advice=f"Leave the format out, or name a file that ends in {registry.format(chosen).suffix}.",
        )
    return found


def _format(text: str, chosen: str, kind: type) -> str:
    from ... import registry
    from ...api import format_of

    if chosen and Path(text).suffix.lower() in registry.format(chosen).suffixes:
        return chosen  # of several with that suffix
    if text != "-":
        try:
            return format_of(Path(text), kind)
        except OptionError:
            if not chosen:
                raise
    if not chosen:
        raise OptionError(
            "Standard output has no suffix that could tell the format.",
            advice="Add --format svg, or name a file with -o lenet.svg.",
        )
    return chosen


def check(output: Output, target: str = "") -> None:
    """Refuse a place that cannot be written before the model is built. Raises :class:`.OptionError`, and
    :class:`.MissingPackageError` for a format whose package is not installed.

    ``target``: what is read; it must not be written over.
    """
    from ... import registry

    record = registry.format(output.format)
    registry.require(record)
    if output.is_stdout:
        if not TEXT.match(record.media_type) and sys.stdout.isatty():
            raise OptionError(
                f"A {output.format.upper()} is nothing for a terminal.",
                advice=f"Name a file: -o lenet.{output.format}, or send it into a pipe.",
            )
        return
    path = Path(output.place)
    if target and path.exists() and Path(target).exists() and path.samefile(target):
        raise OptionError(f"{path} is the target itself.", advice="Name another file with -o.")
    if path.is_dir():
        raise OptionError(f"{path} is a folder.", advice="Name a file in it.")
    if not path.parent.is_dir():
        raise OptionError(
            f"The folder {path.parent} does not exist.",
            advice=f"Create it with: mkdir -p {shlex.quote(str(path.parent))}",
        )
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise OptionError(f"{path} may not be written.", advice="Name a place of your own with -o.")


def size(count: int) -> str:
    return f"{count} B" if count < 1024 else f"{count / 1024:.0f} KiB"
