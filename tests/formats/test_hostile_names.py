"""Hostile names through every format, read back by a parser of each language.

``KERASARCH_HOSTILE_NAMES=100000`` runs the whole campaign; by default a share of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence

import pytest
from hostile_cases import CASES
from hostile_names import names
from hostile_readers import READERS, graph, scene, table
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_kerasarch import registry
from sphinx_kerasarch.api import write
from sphinx_kerasarch.figure import Figure, Graph, Scene, Table

COUNT = int(os.environ.get("KERASARCH_HOSTILE_NAMES", "1500"))
MAKERS: dict[type, Callable[[Sequence[str]], Figure]] = {Table: table, Graph: graph, Scene: scene}
PLACED = 40
"""Names in a graph that our own layout gives places to: the time is that of the layout."""


def parts(count: int, size: int) -> Iterator[list[str]]:
    found = list(names(count))
    return (found[start : start + size] for start in range(0, count, size))


def test_every_format_has_a_reader() -> None:
    assert set(READERS) == set(registry.FORMATS)


@pytest.mark.parametrize("format", registry.FORMATS)
def test_names_are_names(format: str) -> None:
    record = registry.format(format)
    for kind, make in MAKERS.items():
        if kind not in record.accepts:
            continue
        # A picture shows what its SVG says, for which all names were read.
        share = 300 if format == "png" else COUNT
        for part in parts(share, 250):
            READERS[format](make(part), part, write(make(part), format))


@pytest.mark.parametrize(
    "format",
    [
        name
        for name in registry.FORMATS
        if Graph not in registry.format(name).accepts and Scene in registry.format(name).accepts
    ],
)
def test_names_in_a_graph_with_places(format: str) -> None:
    for part in parts(len(CASES) + COUNT // 60, PLACED):
        figure = graph(part)
        READERS[format](figure, part, write(figure, format))


@pytest.mark.parametrize("format", registry.FORMATS)
@given(st.lists(st.text(st.characters(codec=None), max_size=40), min_size=1, max_size=3))
@settings(max_examples=12)
def test_any_names(format: str, given_names: list[str]) -> None:
    record = registry.format(format)
    for kind, make in MAKERS.items():
        if kind in record.accepts:
            READERS[format](make(given_names), given_names, write(make(given_names), format))
