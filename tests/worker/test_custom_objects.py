"""Saved models with classes of the user's own: known when they are named, boxes when they are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.errors import BuildError, ImportTargetError, KerasarchError, TargetError
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.query import totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def folder(keras: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    import own_classes

    place = tmp_path_factory.mktemp("files")
    own_classes.save(place)
    return place


@pytest.fixture(scope="module", params=["symbolic", "tensorflow"])
def inspector(request: pytest.FixtureRequest) -> Iterator[Inspector]:
    with Inspector(path=(str(HERE),), timeout=60.0, backend=request.param) as found:
        yield found


def ask(inspector: Inspector, file: Path, objects: str, opened: str = "") -> ArchSpec:
    return inspector.describe(Request(str(file), custom_objects=objects, open=opened)).spec


def shapes(spec: ArchSpec) -> dict[str, tuple[int | None, ...]]:
    return {call.id: call.outputs[0].shape for call in spec.calls}


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_boxes_when_nothing_is_named(inspector: Inspector, folder: Path, suffix: str) -> None:
    spec = ask(inspector, folder / f"gated{suffix}", "")
    assert spec.provenance.tier == "static" and shapes(spec)["gate"] == (None, None)
    assert {note.slug for note in spec.notes} == {"foreign", "shape"}


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_known_when_they_are_named(inspector: Inspector, folder: Path, suffix: str) -> None:
    if suffix == ".h5" and inspector._backend == "symbolic":
        pytest.skip("an .h5 file is loaded with its weights, which the tier hands on")
    spec = ask(inspector, folder / f"gated{suffix}", "own_classes:Gate, own_classes:leap")
    assert spec.provenance.tier in {"symbolic", "backend"} and not spec.notes
    assert {call.id for call in spec.calls if call.block == "gate"} >= {"gate/both", "gate/split"}
    assert [slot.port.call for slot in spec.outputs] == ["gate/multiply"]
    assert shapes(spec)["gate/multiply"] == (None, 3)
    assert totals(spec).params == 4 * 5 + 5 + 5 * 6 + 6


def test_a_registered_class_and_another_name(inspector: Inspector, folder: Path) -> None:
    spec = ask(inspector, folder / "windowed.keras", "WindowAttention=own_classes:WindowAttention, own_classes:Gate")
    assert shapes(spec)["window"] == (None, 3, 4)
    assert next(layer.role for layer in spec.layers if layer.name == "window") == "attn"


def test_a_subclassed_model_has_its_graph(inspector: Inspector, folder: Path) -> None:
    listed = ask(inspector, folder / "net.keras", "")
    assert not listed.edges and totals(listed).params == 4 * 3 + 3 + 3 * 2 + 2
    spec = ask(inspector, folder / "net.keras", "own_classes:Net")
    assert [(edge.source.call, edge.target.call) for edge in spec.edges][1:] == [("one", "two"), ("two", "add")]
    assert totals(spec) == totals(listed)


def test_what_is_not_named_stays_a_box(inspector: Inspector, folder: Path) -> None:
    spec = ask(inspector, folder / "windowed.keras", "own_classes:WindowAttention")
    assert spec.provenance.tier in {"symbolic", "backend"}
    assert [(note.slug, note.subject) for note in spec.notes] == [("foreign", "gate")]
    gate = next(layer for layer in spec.layers if layer.name == "gate")
    assert (gate.class_name, gate.config["units"], gate.module) == ("Gate", 4, "own_classes")
    assert shapes(spec) == {"i": (None, 6, 4), "gate": (None, 6, 4), "window": (None, 3, 4)}
    assert totals(spec).params == 4 * 8 + 8


def test_why_keras_could_not_load_it_is_told(inspector: Inspector, folder: Path) -> None:
    with pytest.raises(BuildError, match="leap is not known") as caught:
        ask(inspector, folder / "gated.keras", "own_classes:Gate")  # and not the function
    assert "custom-objects" in caught.value.advice


def test_what_cannot_be_opened_is_read_without_keras(inspector: Inspector, folder: Path) -> None:
    spec = ask(inspector, folder / "gated.keras", "", "Dense")
    assert spec.provenance.tier == "static"
    (note,) = (note for note in spec.notes if note.slug == "file")
    assert "leap is not known" in note.message


@pytest.mark.parametrize(
    ("objects", "kind", "words"),
    [
        ("own_classes:Gat", ImportTargetError, "Gat"),
        ("nowhere:Gate", ImportTargetError, "nowhere"),
        ("own_classes:Gate()", ImportTargetError, "not the name of a class"),
        ("Gate", TargetError, "no colon"),
    ],
)
def test_names_that_lead_nowhere(
    inspector: Inspector, folder: Path, objects: str, kind: type[KerasarchError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        ask(inspector, folder / "gated.keras", objects)
    assert caught.value.advice


def test_layers_of_keras_in_a_file_are_opened(inspector: Inspector, folder: Path) -> None:
    import opened

    opened.lstm().save(folder / "lstm.keras")
    spec = ask(inspector, folder / "lstm.keras", "", "LSTM")
    assert [(block.class_name, block.times) for block in spec.blocks] == [("LSTM", 4), ("LSTM", 4)]
    assert ask(inspector, folder / "lstm.keras", "").provenance.tier == "static"
