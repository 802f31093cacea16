"""Every failure that a user can meet: one root, one class per cause.

Each class has a ``slug`` (the subtype of the Sphinx warning, ``kerasarch.<slug>``, and the key in the worker's
answers) and carries its facts as ``data``, so that a host can phrase or locate them. The message is one line that
says what happened; ``advice`` says what to do.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from . import escape


class KerasarchError(Exception):
    """Root of all errors of this package.

    ``message``: one line, what happened. ``advice``: what to do about it, may be empty.
    ``traceback``: the lines of the user's own code, empty when none of it ran.
    ``data``: JSON-able facts.
    """

    slug: ClassVar[str] = "error"

    def __init__(
        self, message: str, *, advice: str = "", traceback: str = "", data: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.traceback = traceback
        self.data: dict[str, Any] = data or {}

    @property
    def lines(self) -> str:
        """The lines of the user's own code, and beneath them the beginning and the end of what it printed."""
        printed = shortened(str(self.data.get("output", "")))
        own = self.traceback.rstrip()
        return "\n".join(filter(None, (own, *(("It printed:", *printed) if printed else ()))))

    @property
    def place(self) -> str:
        """``models.py, line 7``: the innermost line of the user's own code, empty when none of it ran."""
        return place_in(self.traceback)

    def to_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "message": self.message,
            "advice": self.advice,
            "traceback": self.traceback,
            "data": self.data,
        }

    def __reduce__(self) -> Any:
        return (from_json, (self.to_json(),))

    def __str__(self) -> str:
        # Messages name layers and files; whoever prints an error has a terminal or a log.
        return escape.lines(f"{self.message} {self.advice}".strip())


_LINE = re.compile(r'^\s*File "(.+)", line (\d+)', re.MULTILINE)


def place_in(traceback: str) -> str:
    """The file and the line of the last frame of a traceback, in the words of a sentence."""
    found = _LINE.findall(traceback)
    return f"{found[-1][0]}, line {found[-1][1]}" if found else ""


SHOWN_FIRST, SHOWN_LAST, SHOWN_WIDTH = 3, 8, 160
"""Lines of what a model printed, and characters of each, that stand below an error."""


def shortened(text: str) -> list[str]:
    """The first and the last lines of a text, indented."""
    lines = [line[:SHOWN_WIDTH] + " …" * (len(line) > SHOWN_WIDTH) for line in text.splitlines() if line.strip()]
    if len(lines) > SHOWN_FIRST + SHOWN_LAST + 1:
        left = len(lines) - SHOWN_FIRST - SHOWN_LAST
        lines = [*lines[:SHOWN_FIRST], f"[… {left} more lines …]", *lines[-SHOWN_LAST:]]
    return [f"    {line}" for line in lines]


class TargetError(KerasarchError):
    """The target text is not of a known form."""

    slug = "target"


class ImportTargetError(KerasarchError):
    """The module or the attribute of the target does not exist, or importing it raised."""

    slug = "import"


class ArgumentsError(KerasarchError):
    """The factory does not take the given arguments."""

    slug = "arguments"


class BuildError(KerasarchError):
    """The factory raised, or left with ``sys.exit``."""

    slug = "build"


class NotAModelError(KerasarchError):
    """The target gave something that is not a Keras model."""

    slug = "not-a-model"


class UnbuiltModelError(KerasarchError):
    """The model has no shapes yet: ``input-shape`` is needed."""

    slug = "unbuilt"


class DescribeError(KerasarchError):
    """The model was built but could not be read."""

    slug = "describe"


class CrashError(KerasarchError):
    """The worker process died."""

    slug = "crash"


class TimeoutExceededError(KerasarchError):
    """A request took longer than ``kerasarch_timeout``."""

    slug = "timeout"


class MemoryExceededError(KerasarchError):
    """The process that built the model took more memory than ``kerasarch_memory``."""

    slug = "memory"


class MissingPackageError(KerasarchError):
    """Keras, a backend or a package of an extra is not installed."""

    slug = "missing-package"


class OptionError(KerasarchError):
    """Unknown view, format or option, or a value that it does not take."""

    slug = "option"


class NotAllowedError(KerasarchError):
    """A page names a target, a file or an interpreter that the project does not let pages name."""

    slug = "not-allowed"


class SpecError(KerasarchError):
    """A spec file is not what it should be (version, schema)."""

    slug = "spec"


class DrawError(KerasarchError):
    """The figure cannot be drawn in a legible way; the advice names what would work."""

    slug = "draw"


class CacheError(KerasarchError):
    """The cache directory cannot be read or written."""

    slug = "cache"


class LockError(KerasarchError):
    """The lock cannot be read, or it does not hold a model that is asked for."""

    slug = "lock"


ERRORS: dict[str, type[KerasarchError]] = {
    cls.slug: cls
    for cls in (
        KerasarchError,
        TargetError,
        ImportTargetError,
        ArgumentsError,
        BuildError,
        NotAModelError,
        UnbuiltModelError,
        DescribeError,
        CrashError,
        TimeoutExceededError,
        MemoryExceededError,
        MissingPackageError,
        OptionError,
        NotAllowedError,
        SpecError,
        DrawError,
        CacheError,
        LockError,
    )
}
"""Slug → class."""


def from_json(data: dict[str, Any]) -> KerasarchError:
    """The error that :meth:`KerasarchError.to_json` wrote."""
    cls = ERRORS.get(data["slug"], KerasarchError)
    return cls(data["message"], advice=data["advice"], traceback=data["traceback"], data=data["data"])
