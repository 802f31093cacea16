"""Every class of keras.layers and keras.ops has a role and, where it has settings, texts for its card."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from sphinx_kerasarch.spec.parameters import BY_CLASS
from sphinx_kerasarch.spec.roles import OPERATION_CLASSES, ROLES, known_layer, role_of

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

NO_LAYERS = {"InputSpec"}


def layer_classes(keras: Any) -> dict[str, Any]:
    found = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    return {thing.__name__: thing for thing in found.values() if inspect.isclass(thing)}


def test_every_layer_has_a_role_and_texts(keras: Any) -> None:
    for name in sorted(set(layer_classes(keras)) - NO_LAYERS):
        assert known_layer(name), name
        assert name in BY_CLASS, name


def test_every_text_key_is_an_argument_of_its_class(keras: Any) -> None:
    whole = {"pool_strides": "strides", "embedding": "input_dim", "height_width": "height"}
    whole |= {"normalization_groups": "groups", "margin": "padding"}
    for name, cls in layer_classes(keras).items():
        if name in NO_LAYERS:
            continue
        known = set(inspect.signature(cls.__init__).parameters)
        for key in BY_CLASS[name]:
            assert whole.get(key, key) in known or (name, key) == ("LeakyReLU", "alpha"), (name, key)


def test_operations_in_the_table_exist(keras: Any) -> None:
    from importlib import import_module

    there: set[str] = set()
    for module in ("numpy", "nn", "core", "math", "image", "linalg", "einops"):
        there |= set(vars(import_module(f"keras.src.ops.{module}")))
    listed = {name for names in OPERATION_CLASSES.values() for name in names.split()}
    assert listed - there - {"Rearrange"} == set()
    assert set(OPERATION_CLASSES) < set(ROLES)


def test_subclasses_take_the_role_of_their_nearest_keras_class(keras: Any) -> None:
    from sphinx_kerasarch.worker.layers import role

    class Mine(keras.layers.Conv2D):  # type: ignore[misc]
        pass

    class Own(keras.layers.Layer):  # type: ignore[misc]
        pass

    assert role(Mine(3, 3)) == "conv" and role(Own()) == "custom"
    assert role_of([("Conv2D", "mypackage.layers")]) == "custom"
