"""Once per build, in the main process: describe the models that the cache does not know, draw what is new."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sphinx
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.display import status_iterator

from ... import inspector
from ...cache import Store
from ...errors import CacheError
from ...spec import ArchSpec
from ...spec.codec import digest
from . import collect, config, failures
from .collect import Failure, ModelRequest, Source
from .domain import KerasDomain
from .draw import MEDIA, Artist, Content, Order

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

T = TypeVar("T")

WITHOUT_CONTENT = frozenset({"linkcheck", "gettext", "dummy", "coverage", "doctest", "spelling", "changes"})
"""Builders whose output does not depend on what a figure shows."""

OFF = Failure("off", "Not drawn: kerasarch_mode is 'off'.")


@dataclass(frozen=True, slots=True)
class Known:
    """A described model."""

    spec: ArchSpec
    digest: str
    files: tuple[str, ...]
    """Project files that it was made from."""


@dataclass(slots=True)
class Results:
    """What the sources of a build came to."""

    artist: Artist
    order: Order
    kind: str
    """Format of the builder: ``html``, ``latex``, ``text``, …"""
    known: dict[Source, Known | Failure] = field(default_factory=dict)
    drawn: dict[tuple[ModelRequest, int], Content | Failure] = field(default_factory=dict)

    def failures(self, request: ModelRequest) -> tuple[Failure, ...]:
        """What keeps the whole directive from being shown."""
        if request.problems:
            return request.problems
        found = self.known.get(request.source)
        return (found,) if isinstance(found, Failure) else ()

    def content(self, request: ModelRequest, index: int) -> Content | Failure:
        """What to show for a described model; drawn on first demand."""
        key = (request, index)
        if key not in self.drawn:
            found = self.known[request.source]
            assert isinstance(found, Known)
            theme, inline = theme_of(request.theme or self.order.theme, self.order.inline)
            order = Order(self.order.format, theme, inline)
            try:
                self.drawn[key] = self.artist.content(found.spec, found.digest, request, index, order)
            except Exception as error:  # a view may come from a third party; no figure may stop a build
                self.drawn[key] = failures.failure_of(error)
        return self.drawn[key]


def theme_of(theme: str, can_inline: bool) -> tuple[str, bool]:
    """Palette, and whether the page may change it: ``auto`` follows the page; where there is none, light."""
    return ("light", can_inline) if theme == "auto" else (theme, False)


def order_of(builder: Builder, theme: str) -> Order:
    """The format that a builder likes best; SVG for one that says nothing of images."""
    wanted = [MEDIA[media] for media in builder.supported_image_types if media in MEDIA]
    page = builder.format == "html" and builder.name not in {"epub", "htmlhelp", "qthelp"}
    return Order((wanted or ["svg"])[0], theme, page)


def needs_content(builder: Builder) -> bool:
    return builder.name not in WITHOUT_CONTENT


def domain_of(env: BuildEnvironment) -> KerasDomain:
    return cast(KerasDomain, env.get_domain("keras"))


def outdated(app: Sphinx, env: BuildEnvironment, *_: Any) -> list[str]:
    """Documents whose last run failed: they are read again, so the failure is repeated or mended."""
    if not needs_content(app.builder):
        return []
    failed = domain_of(env).collected["failed"]
    return sorted(docname for docname in failed if docname in env.found_docs)


def update(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Handler of ``env-updated``: returns the documents whose figures have changed."""
    domain = domain_of(env)
    requests = list(collect.requests(domain.collected))
    if not needs_content(app.builder) or not requests:
        return []
    store = None if app.config.kerasarch_mode == "off" else open_store(app)
    artist = Artist(store, Path(app.doctreedir) / "kerasarch-images")
    results = Results(artist, order_of(app.builder, app.config.kerasarch_theme), app.builder.format)
    domain.results = results
    sources: dict[Source, ModelRequest] = {}
    for request in requests:
        if not request.problems:
            sources.setdefault(request.source, request)
    if app.config.kerasarch_mode == "off":
        results.known.update(dict.fromkeys(sources, OFF))
    else:
        Describing(app, store, results.known).run(list(sources))
    changed = settle(app, env, domain, requests, results)
    if app.config.kerasarch_on_error == "raise" and any(
        app.builder.name in names for names in domain.collected["failed"].values()
    ):
        count = len(domain.collected["failed"])
        raise ExtensionError(
            f"Keras models could not be shown in {count} document{'s' * (count != 1)}, see the warnings above; "
            "kerasarch_on_error is 'raise'."
        )
    return changed


