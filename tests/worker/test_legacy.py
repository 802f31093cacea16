"""Models of Keras 2 are described as the same models of Keras 3, by the same worker."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from legacy_models import MODELS

from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.query import totals

pytestmark = [
    pytest.mark.keras,
    pytest.mark.skipif(not importlib.util.find_spec("tf_keras"), reason="tf_keras is not installed"),
]

PATH = (str(Path(__file__).parent),)
NAMES = tuple(build.__name__ for build in MODELS)


@pytest.fixture(scope="module")
def worker() -> Iterator[Inspector]:
    with Inspector(path=PATH, timeout=120.0) as found:
        yield found


def alike(spec: ArchSpec, other: ArchSpec) -> ArchSpec:
    """Without what differs by nature: module, settings that only one of both has, names of weights inside of wrappers,
    whether a name that Keras might have chosen was an author's, versions."""
    layers = []
    for own, its in zip(spec.layers, other.layers, strict=True):
        weights = tuple(
            replace(one, id="", name=one.name.rpartition("/")[2]) if own.class_name == "TimeDistributed" else one
            for one in own.weights
        )
        config = common(own.config, its.config)
        layers.append(replace(own, module="", config=config, auto_named=False, weights=weights))
    blocks = tuple(replace(block, auto_named=False) for block in spec.blocks)
    provenance = replace(spec.provenance, target="", versions={})
    return replace(spec, layers=tuple(layers), blocks=blocks, provenance=provenance)


def common(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: common(value, other[key]) for key, value in one.items() if key in other}
    return one


@pytest.mark.parametrize("name", NAMES)
def test_keras_2_and_keras_3_are_described_alike(worker: Inspector, name: str) -> None:
    old, new = (worker.describe(Request(f"legacy_models:of_keras_{n}('{name}')", backend="tensorflow")) for n in "23")
    assert old.spec.provenance.versions["tf_keras"].startswith("2.")
    assert "tf_keras" not in new.spec.provenance.versions
    assert alike(old.spec, new.spec) == alike(new.spec, old.spec)
    assert any(layer.module.startswith("tf_keras.") for layer in old.spec.layers)
    assert old.spec.provenance.materialized == 0


@pytest.mark.parametrize("setting", ["1", ""])
def test_tf_keras_is_what_the_variable_says(setting: str) -> None:
    with Inspector(path=PATH, env={"TF_USE_LEGACY_KERAS": setting}, timeout=120.0) as own:
        found = own.describe(Request("legacy_models:of_tensorflow('nested')")).spec
    assert ("tf_keras" in found.provenance.versions) == bool(setting)
    assert found.provenance.tier == ("backend" if setting else "symbolic")
    assert totals(found).params == 298


def test_functions_of_tensorflow_are_operations(worker: Inspector) -> None:
    found = worker.describe(Request("legacy_models:of_tensorflow_functions()")).spec
    names = [call.id for call in found.calls]
    assert names == ["x", "relu", "concatenate", "mean", "greater", "zeros_like", "where", "dense"]
    roles = {layer.name: layer.role for layer in found.layers}
    assert (roles["relu"], roles["concatenate"]) == ("act", "merge")
    edges = {(edge.source.call, edge.target.call) for edge in found.edges}
    assert {("relu", "concatenate"), ("x", "concatenate"), ("greater", "where"), ("zeros_like", "where")} <= edges
    assert next(call for call in found.calls if call.id == "mean").arguments["axis"] == 1


def test_weights_have_values_when_they_are_read(worker: Inspector) -> None:
    assert worker.describe(Request("legacy_models:reads_weights()")).spec.provenance.materialized == 4 * 156
    assert worker.describe(Request("legacy_models:trains()")).spec.provenance.materialized == 4 * 46
    found = worker.describe(Request("legacy_models:enormous()")).spec
    assert totals(found).params == 40_000_200_000 and found.provenance.materialized == 0


def test_an_application_of_keras_2(worker: Inspector) -> None:
    found = worker.describe(Request("legacy_models:vgg()")).spec
    assert totals(found).params == 138_357_544
    assert found.provenance.materialized == 0 and not found.notes
