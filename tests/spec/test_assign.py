"""Categories that the user gives to layer classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.assign import with_roles
from sphinx_kerasarch.spec.codec import loads

SPECS = Path(__file__).parents[1] / "specs"


@pytest.fixture
def spec() -> ArchSpec:
    """With a layer class of the user's own."""
    return loads((SPECS / "transformer_encoder.json").read_text("utf-8"))


def roles(spec: ArchSpec) -> dict[str, str]:
    return {layer.class_name: layer.role for layer in spec.layers}


def test_a_class_gets_its_category(spec: ArchSpec) -> None:
    own = next(layer for layer in spec.layers if layer.role == "custom")
    for key in (own.class_name, f"{own.module}:{own.class_name}", f"*:{own.class_name[:3]}*", "*:*", "*"):
        found = with_roles(spec, {key: "embed"})
        assert roles(found)[own.class_name] == "embed", key
        assert found.calls == spec.calls and found.edges == spec.edges
    assert roles(spec)[own.class_name] == "custom"
    assert with_roles(spec, {f"elsewhere:{own.class_name}": "embed"}) == spec
    assert with_roles(spec, {}) is spec


def test_the_most_exact_key_wins(spec: ArchSpec) -> None:
    layer = replace(spec.layers[0], class_name="Block", module="shop.layers", role="custom")
    spec = replace(spec, layers=(layer, *spec.layers[1:]))
    keys = {"*": "reg", "*:Block": "norm", "Block": "conv", "shop.layers:Block": "attn"}
    for role in ("attn", "conv", "norm", "reg"):
        assert roles(with_roles(spec, keys))["Block"] == role
        keys.popitem()


def test_an_unknown_category_is_refused(spec: ArchSpec) -> None:
    with pytest.raises(OptionError) as caught:
        with_roles(spec, {"Block": "atn"})
    assert "Did you mean 'attn'?" in caught.value.advice
