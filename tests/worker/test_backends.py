"""A model says the same whichever backend it was built with: described anew and compared with the recorded spec.

Each backend has an environment of its own: ``KERASARCH_TEST_PYTHONS`` names their interpreters, as in
``jax=/envs/jax/bin/python:torch=/envs/torch/bin/python`` (``;`` on Windows); ``python3 tests/run.py`` makes them. The
backends of the running interpreter are tested in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from environments import BACKENDS

from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec.codec import digest, loads

SPECS = Path(__file__).parents[1] / "specs"
MODELS = ("mlp", "lenet", "autoencoder", "unet", "transformer_encoder", "siamese", "two_io", "lstm_seq2seq")
"""Dense, convolutions, nesting, skips, attention, sharing with operations, dictionaries, recurrence."""


pytestmark = pytest.mark.keras


NONE = [pytest.param("", marks=pytest.mark.skip("no backend is installed"))]


@pytest.fixture(scope="module", params=BACKENDS or NONE)
def backend(request: pytest.FixtureRequest) -> Iterator[tuple[str, Inspector]]:
    name = str(request.param)
    with Inspector(path=(str(SPECS),), python=BACKENDS[name], backend=name, timeout=120.0) as inspector:
        yield name, inspector


@pytest.mark.parametrize("model", MODELS)
def test_spec_does_not_depend_on_the_backend(backend: tuple[str, Inspector], model: str) -> None:
    name, inspector = backend
    found = inspector.describe(Request(f"models:{model}")).spec
    assert found.provenance.backend == name
    assert set(found.provenance.versions) >= {"python", "keras", name}
    assert digest(found) == digest(loads((SPECS / f"{model}.json").read_text("utf-8")))
