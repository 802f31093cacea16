"""Subclassed models have the same spec whether a backend is there or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from sphinx_kerasarch.inspector import Description, Inspector, Request
from sphinx_kerasarch.spec.codec import digest

pytestmark = pytest.mark.keras

MODELS = (
    ("ResNet", "16, 16, 3"),
    ("functional_with_residuals", ""),
    ("Loop", "8"),
    ("TwoInputs", "(5, 4), (6, 4)"),
    ("Patches", "32, 32, 3"),
    ("decides_by_value", ""),
    ("closed_layer", ""),
    ("with_norm", ""),
    ("Training", "8"),
    ("Outer", "16, 16, 3"),
    ("Doubled", ""),
    ("WithLoss", "4"),
)


def digests(backend: str) -> dict[str, str]:
    asked = [Request(f"subclassed:{name}", input_shape=shape) for name, shape in MODELS]
    found = {}
    with Inspector(path=(str(Path(__file__).parent),), timeout=60.0, backend=backend) as inspector:
        for request, answer in inspector.describe_many(asked):
            assert isinstance(answer, Description), answer
            found[request.target] = digest(answer.spec)
    return found


def test_symbolic_tier_and_backend_agree() -> None:
    pytest.importorskip("tensorflow")
    assert digests("symbolic") == digests("tensorflow")
