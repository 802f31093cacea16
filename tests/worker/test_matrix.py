"""Models × facts: what a description says of every way to write a model equals what Keras says."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from test_ways import WAYS

from sphinx_kerasarch import api
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import digest, dumps, loads
from sphinx_kerasarch.spec.query import totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

TRACED = {"own_wrapper", "time_distributed_model", "ways:time_distributed_model"}
"""Opened by a symbolic call: more calls than Keras has nodes."""

MODELS = [
    "sequential",
    "built_later",
    "list_in_list_out",
    "tuple_in_tuple_out",
    "dict_in_dict_out",
    "nested_structures",
    "output_twice",
    "scalar_input",
    "several_dtypes",
    "keyword_tensors",
    "attention_scores",
    "states",
    "cells",
    "part_of_the_outputs",
    "unused_outputs",
    "lambdas",
    "masking",
    "masking_layer",
    "augmentation",
    "preprocessing",
    "operations",
    "constants",
    "time_distributed",
    "time_distributed_model",
    "bidirectional",
    "bidirectional_apart",
    "bidirectional_states",
    "spectral",
    "own_wrapper",
    "shared_layer",
    "shared_model",
    "cycle_of_calls",
    "three_deep",
    "sequential_of_models",
    "nested_with_structures",
    "nested_in_part",
    "same_names_in_two_submodels",
    "cut_out",
    "frozen",
    "tied",
    "reversible",
    "mixed_precision",
    "quantized",
    "low_rank",
    "untrained_state",
    "compiled",
    "no_layers",
    "convolutional",
    "volumes",
]


MORE = [
    f"ways:{name}"
    for name in WAYS
    if name.islower() and name not in {"own_wrapper", "tied", "no_config", "uses_numpy", "changes_everything"}
]
"""Models of another collection, without the traced ones."""


@dataclass(frozen=True)
class Read:
    model: Any
    spec: ArchSpec
    names: dict[int, str]


@pytest.fixture(scope="module")
def read(keras: Any) -> Callable[[str], Read]:
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe
    from sphinx_kerasarch.worker.draft import start

    known: dict[str, Read] = {}

    def reader(name: str) -> Read:
        if name not in known:
            model, facts = build(name if ":" in name else f"zoo:{name}", "", "")
            known[name] = Read(model, describe(model, facts), start(model).names)
        return known[name]

    return reader


def test_the_matrix_names_every_model_of_the_zoo(keras: Any) -> None:
    zoo = importlib.import_module("zoo")
    assert sorted(MODELS) == sorted(zoo.NAMES) and len(MODELS) >= 45


@pytest.mark.parametrize("name", [name for name in (*MODELS, *MORE) if name not in TRACED])
def test_calls_and_edges_are_those_of_keras(read: Any, name: str) -> None:
    from oracle import Expected, terms

    found = read(name)
    expected = Expected(found.model, found.names)
    calls, outputs = terms(found.spec)
    assert calls == expected.calls
    assert outputs == expected.outputs


def _numbers(variables: Any) -> int:
    return sum(int(_product(one.shape)) for one in {id(one): one for one in variables}.values())


def _product(shape: Any) -> int:
    count = 1
    for axis in shape:
        count *= int(axis)
    return count


@pytest.mark.parametrize("name", MODELS)
def test_counts_are_those_of_keras(read: Any, name: str) -> None:
    found = read(name)
    counted = totals(found.spec)
    assert counted.params == found.model.count_params()
    assert counted.trainable == _numbers(found.model.trainable_weights)
    assert counted.non_trainable == _numbers(found.model.non_trainable_weights)


@pytest.mark.parametrize("name", MODELS)
def test_inputs_and_outputs_are_those_of_keras(read: Any, name: str) -> None:
    found = read(name)
    tensors = {(call.id, index): one for call in found.spec.calls for index, one in enumerate(call.outputs)}
    for slots, live in ((found.spec.inputs, found.model.inputs), (found.spec.outputs, found.model.outputs)):
        said = [tensors[slot.port.call, slot.port.index] for slot in slots]
        assert [(one.shape, one.dtype) for one in said] == [(tuple(one.shape), str(one.dtype)) for one in live]
        assert len({slot.name for slot in slots}) == len({slot.port for slot in slots})


@pytest.mark.parametrize("name", MODELS)
def test_json_keeps_all_of_it(read: Any, name: str) -> None:
    spec = read(name).spec
    assert loads(dumps(spec)) == spec and digest(loads(dumps(spec))) == digest(spec)
    assert "0x" not in dumps(spec) and " object at " not in dumps(spec)


@pytest.mark.parametrize("name", [*MODELS, *MORE])
def test_every_view_draws_it_in_a_column_of_text(read: Any, name: str) -> None:
    spec = read(name).spec
    assert "<svg" in api.draw(spec, "graph", width="642px").svg()
    rows = api.draw(spec, "summary").text()
    assert all(layer.class_name in rows for layer in spec.layers if layer.weights)
    try:
        assert "<svg" in api.draw(spec, "layered", width="642px").svg()
    except DrawError as refusal:
        assert refusal.advice


@pytest.mark.parametrize("name", MODELS)
def test_a_second_build_is_described_alike(read: Any, name: str) -> None:
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe

    model, facts = build(f"zoo:{name}", "", "")
    assert digest(describe(model, facts)) == digest(read(name).spec)
