"""What a model was made from: files, packages, variables. Seen by an audit hook and in ``sys.modules``.

A recorder must be active before the user's first import. Project files are those outside the interpreter's own
directories; what lies inside these is known by the versions of its distributions. Not seen: files that C code opens
by itself (but HDF5 and TensorFlow files are watched for), what another process reads, and ``os.path.exists``.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import itertools
import os
import platform
import site
import sys
import sysconfig
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from ..wire import record
from ..wire.record import BACKENDS, PACKAGE, canonical
from .compat import STUB

__all__ = ["Recorder", "is_project", "prepare"]

SYSTEM = ("/proc", "/dev", "/sys", "/etc", "/run")

QUIET_READERS = frozenset({"keras", "tensorflow", "jax", "jaxlib", "torch", "numpy", "absl", "h5py", "ml_dtypes"})
"""Packages whose own variables do not change an architecture; KERAS_BACKEND is recorded by the parent."""

ALWAYS = ("TF_USE_LEGACY_KERAS", "KERASARCH_WEIGHT_BUDGET")


@functools.cache
def installations() -> tuple[str, ...]:
    """Directories of the interpreter and of installed packages, each ending in a separator."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    places = {sysconfig.get_path(name) for name in names}
    places |= {sysconfig.get_path(name, vars={"base": sys.base_prefix, "platbase": sys.base_prefix}) for name in names}
    places |= set(site.getsitepackages()) if hasattr(site, "getsitepackages") else set()
    # Of another environment, lent by a .pth file or PYTHONPATH.
    places |= {entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}}
    places.add(site.getusersitepackages() if hasattr(site, "getusersitepackages") else "")
    places |= {str(Path(place).resolve()) for place in places if place}
    return tuple(sorted(os.path.join(place, "") for place in places if place))  # noqa: PTH118


@functools.cache
def is_project(path: str) -> bool:
    """Whether a file belongs to the user's project rather than to the installation, the system or this package."""
    if not path or path.startswith("<"):
        return False
    path = os.path.abspath(path)  # noqa: PTH100 - resolving links would lose the project's own layout
    if path.endswith(".zip") and path in sys.path and not Path(path).exists():
        return False  # the standard library's archive is looked for and seldom there
    ours = (str(PACKAGE) + os.sep, *(place + os.sep for place in SYSTEM))
    if path.startswith(ours) or path.startswith(installations()):
        return False
    real = os.path.realpath(path)
    return not real.startswith((*ours, *installations()))


def prepare() -> None:
    """What costs time once and serves all requests."""
    installations()
    _distributions()


@functools.cache
def _distributions() -> dict[str, list[str]]:
    """Importable top-level name → distributions."""
    return {name: list(found) for name, found in importlib.metadata.packages_distributions().items()}


