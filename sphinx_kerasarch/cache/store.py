"""The cache on disk. Atomic writes, checksums inside; whatever is not a whole entry of ours is no entry.

::

    descriptions/<question>/<inputs>.json   first line: sha256 of the rest; several inputs: branches, checkouts
    artifacts/<2 digits>/<key>-<sha256 of the content><suffix>
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CacheError, KerasarchError
from ..spec import shallow
from ..spec.codec import from_json, to_json
from ..wire.question import Description, Request
from .keys import digest_of, request_key
from .places import Places, pack, unpack
from .verify import Verifier
from .whole import write_whole

if TYPE_CHECKING:
    from .remote import Remote
    from .trim import Trimmed

LAYOUT = 1
"""Version of the entries."""

LARGEST = 1 << 28
"""Bytes of an entry; what is larger is none, since no answer of a worker is, and no picture can be shown."""

VARIANTS = 8
"""Descriptions kept for a question; the oldest goes first."""

CLOCKS = 2.0
"""Seconds that a file server's clock, or one that ticks seldom, may be behind ours."""

TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by sphinx_kerasarch; may be deleted at any time.\n"
"""Content of CACHEDIR.TAG, by which backup programs know a cache."""

IGNORE = ".gitignore"
"""Keeps git from taking the cache for a part of the project, as the caches of pytest, mypy and ruff do it."""