def settle(
    app: Sphinx,
    env: BuildEnvironment,
    domain: KerasDomain,
    requests: Iterable[ModelRequest],
    results: Results,
) -> list[str]:
    """Note dependencies, say failures, and tell which documents no longer show what they showed."""
    data = domain.collected
    builder = app.builder.name
    by_document: dict[str, list[ModelRequest]] = {}
    for request in requests:
        by_document.setdefault(request.docname, []).append(request)
    changed = []
    for docname, asked in by_document.items():
        before = data["states"].get(docname, {}).get(builder)
        state = "\n".join(_state(request, results) for request in asked)
        found: list[tuple[ModelRequest, Failure]] = []
        for request in asked:
            _note_files(env, request, results)
            found += [(request, failure) for failure in results.failures(request)]
            # Unchanged figures were drawn without fault: nothing to try, the cache or a later demand will do.
            if state != before and not results.failures(request):
                drawn = [results.content(request, index) for index in range(len(request.views))]
                found += [(request, item) for item in dict.fromkeys(drawn) if isinstance(item, Failure)]
        found = [(request, failure) for request, failure in found if failure is not OFF]
        if app.config.kerasarch_on_error != "ignore":
            for request, failure in found:
                failures.warn(request, failure)
        # A failed state is never equal to the next one: it is tried again.
        if state != before or found:
            data["states"].setdefault(docname, {})[builder] = "" if found else state
            changed.append(docname)
        failed = set(data["failed"].pop(docname, ())) - {builder}
        if found:
            failed.add(builder)
        if failed:
            data["failed"][docname] = sorted(failed)
    return changed


def _state(request: ModelRequest, results: Results) -> str:
    found = results.known.get(request.source)
    if isinstance(found, Known):
        return f"{found.digest} {' '.join(found.files)}"
    return f"failure {found}"


def _note_files(env: BuildEnvironment, request: ModelRequest, results: Results) -> None:
    found = results.known.get(request.source)
    for file in found.files if isinstance(found, Known) else ():
        if sphinx.version_info >= (8, 2):
            env.note_dependency(file, docname=request.docname)
        else:  # the method has no parameter for the document yet, and the set holds texts
            env.dependencies[request.docname].add(cast(Any, file))


def open_store(app: Sphinx) -> Store | None:
    directory = config.cache_dir(app.config, Path(app.srcdir), Path(app.doctreedir))
    try:
        return Store(directory)
    except CacheError as error:
        _warn_cache(error)
        return None


def _warn_cache(error: CacheError) -> None:
    logger.warning("%s The build goes on without it.", error, type="kerasarch", subtype="cache")


