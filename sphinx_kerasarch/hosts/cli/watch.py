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
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

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

WATCHED = ("files", "listings", "kinds", "links", "modules", "shadows")
"""Parts of a record that lie in the project; packages and variables do not change while one edits."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the last drawing was made from, or was tried with."""

    record: Mapping[str, Any] = field(default_factory=dict)
    """Parts of the record of a description."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Path of another file or folder → digest, empty for what is not there."""

    @property
    def files(self) -> dict[str, str]:
        return {**self.record.get("files", {}), **self.beside}


class Eyes:
    """Looks at files and folders. Remembers digests for as long as the system says that a file was not touched."""

    def __init__(self) -> None:
        self._verifier = Verifier()

    def look(self, paths: Iterable[str]) -> dict[str, str]:
        return {path: self._digest(path) for path in paths}

    def _digest(self, path: str) -> str:
        return importable(path) if os.path.isdir(path) else self._verifier.file(path)  # noqa: PTH112

    def changed(self, seen: Seen) -> list[str]:
        """Names of what is no longer as it was."""
        files = seen.files
        now = self.look(files)
        found = [os.path.basename(path) for path in files if now[path] != files[path]]  # noqa: PTH119
        other = "" if found else self._verifier.differs(seen.record, {}, "")
        return [other] if other else found

    def wait(self, seen: Seen) -> list[str]:
        """Until something has changed and rests; its names."""
        while True:
            while not self.changed(seen):
                time.sleep(PAUSE)
            before = None
            while (now := self.look(seen.files)) != before:
                before = now
                time.sleep(CALM)
            if found := self.changed(seen):  # else it is back to what it was
                return found


def keep(source: Source, plan: Plan, after: Callable[[], None] | None = None) -> None:
    """Draw until Ctrl-C. A failure is said, and the files of before stay; ``after`` is called after the first figure.

    Raises :class:`.KerasarchError` where the command line itself is wrong.
    """
    eyes = Eyes()
    known: Mapping[str, Any] = {}
    drawn = ""
    with nullcontext() if source.is_spec else source.inspector() as inspector:
        try:
            while True:
                pictured = eyes.look(pictures(plan))
                tried = {**eyes.look([*known.get("files", {}), *likely(source)]), **pictured}
                started = time.monotonic()
                try:
                    if inspector is None:
                        spec, seen = source.spec(), Seen(beside=tried)
                    else:
                        if inspector.remembers:
                            inspector.close()  # it holds the modules of before
                        found = source.described(inspector)
                        known = {part: found.inputs[part] for part in WATCHED if part in found.inputs}
                        spec, seen = found.spec, Seen(known, pictured)
                    plan.write(spec)
                except (KerasarchError, OSError) as error:
                    if not drawn and hopeless(error):
                        raise
                    seen = Seen(beside={**tried, **eyes.look(named(error))})
                    complain(error, plan, drawn)
                else:
                    if not drawn:
                        count = sum(map(bool, seen.files.values()))
                        tell(f"watching {count} file{'s' * (count != 1)}; Ctrl-C ends")
                        if after:
                            after()
                    drawn = time.strftime("%H:%M:%S")
                    tell(f"{drawn} drawn in {time.monotonic() - started:.1f} s")
                names = eyes.wait(seen)
                tell(f"{time.strftime('%H:%M:%S')} {', '.join(names)} changed")
        except KeyboardInterrupt:
            tell("")  # the terminal has written ^C


def hopeless(error: Exception) -> bool:
    """Whether the command line or the installation is wrong, which no file mends."""
    if isinstance(error, MissingPackageError):  # any other package may be a module that is to be written
        return error.data.get("package", "keras") in {"keras", *record.BACKENDS}
    return isinstance(error, TargetError | OptionError)


def complain(error: Exception, plan: Plan, drawn: str) -> None:
    """What is wrong, in a line, and what has become of the figure."""
    echo(f"kerasarch: {' '.join(one_line(error).split())}", err=True)
    verb = "shows" if len(plan.files) == 1 else "show"
    old = f"{', '.join(plan.files)} still {verb} the model of {drawn}." if drawn else "Nothing is drawn yet."
    tell(f"{old} Waiting for a change.")


def likely(source: Source) -> list[str]:
    """Where a target that cannot be described would be mended: its file, or the sources of its package, with the
    folders in which a module that is missing would be put."""
    target = parse(source.target)
    if target.file:
        file = Path(target.file).resolve()
        return [str(file), str(file / "saved_model.pb")]
    top = target.module.partition(".")[0]
    found: list[str] = []
    for entry in (*source.path, "."):
        folder = Path(entry).resolve()
        found += [str(folder), str(folder / f"{top}.py")]
        for file in islice((folder / top).rglob("*.py"), MOST):
            found += [str(file), str(file.parent)]
    return list(dict.fromkeys(found))


def importable(folder: str) -> str:
    """The modules in a folder, as a text to compare."""
    entries = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(".py") or entry.is_dir())
    return "/".join(entry for entry in entries if entry.removesuffix(".py").isidentifier()) or "none"


def pictures(plan: Plan) -> list[str]:
    """Files that the drawing reads: ``photo.png``, or ``left=a.png, right=b.png``."""
    given = [str(plan.options.get("image", "")), *(str(own.get("fonts", "")) for own in plan.of_formats)]
    parts = [part.rpartition("=")[2].strip() for text in given for part in text.split(",")]
    return [str(Path(part).resolve()) for part in parts if part]


def named(error: Exception) -> list[str]:
    """Files in the traceback of the user's own code."""
    traceback = error.traceback if isinstance(error, KerasarchError) else ""
    return list(dict.fromkeys(re.findall(r'File "([^"<]+)", line', traceback)))
