"""A user's exception as text: only the frames of the user's own files, with paths as in an import."""

from __future__ import annotations

import re
import site
import sys
import sysconfig
import traceback
from pathlib import Path

PACKAGE = str(Path(__file__).resolve().parent.parent)


def _foreign_roots() -> tuple[str, ...]:
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    places.update(site.getsitepackages() if hasattr(site, "getsitepackages") else ())
    places.add(site.getusersitepackages() if hasattr(site, "getusersitepackages") else "")
    return (*(str(Path(place)) for place in sorted(filter(None, places))), PACKAGE)


def is_own(filename: str) -> bool:
    """Whether a file belongs to the user: not to the standard library, an installed package or this one."""
    return not filename.startswith("<") and not filename.startswith(_foreign_roots())


def short_path(filename: str) -> str:
    """The path below the entry of ``sys.path`` that holds it: ``mypkg/models.py``."""
    path = Path(filename)
    roots = sorted((Path(root) for root in sys.path if root), key=lambda root: -len(root.parts))
    for root in roots:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name


def reason(error: BaseException) -> str:
    """``ValueError: what``: class and the first line of the message."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else ""
    return f"{type(error).__name__}: {text}".rstrip(": ").rstrip(".")


def own_traceback(error: BaseException) -> str:
    """Lines as Python writes them, without frames of others; the message at the end, without addresses."""
    lines: list[str] = []
    for frame in traceback.extract_tb(error.__traceback__):
        if is_own(frame.filename):
            lines.append(f'File "{short_path(frame.filename)}", line {frame.lineno}, in {frame.name}')
            if frame.line:
                lines.append(f"    {frame.line}")
    if isinstance(error, SyntaxError) and error.filename:
        lines.append(f'File "{short_path(error.filename)}", line {error.lineno}')
        if error.text:
            lines.append(f"    {error.text.strip()}")
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    lines.append(f"{type(error).__name__}: {message}".rstrip(": ").rstrip())
    return re.sub(r" at 0x[0-9a-fA-F]+", "", "\n".join(lines))


def passes_through(error: BaseException, filename: str) -> bool:
    """Whether an exception went through a file."""
    return any(frame.filename == filename for frame in traceback.extract_tb(error.__traceback__))
