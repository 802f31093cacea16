"""What the pages of a Zensical site ask for: rendered into nowhere, so that snippets and macros are seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...errors import OptionError
from ..markdown.log import silence, warn
from ..markdown.zensical import site_in
from ..page.asked import Asked, asked_by
from ..page.project import settings_of
from ..page.request import ModelRequest
from ..page.session import session_of
from .pages import render_all
from .reading import EXTENSION, read

CONFIGURATION = "zensical.toml"


def asked(
    docs: Path,
    *,
    name: str = CONFIGURATION,
    confdir: Path | None = None,
    settings: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
) -> Asked:
    """``docs``: the folder of ``zensical.toml``; ``name``: another name of it.

    Raises :class:`.OptionError` when it cannot be read, :class:`.MissingPackageError` when something is not installed.
    """
    if confdir is not None or settings or tags:
        raise OptionError("Zensical knows no --confdir, --define and --tag.", advice="They are for Sphinx projects.")
    with silence():  # what is wrong with the pages is told when they are built
        config = read(docs / name)
        defaults = site_in(config, "").defaults
        # The one that the extension finds by the same settings, on each page.
        session = session_of(settings_of({**defaults, **(config["mdx_configs"].get(EXTENSION) or {})}), warn)
        requests: list[ModelRequest] = []
        session.asked = requests
        try:
            render_all(config)
        finally:
            session.asked = None
    return asked_by(session, requests)
