"""Backbones of keras_hub: small ones described whole and alike in both tiers, published ones without their weights."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from environments import GIVEN
from hub_models import BACKBONES, PUBLISHED
from speed import slowness

from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import digest
from sphinx_kerasarch.spec.query import totals

HERE = Path(__file__).parent
PYTHON = GIVEN.get("hub", sys.executable if importlib.util.find_spec("keras_hub") else "")

pytestmark = [pytest.mark.keras, pytest.mark.skipif(not PYTHON, reason="keras_hub is not installed")]

NEEDS_NUMBERS = {"DebertaV3Backbone"}
"""On TensorFlow its code calls ``tf.gather``: handed on."""


@pytest.fixture(scope="module")
def symbolic() -> Iterator[Inspector]:
    with Inspector(path=(str(HERE),), python=PYTHON, backend="symbolic", timeout=120.0) as found:
        yield found


@pytest.fixture(scope="module")
def backend() -> Iterator[Inspector]:
    name = "tensorflow" if sys.executable == PYTHON else "jax"
    with Inspector(path=(str(HERE),), python=PYTHON, backend=name, timeout=120.0) as found:
        yield found


def whole(spec: ArchSpec) -> None:
    _, params, trainable = spec.name.rsplit("_", 2)
    found = totals(spec)
    assert [found.params, found.trainable] == [int(params), int(trainable)]
    assert [slot.name for slot in spec.inputs] and spec.outputs
    fed = {edge.target.call for edge in spec.edges} | {slot.port.call for slot in spec.inputs}
    assert [call.id for call in spec.calls if call.id not in fed] == []
    assert not [note for note in spec.notes if note.slug == "no-graph"]


@pytest.mark.parametrize("name", sorted(BACKBONES))
def test_a_backbone_is_described_whole_and_alike_in_both_tiers(
    name: str, backend: Inspector, symbolic: Inspector
) -> None:
    request = Request(f"hub_models:small('{name}')")
    spec = backend.describe(request).spec
    whole(spec)
    assert spec.provenance.tier == "backend"
    if name not in NEEDS_NUMBERS:
        assert digest(symbolic.describe(request).spec) == digest(spec)


COST = """
import json, resource, sys
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec.query import totals
with Inspector(path=(sys.argv[1],), backend=sys.argv[2], python=sys.argv[3], timeout=120.0) as inspector:
    spec = inspector.describe(Request(sys.argv[4])).spec
used = resource.getrusage(resource.RUSAGE_CHILDREN)
found = spec.provenance
print(json.dumps([totals(spec).params, found.materialized, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


def cost(target: str, tier: str = "symbolic") -> tuple[int, int, float, float]:
    """Parameters and bytes of allocated weights; CPU seconds and memory of a worker for this model alone."""
    command = [sys.executable, "-c", COST, str(HERE), tier, PYTHON, target]
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=True)
    params, materialized, seconds, size = json.loads(done.stdout)
    return params, materialized, seconds, size


@pytest.fixture(scope="module")
def lenet() -> float:
    """Memory that LeNet takes."""
    return cost("giants:lenet")[3]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_backbone_costs_no_memory(name: str, lenet: float) -> None:
    params, materialized, seconds, size = cost(f"hub_models:large('{name}')")
    assert params == PUBLISHED[name][1]
    assert materialized == 0
    assert size < 1.3 * lenet
    assert seconds < 5.0 * slowness(), "measured 0.8 to 1.7 s"