class Recorder:
    """Records while it is entered, then tells."""

    def __init__(self) -> None:
        self.files: dict[str, bool] = {}
        """Path → whether it was read before anything wrote it."""
        self.listings: set[str] = set()
        self.relative = False
        """Whether a path was given relative to the folder that the worker was started in."""
        self.missed: dict[str, list[str]] = {}
        """Module that the project asked for in vain → files that would have been it."""
        self.env: dict[str, str] = {}
        self._before = frozenset(sys.modules)
        self._cwd_at_start = Path.cwd()

    def __enter__(self) -> Recorder:
        _install()
        _ACTIVE.append(self)
        _watch_environ()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        _ACTIVE.remove(self)

    def note(self, file: str) -> None:
        """A file that is known to be read."""
        self._tell_relative(file)
        self.files.setdefault(str(self._cwd_at_start / file), True)

    def saw(self, event: str, args: tuple[Any, ...], frame: Any) -> None:
        """One audit event."""
        if event == "open":
            self._saw_open(*args)
        elif event in {"os.listdir", "os.scandir"}:
            path = args[0] if args[0] is not None else "."
            # The import system lists each directory of the path, which says nothing about the model.
            importing = frame is not None and "importlib" in frame.f_code.co_filename
            if not importing and isinstance(path, str | os.PathLike):
                place = os.path.abspath(path)  # noqa: PTH100 - now, before the code changes its directory
                if is_project(os.path.join(place, "")):  # noqa: PTH118
                    self.listings.add(str(place))
                    self._tell_relative(path)

    def saw_no_module(self, name: str, path: Iterable[str]) -> None:
        """``try: import local_settings``: once the module comes, the model may be another one."""
        last = name.rpartition(".")[2]
        folders = [Path(entry or os.curdir).absolute() for entry in path]
        ways = [place / last for place in folders if place.is_dir() and is_project(str(place / last))]
        self.missed[name] = [str(file) for way in ways for file in (way.with_suffix(".py"), way / "__init__.py")]

    def _saw_open(self, path: Any, mode: Any, flags: Any) -> None:
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not isinstance(path, str | os.PathLike):
            return
        place = str(os.path.abspath(path))  # noqa: PTH100
        if place in self.files or not is_project(place):
            return
        if isinstance(mode, str):
            fresh = mode[:1] in {"w", "x"}
        else:
            fresh = bool((flags or 0) & (os.O_TRUNC | os.O_EXCL)) and (flags & os.O_ACCMODE) != os.O_RDONLY
        # What the code writes first is its product, not its source.
        self.files[place] = not fresh
        if not fresh:
            self._tell_relative(path)

    def _tell_relative(self, path: str | os.PathLike[str]) -> None:
        if not Path(path).is_absolute() and Path.cwd() == self._cwd_at_start:
            self.relative = True

    def record(self, backend: str) -> dict[str, Any]:
        """The record, see :mod:`..wire.record`."""
        seen = list(self.files.items())  # a thread that the code has left behind may still open files
        read = {path for path, is_input in seen if is_input}
        written = {path for path, is_input in seen if not is_input}
        files = {source_of(path) for path in read | self._module_files()} - written
        files = {path for path in files if Path(path).parent.is_dir() and not Path(path).is_dir()}
        files |= {file for name, ways in self._missed() for file in ways}
        sites = [entry for entry in sys.path if os.path.join(entry, "").startswith(installations())]  # noqa: PTH118
        return {
            "files": {path: record.file_digest(path) for path in sorted(files)},
            "listings": {path: record.listing_digest(path) for path in sorted(self.listings) if Path(path).is_dir()},
            "folder": {str(self._cwd_at_start): ""} if self.relative else {},
            "packages": self._packages(backend, sites),
            "sites": sites,
            "env": {key: value for key, value in sorted(self.env.items()) if value != _OWN},
            "keras_config": record.keras_config(_START_ENV),
            "backend": backend,
            "python": platform.python_version(),
            "code": record.code_digest(),
        }

    def _module_files(self) -> set[str]:
        found = set()
        for name in sorted(set(sys.modules) - self._before):
            module = sys.modules[name]
            for file in (getattr(module, "__file__", None), getattr(module, "__cached__", None)):
                if isinstance(file, str) and is_project(file):
                    found.add(_existing(os.path.abspath(file)))  # noqa: PTH100
        return found

    def _missed(self) -> list[tuple[str, list[str]]]:
        # Someone may have found it later, or it was made by hand.
        return sorted((name, ways) for name, ways in self.missed.items() if name not in sys.modules)

    def _packages(self, backend: str, sites: list[str]) -> dict[str, str]:
        here = record.installed(sites)
        tops = {name.partition(".")[0] for name in list(sys.modules)}
        tops = {top for top in tops if not getattr(sys.modules.get(top), STUB, False)}
        wanted = {canonical(item) for top in tops for item in _distributions().get(top, ())}
        result = {name: here[name] for name in sorted(wanted) if name in here}
        absent = {canonical(name) for name, _ in self._missed() if "." not in name}
        result.update({name: "" for name in sorted(absent) if name not in here})
        if backend:
            result.update(preferred_backends(backend, here))
        return result


def preferred_backends(backend: str, here: Mapping[str, str] | None = None) -> dict[str, str]:
    """Distributions of backends that would be taken before ``backend``, were they there."""
    here = record.installed(sys.path) if here is None else here
    before = itertools.takewhile(lambda other: other != backend, BACKENDS)
    return {name: here.get(name, "") for other in before for name in BACKENDS[other]}


def source_of(path: str) -> str:
    """The source of a compiled module; other paths as they are."""
    if not path.endswith(".pyc"):
        return path
    try:
        source = importlib.util.source_from_cache(path)
    except (NotImplementedError, ValueError):
        return path
    return source if Path(source).is_file() else path


def _existing(path: str) -> str:
    """The file itself, or the archive that it is in."""
    place = Path(path)
    for part in (place, *place.parents):
        if part.is_file():
            return str(part)
    return path


# ---- hooks: one for the process, because an audit hook cannot be taken away -----------------------------------------

