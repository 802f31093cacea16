"""``kerasarch cache``: what a cache folder holds, and how to make it smaller."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import click

from ...errors import CacheError
from .main import traceback_option

NAME = ".kerasarch"
"""Name of the folder beside the doctrees."""

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
        inner = directory / NAME
        if directory.name != NAME and not inner.is_dir() and not is_cache(directory):
            raise CacheError(f"{given} is not a cache of kerasarch.", advice=f"Name a {NAME} folder.")
        return [inner if inner.is_dir() else directory]
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
        if entry.name == NAME:
            yield directory / NAME
        elif depth and entry.name not in SKIPPED:
            yield from _below(directory / entry.name, depth - 1)


def is_cache(directory: Path) -> bool:
    """A folder of another name is one when it holds nothing but what the store makes."""
    entries = {entry.name for entry in directory.iterdir()}
    return "CACHEDIR.TAG" in entries and entries <= {"CACHEDIR.TAG", "descriptions", "artifacts"}


def files(directory: Path) -> list[Path]:
    """Entries of a cache."""
    parts = [directory / "artifacts", directory / "descriptions"]
    return sorted(path for part in parts for path in part.rglob("*") if path.is_file())


def seconds(text: str) -> float:
    """``12h``, ``30d``, ``4w`` → seconds. Raises :class:`click.BadParameter`."""
    match = re.fullmatch(r"(\d+)([hdw])", text.strip().lower())
    if not match:
        raise click.BadParameter(f"{text!r} is not an age. Write 12h, 30d or 4w.")
    return float(match[1]) * UNITS[match[2]]


@click.group("cache", context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """Look at, prune or clear the cache of a documentation project.

    FOLDER is the .kerasarch folder or the one that holds it; without it, all below the current folder are meant.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@command.command("info")
@click.argument("folder", default="")
@traceback_option
def info(folder: str) -> None:
    """Count files and bytes."""
    for directory in folders(folder):
        click.echo(f"{directory}")
        groups: dict[str, list[Path]] = {}
        for path in files(directory):
            groups.setdefault(path.relative_to(directory).parts[0], []).append(path)
        for name, members in groups.items():
            click.echo(f"  {name:<14}{_amount(members)}")
        if not groups:
            click.echo("  empty")


@command.command("prune")
@click.argument("folder", default="")
@click.option(
    "--older-than",
    default="30d",
    show_default=True,
    metavar="AGE",
    help="Age since last written: 12h, 30d, 4w.",
)
@traceback_option
def prune(folder: str, older_than: str) -> None:
    """Remove what was written long ago.

    An entry that is needed after all is made again.
    """
    limit = time.time() - seconds(older_than)
    for directory in folders(folder):
        old = [path for path in files(directory) if path.stat().st_mtime < limit]
        amount = _amount(old)
        for path in old:
            path.unlink(missing_ok=True)
        click.echo(f"{directory}: removed {amount}")


@command.command("clear")
@click.argument("folder", default="")
@traceback_option
def clear(folder: str) -> None:
    """Remove the cache.

    The next build describes every model again.
    """
    for directory in folders(folder):
        amount = _amount(files(directory))
        shutil.rmtree(directory)
        click.echo(f"{directory}: removed {amount}")


def _amount(members: list[Path]) -> str:
    total = sum(path.stat().st_size for path in members)
    return f"{len(members)} file{'s' * (len(members) != 1)}, {total / 1024:,.0f} KiB"
