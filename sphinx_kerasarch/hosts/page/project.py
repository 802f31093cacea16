"""Settings of a project without Sphinx: those of a Sphinx project, with the same names and meanings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ... import registry
from ...cache.sizes import parse_size
from ...errors import OptionError
from ...options import suggest
from ...spec.roles import ROLES
from ...theme import palette
from .settings import LIST, TEXT, THEMES, VALUES, Value, option_names, texts
from .trust import Limits, limits

FLAG = frozenset({bool})
OWN = (
    Value(
        "theme",
        "auto",
        "",
        TEXT,
        "auto: figures follow light and dark of the page, in the themes of MkDocs, Material and Zensical. Any other "
        "theme stands as it is.",
        THEMES,
    ),
    Value("path", [], "", LIST, "Import path of the worker, relative to base."),
    Value("python", "", "", TEXT, "Interpreter of the worker; empty for the one that builds the pages."),
    Value("lock", "kerasarch.lock", "", TEXT, "Lock file, relative to base."),
    Value(
        "cache_dir",
        "",
        "",
        TEXT,
        "Cache folder, relative to base; empty for none: descriptions are kept as long as the program runs. For the "
        "plugin of MkDocs and in Zensical .kerasarch.",
    ),
    Value(
        "docs",
        ".",
        "",
        TEXT,
        "Folder of the pages, from which paths with a leading slash count. The plugin and Zensical know it.",
    ),
    Value(
        "base",
        "",
        "",
        TEXT,
        "Folder from which path, cache_dir and lock count; empty for docs. For the plugin and in Zensical that of "
        "the configuration file.",
    ),
    Value("numbers", True, "", FLAG, "Whether captions are numbered."),
    Value(
        "styles",
        True,
        "",
        FLAG,
        "Whether a page with figures brings its style sheet. The plugin makes it a file.",
    ),
)
"""Settings that hosts with Sphinx do not have, or understand in another way."""
SETTINGS: Mapping[str, Value] = {value.name: value for value in (*VALUES, *OWN) if value.name != "fonts"}
DEFAULTS: Mapping[str, Any] = {name: value.default for name, value in SETTINGS.items()}
CHOICES = {name: value.choices for name, value in SETTINGS.items() if value.choices}


class Settings(NamedTuple):
    """Checked settings; two that are equal share a worker."""

    text: str
    """Canonical JSON of all values."""

    @property
    def values(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.text)
        return loaded


def settings_of(given: Mapping[str, Any]) -> Settings:
    """Raises :class:`.OptionError` for a name or a value that means nothing."""
    for name in given:
        if name not in DEFAULTS:
            raise _refused(name, "is not a setting", suggest(name, DEFAULTS))
    values: dict[str, Any] = {**DEFAULTS, **given}
    for name, value in values.items():
        _check(name, value)
    values["docs"] = str(Path(values["docs"]).resolve())
    values["base"] = str(Path(values["base"] or values["docs"]).resolve())
    return Settings(json.dumps(values, sort_keys=True))


def limits_of(settings: Mapping[str, Any]) -> Limits:
    """What the project lets its pages name."""
    paths = (Path(settings["base"]) / entry for entry in texts(settings["path"]))
    folders = (settings["docs"], settings["base"], *paths)
    return limits(folders, texts(settings["allow"]), texts(settings["allow_python"]), settings["python"])


def _check(name: str, value: Any) -> None:
    types = SETTINGS[name].types
    kind = type(value)
    if not issubclass(kind, tuple(types)) or (kind is bool and bool not in types):
        kinds = " or ".join(sorted(kind.__name__ for kind in types))
        raise _refused(name, f"{value!r} is not a {kinds}", "See the reference of the settings.")
    if name in CHOICES and value not in CHOICES[name]:
        raise _refused(name, f"{value!r} is not a choice", suggest(str(value), CHOICES[name]))
    if name == "cache_size":
        parse_size(value)
    if name == "lock" and not value:
        raise _refused(name, "names no file", "The default is kerasarch.lock.")
    if name == "timeout" and value <= 0:
        raise _refused(name, "must be positive", "The default is 300.")
    if name == "jobs" and value < 0:
        raise _refused(name, "must not be negative", "The default is 0: as many as processors, at most 4.")
    if name == "memory" and value < 0:
        raise _refused(name, "must not be negative", "The default is 0: no limit.")
    if name == "views":
        for view in texts(value):
            registry.view(view)
    if name == "colors":
        palette("light", value)
    if name == "options":
        known = {option for view in registry.view_names() for option in option_names(view)}
        for option, text in value.items():
            if option not in known:
                raise _refused(name, f"no view has an option {option!r}", suggest(str(option), known))
            if not isinstance(text, str):
                raise _refused(name, f"{option!r} is no text", f"Write it in quotes: {option}: '{text}'.")
    if name == "roles":
        for layer, role in value.items():
            if role not in ROLES:
                raise _refused(name, f"{layer!r} cannot be {role!r}", suggest(str(role), ROLES))


def _refused(name: str, problem: str, advice: str) -> OptionError:
    return OptionError(f"Setting {name!r} of kerasarch: {problem}.", advice=advice, data={"setting": name})
