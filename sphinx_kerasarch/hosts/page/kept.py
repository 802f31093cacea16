"""The cache of a site as its builds have it: what is wrong with it is said once, and the build goes on without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import CacheError

if TYPE_CHECKING:
    from ...cache import Store
    from ...cache.remote import Remote
    from ...inspector import Description, Request

Warn = Callable[[str, str], None]
"""Takes a text, and the slug of what it is about."""


class Kept:
    """Opened when it is first needed; a build without changes does not.

    ``directory``: None where there is none. ``remote``: address of the one that machines share, empty for none.
    ``settings`` of the methods: as of :class:`.Store`. No method raises :class:`.CacheError`.
    """

    def __init__(self, directory: Path | None, remote: str, warn: Warn) -> None:
        self.directory = directory
        self.remote = remote
        self._warn = warn
        self._store: Store | None = None
        self._usable = directory is not None
        self._writable = True

    # ---- descriptions

    def find(self, request: Request, settings: Mapping[str, Any]) -> Description | None:
        """A description that is still true."""
        try:
            return store.find(request, settings) if (store := self._opened()) else None
        except CacheError as error:
            self._without_store(error)
            return None

    def fetch(self, asked: Iterable[tuple[Request, Mapping[str, Any]]]) -> bool:
        """Whether there is a shared cache, which was then asked: what it has, :meth:`find` finds."""
        store = self._open_to_write()
        if store is None or store.remote is None:
            return False
        try:
            store.fetch(asked)
        except CacheError as error:
            self._without_keeping(error)
            return False
        return True

    def keep(self, request: Request, settings: Mapping[str, Any], found: Description) -> None:
        """Here, and with :meth:`flush` where others see it."""
        if (store := self._open_to_write()) is not None:
            try:
                store.keep(request, settings, found)
            except CacheError as error:
                self._without_keeping(error)

    def flush(self) -> None:
        """Send to the shared cache what was kept."""
        if self._store is not None and self._store.remote is not None:
            self._store.remote.flush()

    # ---- pictures

    def artifact(self, key: str, suffix: str) -> tuple[str, bytes | None]:
        """Name of a file of the cache, and what is in it."""
        try:
            path = store.artifact(key, suffix) if (store := self._opened()) else None
            return (path.name, path.read_bytes()) if path else ("", None)
        except (CacheError, OSError):
            return "", None

    def keep_artifact(self, key: str, suffix: str, data: bytes) -> str:
        """Name of the file of the cache; empty where nothing is kept."""
        if (store := self._open_to_write()) is not None:
            try:
                return store.keep_artifact(key, suffix, data).name
            except CacheError as error:
                self._without_keeping(error)
        return ""

    # ---- its size

    def trim(self, size: str, mark: Callable[[Store], None] = lambda _: None) -> int:
        """Where it has grown, make it no larger than ``size``; how many entries had to go.

        ``mark``: tells it what is in use, though it was not read.
        """
        if self._store is None or not self._store.grown:
            return 0
        from ...cache.sizes import parse_size

        if not (limit := parse_size(size)):
            return 0
        mark(self._store)
        return len(self._store.trim(limit).removed)

    # ---- what may be wrong

    def _opened(self) -> Store | None:
        if self._store is None and self._usable:
            from ...cache import Store

            assert self.directory is not None
            try:
                self._store = Store(self.directory, self._shared())
            except CacheError as error:
                self._without_store(error)
        return self._store

    def _shared(self) -> Remote | None:
        if not self.remote:
            return None
        from ...cache.remote import Remote

        return Remote(self.remote, lambda said: self._warn(said, "remote"))

    def _open_to_write(self) -> Store | None:
        return self._opened() if self._writable else None

    def _without_keeping(self, error: CacheError) -> None:
        """What is in the cache is still good where nothing more can be written."""
        self._warn(f"{error} Nothing more is kept.", CacheError.slug)
        self._writable = False

    def _without_store(self, error: CacheError) -> None:
        self._warn(f"{error} The build goes on without it.", CacheError.slug)
        self._store, self._usable = None, False
