"""The settings of a project: plain data only, so that hosts can keep and compare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from ... import registry
from ...options import words

THEMES = ("light", "dark", "print", "grey", "auto")
MODES = ("auto", "live", "frozen", "off")
ON_ERROR = ("warn", "raise", "ignore")


class Value(NamedTuple):
    """One configuration value, without its prefix."""

    name: str
    default: Any
    rebuild: Literal["", "env", "html"]
    """``env``: read the pages again when it changes. Most are ``""``: what is shown is compared anyway."""
    types: frozenset[type]
    help: str
    choices: tuple[str, ...] = ()


TEXT = frozenset({str})
LIST = frozenset({list, tuple, str})
NUMBER = frozenset({int, float})

# Lists and an int as defaults: of other types Sphinx takes no value from the command line (-D).
VALUES = (
    Value("views", ["layered", "summary"], "env", LIST, "Views of keras-model where it names none."),
    Value(
        "options",
        {},
        "env",
        frozenset({dict}),
        "Options of the views where a directive does not give them: {'fold': '1', 'graph-width': 'narrow'}.",
    ),
    Value("theme", "light", "env", TEXT, "Colours of the figures.", THEMES),
    Value(
        "colors",
        {},
        "env",
        frozenset({dict}),
        "Own colours: category, or layer: and a pattern of names → #0072b2, or (light, dark).",
    ),
    Value("roles", {}, "env", frozenset({dict}), "Layer class, MyBlock or mypkg.layers:MyBlock → category."),
    Value(
        "labels", {}, "env", frozenset({dict}), "Layer or nested model, as a name with * → what it is called."
    ),
    Value(
        "fonts",
        [],
        "env",
        LIST,
        "TrueType files, relative to the source directory, for letters that Inter lacks; PDF and PNG only.",
    ),
    Value(
        "path",
        [],
        "",
        LIST,
        "Import path of the worker, relative to the source directory; before what conf.py adds to sys.path.",
    ),
    Value("python", "", "", TEXT, "Interpreter of the worker; empty for the one that runs Sphinx."),
    Value(
        "backend",
        "",
        "",
        TEXT,
        "tensorflow, jax or torch; symbolic for none; plain for an ordinary build with all weights; empty for none "
        "where none is needed, else as Keras chooses.",
    ),
    Value(
        "allow",
        [],
        "env",
        LIST,
        "What pages may run and open: mypkg.*:build_*, models/*.keras; empty for any target and the project's files.",
    ),
    Value(
        "allow_python",
        [],
        "env",
        LIST,
        "Interpreters that pages may name; empty for any one, or none once allow says what may be run.",
    ),
    Value("custom_objects", [], "", LIST, "Classes that saved models need, as mypkg.layers:MyLayer."),
    Value("env", {}, "", frozenset({dict}), "Environment variables of the worker."),
    Value(
        "mode",
        "auto",
        "",
        TEXT,
        "auto: the lock where it is current, then the cache, then Keras; live: always Keras; frozen: the lock alone, "
        "nothing of yours is run; off: no figures.",
        MODES,
    ),
    Value("lock", "kerasarch.lock", "", TEXT, "Lock file, relative to the source directory."),
    Value(
        "cache_dir",
        "",
        "",
        TEXT,
        "Cache folder, relative to the source directory; empty: beside the doctrees.",
    ),
    Value(
        "cache_size",
        "1 GB",
        "",
        TEXT,
        "Above it the least recently used entries go; 0: no limit. What a build uses stays.",
    ),
    Value(
        "cache_remote",
        "",
        "",
        TEXT,
        "Address of a store that machines share, as s3://bucket/folder; needs the extra remote.",
    ),
    Value("timeout", 300, "", NUMBER, "Seconds that one model may take."),
    Value(
        "memory",
        0,
        "",
        frozenset({int}),
        "Megabytes that the process of one model may take, Keras and what it starts included; 0: no limit.",
    ),
    Value(
        "jobs",
        0,
        "",
        frozenset({int}),
        "Models described at the same time; 0: as many as processors, at most 4.",
    ),
    Value("on_error", "warn", "", TEXT, "What a model that cannot be shown does to the build.", ON_ERROR),
)


def option_names(view: str) -> frozenset[str]:
    """Names that an option of a view may have, with and without the name of the view before it."""
    own = {option.name for option in registry.view(view).options}
    return frozenset(own | {f"{view}-{name}" for name in own})


def with_defaults(defaults: Mapping[str, str], views: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Options of a directive, and those of ``defaults`` that its views know and that it does not give."""
    result = dict(given)
    for name, text in defaults.items():
        own = [view for view in views if view in registry.view_names() and name in option_names(view)]
        plain = {name.removeprefix(f"{view}-") for view in own}
        if own and name not in given and not plain & set(given):
            result[name] = text
    return result


def texts(value: str | Sequence[str]) -> tuple[str, ...]:
    return words(value) if isinstance(value, str) else tuple(value)
