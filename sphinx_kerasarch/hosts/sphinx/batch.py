"""Once per build, in the main process: describe the models that the cache does not know, draw what is new."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sphinx
from sphinx.errors import ExtensionError

from ..page.request import Failure, ModelRequest, Source
from . import collect, config, failures, keeping, memory, unfinished
from .candidates import MEDIA
from .describing import Describing
from .domain import KerasDomain
from .memory import Settled
from .results import Order, Results

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

WITHOUT_CONTENT = frozenset({"linkcheck", "gettext", "dummy", "coverage", "doctest", "spelling", "changes"})
"""Builders whose output does not depend on what a figure shows."""

WITH_FONTS = frozenset({"pdf", "png"})
"""Formats that hold letters rather than text; the reader's fonts do not help."""

OFF = Failure("off", "Not drawn: kerasarch_mode is 'off'.")


def order_of(builder: Builder, values: Config, srcdir: Path) -> Order:
    """The format that a builder likes best; SVG for one that says nothing of images."""
    wanted = [MEDIA[media] for media in builder.supported_image_types if media in MEDIA]
    page = builder.format == "html" and builder.name not in {"epub", "htmlhelp", "qthelp"}
    format = (wanted or ["svg"])[0]
    return Order(
        format,
        values.kerasarch_theme,
        page,
        config.colors(values),
        config.roles(values),
        tuple(values.kerasarch_labels.items()),
        config.fonts(values, srcdir) if format in WITH_FONTS else (),
    )


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
    describing = Describing(app, domain.collected, domain.early)
    order = order_of(app.builder, app.config, Path(app.srcdir))
    folder = Path(app.doctreedir) / "kerasarch-images"
    results = Results(order, app.builder.format, folder, domain.collected, describing, memory.drawing_stamp())
    domain.results = results
    sources: dict[Source, list[ModelRequest]] = {}
    for request in requests:
        if not request.problems:
            sources.setdefault(request.source, []).append(request)

    def described(source: Source, answer: Settled | Failure) -> None:
        """Draw while the worker describes the next."""
        results.known[source] = answer
        if isinstance(answer, Settled):
            for request in sources[source]:
                for index in range(len(request.views)):
                    results.content(request, index)

    if app.config.kerasarch_mode == "off":
        results.known.update(dict.fromkeys(sources, OFF))
    else:
        results.known.update(describing.run(list(sources), described))
    if domain.early is not None:
        domain.early.close()  # nobody needed it
    changed = settle(app, env, domain, requests, results)
    if unfinished.begin(app):
        changed = list(dict.fromkeys(request.docname for request in requests))
    if describing.learned and not changed:
        keeping.keep(app)
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
        state = "\n".join(map(results.state, asked))
        found: list[tuple[ModelRequest, Failure]] = []
        for request in asked:
            if state != before:
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


def _note_files(env: BuildEnvironment, request: ModelRequest, results: Results) -> None:
    found = results.known.get(request.source)
    for file in found.files if isinstance(found, Settled) else ():
        if sphinx.version_info >= (8, 2):
            env.note_dependency(file, docname=request.docname)
        else:  # the method has no parameter for the document yet, and the set holds texts
            env.dependencies[request.docname].add(cast(Any, file))
