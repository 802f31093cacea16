"""What a model was made from: files, modules, packages, variables. The hooks of :mod:`.watch` tell of them.

A recorder must be active before the user's first import. Project files are those outside the interpreter's own
directories; what lies inside these is known by the versions of its distributions. Not seen: files that C code opens
by itself (but see ``watch/native.py``), what another process reads, times, chance and the network.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import itertools
import os
import platform
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ..wire import packages, record, search
from ..wire.packages import canonical
from ..wire.record import BACKENDS
from . import watch
from .compat import STUB
from .project import existing, installations, is_project, sites, source_of, top_in_site
from .readers import (
    HOME,
    counts,
    is_for_itself,
    is_import,
    is_own,
    is_quiet,
    name_of,
    names_wanted,
    variable_counts,
)
from .watch import native

__all__ = ["Recorder", "is_project", "prepare"]

ALWAYS = ("TF_USE_LEGACY_KERAS", "KERASARCH_WEIGHT_BUDGET")

EXISTENCE = frozenset(
    {"exists", "lexists", "isfile", "isdir", "islink", "is_file", "is_dir", "is_symlink", "access", "getmtime"}
)
"""Functions that ask whether there is a file, not how long it is."""

METADATA = (".dist-info", ".egg-info")

AT_START = frozenset({"__main__", "sitecustomize", "usercustomize"})
"""Modules that an editor, a debugger or a system brings: other ones at every place."""

OWN = "own"
"""Marks a variable that the code has set before it read it."""

CHANGED = "changed while it was read"
"""In place of a digest: what was read is not known, so the description is true for this one time."""

_START_ENV = dict(os.environ)

Signature = tuple[int, int, int] | None


@dataclass(slots=True)
class Read:
    """A file that was read."""

    signature: Signature
    """Of the file when it was opened; None when it was not there."""
    digest: str = ""
    """Of its content before the code itself changed it."""


def prepare() -> None:
    """What costs time once and serves all requests. The hooks become what is put back after user code."""
    watch.install()
    installations()
    _distributions()
    _code()
    _loaded_before()


@functools.cache
def _code() -> str:
    """Digest of our own code, which this process has loaded."""
    return record.code_digest()


@functools.cache
def _loaded_before() -> dict[str, Signature]:
    """Project files that were loaded before any user code, as those of a Keras that is installed for editing."""
    files = (getattr(module, "__file__", None) for name, module in list(sys.modules.items()) if name not in AT_START)
    found = {source_of(existing(os.path.abspath(file))) for file in files if file and is_project(file)}  # noqa: PTH100
    return {file: _signature(file) for file in sorted(found)}


@functools.cache
def _distributions() -> dict[str, list[str]]:
    """Importable top-level name → distributions."""
    found: dict[str, list[str]] = {}
    for distribution in importlib.metadata.distributions():
        name = distribution.metadata["Name"]
        for top in sorted(_tops(distribution)) if name else ():
            found.setdefault(top, []).append(name)
    return found


def _tops(distribution: importlib.metadata.Distribution) -> set[str]:
    """Modules and packages that a distribution has brought.

    As :func:`importlib.metadata.packages_distributions` finds them, without an object for each file of all packages.
    """
    told = distribution.read_text("top_level.txt")
    if told:
        return set(told.split())
    record = distribution.read_text("RECORD")
    if record is None:
        paths = [str(path) for path in distribution.files or ()]
    else:
        paths = [line.partition(",")[0].strip('"') for line in record.splitlines()]
    code = (path.partition("/") for path in paths if path.endswith((".py", ".so", ".pyd")))
    return {first if rest else first.partition(".")[0] for first, rest, _ in code if first not in {"", ".", ".."}}


class Recorder:
    """Records while it is entered, then tells."""

    def __init__(self) -> None:
        self.files: dict[str, Read] = {}
        self.listings: dict[str, str] = {}
        """Directory → digest of its names when they were listed."""
        self.kinds: dict[str, str] = {}
        """Path that was asked for without being opened → what was there."""
        self.links: dict[str, str] = {}
        """Path → where it led."""
        self.lookups: dict[str, tuple[tuple[str, ...], bool]] = {}
        """Module → directories that it was looked for in; whether code that counts wanted it."""
        self.env: dict[str, str] = {}
        self.made: set[str] = set()
        """What the code has made: its products are not its sources."""
        self._wanted_before: set[str] = set()
        """Of these, what it would have taken, had it been there."""
        self.relative = False
        """Whether a path was given relative to the folder that the worker was started in."""
        self._told: set[str] = set()
        """Distributions whose metadata were read; ``*`` when all were looked through."""
        self._passing: set[str] = set()
        """Variables that come by because all of them are asked for."""
        self._seen: dict[str, search.Names] = {}
        """Directories that were looked into for the record."""
        self._before = frozenset(sys.modules)
        self._mapped = native.mapped()
        self._cwd_at_start = str(Path.cwd())

    def __enter__(self) -> Recorder:
        watch.install()
        for key in ALWAYS:
            value = _START_ENV.get(key)
            self.env[key] = "" if value is None else record.text_digest(value)
        watch.ACTIVE.append(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        watch.ACTIVE.remove(self)

    # ---- what the hooks tell

    def note(self, file: str) -> None:
        """A file that is known to be read."""
        self._tell_relative(file)
        place = os.path.normpath(os.path.join(self._cwd_at_start, file))  # noqa: PTH118
        self.files.setdefault(place, Read(_signature(place)))

    def saw_open(self, path: str, frame: Any, *, reads: bool = True, fresh: bool = False, writes: bool = False) -> None:
        """``fresh``: what was there before is not seen."""
        place = os.path.abspath(path)  # noqa: PTH100
        if writes:
            self.saw_change(place)
        if not is_project(place):
            self._saw_metadata(place, frame)
            return
        if fresh:
            self._made(place)
            return
        place = source_of(place)
        if not reads or place in self.files or self._is_made(place) or self._is_setting(place, frame):
            return
        self.files[place] = Read(_signature(place))
        self._tell_relative(path)

    def saw_listing(self, path: str, frame: Any) -> None:
        # The import system and the metadata of packages look through the whole path, which says nothing.
        if is_import(frame) or name_of(frame).startswith(("importlib.metadata", "importlib_metadata", "pkg_resources")):
            return
        place = os.path.abspath(path)  # noqa: PTH100 - now, before the code changes its directory
        within = os.path.join(place, "")  # noqa: PTH118
        if place not in self.listings and is_project(within) and not self._is_made(place):
            if self._is_setting(within, frame) or self._is_leftover(place):
                return
            self.listings[place] = record.listing_digest(place)
            self._tell_relative(path)

    def saw_made(self, path: str) -> None:
        self._made(os.path.abspath(path))  # noqa: PTH100

    def _made(self, place: str) -> None:
        read = self.files.get(place)
        if self.kinds.get(place) == "" or (read is not None and read.signature is None):
            self._wanted_before.add(place)
            self.files.pop(place, None)
        if place not in self.files:
            self.made.add(place)

    def saw_change(self, path: str) -> None:
        """A file is about to be changed or taken away: what was read is what is there now."""
        read = self.files.get(os.path.abspath(path))  # noqa: PTH100
        if read is not None and not read.digest and read.signature is not None:
            read.digest = record.file_digest(os.path.abspath(path))  # noqa: PTH100

    def saw_status(self, path: str, frame: Any, *, existence: bool = False) -> None:
        """``existence``: whether nothing else was asked."""
        place = os.path.abspath(path)  # noqa: PTH100
        sized = not (existence or _asks_existence(frame))
        known = self.kinds.get(place)  # its size may be asked for after whether it is there
        if known is not None and not (sized and known == "file"):
            return
        if not is_project(place) or self._is_made(place) or not counts(frame) or self._is_setting(place, frame):
            return
        self.kinds[place] = record.kind_of(place, sized=sized)
        self._tell_relative(path)

    def saw_link(self, path: str, frame: Any) -> None:
        place = os.path.abspath(path)  # noqa: PTH100
        if place not in self.links and is_project(place) and counts(frame):
            real = os.path.realpath(place)
            if real != place:
                self.links[place] = real
            self._tell_relative(path)

    def saw_folder(self, frame: Any) -> None:
        """The current folder is asked for."""
        if not self.relative and counts(frame):
            self._tell_relative("")

    def saw_lookup(self, name: str, folders: tuple[str, ...], frame: Any) -> None:
        within = any(is_project(os.path.join(folder, "")) for folder in folders)  # noqa: PTH118
        if "." in name and not within and not _is_namespace(name.rpartition(".")[0]):
            return  # an installed package is known by its version, but to one without __init__ others may add
        wanted = counts(frame)
        known = self.lookups.get(name)
        if known is None or (wanted and not known[1]):
            self.lookups[name] = (folders, wanted)

    def saw_variable(self, name: str, value: str | None, frame: Any) -> None:
        if name in self._passing:
            self._passing.discard(name)
        elif name not in self.env and variable_counts(frame):
            # A library finds its settings by XDG_CONFIG_HOME.
            if re.fullmatch(record.SESSION, name) and not name.startswith("XDG_") and not is_own(frame):
                return
            self.env[name] = "" if value is None else record.text_digest(value)

    def saw_all_variables(self, names: Iterable[str], frame: Any) -> None:
        if not variable_counts(frame):
            return
        wanted = names_wanted(frame)
        self._passing = {name for name in names if name not in self.env}
        if wanted is None:
            self.env[record.ALL] = record.variables_digest(_START_ENV)
        for name in wanted or ():
            if name not in self.env:
                value = _START_ENV.get(name)
                self.env[name] = "" if value is None else record.text_digest(value)
                self._passing.discard(name)

    def saw_distribution(self, name: str, frame: Any) -> None:
        """One is looked for by its name."""
        if counts(frame) and not is_for_itself(frame):
            self._told.add(canonical(name))

    def saw_own_variable(self, name: str) -> None:
        self.env.setdefault(name, OWN)

    def _tell_relative(self, path: str) -> None:
        if not os.path.isabs(path) and str(Path.cwd()) == self._cwd_at_start:  # noqa: PTH117
            self.relative = True

    def _is_made(self, place: str) -> bool:
        """Whether the code has made a path or a folder that it is in."""
        if not self.made:
            return False
        return place in self.made or any(str(parent) in self.made for parent in Path(place).parents)

    def _is_setting(self, place: str, frame: Any) -> bool:
        """Whether a library reads settings and caches of its own, which say nothing about the model."""
        hidden = place.startswith((os.path.join(HOME, "."), "/etc/"))  # noqa: PTH118
        return (hidden or is_quiet(frame)) and is_for_itself(frame)

    def _is_leftover(self, place: str) -> bool:
        """Whether the code comes through a folder that says nothing, as it goes through all below a listed one."""
        return any(
            record.is_leftover(part.name) and str(part.parent) in self.listings
            for part in (Path(place), *Path(place).parents)
        )

    def _saw_metadata(self, place: str, frame: Any) -> None:
        top = top_in_site(place)
        if top.endswith(METADATA) and counts(frame) and not is_for_itself(frame):
            # All entry points of a kind are found by a look at every distribution.
            every = place.endswith("entry_points.txt")
            self._told.add(record.ALL if every else canonical(top.partition("-")[0].removesuffix(".egg")))

    # ---- the record

    def record(self, backend: str) -> dict[str, Any]:
        """The record, see :mod:`..wire.record`."""
        with contextlib.suppress(OSError):
            os.chdir(self._cwd_at_start)  # relative paths of modules and of the import path are told from there
        found_in = [entry for entry in sys.path if os.path.join(entry, "").startswith(sites())]  # noqa: PTH118
        files = self._files()
        modules, shadows, missing = self._modules()
        return {
            "files": files,
            "listings": {path: self._listing(path, told) for path, told in sorted(self.listings.items())},
            "kinds": self._kinds(files),
            "links": dict(sorted(self.links.items())),
            "modules": modules,
            "shadows": shadows,
            "missing": missing,
            "lent": self._lent(found_in),
            "folder": {self._cwd_at_start: ""} if self.relative else {},
            "packages": self._packages(backend, found_in),
            "sites": found_in,
            "prefix": sys.prefix,
            "env": {key: value for key, value in sorted(self.env.items()) if value != OWN},
            "keras_config": record.keras_config(_START_ENV),
            "backend": backend,
            "python": platform.python_version(),
            "code": _code(),
        }

    def _files(self) -> dict[str, str]:
        for path, signature in _loaded_before().items():
            self.files.setdefault(path, Read(signature))
        mapped = {path for path in native.mapped() - self._mapped if is_project(path)}
        for path in sorted(self._module_files() | mapped):
            if path not in self.files and not self._is_made(path):
                self.files[path] = Read(_signature(path))
        seen = sorted(self.files.items())  # a thread that the code has left behind may still open files
        return {path: _digest(path, read) for path, read in seen if not Path(path).is_dir()}

    def _kinds(self, files: Mapping[str, str]) -> dict[str, str]:
        asked = {path: told for path, told in self.kinds.items() if path not in files and not self._is_made(path)}
        made = {path: record.MADE + digest for path in self._wanted_before if (digest := record.file_digest(path))}
        return dict(sorted({**asked, **made}.items()))

    def _listing(self, path: str, told: str) -> str:
        now = record.listing_digest(path)
        if now != told and any(os.path.dirname(made) == path for made in self.made):  # noqa: PTH120
            return now
        return told

    def _module_files(self) -> set[str]:
        found = set()
        for name in sorted(set(sys.modules) - self._before):
            module = sys.modules[name]
            for file in (getattr(module, "__file__", None), getattr(module, "__cached__", None)):
                if isinstance(file, str) and (is_project(file) or _without_distribution(file)):
                    found.add(source_of(existing(os.path.abspath(file))))  # noqa: PTH100
        return {file for file in found if os.path.isfile(file)}  # noqa: PTH113

    def _modules(self) -> tuple[dict[str, dict[str, str]], dict[str, str], list[str]]:
        """Directory → name → what was found; directory → names that were not; names that no installed package has."""
        found: dict[str, dict[str, str]] = {}
        lacking: dict[str, set[str]] = {}
        missing = set()
        for name, (folders, wanted) in sorted(self._lookups().items()):
            last = name.rpartition(".")[2]
            ways = [os.path.join(self._cwd_at_start, folder) for folder in folders]  # noqa: PTH118
            loaded = sys.modules.get(name)
            regular = loaded is not None and getattr(loaded, "__file__", None) is not None
            asked = last if regular else f"{last}/"
            nowhere = True
            for way in ways:
                here = self._names(way).found(asked)
                nowhere = nowhere and not here
                if is_project(os.path.join(way, "")):  # noqa: PTH118
                    if here:
                        found.setdefault(way, {})[asked] = here
                    else:
                        lacking.setdefault(way, set()).add(asked)
                if here and regular:
                    break
            if nowhere and wanted and loaded is None and ("." not in name or _is_namespace(name.rpartition(".")[0])):
                missing.add(name)
        shadows = {way: " ".join(sorted(names)) for way, names in sorted(lacking.items())}
        return dict(sorted(found.items())), shadows, sorted(missing)

    def _names(self, path: str) -> search.Names:
        if path not in self._seen:
            self._seen[path] = search.names_in(path)
        return self._seen[path]

    def _lookups(self) -> dict[str, tuple[tuple[str, ...], bool]]:
        """Those seen, and those of libraries that were there before: a module of the user's could have hidden them."""
        before = {
            name: (tuple(sys.path), False)
            for name in self._before
            if "." not in name and top_in_site(getattr(sys.modules.get(name), "__file__", None) or "")
        }
        return {**before, **self.lookups}

    def _lent(self, found_in: list[str]) -> dict[str, str]:
        """Top-level module → directory by PYTHONPATH or a ``.pth`` file that it came from."""
        places = search.lent(_START_ENV, found_in)
        tops = {name.partition(".")[0] for name in self.lookups} | {name for name, _ in places if name}
        origins = {}
        for top in tops:
            file = getattr(sys.modules.get(top), "__file__", None) or ""
            if file and is_project(file):
                origins[top] = file
        if not origins:
            return {}
        names = {path: self._names(path) for _, path in places}
        lenders = {top: search.lender(top, places, names) for top in sorted(origins)}
        # Where the given path has the module itself, what is lent does not matter.
        return {
            top: path
            for top, path in lenders.items()
            if path and (origins[top].startswith(path) or ((top, path) in places and not self._is_given(top)))
        }

    def _is_given(self, name: str) -> bool:
        """Whether a module lies in one of the directories that it was looked for in."""
        folders = self.lookups.get(name, ((), False))[0]
        return any(self._names(folder).found(name.rpartition(".")[2]) for folder in folders)

    def _packages(self, backend: str, found_in: list[str]) -> dict[str, str]:
        here = packages.installed(found_in)
        tops = {name.partition(".")[0] for name in [*sys.modules, *self._wanted()]} - {"_distutils_hack"}
        tops = {top for top in tops if not getattr(sys.modules.get(top), STUB, False) and not _is_own(top)}
        wanted = {canonical(item) for top in tops for item in _distributions().get(top, ())}
        result = {name: here.told(name) for name in sorted(wanted) if name in here.versions}
        result.update((name, here.told(name)) for name in sorted(self._told - {record.ALL}))
        if record.ALL in self._told:
            result[record.ALL] = here.entry_points()
        if backend:
            result.update(preferred_backends(backend, here))
        return result

    def _wanted(self) -> list[str]:
        return [name for name, (_, wanted) in self.lookups.items() if wanted]


