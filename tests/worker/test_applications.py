"""Every model of keras.applications: the totals of its spec are those of Keras, and no weight is allocated."""

from __future__ import annotations

from typing import Any

import pytest
from applications import NAMES

from sphinx_kerasarch.spec.query import totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

def size(variables: Any) -> int:
    from math import prod

    return sum(prod(variable.shape) for variable in variables)


def leaf_names(model: Any, inner: bool = False) -> set[str]:
    names: set[str] = set()
    for layer in model.layers:
        if hasattr(layer, "layers"):
            names |= leaf_names(layer, inner=True)
        elif not (inner and type(layer).__name__ == "InputLayer"):
            names.add(layer.name)
    return names


def test_no_application_is_forgotten(keras: Any) -> None:
    there = {name for name in dir(keras.applications) if name[0].isupper()}
    assert there <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_totals(keras: Any, name: str) -> None:
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe

    if not hasattr(keras.applications, name):
        pytest.skip(f"this Keras has no {name}")
    model, facts = build(f"keras.applications:{name}(weights=None)")
    spec = describe(model, facts)
    sums = totals(spec)
    assert sums.params == model.count_params()
    assert sums.trainable == size(model.trainable_weights)
    assert sums.non_trainable == size(model.non_trainable_weights)
    # EfficientNet's Normalization reads its own mean and variance when it is built: 24 bytes.
    assert spec.provenance.materialized <= 24 and spec.provenance.tier == "backend"
    assert sum(variable._value is not None for variable in model.weights) <= 3
    leaves, described = leaf_names(model), [layer for layer in spec.layers if ".ops." not in layer.module]
    assert len(described) == len(leaves)
    assert {layer.name for layer in described if not layer.auto_named} <= leaves
    assert [tuple(tensor.shape) for tensor in model.outputs] == [
        next(call for call in spec.calls if call.id == slot.port.call).outputs[0].shape
        for slot in spec.outputs
    ]
    ids = [call.id for call in spec.calls]
    place = {call: index for index, call in enumerate(ids)}
    assert len(place) == len(ids)
    assert all(place[edge.source.call] < place[edge.target.call] for edge in spec.edges)
    keras.utils.clear_session()
