"""Numbers of weights come only when they are asked for, and are those of the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import digest, dumps, loads
from sphinx_kerasarch.spec.sample import shown

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    with Inspector(path=(str(HERE),), timeout=120.0) as found:
        yield found


def ask(inspector: Inspector, target: str, weights: bool = True) -> ArchSpec:
    return inspector.describe(Request(target, weights=weights)).spec


def wanted(rows: int, columns: int) -> list[list[float]]:
    return [
        [(-1.0) ** (row * columns + column) * (row * columns + column) for column in shown(columns)]
        for row in shown(rows)
    ]


def test_which_units_are_shown() -> None:
    assert shown(10) == tuple(range(10))
    assert shown(11) == (0, 1, 2, 3, 8, 9, 10)
    assert shown(1) == (0,)


def test_none_are_read_unless_they_are_asked_for(inspector: Inspector) -> None:
    spec = ask(inspector, "valued:drawn_by_lot", weights=False)
    assert spec.values == {} and '"values"' not in dumps(spec)
    assert spec.provenance.tier == "symbolic" and spec.provenance.materialized == 0


def test_the_numbers_that_the_factory_set(inspector: Inspector) -> None:
    spec = ask(inspector, "valued:counted")
    assert spec.provenance.tier == "backend"
    assert spec.values == {"wide": wanted(3, 12), "out": wanted(12, 2)}
    assert loads(dumps(spec)) == spec
    assert digest(spec) != digest(ask(inspector, "valued:counted", weights=False))


def test_numbers_drawn_by_lot_are_the_same_each_time(inspector: Inspector) -> None:
    first, second = (ask(inspector, "valued:drawn_by_lot") for _ in range(2))
    assert list(first.values) == ["out"] and first.values == second.values
    assert len(first.values["out"]) == 7 and len(first.values["out"][0]) == 4


def test_what_is_no_number_and_what_is_too_large(inspector: Inspector) -> None:
    values = ask(inspector, "valued:not_a_number").values
    assert values["wide"][0][0] is None and values["wide"][1][1] is None
    spec = ask(inspector, "valued:too_large")
    assert spec.values == {}
    assert [note.slug for note in spec.notes if note.subject == "huge"] == ["values"]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_the_numbers_in_a_file(inspector: Inspector, keras: Any, tmp_path: Path, suffix: str) -> None:
    from valued import counted

    file = tmp_path / f"counted{suffix}"
    counted().save(file)
    assert ask(inspector, str(file)).values == {"wide": wanted(3, 12), "out": wanted(12, 2)}
    assert ask(inspector, str(file), weights=False).values == {}


def test_trained_weights_that_were_not_fetched_are_not_made_up(inspector: Inspector) -> None:
    spec = ask(inspector, "keras.applications:ResNet50()")
    assert spec.values == {}
    assert "values" in {note.slug for note in spec.notes}