class Describing:
    """The describing part of a build: asks the cache, then one worker for all that it does not know."""

    def __init__(self, app: Sphinx, store: Store | None, known: dict[Source, Known | Failure]) -> None:
        self.config = app.config
        self.verbosity = app.verbosity
        self.srcdir = Path(app.srcdir)
        self.store = store
        self.known = known
        self.path = config.import_path(app.config, self.srcdir, sys.path)
        self.counts = collect.Counts()

    def run(self, sources: list[Source]) -> None:
        misses = []
        for source in sources:
            found = self._cached(source) if self.config.kerasarch_mode == "auto" else None
            if found is None:
                misses.append(source)
            else:
                self.known[source] = found
                self.counts.cached += 1
        for interpreter in dict.fromkeys(source[3] for source in misses):
            self._ask(interpreter, [source for source in misses if source[3] == interpreter])
        logger.info("%s", self._summary())

    def _summary(self) -> str:
        counts = self.counts
        text = f"kerasarch: {counts.cached} {_models(counts.cached)} from the cache"
        if not counts.described and not counts.failed:
            return f"{text}, nothing was imported"
        keras = f" by Keras {', '.join(sorted(counts.keras))}" if counts.keras else ""
        text += f", {counts.described} described{keras}"
        return f"{text}, {counts.failed} failed" if counts.failed else text

    def _request(self, source: Source) -> inspector.Request:
        target, arguments, input_shape, _ = source
        return inspector.Request(
            target=target,
            arguments=arguments,
            input_shape=input_shape,
            backend=self.config.kerasarch_backend,
        )

    def _settings(self, source: Source) -> dict[str, Any]:
        """What a description depends on besides its request; paths are relative, so that a cache can move."""
        return {
            "path": [Path(os.path.relpath(entry, self.srcdir)).as_posix() for entry in self.path],
            "python": source[3] or self.config.kerasarch_python,
            "env": {str(key): str(value) for key, value in sorted(self.config.kerasarch_env.items())},
            "roots": [str(self.srcdir), *self.path],
        }

    def _cached(self, source: Source) -> Known | None:
        if self.store is None:
            return None
        try:
            found = self.store.find(self._request(source), self._settings(source))
        except CacheError as error:
            self._without_store(error)
            return None
        return None if found is None else self._known(found)

    def _without_store(self, error: CacheError) -> None:
        if self.store is not None:
            _warn_cache(error)
            self.store = None

    def _known(self, found: inspector.Description) -> Known:
        return Known(found.spec, digest(found.spec), project_files(found.inputs))

    def _ask(self, interpreter: str, sources: list[Source]) -> None:
        """Describe ``sources`` in as many workers as configured, with progress."""
        queues = [sources[start :: self.config.kerasarch_jobs] for start in range(self.config.kerasarch_jobs)]
        queues = [queue for queue in queues if queue]
        if len(queues) == 1:
            with self._inspector(interpreter) as worker:
                for source in self._progress(sources, len(sources), lambda source: source):
                    self._note(source, self._describe(worker, source))
            return
        # The threads end before any page is written, so that no fork of Sphinx meets a running thread.
        with ThreadPoolExecutor(len(queues)) as pool:
            work = [pool.submit(self._describe_queue, interpreter, queue) for queue in queues]
            answered = (pair for future in as_completed(work) for pair in future.result())
            for source, answer in self._progress(answered, len(sources), lambda pair: pair[0]):
                self._note(source, answer)

    def _progress(self, items: Iterable[T], length: int, target_of: Callable[[T], Any]) -> Iterator[T]:
        return status_iterator(
            items,
            "describing Keras models... ",
            "darkgreen",
            length,
            self.verbosity,
            stringify_func=lambda item: source_text(target_of(item)),
        )

    def _note(self, source: Source, answer: Known | Failure) -> None:
        self.known[source] = answer
        self._count(answer)

    def _count(self, answer: Known | Failure) -> None:
        if isinstance(answer, Failure):
            self.counts.failed += 1
            return
        self.counts.described += 1
        if version := answer.spec.provenance.versions.get("keras"):
            self.counts.keras.add(version)

    def _inspector(self, interpreter: str) -> inspector.Inspector:
        return inspector.Inspector(
            path=self.path,
            python=interpreter or self.config.kerasarch_python,
            env={str(key): str(value) for key, value in self.config.kerasarch_env.items()},
            timeout=float(self.config.kerasarch_timeout),
            backend=self.config.kerasarch_backend,
        )

    def _describe_queue(self, interpreter: str, queue: list[Source]) -> list[tuple[Source, Known | Failure]]:
        with self._inspector(interpreter) as worker:
            return [(source, self._describe(worker, source)) for source in queue]

    def _describe(self, worker: inspector.Inspector, source: Source) -> Known | Failure:
        try:
            found = worker.describe(self._request(source))
        except Exception as error:  # also a defect of ours: the other models must not suffer from it
            return failures.failure_of(error)
        if self.store is not None:
            try:
                self.store.keep(self._request(source), self._settings(source), found)
            except CacheError as error:
                self._without_store(error)
        return self._known(found)


def source_text(source: Source) -> str:
    """``pkg.mod:factory(units=3)``"""
    target, arguments, *_ = source
    return f"{target}({arguments})" if arguments else target


def _models(count: int) -> str:
    return "model" if count == 1 else "models"


def project_files(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Absolute paths of the project's files in the record of what a description was made from."""
    files: Mapping[str, Any] = inputs.get("files", {})
    return tuple(sorted(path for path in files if Path(path).is_file()))
