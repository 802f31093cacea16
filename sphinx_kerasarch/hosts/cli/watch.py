"""``--watch``: draw again whenever a file changes that a model is made from.

The files are looked at a few times in a second rather than reported by the system: a description names the few dozen
that matter, wherever they lie; looking costs nothing; and it works for network drives, for containers and for editors
that put a new file in the place of the old one. The digest decides, so that a file saved without a change is none.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

from ...cache.verify import Verifier
from ...errors import KerasarchError, MissingPackageError, OptionError, TargetError
from ...spec.target import parse
from ...wire import record
from .main import one_line
from .progress import tell
from .render import Plan
from .say import echo
from .target import Source

PAUSE = 0.25
"""Seconds between two looks."""

CALM = 0.1
"""Seconds without a further change after which editors have saved all that they save."""

MOST = 2_000
"""Files of a package that are watched while it cannot be imported."""

HOPELESS = (TargetError, OptionError, MissingPackageError)
"""What is wrong with the command line or the installation at the first attempt: no file mends it."""

State = Mapping[str, str]
"""Path → digest of a file or of the names in a folder, empty for what is not there."""


class Eyes:
    """Looks at files and folders. Remembers digests for as long as the system says that a file was not touched."""

    def __init__(self) -> None:
        self._verifier = Verifier()

    def look(self, paths: Iterable[str]) -> dict[str, str]:
        return {path: self._digest(path) for path in paths}

    def _digest(self, path: str) -> str:
        return record.listing_digest(path) if os.path.isdir(path) else self._verifier.file(path)  # noqa: PTH112

    def wait(self, state: State) -> list[str]:
        """The paths that have changed since ``state``, once they rest."""
        while (now := self.look(state)) == state:
            time.sleep(PAUSE)
        while True:
            time.sleep(CALM)
            before, now = now, self.look(state)
            if now == before:
                # Back to what it was: nothing to draw.
                return [path for path in state if now[path] != state[path]] or self.wait(state)


def keep(source: Source, plan: Plan, after: Callable[[], None] | None = None) -> None:
    """Draw until Ctrl-C. A failure is said, and the files of before stay; ``after`` is called after the first figure.

    Raises :class:`.KerasarchError` where the command line itself is wrong.
    """
    eyes = Eyes()
    known: dict[str, str] = {}
    drawn = ""
    with nullcontext() if source.is_spec else source.inspector() as inspector:
        try:
            while True:
                before = eyes.look({*known, *likely(source), *pictures(plan)})
                started = time.monotonic()
                try:
                    if inspector is None:
                        spec, known = source.spec(), {}
                    else:
                        if inspector.remembers:
                            inspector.close()  # it holds the modules of before
                        found = source.described(inspector)
                        spec, known = found.spec, {**found.inputs.get("files", {}), **found.inputs.get("listings", {})}
                    plan.write(spec)
                    state = {**eyes.look(pictures(plan)), **(known or before)}
                except (KerasarchError, OSError) as error:
                    if not drawn and isinstance(error, HOPELESS):
                        raise
                    state = {**before, **eyes.look(named(error)), **known}
                    complain(error, plan, drawn)
                else:
                    if not drawn:
                        count = len(state)
                        tell(f"watching {count} file{'s' * (count != 1)}; Ctrl-C ends")
                        if after:
                            after()
                    drawn = time.strftime("%H:%M:%S")
                    tell(f"{drawn} drawn in {time.monotonic() - started:.1f} s")
                changed = eyes.wait(state)
                tell(f"{time.strftime('%H:%M:%S')} {', '.join(os.path.basename(path) for path in changed)} changed")  # noqa: PTH119
        except KeyboardInterrupt:
            tell("")  # the terminal has written ^C


def complain(error: Exception, plan: Plan, drawn: str) -> None:
    """What is wrong, in a line, and what has become of the figure."""
    echo(f"kerasarch: {' '.join(one_line(error).split())}", err=True)
    verb = "shows" if len(plan.files) == 1 else "show"
    old = f"{', '.join(plan.files)} still {verb} the model of {drawn}." if drawn else "Nothing is drawn yet."
    tell(f"{old} Waiting for a change.")


def likely(source: Source) -> list[str]:
    """Where a target that cannot be described would be mended: its file, or the sources of its package."""
    target = parse(source.target)
    if target.file:
        return [str(Path(target.file).resolve())]
    top = target.module.partition(".")[0]
    found: list[str] = []
    for entry in (*source.path, "."):
        place = Path(entry).resolve() / top
        found.append(str(place.with_suffix(".py")))
        if place.is_dir():
            found += map(str, islice(place.rglob("*.py"), MOST))
    return found


def pictures(plan: Plan) -> list[str]:
    """Files that the drawing reads: ``photo.png``, or ``left=a.png, right=b.png``."""
    given = [str(plan.options.get("image", "")), *(str(own.get("fonts", "")) for own in plan.of_formats)]
    parts = [part.rpartition("=")[2].strip() for text in given for part in text.split(",")]
    return [str(Path(part).resolve()) for part in parts if part]


def named(error: Exception) -> list[str]:
    """Files in the traceback of the user's own code."""
    traceback = error.traceback if isinstance(error, KerasarchError) else ""
    return list(dict.fromkeys(re.findall(r'File "([^"<]+)", line', traceback)))
