"""Settings of the plugin in ``mkdocs.yml``: those of the extension, checked by the extension, and the plugin's own."""

from __future__ import annotations

from typing import Any

from mkdocs.config import base
from mkdocs.config import config_options as c

from ..page.project import DEFAULTS

SET_BY_PLUGIN = frozenset({"base", "docs", "styles"})


class PluginConfig(base.Config):  # type: ignore[no-untyped-call]
    """``pictures``: ``inline`` in the page, or ``files`` of the site. All others are those of the extension."""

    pictures = c.Choice(("inline", "files"), default="inline")
    views = c.Type((str, list), default=DEFAULTS["views"])
    options = c.Type(dict, default={})
    theme = c.Type(str, default=DEFAULTS["theme"])
    colors = c.Type(dict, default={})
    roles = c.Type(dict, default={})
    labels = c.Type(dict, default={})
    path = c.Type((str, list), default=[])
    python = c.Type(str, default="")
    backend = c.Type(str, default="")
    allow = c.Type((str, list), default=[])
    allow_python = c.Type((str, list), default=[])
    custom_objects = c.Type((str, list), default=[])
    env = c.Type(dict, default={})
    mode = c.Type(str, default=DEFAULTS["mode"])
    lock = c.Type(str, default=DEFAULTS["lock"])
    cache_dir = c.Type(str, default=".kerasarch")
    cache_remote = c.Type(str, default="")
    cache_size = c.Type(str, default=DEFAULTS["cache_size"])
    memory = c.Type(int, default=DEFAULTS["memory"])
    timeout = c.Type((int, float), default=DEFAULTS["timeout"])
    jobs = c.Type(int, default=DEFAULTS["jobs"])
    on_error = c.Type(str, default=DEFAULTS["on_error"])
    numbers = c.Type(bool, default=True)


def extension_settings(config: PluginConfig, folder: str) -> dict[str, Any]:
    """For the extension. ``folder``: that of ``mkdocs.yml``, from which relative paths count here."""
    names = set(DEFAULTS) - SET_BY_PLUGIN
    return {**{name: config[name] for name in sorted(names)}, "base": folder, "styles": False}
