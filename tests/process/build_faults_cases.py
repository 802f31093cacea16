"""What can happen to a build while it describes, keeps and draws models, and what the next one must be like."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = ("What happens to the build", "What it says", "Test")
WIDTHS = (45, 30, 25)


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    title: str
    said: str = ""
    """Part of what the build says of it, empty for one that is ended without a word or goes on without one."""
    code: int | None = 0
    """Exit status of the build, None for any but 0."""


CASES = (
    Case("interrupted", "Ctrl-C while a model is built", "Interrupted!", None),
    Case("terminated", "SIGTERM while a model is built", "", -15),
    Case("killed", "``kill -9`` while a model is built", "", -9),
    Case("killed_reading", "``kill -9`` while pages are read and the worker starts", "", -9),
    Case("killed_writing", "``kill -9`` while pages are written, after a model has changed", "", -9),
    Case("full", "the disk of the cache is full", "No space left on device. Make room for it"),
    Case("read_only", "the cache can only be read", "Read-only file system. Make it writable"),
    Case("denied", "a folder of the cache may not be entered", "Permission denied. Make it writable"),
    Case("removed", "the cache is removed while models are built, and again while pages are written"),
    Case("backwards", "the clock goes back two years, and a model changes that is older than the cache"),
    Case("jumps", "the clock jumps back and forth within a build, with a cache that is too large"),
)

KILLS = 2
"""Moments, drawn by chance with a seed, at which a build is killed; ``KERASARCH_TEST_KILLS`` sets another number."""


FREEZES = (
    Case("interrupted", "Ctrl-C, three times, while ``kerasarch freeze`` describes models", "", None),
    Case("terminated", "SIGTERM while ``kerasarch freeze`` describes models: the old lock stays", "", -15),
)


def rows() -> list[tuple[str, ...]]:
    """Of the page."""
    told = [
        (case.title, f"*{case.said}*" if case.said else "–", f"``test_build[{case.name}]``") for case in CASES
    ]
    chance = ("``kill -9`` at moments drawn by chance, from the start of the build to its end", "–", "``test_kills``")
    freezes = [(case.title, "–", f"``test_freeze_is_cut_off[{case.name}]``") for case in FREEZES]
    bare = (
        "no standard streams, no home, no folder for temporary files, an interpreter that prints before it starts",
        "–",
        "``test_bare_surroundings``",
    )
    flood = (
        "an interpreter that answers with 100 MB of something else",
        "*The worker process could not start*",
        "``test_an_interpreter_that_answers_with_a_flood``",
    )
    return [*told, chance, *freezes, bare, flood]