class Store:
    """A directory of descriptions and artifacts. Raises CacheError when the directory cannot be had.

    ``settings`` of the methods: what a description depends on besides its request (``path``, ``python``, ``env`` are
    understood); its ``roots``, absolute directories of the project, are what files are stored relative to. ``remote``:
    a store that others share, asked by :meth:`fetch` and told what is kept.
    """

    def __init__(self, directory: Path, remote: Remote | None = None) -> None:
        self.directory = Path(directory)
        self.remote = remote
        self.grown = False
        """Whether something was kept."""
        self._verifier = Verifier()
        self._began = time.time() - CLOCKS
        self._used: set[Path] = set()
        with _advised(self.directory):
            made = not self.directory.exists()
            self.directory.mkdir(parents=True, exist_ok=True)
            if made:  # in a folder that was there before, it would hide what is not ours
                self._write(self.directory / IGNORE, b"*\n")
            if not (self.directory / "CACHEDIR.TAG").exists() and os.access(self.directory, os.W_OK):
                self._write(self.directory / "CACHEDIR.TAG", TAG.encode())

    # ---- descriptions

    def find(self, request: Request, settings: Mapping[str, Any]) -> Description | None:
        """A description that is still true, or None."""
        key = request_key(request, settings)
        places = self._places(settings)
        for path in _newest_first(self.directory / "descriptions" / key):
            entry = _read(path)
            if entry is None or entry.get("key") != key or entry.get("layout") != LAYOUT:
                continue
            try:
                inputs = unpack(entry["inputs"], places)
                if self._verifier.differs(inputs, settings, request.backend):
                    continue
                found = Description(from_json(entry["spec"]), inputs)
            except (KerasarchError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
                continue  # whole, and yet nothing that we have written
            self._use(path)
            return found
        return None

    def keep(self, request: Request, settings: Mapping[str, Any], description: Description) -> None:
        """Remember a description. Raises CacheError."""
        key = request_key(request, settings)
        inputs = pack(description.inputs, self._places(settings))
        entry = {"layout": LAYOUT, "key": key, "target": request.target, "inputs": inputs}
        body = json.dumps({**entry, "spec": to_json(description.spec)}, sort_keys=True).encode()
        folder = self.directory / "descriptions" / key
        path = folder / f"{digest_of(inputs)[:32]}.json"
        data = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
        with _advised(self.directory):
            self._write(path, data)
        self.grown = True
        for old in list(_newest_first(folder))[VARIANTS:]:
            with contextlib.suppress(OSError):
                old.unlink()
        if self.remote is not None:
            self.remote.keep(f"descriptions/{key}/{path.name}", data)

    def fetch(self, asked: Iterable[tuple[Request, Mapping[str, Any]]]) -> None:
        """Get what the remote store has for these questions, so that :meth:`find` sees it. Raises CacheError."""
        if self.remote is None:
            return
        keys = {request_key(request, settings) for request, settings in asked}
        for name, data in self.remote.fetch(keys, lambda name: (self.directory / name).is_file()) if keys else ():
            with _advised(self.directory):
                self._write(self.directory / name, data)
            self.grown = True

    def _places(self, settings: Mapping[str, Any]) -> Places:
        return Places(settings.get("roots", ()), self.directory)

    # ---- artifacts

    def artifact(self, key: str, suffix: str) -> Path | None:
        """The file of an artifact whose content is whole, or None."""
        folder = self.directory / "artifacts" / key[:2]
        try:
            names = sorted(name for name in os.listdir(folder) if name.startswith(f"{key}-"))  # noqa: PTH208
        except OSError:
            return None
        for name in names:
            path = folder / name
            if not name.endswith(suffix) or _status(path) is None:
                continue
            if self._verifier.file(str(path)) == _checksum_in(name, key, suffix):
                self._use(path)
                return path
        return None

    def keep_artifact(self, key: str, suffix: str, data: bytes) -> Path:
        """Remember an artifact; its file. Raises CacheError."""
        name = f"{key}-{hashlib.sha256(data).hexdigest()}{suffix}"
        path = self.directory / "artifacts" / key[:2] / name
        with _advised(self.directory):
            self._write(path, data)
        self.grown = True
        return path

    # ---- its size

    def mark(self, request: Request, settings: Mapping[str, Any]) -> None:
        """Tell that a description is in use, though nobody reads it."""
        for path in _newest_first(self.directory / "descriptions" / request_key(request, settings)):
            self._use(path)

    def mark_artifact(self, name: str) -> None:
        """Likewise of the artifact that the file of this name holds."""
        self._use(self.directory / "artifacts" / name[:2] / name)

    def trim(self, size: int) -> Trimmed:
        """Remove the least recently used beyond ``size`` bytes; nothing that was used since this store was made."""
        from .trim import trim

        self.grown = False
        return trim(self.directory, size=size, since=self._began, keep=self._used)

    def _use(self, path: Path) -> None:
        """Note the time, by which the least recently used are told."""
        self._used.add(path)
        with contextlib.suppress(OSError):  # a cache that may only be read is one for others to make smaller
            os.utime(path)

    def _write(self, path: Path, data: bytes) -> None:
        try:
            self._write_once(path, data)
        except OSError:
            if not self._clear(path):
                raise
            self._write_once(path, data)

    def _clear(self, path: Path) -> bool:
        """Whether something stood in the way of an entry and is gone: a folder in its place, a file in a folder's."""
        cleared = False
        for place in reversed(path.relative_to(self.directory).parents[:-1]):
            folder = self.directory / place
            if os.path.lexists(folder) and not folder.is_dir():
                folder.unlink()
                cleared = True
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
            cleared = True
        return cleared

    def _write_once(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        self._used.add(path)


def _newest_first(folder: Path) -> Iterator[Path]:
    entries = []
    with contextlib.suppress(OSError):
        for path in folder.glob("*.json"):
            if (status := _status(path)) is not None:
                entries.append((-status.st_mtime_ns, path.name, path))
    for _, _, path in sorted(entries):
        yield path


def _status(path: Path) -> os.stat_result | None:
    """Of a file that may be an entry. A pipe or a device would never come to its end."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST else None


def _read(path: Path) -> dict[str, Any] | None:
    """The entry in a file; None unless it is whole."""
    try:
        return read_entry(path.read_bytes())
    except OSError:
        return None


def read_entry(data: bytes) -> dict[str, Any] | None:
    """The entry in the bytes of a file; None unless it is whole."""
    told, _, body = data.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != told:
        return None
    try:
        entry = shallow.loads(body)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and {"inputs", "spec"} <= set(entry) else None


def _checksum_in(name: str, key: str, suffix: str) -> str:
    return name[len(key) + 1 : len(name) - len(suffix)]


@contextlib.contextmanager
def _advised(directory: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        need = "Make room for it" if full else "Make it writable"
        raise CacheError(
            f"The cache directory {directory.name!r} cannot be used: {error.strerror or error}.",
            advice=f"{need}, or choose another one (kerasarch_cache_dir).",
            data={"directory": str(directory)},
        ) from error
