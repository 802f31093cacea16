"""The Sphinx host: directives, a domain, one batch of describing per build, a post-transform.

Nothing here imports Keras or the user's code: the worker process does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ... import registry
from . import config, pages
from .directive import KerasModel
from .domain import KerasDomain, say_ambiguous
from .nodes import VISITORS, kerasarch_note, kerasarch_placeholder
from .transform import FillPlaceholders, NameOnce

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.util.typing import ExtensionMetadata

__all__ = ["setup"]


def setup(app: Sphinx) -> ExtensionMetadata:
    from ... import __version__

    config.add_values(app)
    app.add_node(kerasarch_placeholder, **VISITORS)
    app.add_node(kerasarch_note, **VISITORS)
    app.add_domain(KerasDomain)
    app.add_directive("keras-model", KerasModel)
    for view in registry.VIEWS:
        app.add_directive(f"keras-{view}", KerasModel)
    app.add_post_transform(FillPlaceholders)
    app.add_post_transform(NameOnce)
    app.connect("config-inited", config.check)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-updated", _update)
    app.connect("builder-inited", pages.add_stylesheets)
    app.connect("builder-inited", _prepare)
    app.connect("build-finished", _finish)
    app.connect("html-page-context", pages.link_stylesheets)
    app.connect("html-collect-pages", pages.leave_out_of_epub)
    app.connect("warn-missing-reference", say_ambiguous)
    return {
        "version": __version__,
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }


def _outdated(app: Sphinx, env: BuildEnvironment, *lists: set[str]) -> list[str]:
    from .batch import outdated

    return outdated(app, env)


def _prepare(app: Sphinx) -> None:
    from .early import prepare

    cast(KerasDomain, app.env.get_domain("keras")).limits = config.limits(app)
    prepare(app)


def _finish(app: Sphinx, error: Exception | None) -> None:
    from .early import finish

    finish(app, error)


def _update(app: Sphinx, env: BuildEnvironment) -> list[str]:
    from .batch import update

    return update(app, env)
