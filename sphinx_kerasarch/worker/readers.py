"""Who reads: the project's own code, a library on its behalf, or a library for itself. Told from the stack."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

from .project import is_project

QUIET = frozenset(
    {
        *("absl", "google", "h5py", "jax", "jaxlib", "keras", "keras_hub", "ml_dtypes", "numpy", "optree"),
        *("tensorboard", "tensorflow", "tf_keras", "torch", "wrapt", "rich"),
        *("IPython", "matplotlib", "numba", "pandas", "PIL", "scipy", "sklearn", "tqdm"),
        *("_pytest", "pytest", "pip", "pkg_resources", "setuptools", "_distutils_hack"),
    }
)
"""Libraries whose own variables and settings do not change an architecture; KERAS_BACKEND is recorded by the parent."""

PASSING_ON = frozenset(
    {
        *("os", "posixpath", "ntpath", "genericpath", "collections", "collections.abc", "_collections_abc"),
        *("string", "configparser", "copy", f"{__package__}.watch.environ"),
    }
)
"""Modules of the standard library that read a variable because they were told which."""


def frames(frame: Any) -> Iterator[Any]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def name_of(frame: Any) -> str:
    return str(frame.f_globals.get("__name__") or "")


def _is_importing(frame: Any) -> bool:
    return str(frame.f_code.co_filename).startswith(("<frozen importlib", "<frozen zipimport"))


def _is_standard(frame: Any) -> bool:
    return name_of(frame).partition(".")[0] in sys.stdlib_module_names and not is_project(frame.f_code.co_filename)


def counts(frame: Any) -> bool:
    """Whether the nearest code outside of the standard library is the project's, or a library's that is not quiet."""
    for each in frames(frame):
        if _is_standard(each) or _is_importing(each):
            continue
        if is_project(each.f_code.co_filename):
            return True
        name = name_of(each)
        return name.partition(".")[0] not in QUIET and not name.startswith(_OURS)
    return False


def variable_counts(frame: Any) -> bool:
    """The same for a variable: what the standard library looks up for itself (TERM, TMPDIR) does not count."""
    for each in frames(frame):
        if name_of(each) in PASSING_ON and not is_project(each.f_code.co_filename):
            if each.f_code.co_name == "expanduser":
                return False  # a home: what is opened there counts, by its content
            continue
        return counts(each) and not _is_standard(each)
    return False


def is_for_itself(frame: Any) -> bool:
    """Whether a library reads while it is being imported: settings and caches of its own."""
    library = False
    for each in frames(frame):
        if _is_importing(each):
            if library:
                return True
        elif is_project(each.f_code.co_filename):
            return False
        elif not _is_standard(each):
            if name_of(each).startswith(_OURS):
                return False
            library = True
    return library


def is_own(frame: Any) -> bool:
    """Whether the nearest code outside of the standard library is the project's."""
    nearest = _nearest(frame)
    return nearest is not None and is_project(nearest.f_code.co_filename)


def is_quiet(frame: Any) -> bool:
    """Whether the nearest code outside of the standard library is a library's that only reads for itself."""
    nearest = _nearest(frame)
    return nearest is not None and name_of(nearest).partition(".")[0] in QUIET


def _nearest(frame: Any) -> Any:
    return next((each for each in frames(frame) if not _is_standard(each) and not _is_importing(each)), None)


def names_wanted(frame: Any) -> list[str] | None:
    """Of a library that copies all variables for the sake of a few: these. None where that is not known."""
    for each in frames(frame):
        if name_of(each) == "dotenv.main":
            parse, value = each.f_globals.get("parse_variables"), each.f_locals.get("value")
            if callable(parse) and isinstance(value, str):
                return [name for atom in parse(value) if isinstance(name := getattr(atom, "name", None), str)]
        if name_of(each) not in PASSING_ON:
            return None
    return None


def is_import(frame: Any) -> bool:
    """Whether the import system itself does it."""
    return frame is not None and _is_importing(frame)


_OURS = __name__.partition(".")[0] + "."
HOME = os.path.expanduser("~")  # noqa: PTH111
