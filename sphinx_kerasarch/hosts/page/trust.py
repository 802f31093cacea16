"""What a page may ask for: the targets, files and interpreters that the project's configuration lets it name.

The configuration is trusted, as ``conf.py`` is code. A page is not where settings say so: whoever may edit pages then
runs nothing but what the patterns name, and reads no file outside of the project.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from ...errors import NotAllowedError, TargetError
from .request import Failure

REPOSITORY = (".git", ".hg", ".svn", ".jj")
"""What lies at the root of a checkout."""
PROJECT = ("pyproject.toml", "setup.py", "setup.cfg", "mkdocs.yml")
"""What lies at the root of a project that is no checkout, as an unpacked archive."""


class Limits(NamedTuple):
    """Everything is allowed but files outside of ``roots`` where ``allow`` is empty."""

    roots: tuple[str, ...]
    """Resolved folders of the project."""
    allow: tuple[str, ...] = ()
    """Patterns of targets, see :func:`names` and :func:`covers`."""
    pythons: tuple[str, ...] = ()
    """Patterns of interpreters."""
    python: str = ""
    """The configured interpreter."""


def limits(folders: Iterable[str | Path], allow: Sequence[str], pythons: Sequence[str], python: str) -> Limits:
    """``folders``: those of the pages, of the configuration and of the import path; the checkouts that they are in
    belong to the project, too."""
    return Limits(_roots(tuple(map(str, folders))), tuple(allow), tuple(pythons), python)


@lru_cache(maxsize=64)
def _roots(folders: tuple[str, ...]) -> tuple[str, ...]:
    found = [os.path.realpath(folder) for folder in folders]
    return tuple(dict.fromkeys([*found, *filter(None, map(_checkout, found))]))


def _checkout(folder: str) -> str:
    above = [Path(folder), *Path(folder).parents][:-1]  # a whole disk is no project
    for marks in (REPOSITORY, PROJECT):
        for place in above:
            if any((place / mark).exists() for mark in marks):
                return str(place)
    return ""


# ---- patterns


def is_file_pattern(pattern: str) -> bool:
    from ...spec.target import FILE_SUFFIXES

    return "/" in pattern or "\\" in pattern or pattern.lower().endswith(FILE_SUFFIXES)


def names(pattern: str, module: str, attribute: str) -> bool:
    """Whether ``mypkg.*:build_*`` names a target.

    A star for a module is any text, also with dots; one for an attribute is one name, so that no pattern opens what
    a module has imported (``models:os.system``). Without a colon it is any one name of the module.
    """
    wanted, colon, inner = pattern.strip().partition(":")
    parts, own = (inner if colon else "*").split("."), attribute.split(".")
    return (
        fnmatchcase(module, wanted)
        and len(parts) == len(own)
        and all(_covers_name(part, name) for name, part in zip(own, parts, strict=True))
    )


def _covers_name(part: str, name: str) -> bool:
    """Names of Python's own, ``__setattr__``, have to be written out: they lead from any object to all others."""
    return fnmatchcase(name, part) and (not (name.startswith("__") and name.endswith("__")) or name == part)


def covers(pattern: str, path: str, roots: Sequence[str]) -> bool:
    """Whether ``models/*.keras`` (below a root of the project) or ``/data/*.keras`` covers a resolved path. A star is
    any text, also with slashes."""
    pattern = pattern.strip()
    if os.path.isabs(pattern):  # noqa: PTH117 - a pattern is no path
        return fnmatchcase(_posix(path), _resolved(pattern))
    return any(fnmatchcase(_posix(os.path.relpath(path, root)), _posix(pattern)) for root in _around(path, roots))


def _posix(path: str) -> str:
    return path.replace(os.sep, "/")


def _resolved(pattern: str) -> str:
    """The folders before the first wildcard may be links themselves."""
    parts = _posix(pattern).split("/")
    plain = next((index for index, part in enumerate(parts) if any(sign in part for sign in "*?[")), len(parts))
    return "/".join([_posix(os.path.realpath("/".join(parts[:plain]) or "/")).rstrip("/"), *parts[plain:]])


def _around(path: str, roots: Sequence[str]) -> Iterator[str]:
    return (root for root in roots if Path(path).is_relative_to(root))


# ---- what a page names


def target(text: str, arguments: str, file: str, limits: Limits) -> list[Failure]:
    """``file``: its path, where ``text`` is that of a saved model."""
    if file:
        return _file(text, file, limits)
    return _import(text, arguments, limits)


def custom_objects(text: str, limits: Limits) -> list[Failure]:
    """Classes of the option of that name: their modules are imported."""
    parts = [(part, *part.partition("=")[1:]) for part in text.split(",") if part.strip()]
    return [failure for part, equals, rest in parts for failure in _import(rest if equals else part, "", limits)]


def _import(text: str, arguments: str, limits: Limits) -> list[Failure]:
    from ...spec.target import parse

    if not limits.allow:
        return []
    try:
        parsed = parse(text, arguments)
    except TargetError:
        return []  # the worker, which reads it in the same way, refuses it before it imports anything
    named = parsed.file or f"{parsed.module}:{parsed.attribute}"
    if not parsed.file and any(
        names(pattern, parsed.module, parsed.attribute) for pattern in limits.allow if not is_file_pattern(pattern)
    ):
        return []
    return [_refusal(f"{named} is not what pages of this project may run.", limits)]


def _file(text: str, file: str, limits: Limits) -> list[Failure]:
    path = os.path.realpath(file)
    patterns = [pattern for pattern in limits.allow if is_file_pattern(pattern)]
    if any(covers(pattern, path, limits.roots) for pattern in patterns):
        return []
    if any(_around(path, limits.roots)):
        return [_refusal(f"{text} is not what pages of this project may open.", limits)] if limits.allow else []
    advice = "Put it into the project, or let kerasarch_allow name it by its absolute path."
    return [Failure(NotAllowedError.slug, f"{text} lies outside of the project.", advice)]


def picture(text: str, file: str, limits: Limits) -> list[Failure]:
    """A picture that a page shows: of the project, or named by an absolute pattern."""
    path = os.path.realpath(file)
    absolute = [pattern for pattern in limits.allow if os.path.isabs(pattern.strip())]  # noqa: PTH117
    if any(_around(path, limits.roots)) or any(covers(pattern, path, ()) for pattern in absolute):
        return []
    advice = "Put it into the project, or let kerasarch_allow name it by its absolute path."
    return [Failure(NotAllowedError.slug, f"The picture {text} lies outside of the project.", advice)]


def python(text: str, limits: Limits) -> list[Failure]:
    """The interpreter that a page names. Any one while pages may run anything; else those that are configured."""
    from ...spec.target import is_path

    if text and not is_path(text):
        return [Failure(NotAllowedError.slug, f"{text!r} cannot be the path of an interpreter.")]
    if not text or text == limits.python or not (limits.allow or limits.pythons):
        return []
    if any(fnmatchcase(os.path.normpath(text), os.path.normpath(pattern)) for pattern in limits.pythons):
        return []
    said = f"{text} is not an interpreter that pages of this project may start."
    return [Failure(NotAllowedError.slug, said, "Name it in kerasarch_allow_python, or leave it to kerasarch_python.")]


def _refusal(said: str, limits: Limits) -> Failure:
    return Failure(NotAllowedError.slug, said, f"kerasarch_allow names {', '.join(limits.allow)}.")
