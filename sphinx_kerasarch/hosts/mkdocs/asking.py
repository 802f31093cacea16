"""What the pages of an MkDocs site ask for: rendered by MkDocs into nowhere, so that snippets and macros are seen."""

from __future__ import annotations

import functools
import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, MkDocsException

from ...errors import OptionError
from ..markdown.extension import KerasarchExtension
from ..page.asked import Asked, asked_by
from ..page.request import ModelRequest
from ..page.session import Session
from .plugin import KerasarchPlugin

CONFIGURATION = "mkdocs.yml"


def asked(
    docs: Path,
    *,
    name: str = CONFIGURATION,
    confdir: Path | None = None,
    settings: Mapping[str, str] | None = None,
    tags: Sequence[str] = (),
) -> Asked:
    """``docs``: the folder of ``mkdocs.yml``; ``name``: another name of it.

    Raises :class:`.OptionError` when MkDocs cannot read it.
    """
    if confdir is not None or settings or tags:
        raise OptionError("MkDocs knows no --confdir, --define and --tag.", advice="They are for Sphinx projects.")
    requests: list[ModelRequest] = []
    log = logging.getLogger("mkdocs")
    level = log.level
    log.setLevel(logging.CRITICAL)  # what else is wrong with the pages is told when they are built
    with tempfile.TemporaryDirectory(prefix="kerasarch-") as folder:
        try:
            # Not strict: it would end at the first warning.
            config = load_config(str(docs / name), site_dir=folder, strict=False)
            session_of = _listening(config, requests)
            config.plugins.on_startup(command="build", dirty=False)
            build(config)
        except (MkDocsException, Abort, SystemExit) as error:
            raise OptionError(
                f"MkDocs cannot read {docs / name}: {' '.join(str(error).split())}",
                advice=f"See mkdocs build -f {docs / name}.",
            ) from error
        finally:
            log.setLevel(level)
    session = session_of()
    session.asked = None
    return asked_by(session, requests)


def _listening(config: MkDocsConfig, requests: list[ModelRequest]) -> Callable[[], Session]:
    """Let the plugin of the site, or else its extension, tell what is asked for; the way to its session."""
    for plugin in config.plugins.values():
        if isinstance(plugin, KerasarchPlugin):
            plugin.asked = requests
            return functools.partial(_released, plugin)
    if "kerasarch" not in config.markdown_extensions:
        raise OptionError(
            f"{config.config_file_path} does not use kerasarch.",
            advice="Name it among the plugins, or among markdown_extensions.",
        )
    # As Zensical has it, which reads the same file; and MkDocs, when it is started beside it.
    defaults = {"docs": config.docs_dir, "base": str(Path(config.config_file_path).parent)}
    extension = KerasarchExtension(**{**defaults, **(config.mdx_configs.get("kerasarch") or {})})
    extension.session.asked = requests
    config.markdown_extensions[:] = [name for name in config.markdown_extensions if name != "kerasarch"]
    config.markdown_extensions.append(extension)  # type: ignore[arg-type]
    return lambda: extension.session


def _released(plugin: KerasarchPlugin) -> Session:
    plugin.asked = None  # MkDocs keeps the object for the next site of this process
    return plugin.session
