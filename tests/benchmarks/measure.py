"""Alternating measurements and their table."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, children included."""


def cpu_seconds() -> float:
    """CPU time of this process and its finished children."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def sample(work: Callable[[], object]) -> Sample:
    wall, cpu = time.perf_counter(), cpu_seconds()
    work()
    return Sample(time.perf_counter() - wall, cpu_seconds() - cpu)


def alternate(works: Mapping[str, Callable[[], object]], runs: int) -> dict[str, list[Sample]]:
    """``runs`` samples of each, in turn, so that a noisy moment hits all of them."""
    samples: dict[str, list[Sample]] = {name: [] for name in works}
    for _ in range(runs):
        for name, work in works.items():
            samples[name].append(sample(work))
    return samples


def table(samples: Mapping[str, Sequence[Sample]], base: str) -> str:
    """Minimum and median of wall and CPU seconds, and the ratio of medians to ``base``."""
    titles = ("", "wall min", "median", "cpu min", "median", "wall ratio", "cpu ratio")
    widths = (34, 10, 9, 10, 9, 12, 11)
    lines = ["".join(f"{title:>{width}}" for title, width in zip(titles, widths, strict=True))]
    middle = {
        name: (statistics.median(s.wall for s in found), statistics.median(s.cpu for s in found))
        for name, found in samples.items()
    }
    for name, found in samples.items():
        wall, cpu = middle[name]
        lowest = (min(s.wall for s in found), min(s.cpu for s in found))
        lines.append(
            f"{name:34}{lowest[0]:10.4f}{wall:9.4f}{lowest[1]:10.4f}{cpu:9.4f}"
            f"{wall / middle[base][0]:12.3f}{cpu / middle[base][1]:11.3f}"
        )
    return "\n".join(lines)


def run(command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Output of a command that must succeed, with byte code kept as on a user's machine."""
    given = {name: value for name, value in (env or os.environ).items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, cwd=cwd, env=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr
