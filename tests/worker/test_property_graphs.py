"""Random Functional models: each call and each edge of the description is checked against Keras' own nodes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sphinx_kerasarch.spec.query import totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

WIDTH = 4

PLAN = st.lists(
    st.tuples(
        st.sampled_from(["dense", "shared", "merge", "operation", "split", "nested", "attend", "states"]),
        st.integers(0, 99),
        st.integers(0, 99),
    ),
    min_size=1,
    max_size=14,
)
"""What is added, and which of the tensors there are it is given."""


OPERATIONS: list[Callable[[Any, Any, Any], Any]] = [
    lambda ops, a, b: a + b,
    lambda ops, a, b: 2 * a,
    lambda ops, a, b: ops.tanh(a),
    lambda ops, a, b: ops.where(a > b, a, b),
    lambda ops, a, b: a[:, ::-1] @ ops.transpose(b, (0, 2, 1)) @ a,
]


def grow(tensors: list[Any], plan: list[tuple[str, int, int]], pool: dict[str, list[Any]]) -> list[Any]:
    """Tensors of shape (batch, time, WIDTH): the given ones and all that the plan makes of them."""
    from keras import layers, ops

    tensors = list(tensors)
    for kind, first, second in plan:
        a, b = tensors[first % len(tensors)], tensors[second % len(tensors)]
        if kind == "dense":
            tensors.append(layers.Dense(WIDTH)(a))
        elif kind == "shared":
            tensors.append(pool["layers"][second % len(pool["layers"])](a))
        elif kind == "merge":
            merge = [layers.Add, layers.Multiply, layers.Maximum, layers.Subtract][first % 4]
            tensors.append(merge()([a, b]))
        elif kind == "operation":
            tensors.append(OPERATIONS[second % len(OPERATIONS)](ops, a, b))
        elif kind == "split":
            left, right = ops.split(a, 2, axis=-1)
            tensors.append(ops.concatenate([right, left] if first % 2 else [left, left], axis=-1))
        elif kind == "attend":
            tensors.append(layers.MultiHeadAttention(1, 2)(a, value=b, key=b if first % 2 else a))
        elif kind == "states":
            x, state = layers.GRU(WIDTH, return_sequences=True, return_state=True)(a)
            tensors.append(layers.GRU(WIDTH, return_sequences=True)(b, initial_state=state) if second % 2 else x)
        elif pool["models"]:
            model = pool["models"][second % len(pool["models"])]
            found = model([a, b] if len(model.inputs) == 2 else a)
            tensors.extend(found if isinstance(found, list) else [found])
    return tensors


def make(plans: list[list[tuple[str, int, int]]], inputs: int, outputs: int) -> Any:
    """Each plan is a model that the following ones may call, the last is the result."""
    import keras

    keras.utils.clear_session()
    shared = [keras.layers.Dense(WIDTH), keras.layers.LayerNormalization()]
    pool: dict[str, list[Any]] = {"layers": shared, "models": []}
    for number, plan in enumerate(plans):
        given = [keras.Input((3, WIDTH)) for _ in range(inputs if number == len(plans) - 1 else 1 + number % 2)]
        tensors = grow(given, plan, pool)
        ends = tensors[-outputs:] if outputs > 1 else tensors[-1]
        pool["models"].append(keras.Model(given if len(given) > 1 else given[0], ends))
    return pool["models"][-1]


@settings(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(plans=st.lists(PLAN, min_size=1, max_size=3), inputs=st.integers(1, 3), outputs=st.integers(1, 3))
def test_every_edge(keras: Any, plans: Any, inputs: int, outputs: int) -> None:
    from oracle import Expected, terms

    from sphinx_kerasarch.worker.describe import describe
    from sphinx_kerasarch.worker.draft import start

    model = make(plans, inputs, outputs)
    spec = describe(model)
    expected = Expected(model, start(model).names)
    assert terms(spec) == (expected.calls, expected.outputs)
    assert totals(spec).params == model.count_params()


def test_the_check_sees_a_lost_or_turned_edge(keras: Any) -> None:
    from oracle import Expected, terms

    from sphinx_kerasarch.worker.describe import describe
    from sphinx_kerasarch.worker.draft import start

    model = make([[("dense", 0, 0), ("merge", 3, 0)]], 1, 1)
    spec = describe(model)
    expected = Expected(model, start(model).names)
    assert terms(spec) == (expected.calls, expected.outputs)
    first, last = (edge for edge in spec.edges if edge.target.call == "subtract")
    turn = {first: last.source, last: first.source}
    turned = tuple(dataclasses.replace(edge, source=turn.get(edge, edge.source)) for edge in spec.edges)
    assert terms(dataclasses.replace(spec, edges=turned))[0] != expected.calls
    with pytest.raises(AssertionError):
        terms(dataclasses.replace(spec, edges=tuple(edge for edge in spec.edges if edge is not last)))
