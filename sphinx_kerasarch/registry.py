"""Views and formats by name. Third parties add records by entry points ``sphinx_kerasarch.views`` and ``.formats``."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import MissingPackageError, OptionError
from .options import Option, suggest

if TYPE_CHECKING:
    from .figure import Figure


def _scene() -> type:
    from .figure import Scene  # names of views and formats are read by builds that draw nothing

    return Scene


@dataclass(frozen=True, slots=True)
class View:
    name: str
    title: str
    """As on a tab: ``Layered``."""
    draw: Callable[..., Figure]
    """``draw(spec, **options) -> Figure``."""
    options: tuple[Option, ...] = ()
    gives: type = field(default_factory=_scene)
    """Kind of its figures, known before one is drawn: formats of several kinds may share a suffix. A scene."""


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    accepts: tuple[type, ...]
    """Kinds of figure; a Graph is given its places first when only Scene is accepted."""
    write: Callable[..., bytes]
    """``write(figure, *, theme="light", **options) -> bytes``; ``theme`` is a name or a :class:`.theme.Palette`,
    which :func:`.theme.color` takes alike."""
    media_type: str
    suffix: str
    options: tuple[Option, ...] = ()
    extra: str = ""
    """Name of the extra that it needs, empty for none."""
    package: str = ""
    """What the extra brings, by the name that is imported."""
    aliases: tuple[str, ...] = ()
    """Further suffixes by which files of it are known."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        return (self.suffix, *self.aliases)


VIEWS: Mapping[str, str] = {
    "summary": "sphinx_kerasarch.views.summary:VIEW",
    "graph": "sphinx_kerasarch.views.graph:VIEW",
    "layered": "sphinx_kerasarch.views.layered:VIEW",
    "maps": "sphinx_kerasarch.views.maps:VIEW",
    "neurons": "sphinx_kerasarch.views.neurons:VIEW",
}
"""Name → where its record is; loaded on first use."""

FORMATS: Mapping[str, str] = {
    "svg": "sphinx_kerasarch.formats.svg:FORMAT",
    "pdf": "sphinx_kerasarch.formats.pdf:FORMAT",
    "png": "sphinx_kerasarch.formats.png:FORMAT",
    "tikz": "sphinx_kerasarch.formats.tikz:FORMAT",
    "pptx": "sphinx_kerasarch.formats.pptx:FORMAT",
    "dot": "sphinx_kerasarch.formats.dot:FORMAT",
    "html": "sphinx_kerasarch.formats.html:FORMAT",
    "text": "sphinx_kerasarch.formats.text:FORMAT",
    "json": "sphinx_kerasarch.formats.json:FORMAT",
    "markdown": "sphinx_kerasarch.formats.markdown:FORMAT",
    "latex": "sphinx_kerasarch.formats.latex:FORMAT",
    "csv": "sphinx_kerasarch.formats.csv:FORMAT",
}

Record = TypeVar("Record", View, Format)


def _load(kind: type[Record], table: Mapping[str, str], group: str, name: str) -> Record:
    where = table.get(name)
    if where is not None:
        module, _, attribute = where.partition(":")
        loaded: Any = getattr(importlib.import_module(module), attribute)
    else:
        found = [point for point in entry_points(group=group) if point.name == name]
        if not found:
            word = group.rpartition(".")[2][:-1]
            raise OptionError(
                f"There is no {word} {name!r}.",
                advice=suggest(name, names(table, group)),
                data={word: name},
            )
        loaded = found[0].load()
    if not isinstance(loaded, kind):
        raise OptionError(f"{name!r} of {group} is not a {kind.__name__} record.", data={"name": name})
    return loaded


def names(table: Mapping[str, str], group: str) -> tuple[str, ...]:
    """Built-in names, then those of entry points."""
    return (*table, *sorted({point.name for point in entry_points(group=group)} - set(table)))


def view(name: str) -> View:
    """The record of a view; raises :class:`.OptionError` with a suggestion."""
    return _load(View, VIEWS, "sphinx_kerasarch.views", name)


def format(name: str) -> Format:
    """The record of a format; raises :class:`.OptionError` with a suggestion."""
    return _load(Format, FORMATS, "sphinx_kerasarch.formats", name)


def require(record: Format) -> None:
    """Raises :class:`.MissingPackageError` where the package is not installed that a format is written by."""
    if record.package and importlib.util.find_spec(record.package) is None:
        raise MissingPackageError(
            f"Format {record.name!r} is written by a package that is not installed.",
            advice=f"pip install 'sphinx-kerasarch[{record.extra}]'",
            data={"format": record.name, "package": record.package},
        )


def view_names() -> tuple[str, ...]:
    return names(VIEWS, "sphinx_kerasarch.views")


def format_names() -> tuple[str, ...]:
    return names(FORMATS, "sphinx_kerasarch.formats")
