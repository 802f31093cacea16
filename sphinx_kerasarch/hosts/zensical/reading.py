"""``zensical.toml`` as Zensical has it: read by Zensical where that is installed, and else as far as blocks need it.

Freezing takes Keras, which may be in another environment than Zensical. What is read without it is the same for sites
of extensions of Python-Markdown; a site that lets Zensical put text into its pages is refused.
"""

from __future__ import annotations

import importlib
import importlib.util
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ...errors import MissingPackageError, OptionError

EXTENSION = "kerasarch"
NESTED = ("pymdownx.blocks", "pymdownx", "zensical.extensions", "zensical")
"""Tables whose keys are names of extensions: TOML takes ``pymdownx.snippets`` for two keys."""
WRITERS = frozenset(
    (
        "api-autonav",
        "include-markdown",
        "macros",
        "markdown-exec",
        "markdownextradata",
        "mkdocs-autoapi",
        "mkdocstrings",
        "table-reader",
    )
)
"""Plugins of Zensical that put text into pages; some are its extensions as well."""
FUNCTIONS: Mapping[str, frozenset[str]] = {
    "toc": frozenset({"slugify"}),
    "pymdownx.blocks.tab": frozenset({"slugify"}),
    "pymdownx.inlinehilite": frozenset({"custom_inline"}),
    "pymdownx.superfences": frozenset({"custom_fences"}),
    "pymdownx.tabbed": frozenset({"slugify"}),
}
"""Settings that name functions, which Zensical looks up. What a page asks for does not hang on them."""
HIDDEN = frozenset({"pymdownx.emoji"})
"""Extensions that need functions of Zensical, and bring no blocks."""


def read(path: Path) -> dict[str, Any]:
    """The configuration, with ``root_dir``, ``docs_dir``, ``markdown_extensions`` (names) and ``mdx_configs``.

    ``path``: absolute; ``zensical.toml`` under any name, or an ``mkdocs.yml``, for which Zensical has to be installed.
    Raises :class:`.OptionError` for what Zensical would not build, or what does not use this extension;
    :class:`.MissingPackageError` for what takes Zensical.
    """
    written = _written(path) if path.suffix == ".toml" else {}
    program = zensical("config")
    if program is not None:
        config = _by_zensical(program, path, written)
    elif path.suffix == ".toml":
        config = _by_hand(written, path)
    else:
        raise _needed(f"{path.name} without MkDocs")
    if EXTENSION not in config["markdown_extensions"]:
        how = f"[project.markdown_extensions.{EXTENSION}]" if path.suffix == ".toml" else "it below markdown_extensions"
        raise OptionError(f"{path.name} does not use {EXTENSION}.", advice=f"Write {how}.")
    return config


def zensical(module: str) -> ModuleType | None:
    """A module of Zensical; None where it is not installed. Raises :class:`.MissingPackageError` where it is unfit."""
    if importlib.util.find_spec("zensical") is None:
        return None
    try:
        return importlib.import_module(f"zensical.{module}")
    except ImportError as error:
        raise _unfit(str(error)) from error


def _written(path: Path) -> dict[str, Any]:
    """The table of the project, whose errors are told more plainly here than by Zensical."""
    name = path.name
    try:
        loaded = tomllib.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise OptionError(f"{name} cannot be read: {error}.", advice="Mend what it names.") from None
    project = loaded.get("project", loaded)  # as Zensical: what stands at the top is a project as well
    if not isinstance(project, dict):
        raise OptionError(f"In {name} project is no table.", advice="Write [project] on a line of its own.")
    if "site_name" not in project:
        raise OptionError(f"{name} has no site_name.", advice='Zensical needs site_name = "…" below [project].')
    docs = project.get("docs_dir", "docs")
    if not isinstance(docs, str) or not docs:
        raise OptionError(f"In {name} docs_dir is no path.", advice='Write docs_dir = "docs".')
    folder = (path.parent / docs).resolve()
    if not folder.is_relative_to(path.parent.resolve()):
        raise OptionError(
            f"docs_dir of {name}, {docs}, is outside of its folder.", advice="Zensical takes folders below it alone."
        )
    if not folder.is_dir():
        raise OptionError(
            f"There is no folder {docs} beside {name}, for the pages.",
            advice='Make it, or write docs_dir = "…" below [project].',
        )
    return project


