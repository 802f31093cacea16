"""The worker of a first build starts with the first directive, so that Keras is imported while pages are read.

Only where no cache and no lock is there yet, so that its answer can be relied on to be needed; and only in a serial
build, since the readers of a parallel one are forks, which must not meet a running thread.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import collect, unfinished
from .describing import Describing

STARTED = frozenset({"auto", "live"})
"""Modes that may need a worker."""

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from ...inspector import Inspector
    from .domain import KerasDomain


class EarlyWorker:
    """Started at most once, and either taken by the describing part of the build or closed."""

    def __init__(self, app: Sphinx, domain: KerasDomain) -> None:
        self._app = app
        self._domain = domain
        self._pid = os.getpid()
        self._inspector: Inspector | None = None
        self._spent = False

    def start(self) -> None:
        """Start it, when this build is one of those that profit."""
        if self._spent or os.getpid() != self._pid:
            return
        self._spent = True
        describing = Describing(self._app, self._domain.collected)
        if not describing.directory.exists() and not describing.locked.exists:
            self._inspector = describing.origin.inspector()
            self._inspector.start()

    def take(self) -> Inspector | None:
        """The running worker, which now belongs to the caller."""
        taken, self._inspector = self._inspector, None
        return taken

    def close(self) -> None:
        self._spent = True
        if (running := self.take()) is not None:
            running.close()


def prepare(app: Sphinx) -> None:
    """Handler of ``builder-inited``."""
    from .batch import domain_of, needs_content

    config = app.config
    if app.parallel <= 1 and config.kerasarch_mode in STARTED and needs_content(app.builder):
        domain = domain_of(app.env)
        domain.early = EarlyWorker(app, domain)


def finish(app: Sphinx, error: Exception | None) -> None:
    """Handler of ``build-finished``: also of a build that failed before its models were asked for."""
    from .batch import domain_of

    if app.env is None:
        return
    domain = domain_of(app.env)
    if domain.early is not None:
        domain.early.close()
    if (results := domain.results) is not None:
        unfinished.end(app, error)
        results.describing.finish(lambda: results.remembered(collect.requests(domain.collected)))
