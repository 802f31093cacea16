"""What the directives of a project ask for, kept by document in the environment.

Named tuples: they pickle small and cost a tenth of a dataclass when the extension is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

if TYPE_CHECKING:
    from .memory import Picture, Settled

Source = tuple[str, str, str, str, str, str, str]
"""Target, arguments, input shape, interpreter, layers to open, custom objects, whether weights are read: what tells
one description from another within a build."""


class Failure(NamedTuple):
    """A :class:`.KerasarchError` at rest: picklable, comparable."""

    slug: str
    message: str
    advice: str = ""
    traceback: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.message} {self.advice}".strip()


class ModelRequest(NamedTuple):
    """One directive."""

    docname: str
    location: str
    """``file:line``, as a warning prints it; in a docstring ``file.py:docstring of module.name:line``."""
    directive: str
    """Name as written, ``keras-graph``."""
    target: str
    """As written."""
    file: str = ""
    """Absolute path, when the target is a saved model."""
    arguments: str = ""
    input_shape: str = ""
    python: str = ""
    """Interpreter of this model's worker; empty for the configured one."""
    open: str = ""
    custom_objects: str = ""
    weights: str = ""
    """``yes`` where numbers of the weights are asked for."""
    views: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    """Options for the views, as written: checked when the figures are drawn."""
    theme: str = ""
    """Empty for the configured one."""
    alt: str = ""
    width: str = ""
    """Displayed width in per cent, empty for the natural size."""
    align: str = ""
    classes: tuple[str, ...] = ()
    """For the image."""
    problems: tuple[Failure, ...] = ()
    """What was wrong with the directive itself."""

    @property
    def source(self) -> Source:
        return (
            self.file or self.target,
            self.arguments,
            self.input_shape,
            self.python,
            self.open,
            self.custom_objects,
            self.weights,
        )


class ObjectEntry(NamedTuple):
    """A model that can be referred to."""

    name: str
    docname: str
    anchor: str
    location: str
    whole: bool = True
    """By ``keras-model``; a shorthand is referred to where no such directive stands."""


PER_DOCUMENT = ("requests", "objects", "states", "failed")


class Data(TypedDict):
    """What the domain keeps in the environment: four tables keyed by document name, and what is remembered."""

    requests: dict[str, list[ModelRequest]]
    objects: dict[str, list[ObjectEntry]]
    states: dict[str, dict[str, str]]
    """Builder → what the document showed when that builder last drew it."""
    failed: dict[str, list[str]]
    """Builders whose last run had a failure in the document."""
    settings: str
    """With which the following was found out; see :mod:`.memory`."""
    known: dict[Source, Settled]
    records: dict[str, Mapping[str, Any]]
    pictures: dict[str, Picture]
    version: int


def initial_data() -> dict[str, Any]:
    remembered = {"settings": "", "known": {}, "records": {}, "pictures": {}}
    return {**{table: {} for table in PER_DOCUMENT}, **remembered}


def purge(data: Data, docname: str) -> None:
    """Forget a document that is gone or will be read again."""
    tables: Mapping[str, Any] = data
    for table in PER_DOCUMENT:
        tables[table].pop(docname, None)


def merge(data: Data, docnames: Iterable[str], other: Data) -> None:
    """Take over what another process has read."""
    tables: Mapping[str, Any] = data
    others: Mapping[str, Any] = other
    for docname in docnames:
        for table in PER_DOCUMENT:
            if docname in others[table]:
                tables[table][docname] = others[table][docname]


def requests(data: Data) -> Iterator[ModelRequest]:
    """Every directive, in the order of document name and place."""
    for docname in sorted(data["requests"]):
        yield from data["requests"][docname]
