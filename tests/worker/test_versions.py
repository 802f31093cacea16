"""A model says the same whichever version of Keras built it, from 3.0 to the newest.

``KERASARCH_TEST_PYTHONS`` names an interpreter with the oldest one as ``keras30``, ``KERASARCH_TEST_KERAS`` folders
with others that take its place (``3.6.0=/somewhere``); ``python3 tests/run.py`` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from environments import GIVEN, told
from test_backends import MODELS, SPECS
from test_matrix_backends import HERE

from sphinx_kerasarch.inspector import Description, Inspector, Request
from sphinx_kerasarch.spec import ArchSpec

ZOO = (
    "shared_layer",
    "three_deep",
    "keyword_tensors",
    "states",
    "masking",
    "dict_in_dict_out",
    "frozen",
    "time_distributed",
    "operations",
    "bidirectional",
)
REQUESTS = (*(Request(f"models:{name}") for name in MODELS), *(Request(f"zoo:{name}") for name in ZOO))
FOLDERS = told("KERASARCH_TEST_KERAS")
PYTHON = GIVEN.get("keras30", "")
CASES = [
    ("3.0.5", "jax"),
    *((version, tier) for version in ("3.3.3", "3.6.0", "3.10.0") for tier in ("jax", "symbolic")),
]
"""With 3.0 the symbolic tier is off: its private names have moved since."""

pytestmark = [pytest.mark.keras, pytest.mark.skipif(not PYTHON, reason="no older Keras is installed")]


@cache
def answers(version: str, tier: str) -> Mapping[str, Description | Exception]:
    env = {"PYTHONPATH": FOLDERS[version]} if version in FOLDERS else {}
    python = PYTHON if version else ""
    with Inspector((str(HERE), str(SPECS)), python, env=env, backend=tier, timeout=120.0, jobs=2) as inspector:
        return {request.target: answer for request, answer in inspector.describe_many(REQUESTS)}


def told_by_both(spec: ArchSpec, other: ArchSpec) -> ArchSpec:
    """Without settings that only one of both versions has, and without versions."""
    layers = tuple(
        replace(own, config=common(own.config, its.config)) for own, its in zip(spec.layers, other.layers, strict=True)
    )
    return replace(spec, layers=layers, provenance=other.provenance)


def common(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: common(value, other[key]) for key, value in one.items() if key in other}
    return one


@pytest.mark.parametrize(("version", "tier"), CASES)
def test_every_version_of_keras_says_the_same(version: str, tier: str) -> None:
    if version != "3.0.5" and version not in FOLDERS:
        pytest.skip(f"Keras {version} is not installed")
    newest = answers("", "symbolic")
    for target, answer in answers(version, tier).items():
        base = newest[target]
        assert isinstance(answer, Description) and isinstance(base, Description), answer
        found = answer.spec
        assert found.provenance.versions["keras"] == version
        assert found.provenance.tier == ("symbolic" if tier == "symbolic" else "backend")
        assert found.provenance.materialized == 0
        assert told_by_both(found, base.spec) == replace(
            told_by_both(base.spec, found), provenance=base.spec.provenance
        ), target


def test_the_oldest_keras_needs_a_backend() -> None:
    """The tier without one is off, and what it is asked goes to the next."""
    with Inspector((str(SPECS),), PYTHON, timeout=120.0) as own:
        assert own.describe(Request("models:lenet")).spec.provenance.tier == "backend"