def preferred_backends(backend: str, here: packages.Installed | None = None) -> dict[str, str]:
    """Distributions of backends that would be taken before ``backend``, were they there."""
    here = here or packages.installed(sys.path)
    before = itertools.takewhile(lambda other: other != backend, BACKENDS)
    return {name: here.told(name) for other in before for name in BACKENDS[other]}


def _is_own(top: str) -> bool:
    """Whether a loaded module or package lies in the project: its files count, not the version it is installed as."""
    module = sys.modules.get(top)
    file = getattr(module, "__file__", None)
    if file:
        return is_project(file)
    parts = list(getattr(module, "__path__", ()))
    return bool(parts) and all(is_project(os.path.join(part, "")) for part in parts)  # noqa: PTH118


def _is_namespace(name: str) -> bool:
    """Whether a package has no ``__init__``, so that anybody may add modules to it."""
    module = sys.modules.get(name)
    return hasattr(module, "__path__") and getattr(module, "__file__", None) is None


def _signature(path: str) -> Signature:
    try:
        stat = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _digest(path: str, read: Read) -> str:
    """Of what was read."""
    if read.digest:
        return read.digest
    if _signature(path) != read.signature:
        return CHANGED
    return record.file_digest(path)


def _asks_existence(frame: Any) -> bool:
    """Whether ``os.stat`` was called for one of :data:`EXISTENCE`."""
    while frame is not None and name_of(frame).partition(".")[0] in {"pathlib", "genericpath", "posixpath", "ntpath"}:
        if frame.f_code.co_name in EXISTENCE:
            return True
        frame = frame.f_back
    return False


def _without_distribution(file: str) -> bool:
    """Whether a module in ``site-packages`` was put there by hand, so that no version tells of it."""
    top = top_in_site(os.path.abspath(file))  # noqa: PTH100
    return bool(top) and not _distributions().get(top.partition(".")[0]) and not top.startswith("__editable__")
