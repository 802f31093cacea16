"""What is said beside the output, on standard error: how far it is, and what was written."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from ...escape import lines
from .say import echo

QUIET = "sphinx_kerasarch.quiet"

LONG = 10.0
"""Seconds after which also a log, which nobody may be watching, is told what takes so long; then each minute."""

CLEAR = "\r\x1b[K"
"""Back to the start of the line, and nothing in it (ECMA-48, EL)."""


def _be_quiet(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.meta[QUIET] = True


quiet_option = click.option(
    "-q", "--quiet", is_flag=True, expose_value=False, callback=_be_quiet, help="Say nothing but what goes wrong."
)


def is_quiet() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(QUIET))


def tell(message: str) -> None:
    """A line on standard error, unless quiet."""
    if not is_quiet():
        echo(message, err=True)


def say(message: str) -> None:
    """How far it is, for eyes only: a line where there is a terminal."""
    if sys.stderr.isatty():
        tell(message)


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Show that something goes on: a line that is gone in the end, in a terminal; else a line after a while."""
    if is_quiet():
        yield
        return
    done = threading.Event()
    doing = lines(doing)
    live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    thread = threading.Thread(target=_live if live else _logged, args=(doing, done), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _live(doing: str, done: threading.Event) -> None:
    start = time.monotonic()
    while True:
        seconds = int(time.monotonic() - start)
        after = f" …{f' {seconds} s' if seconds else ''}"
        # A line that is continued on the next one could not be cleared.
        room = max(1, shutil.get_terminal_size().columns - len(after) - 1)
        said = doing if len(doing) <= room else f"…{doing[len(doing) - room + 1 :]}"
        click.echo(f"{CLEAR}{said}{after}", err=True, nl=False)
        if done.wait(1):
            break
    click.echo(CLEAR, err=True, nl=False)


def _logged(doing: str, done: threading.Event) -> None:
    start = time.monotonic()
    pause = LONG
    while not done.wait(pause):
        echo(f"{doing} … {time.monotonic() - start:.0f} s", err=True)
        pause = 60.0
