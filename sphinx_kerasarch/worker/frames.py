"""A user's exception as text: only the frames of the user's own files, with paths as in an import."""

from __future__ import annotations

import functools
import linecache
import re
import site
import sys
import sysconfig
import traceback
from pathlib import Path

from ..wire.said import ANSI

SHOWN = 20
"""Frames shown at either end of a long traceback."""

WORDS = 2000
"""Characters of an exception's own text; some print a whole array."""

PACKAGE = str(Path(__file__).resolve().parent.parent)


@functools.cache
def _foreign_roots() -> tuple[str, ...]:
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    places.update(site.getsitepackages() if hasattr(site, "getsitepackages") else ())
    places.add(site.getusersitepackages() if hasattr(site, "getusersitepackages") else "")
    return (*(str(Path(place)) for place in sorted(filter(None, places))), PACKAGE)


def is_own(filename: str) -> bool:
    """Whether a file belongs to the user: not to the standard library, an installed package or this one."""
    return not filename.startswith(("<", *_foreign_roots())) and not _package(filename)


def short_path(filename: str) -> str:
    """The path below the entry of ``sys.path`` that holds it: ``mypkg/models.py``."""
    path = Path(filename)
    roots = sorted((Path(root) for root in sys.path if root), key=lambda root: -len(root.parts))
    for root in roots:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name


OWN = __name__.partition(".")[0]

MACHINERY = frozenset(
    {"keras", "tf_keras", "numpy", "tensorflow", "jax", "jaxlib", "torch", "optree", "tree", "scipy", "ml_dtypes"}
)
"""Packages that run a layer's code and say nothing of its architecture."""

PACKAGES = ("site-packages/", "dist-packages/")
"""Ends of the paths that installed packages lie in, whichever environment they belong to."""


def _package(filename: str) -> str:
    """The path below an environment: ``keras_hub/src/layers/…``; empty for any other file."""
    path = filename.replace("\\", "/")
    return next((path.rpartition(end)[2] for end in PACKAGES if end in path), "")


def why_not(error: BaseException) -> str:
    """Why a layer's code does not run on symbolic tensors, in the same words whichever backend refused them.

    What the code or Keras itself raises is told as it is; where a backend refuses, in words and at places of its own,
    the line that asked it.
    """
    frames = [(frame.f_code.co_filename, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    speaking = [place for place in frames if _speaks(place[0])]
    place = f" ({_shown(speaking[-1][0])}, line {speaking[-1][1]})" if speaking else ""
    line = linecache.getline(*speaking[-1]).strip() if speaking else ""
    if not line or (_is_neutral(frames[-1][0]) and not type(error).__module__.startswith(OWN)):
        return reason(error).partition(". ")[0] + place
    return f"{shortened(line, WORDS // 16)!r} needs a number or a size that is not known{place}"


def _speaks(filename: str) -> bool:
    if installed := _package(filename):
        return installed.partition("/")[0] not in MACHINERY
    return is_own(filename)


def _is_neutral(filename: str) -> bool:
    """Whether a file raises the same with every backend."""
    installed = _package(filename)
    if filename.startswith(PACKAGE):  # Keras has taken its own frames out of the traceback
        return True
    of_keras = installed.startswith("keras/") and not installed.startswith("keras/src/backend/")
    return of_keras or installed.startswith("keras/src/backend/common/") or _speaks(filename)


def _shown(filename: str) -> str:
    return _package(filename) or short_path(filename)


def reason(error: BaseException) -> str:
    """``ValueError: what``: class and the first line of the message, the first that Keras did not put before it."""
    lines = [line.strip() for line in ANSI.sub("", text_of(error)).splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        del lines[0]
    text = shortened(lines[0], WORDS // 4) if lines else ""
    return f"{type(error).__name__}: {text}".rstrip(": ").rstrip(".")


def text_of(error: BaseException) -> str:
    """What an exception says of itself, shortened. Its ``__str__`` is the user's code as well and may fail."""
    try:
        return shortened(str(error), WORDS)
    except Exception:
        return "(its text cannot be had)"


def shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + " …"


def own_traceback(error: BaseException) -> str:
    """Lines as Python writes them, without frames of others; the message at the end, without addresses."""
    lines: list[str] = []
    for (filename, name, number), count in _calls(error):
        lines.append(f'File "{short_path(filename)}", line {number}, in {name}')
        if text := linecache.getline(filename, number).strip():
            lines.append(f"    {text}")
        if count > 1:
            lines.append(f"    [repeated {count - 1} more times]")
    if isinstance(error, SyntaxError) and error.filename:
        lines.append(f'File "{short_path(error.filename)}", line {error.lineno}')
        if error.text:
            lines.append(f"    {error.text.strip()}")
    message = error.msg if isinstance(error, SyntaxError) else text_of(error)
    lines.append(f"{type(error).__name__}: {message}".rstrip(": ").rstrip())
    return re.sub(r" at 0x[0-9a-fA-F]+", "", "\n".join(lines))


def _calls(error: BaseException) -> list[tuple[tuple[str, str, int], int]]:
    """The user's own frames as (file, function, line), each with how often it follows itself.

    An endless recursion has some 100 000 of them: they are told apart before any text is made.
    """
    found: list[tuple[tuple[str, str, int], int]] = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if is_own(code.co_filename):
            call = (code.co_filename, code.co_name, number)
            if found and found[-1][0] == call:
                found[-1] = (call, found[-1][1] + 1)
            else:
                found.append((call, 1))
    if len(found) > 2 * SHOWN:
        # Functions that call each other in turn: the way in, and the end.
        found = found[:SHOWN] + found[-SHOWN:]
    return found


def passes_through(error: BaseException, filename: str) -> bool:
    """Whether an exception went through a file."""
    return any(frame.f_code.co_filename == filename for frame, _ in traceback.walk_tb(error.__traceback__))