def _by_zensical(program: ModuleType, path: Path, written: dict[str, Any]) -> dict[str, Any]:
    try:
        with _not_waiting(program, path, written):
            config: dict[str, Any] = program.parse_config(str(path))
    except Exception as error:  # its own for what it looks at, any other for the rest
        said = " ".join(str(error).split()) or type(error).__name__
        raise OptionError(
            f"Zensical cannot read {path.name}: {said.rstrip('.')}.", advice=f"See zensical build -f {path}."
        ) from error
    if "root_dir" not in config:
        raise _unfit("it tells no root_dir")
    # It would end at the first warning.
    config["strict"] = False
    return config


@contextmanager
def _not_waiting(program: ModuleType, path: Path, written: dict[str, Any]) -> Iterator[None]:
    """Zensical refuses paths in ``watch`` that are not there, from 0.1 on; and the lock is not before it is written."""
    watch = written.get("watch")
    there = [entry for entry in watch if (path.parent / str(entry)).exists()] if isinstance(watch, list) else watch
    if there == watch:
        yield
        return
    load = program.toml_load
    program.toml_load = lambda file: {**written, "watch": there}  # type: ignore[attr-defined]
    try:
        yield
    finally:
        program.toml_load = load  # type: ignore[attr-defined]


def _by_hand(project: Mapping[str, Any], path: Path) -> dict[str, Any]:
    settings: dict[str, dict[str, Any]] = {"toc": {}, "tables": {}}
    for name, given in _named(project.get("markdown_extensions"), path):
        if name.removeprefix("zensical.extensions.").replace("_", "-") in WRITERS:
            raise _needed(name)
        if not name.startswith("zensical.") and name not in HIDDEN:
            settings[name] = {key: value for key, value in given.items() if key not in FUNCTIONS.get(name, ())}
    if importlib.util.find_spec("pymdownx") is not None:
        settings.setdefault("pymdownx.superfences", {})  # as Zensical does; without it fences are found as well
    plugins = dict(_named(project.get("plugins"), path, "plugins"))
    for name in sorted(WRITERS & {plugin.replace("_", "-") for plugin in plugins}):
        raise _needed(f"the plugin {name}")
    exclude = {key: _texts(value) for key, value in plugins.get("exclude", {}).items() if key != "enabled"}
    found = {
        "root_dir": str(path.parent),
        "docs_dir": project.get("docs_dir", "docs"),
        "markdown_extensions": list(settings),
        "mdx_configs": settings,
        "plugins": {"exclude": {"config": exclude}},
    }
    return {**project, **found}


def _named(value: Any, path: Path, key: str = "markdown_extensions") -> Iterator[tuple[str, dict[str, Any]]]:
    """Names with their settings, from a table of tables or from a list of names and tables of one."""
    wrong = OptionError(
        f"In {path.name} {key} is no table of tables.", advice=f"Write [project.{key}.NAME], and the settings below it."
    )
    if value is None:
        return
    if not isinstance(value, dict | list):
        raise wrong
    items = value.items() if isinstance(value, dict) else [_one(item, wrong) for item in value]
    for name, given in items:
        if not isinstance(given or {}, dict):
            raise wrong
        if isinstance(value, dict) and name in NESTED:
            inner = {f"{name}.{part}": settings for part, settings in (given or {}).items()}
            yield from _named(inner, path, key)
        else:
            yield name, given or {}


def _one(item: Any, wrong: OptionError) -> tuple[str, Any]:
    if isinstance(item, str):
        return item, {}
    if not isinstance(item, dict) or len(item) != 1:
        raise wrong
    ((name, given),) = item.items()
    return name, given


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _unfit(why: str) -> MissingPackageError:
    return MissingPackageError(
        f"The Zensical that is installed here cannot be used: {why}.",
        advice="It may be too old or broken: pip install --upgrade zensical",
    )


def _needed(what: str) -> MissingPackageError:
    return MissingPackageError(
        f"Zensical is not installed here, which {what} takes.",
        advice="Run this where the documentation is built, or: pip install zensical",
    )