_ACTIVE: list[Recorder] = []
_INSTALLED: list[bool] = []
_OURS = threading.local()
"""``.busy`` while this thread is in the hook: what the hook itself opens is not the model's."""

_START_ENV = dict(os.environ)


def _install() -> None:
    if not _INSTALLED:
        _INSTALLED.append(True)
        sys.addaudithook(_hook)
        sys.meta_path.append(_LastFinder)
    _watch_hdf5()
    _watch_tensorflow()


def _hook(event: str, args: tuple[Any, ...]) -> None:
    # By thread: several may open files at a time, and each one of them counts.
    if event not in {"open", "os.listdir", "os.scandir"} or getattr(_OURS, "busy", False):
        return
    _OURS.busy = True
    try:
        for recorder in _ACTIVE[-1:]:
            recorder.saw(event, args, sys._getframe(1))
    except (OSError, ValueError):
        pass  # a path that no file can have, or the current folder is gone: the caller will be told
    finally:
        _OURS.busy = False


class _LastFinder:
    """Stands last on ``sys.meta_path``: is asked for modules that nobody else has found."""

    @staticmethod
    def find_spec(name: str, path: Iterable[str] | None = None, target: Any = None) -> None:
        frame: Any = sys._getframe(1)
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is not None and is_project(frame.f_code.co_filename):
            for recorder in _ACTIVE[-1:]:
                recorder.saw_no_module(name, list(sys.path if path is None else path))


def _note(path: Any) -> None:
    if isinstance(path, str | bytes | os.PathLike):
        for recorder in _ACTIVE[-1:]:
            recorder._saw_open(path, "r", 0)


def _watch_hdf5() -> None:
    """h5py opens files in C."""
    module = sys.modules.get("h5py")
    cls = getattr(module, "File", None)
    if cls is None or hasattr(cls.__init__, "kerasarch"):
        return
    construct = cls.__init__

    @functools.wraps(construct)
    def init(self: Any, name: Any, mode: str = "r", *args: Any, **kwargs: Any) -> None:
        if mode in {"r", "r+", "a"}:
            _note(name)
        construct(self, name, mode, *args, **kwargs)

    init.kerasarch = True  # type: ignore[attr-defined]
    cls.__init__ = init


def _watch_tensorflow() -> None:
    """``tf.io`` opens files in C."""
    module = sys.modules.get("tensorflow.python.lib.io.file_io")
    cls = getattr(module, "FileIO", None)
    if cls is None or hasattr(cls.__init__, "kerasarch"):
        return
    construct = cls.__init__

    @functools.wraps(construct)
    def init(self: Any, name: Any, mode: str = "r", *args: Any, **kwargs: Any) -> None:
        if "w" not in mode:
            _note(name)
        construct(self, name, mode, *args, **kwargs)

    init.kerasarch = True  # type: ignore[attr-defined]
    cls.__init__ = init


class _WatchedEnviron(type(os.environ)):  # type: ignore[misc]  # the class of os.environ is private
    """``os.environ`` that tells which variables a model's code reads."""

    def __getitem__(self, key: str) -> str:
        try:
            value = super().__getitem__(key)
        except KeyError:
            _read_variable(key, None)
            raise
        _read_variable(key, value)
        return value  # type: ignore[no-any-return]

    def __contains__(self, key: object) -> bool:
        try:
            self[key]  # type: ignore[index]
        except (KeyError, TypeError):
            return False
        return True

    def __setitem__(self, key: str, value: str) -> None:
        if _ACTIVE:
            _ACTIVE[-1].env.setdefault(key, _OWN)
        super().__setitem__(key, value)


_OWN = "own"
"""Marks a variable that the code has set before it read it."""


def _watch_environ() -> None:
    os.environ.__class__ = _WatchedEnviron
    recorder = _ACTIVE[-1]
    for key in ALWAYS:
        value = _START_ENV.get(key)
        recorder.env[key] = "" if value is None else record.text_digest(value)


def _read_variable(key: Any, value: str | None) -> None:
    if not _ACTIVE or not isinstance(key, str) or key in _ACTIVE[-1].env or not _reader_counts():
        return
    _ACTIVE[-1].env[key] = "" if value is None else record.text_digest(value)


def _reader_counts() -> bool:
    """Whether the code that reads is the project's or a third party's on its behalf."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name not in {"os", "collections.abc", "_collections_abc", __name__}:
            top = name.partition(".")[0]
            return top not in QUIET_READERS and top not in sys.stdlib_module_names and not name.startswith(__package__)
        frame = frame.f_back
    return False
