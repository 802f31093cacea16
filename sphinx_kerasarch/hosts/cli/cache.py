"""``kerasarch cache``: what a cache folder holds, whether it is whole, and how to make it smaller."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import CacheError, OptionError
from .flags import FlaggedCommand
from .main import traceback_option
from .say import echo

if TYPE_CHECKING:
    from ...cache.entries import Entry

NAME = ".kerasarch"
"""Name of the folder beside the doctrees."""

AMONG = (".doctrees", "kerasarch")
"""Where it is when Sphinx keeps the doctrees in the folder of the pages."""

DEPTH = 5
"""Levels below the current folder in which a cache is looked for."""

SKIPPED = frozenset({".git", ".hg", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox"})

UNITS = {"h": 3600, "d": 86_400, "w": 604_800}


def folders(given: str) -> list[Path]:
    """The cache folder that is named, or all below the current one. Raises :class:`.CacheError`."""
    if given:
        directory = Path(given)
        if not directory.is_dir():
            raise CacheError(f"There is no folder {given}.", advice="Leave it out to look below this folder.")
        if (directory / NAME).is_dir():
            return [directory / NAME]
        if directory.name == NAME or is_cache(directory):
            return [directory]
        if found := sorted(_below(directory, DEPTH)):
            return found
        raise CacheError(f"{given} is not a cache of kerasarch and holds none.", advice=f"Name a {NAME} folder.")
    found = sorted(_below(Path(), DEPTH))
    if not found:
        raise CacheError(
            "There is no cache below this folder.",
            advice="Build the documentation first, or name the folder: kerasarch cache info docs/_build",
        )
    return found


def _below(directory: Path, depth: int) -> Iterator[Path]:
    try:
        entries = [entry for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return  # a folder that may not be read holds no cache that could be cleared
    for entry in entries:
        if entry.name == NAME or ((directory.name, entry.name) == AMONG and is_cache(directory / entry.name)):
            yield directory / entry.name
        elif depth and entry.name not in SKIPPED:
            yield from _below(directory / entry.name, depth - 1)


def is_cache(directory: Path) -> bool:
    """A folder of another name is one when it holds nothing but what the store makes."""
    from ...cache.store import IGNORE

    entries = {entry.name for entry in directory.iterdir()}
    return "CACHEDIR.TAG" in entries and entries <= {IGNORE, "CACHEDIR.TAG", "descriptions", "artifacts"}


def seconds(text: str) -> float:
    """``12h``, ``30d``, ``4w`` → seconds. Raises :class:`click.BadParameter`."""
    match = re.fullmatch(r"(\d+)([hdw])", text.strip().lower())
    if not match:
        raise click.BadParameter(f"{text!r} is not an age. Write 12h, 30d or 4w.")
    return float(match[1]) * UNITS[match[2]]


@click.group("cache", context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Look at, verify, prune or clear the cache of a documentation project.

    FOLDER is the cache or a folder that holds some, as docs/_build; without it, all below the current folder are
    meant.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("info")
@click.argument("folder", default="")
@traceback_option
def info(folder: str) -> None:
    """Count files and bytes."""
    from ...cache.entries import entries

    for directory in folders(folder):
        echo(f"{directory}")
        groups: dict[str, list[Entry]] = {}
        for entry in entries(directory):
            groups.setdefault("unfinished" if entry.unfinished else entry.part, []).append(entry)
        for name, members in groups.items():
            echo(f"  {name:<14}{_amount(members)}, last used {_days(members)}")
        if not groups:
            echo("  empty")


@command.command("verify")
@click.argument("folder", default="")
@click.option("--fix", is_flag=True, help="Remove what is broken; it is made again when it is needed.")
@traceback_option
def verify(folder: str, fix: bool) -> int:
    """Read and check every entry.

    Broken entries are named; they do no harm, since a build takes them for missing. Ends with status 1 when there is
    one that --fix has not removed.
    """
    from ...cache.entries import entries, fault
    from ...cache.trim import remove

    left = 0
    for directory in folders(folder):
        found = [entry for entry in entries(directory) if not entry.unfinished]
        broken = [(entry, said) for entry in found if (said := fault(entry))]
        for entry, said in broken:
            gone = fix and remove(entry.path)
            left += not gone
            echo(f"{entry.path}: {said}{', removed' * gone}")
        echo(f"{directory}: {_amount(found)}, {len(broken) or 'none'} broken")
    return int(left > 0)


@command.command(
    "prune",
    cls=FlaggedCommand,
    examples="""
kerasarch cache prune --older-than 4w
kerasarch cache prune docs/_build --max-size 500MB
""",
)
@click.argument("folder", default="")
@click.option("--older-than", default="", metavar="AGE", help="Age since last used: 12h, 30d, 4w; default: 30d.")
@click.option("--max-size", default="", metavar="SIZE", help="Then the least recently used beyond 500MB, 2GiB.")
@traceback_option
def prune(folder: str, older_than: str, max_size: str) -> None:
    """Remove what was not used for long.

    An entry that is needed after all is made again. With --max-size alone, age does not count.
    """
    from ...cache.sizes import parse_size
    from ...cache.trim import trim

    age = older_than or ("" if max_size else "30d")
    before = time.time() - seconds(age) if age else None
    try:
        size = parse_size(max_size) if max_size else None
    except OptionError as error:
        raise click.BadParameter(str(error)) from None
    for directory in folders(folder):
        done = trim(directory, size=size, before=before)
        echo(f"{directory}: removed {_amount(done.removed)}")


@command.command("clear")
@click.argument("folder", default="")
@traceback_option
def clear(folder: str) -> None:
    """Remove the cache.

    The next build describes every model again.
    """
    from ...cache.entries import entries

    for directory in folders(folder):
        amount = _amount(entries(directory))
        for entry in directory.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        with contextlib.suppress(OSError):  # a link, or where another file system is mounted: it stays, empty
            directory.rmdir()
        echo(f"{directory}: removed {amount}")


def _amount(members: Sequence[Entry]) -> str:
    from ...cache.sizes import size_text

    total = sum(entry.size for entry in members)
    return f"{len(members)} file{'s' * (len(members) != 1)}, {size_text(total)}"


def _days(members: Sequence[Entry]) -> str:
    """``3 to 12 days ago``, ``today``"""
    ages = sorted(max(0, int((time.time() - entry.used) / UNITS["d"])) for entry in members)
    if not ages[-1]:
        return "today"
    told = f"{ages[0]} to {ages[-1]}" if ages[0] != ages[-1] else f"{ages[0]}"
    return f"{told} day{'s' * (ages[-1] != 1)} ago"
