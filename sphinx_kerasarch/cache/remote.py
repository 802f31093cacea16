"""Descriptions kept elsewhere, so that the machines of a fleet describe each model once: S3, a web server, a share.

Reached by fsspec, under the names that they have in a cache directory: such a directory, copied there, is a remote
store, and the other way round. Only descriptions: pictures are drawn more quickly than they are fetched, and are not
taken from strangers. A remote that fails or does not answer is done without, which is said once.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from .foreign import LIMIT, NAME, is_whole

PATIENCE = 20.0
"""Seconds that one operation may take before the build goes on without the remote."""

BATCH = 64
"""Entries in one operation."""

FEW = 16
"""Questions up to which their folders are listed one by one; for more the whole store is."""

T = TypeVar("T")


class Remote:
    """A store at ``url``, as fsspec names places: ``s3://bucket/prefix``, ``file:///mnt/cache``, ``memory://cache``.

    Options of a protocol, such as credentials, come from where its library and fsspec look for them: environment and
    configuration files. ``say`` is called at most once with what went wrong; no method raises.
    """

    def __init__(self, url: str, say: Callable[[str], object], patience: float = PATIENCE) -> None:
        self.url = url
        self.usable = True
        """Whether it has answered so far."""
        self._say = say
        self._patience = patience
        self._writable = True
        self._place: tuple[Any, str] | None = None
        self._waiting: dict[str, bytes] = {}

    # ---- read-through

    def fetch(self, keys: Collection[str], known: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
        """Names and bytes of whole entries that answer the questions ``keys``, without those that are ``known``."""
        names = [name for name in self._attempt(lambda: self._listed(keys)) or () if not known(name)]
        for begin in range(0, len(names), BATCH):
            batch = names[begin : begin + BATCH]
            for name, data in self._attempt(functools.partial(self._read, batch)) or ():
                if is_whole(name, data):
                    yield name, data

    def _listed(self, keys: Collection[str]) -> list[str]:
        system, root = self._opened()
        top = f"{root}/descriptions"
        wanted = set(keys)
        found: dict[str, dict[str, Any]] = {}
        if len(wanted) <= FEW:
            for key in sorted(wanted):
                try:
                    found.update((entry["name"], entry) for entry in system.ls(f"{top}/{key}", detail=True))
                except FileNotFoundError:
                    continue
        else:
            try:
                found = system.find(top, detail=True)
            except FileNotFoundError:
                return []
        names = []
        for path, entry in found.items():
            match = NAME.search(path)
            if (
                match
                and match.end() == len(path)
                and match[1] in wanted
                and (entry.get("size") or 0) <= LIMIT
            ):
                names.append(match[0])
        return sorted(names)

    def _read(self, names: Sequence[str]) -> list[tuple[str, bytes]]:
        system, root = self._opened()
        # What one machine removes while another reads is a miss.
        found = system.cat([f"{root}/{name}" for name in names], recursive=False, on_error="return")
        told = found if isinstance(found, dict) else {f"{root}/{names[0]}": found}
        result = []
        for path, data in told.items():
            match = NAME.search(path)
            if isinstance(data, bytes) and match:
                result.append((match[0], data))
            elif isinstance(data, Exception) and not isinstance(data, FileNotFoundError):
                raise data
        return result

    # ---- write-back

    def keep(self, name: str, data: bytes) -> None:
        """Send an entry, together with others, now or at :meth:`flush`."""
        if self._writable:
            self._waiting[name] = data
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Send what has not been sent. Who may only read keeps quiet about it: so it is meant for strangers' builds."""
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._attempt(lambda: self._write(waiting))

    def _write(self, items: Mapping[str, bytes]) -> None:
        system, root = self._opened()
        told = {f"{root}/{name}": data for name, data in items.items()}
        try:
            try:
                system.pipe(told)
            except FileNotFoundError:  # a system with folders; parents are not made, for a bucket may be one
                folders = {name.rpartition("/")[0] for name in told}
                for folder in (root, f"{root}/descriptions", *sorted(folders)):
                    with contextlib.suppress(FileExistsError):
                        system.mkdir(folder, create_parents=False)
                system.pipe(told)
        except OSError as error:
            if not isinstance(error, PermissionError) and error.errno != errno.EROFS:
                raise
            self._writable = False

    # ---- patience

    def _opened(self) -> tuple[Any, str]:
        if self._place is None:
            try:
                from fsspec.core import url_to_fs
            except ImportError:
                raise OSError("fsspec is not installed: pip install 'sphinx-kerasarch[remote]'") from None
            system, root = url_to_fs(self.url)
            system.invalidate_cache()  # remembered listings would hide what others have sent meanwhile
            self._place = (system, str(root).rstrip("/"))
        return self._place

    def _attempt(self, work: Callable[[], T]) -> T | None:
        """What ``work`` returns; None once anything has failed or taken too long."""
        if not self.usable:
            return None
        result: list[T] = []
        failed: list[BaseException] = []

        def run() -> None:
            try:
                result.append(work())
            except BaseException as error:  # also what a library's own threads raise; told below
                failed.append(error)

        # A thread that hangs in a library cannot be ended, only left behind; the process does not wait for it.
        thread = threading.Thread(target=run, name="kerasarch-remote", daemon=True)
        thread.start()
        thread.join(self._patience)
        if result:
            return result[0]
        self.usable = False
        why = _told(failed[0]) if failed else f"no answer within {self._patience:g} seconds"
        self._say(f"The remote cache {shown(self.url)} cannot be used: {why}. The build goes on without it.")
        return None


def _told(error: BaseException) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text[:300] or type(error).__name__


def shown(url: str) -> str:
    """The address without what may be a password."""
    scheme, slashes, rest = url.partition("://")
    place = rest.partition("?")[0]
    host, slash, path = place.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"
