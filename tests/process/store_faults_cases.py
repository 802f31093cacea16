"""What can happen to the files of a cache and to a lock, by disks, people, other programs and other versions."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = ("What happens to the file", "What becomes of it", "Test")
WIDTHS = (40, 35, 25)

ANEW = "described or drawn again, and kept"


@dataclass(frozen=True, slots=True)
class Damage:
    name: str
    title: str


ENTRIES = (
    Damage("truncated", "cut off in the middle"),
    Damage("head", "cut off within its first line"),
    Damage("empty", "empty"),
    Damage("flipped", "one bit is another one, in the middle"),
    Damage("flipped_sum", "one bit is another one, in the checksum"),
    Damage("swapped", "the entry of another model in its place"),
    Damage("swapped_folder", "all entries of another model in their place"),
    Damage("foreign", "a file of another program"),
    Damage("other_version", "whole, but of another version of the layout"),
    Damage("newer", "whole, but with parts that no version has"),
    Damage("odd", "whole, but of other types"),
    Damage("directory", "a folder in its place, with something in it"),
    Damage("file", "a file in the place of its folder"),
    Damage("loop", "a link to itself in its place"),
    Damage("loop_folder", "a link to itself in the place of its folder"),
    Damage("pipe", "a pipe in its place, which nobody writes to"),
    Damage("endless", "a link to a file without end"),
    Damage("huge", "a file of several gigabytes with holes"),
    Damage("denied", "may not be read"),
    Damage("gone", "gone"),
    Damage("unfinished", "beside it what was left of a write that was cut off"),
)
"""Of descriptions and of pictures alike: of each model both entries."""


@dataclass(frozen=True, slots=True)
class LockDamage:
    name: str
    title: str
    said: str
    models: int = 2
    """How many of two models are not shown."""


LOCKS = (
    LockDamage("truncated", "cut off in the middle", "it is no JSON"),
    LockDamage("empty", "empty", "it is empty"),
    LockDamage("flipped", "one bit is another one, in what is said of a model", "its digest does not fit", 1),
    LockDamage("swapped", "the descriptions of two models exchanged", "its digest does not fit"),
    LockDamage("foreign", "a file of another program", "it is no lock of kerasarch"),
    LockDamage("version", "of another version", "has format 7, this version of sphinx-kerasarch reads 1"),
    LockDamage("binary", "no text", "it is not UTF-8"),
    LockDamage("directory", "a folder in its place", "Is a directory"),
    LockDamage("loop", "a link to itself in its place", "Too many levels of symbolic links"),
    LockDamage("denied", "may not be read", "Permission denied"),
)


def rows() -> list[tuple[str, ...]]:
    """Of the page."""
    told = [(f"Entry: {damage.title}", ANEW, f"``test_entry[{damage.name}]``") for damage in ENTRIES]
    told[-1] = (told[-1][0], "removed by the next ``kerasarch cache prune`` after an hour", told[-1][2])
    locks = [
        (f"Lock: {damage.title}", f"``kerasarch.lock``: *{damage.said}*", f"``test_lock[{damage.name}]``")
        for damage in LOCKS
    ]
    return [*told, *locks]
