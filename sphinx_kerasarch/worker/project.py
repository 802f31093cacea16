"""Which files are the user's own: all but those of the interpreter, of installed packages, of the system and ours."""

from __future__ import annotations

import functools
import importlib.util
import os
import site
import sys
import sysconfig
from pathlib import Path

from ..wire.record import PACKAGE

MACHINE = ("/proc", "/dev", "/sys", "/run")
"""The state of the machine, which is no file of anybody."""

SITES = frozenset({"site-packages", "dist-packages"})


@functools.cache
def sites() -> tuple[str, ...]:
    """Directories of installed packages, each ending in a separator."""
    places = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    places |= {
        sysconfig.get_path(name, vars={"base": sys.base_prefix, "platbase": sys.base_prefix})
        for name in ("purelib", "platlib")
    }
    places |= set(site.getsitepackages()) if hasattr(site, "getsitepackages") else set()
    # Of another environment, lent by a .pth file or PYTHONPATH.
    places |= {entry for entry in sys.path if Path(entry).name in SITES}
    places.add(site.getusersitepackages() if hasattr(site, "getusersitepackages") else "")
    return _with_separators(places)


@functools.cache
def installations() -> tuple[str, ...]:
    """Directories of the interpreter and of installed packages, each ending in a separator."""
    places = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    places |= {
        sysconfig.get_path(name, vars={"base": sys.base_prefix, "platbase": sys.base_prefix})
        for name in ("stdlib", "platstdlib")
    }
    return tuple(sorted({*_with_separators(places), *sites()}))


def _with_separators(places: set[str]) -> tuple[str, ...]:
    places = {place for place in places if place}
    places |= {str(Path(place).resolve()) for place in places}
    return tuple(sorted(os.path.join(place, "") for place in places))  # noqa: PTH118


@functools.cache
def is_project(path: str) -> bool:
    """Whether a file belongs to the user's project rather than to the installation, the system or this package."""
    if not path or path.startswith("<"):
        return False
    path = os.path.abspath(path)  # noqa: PTH100 - resolving links would lose the project's own layout
    if path.endswith(".zip") and path in sys.path and not Path(path).exists():
        return False  # the standard library's archive is looked for and seldom there
    outside = (str(PACKAGE) + os.sep, *(place + os.sep for place in MACHINE))
    # With an end, so that these directories are within themselves.
    told, real = path + os.sep, os.path.realpath(path) + os.sep
    if told.startswith(outside) or real.startswith((*outside, *installations())):
        return False
    return not told.startswith(installations()) or _linked_package(path)


def _linked_package(path: str) -> bool:
    """Whether a path in ``site-packages`` is in a package that is a link to a checkout, for editing."""
    place = max((entry for entry in sites() if path.startswith(entry)), key=len, default="")
    top = path[len(place) :].split(os.sep, 1)[0]
    return bool(place) and Path(place, top).is_symlink() and Path(place, top).is_dir()


def top_in_site(path: str) -> str:
    """The top-level entry of ``site-packages`` that a path is in, "" for a path elsewhere."""
    place = max((entry for entry in sites() if path.startswith(entry)), key=len, default="")
    return path[len(place) :].split(os.sep, 1)[0] if place else ""


def source_of(path: str) -> str:
    """What a compiled module is made from, itself where its source is not looked at; other paths as they are."""
    if not path.endswith(".pyc"):
        return path
    try:
        source = importlib.util.source_from_cache(path)
    except (NotImplementedError, ValueError):
        return path
    return source if Path(source).is_file() and not _is_unchecked(path) else path


def _is_unchecked(path: str) -> bool:
    """Whether Python takes a compiled module without a look at its source (PEP 552)."""
    try:
        with Path(path).open("rb") as file:
            return file.read(8)[4:] == b"\1\0\0\0"
    except OSError:
        return False


def existing(path: str) -> str:
    """The file itself, or the archive that it is in."""
    place = Path(path)
    for part in (place, *place.parents):
        if part.is_file():
            return str(part)
    return path
