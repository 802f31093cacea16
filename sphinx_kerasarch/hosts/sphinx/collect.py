"""What the directives of a project ask for, kept by document in the environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

from ..page.request import ModelRequest, Source

if TYPE_CHECKING:
    from .memory import Picture, Settled

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
