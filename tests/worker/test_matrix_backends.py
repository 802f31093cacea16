"""Models × tiers and backends: the matrix and all of keras.applications are described alike everywhere.

TensorFlow's answers are the measure. Where a backend differs by nature, the difference is listed here, and that there
is one is tested as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from environments import BACKENDS
from test_applications import NAMES
from test_backends import SPECS
from test_matrix import MODELS
from test_trace_tiers import MODELS as TRACED
from test_ways import SHAPES, WAYS

from sphinx_kerasarch.errors import KerasarchError
from sphinx_kerasarch.inspector import Description, Inspector, Request
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import digest

pytestmark = pytest.mark.keras

HERE = Path(__file__).parent
APPLICATIONS = tuple(Request(f"keras.applications:{name}(weights=None)") for name in NAMES)
REQUESTS = (
    *(Request(f"zoo:{name}") for name in MODELS),
    *(Request(f"ways:{name}", input_shape=SHAPES.get(name, "")) for name in WAYS),
    *(Request(f"subclassed:{name}", input_shape=shape) for name, shape in TRACED),
    *APPLICATIONS,
)
SIZES = re.compile(r"(B?\d+|Tiny|Small|Base|XLarge|Large|Mobile|[SML])(?=V2$|$)")
"""What tells the sizes of one architecture apart at the end of its name."""
REFUSED: Mapping[str, Mapping[str, str]] = {
    "symbolic": {
        "zoo:quantized": "numbers are computed",
        "ways:int8": "numbers are computed",
        "ways:int4": "numbers are computed",
        "zoo:compiled": "fit",
        "ways:trained": "fit",
    },
    "torch": {"keras.applications:NASNetMobile(weights=None)": "not available with the torch backend"},
}
"""What a backend itself does not do, or the tier without one hands on, with words of the refusal."""

BASE = next(iter(BACKENDS), "")
OTHERS = [name for name in ("symbolic", *BACKENDS) if name != BASE]


def asked(backend: str) -> tuple[Request, ...]:
    """All where answers are the measure or the ordinary case; else of each family of applications the first."""
    if backend in {BASE, "symbolic"}:
        return REQUESTS
    first = {SIZES.sub("", name): name for name in reversed(NAMES)}
    others = {request for request, name in zip(APPLICATIONS, NAMES, strict=True) if name not in first.values()}
    refused = REFUSED.get(backend, {})
    return tuple(request for request in REQUESTS if request not in others or request.target in refused)


@cache
def answers(backend: str) -> dict[str, Description | KerasarchError]:
    path, python = (str(HERE), str(SPECS)), BACKENDS.get(backend, "")
    with Inspector(path=path, python=python, backend=backend, timeout=120.0, jobs=2) as inspector:
        return {request.target: answer for request, answer in inspector.describe_many(asked(backend))}


def neutral(spec: ArchSpec) -> str:
    """Digest, as if integers had one width: Keras counts what a Normalization has seen in 64 bits with TensorFlow."""
    counted = {"int64": "int32"}
    layers = tuple(
        replace(
            layer,
            weights=tuple(
                replace(one, dtype=counted.get(one.dtype, one.dtype)) if one.name == "count" else one
                for one in layer.weights
            ),
        )
        for layer in spec.layers
    )
    return digest(replace(spec, layers=layers))


def test_there_are_enough_models() -> None:
    assert len(REQUESTS) == len({request.target for request in REQUESTS}) >= 150
    assert 130 <= len(asked("torch")) < len(asked("symbolic")) == len(REQUESTS)
    assert REFUSED["torch"].keys() <= {request.target for request in asked("torch")}


@pytest.mark.skipif(not BASE, reason="no backend is installed")
@pytest.mark.parametrize("backend", OTHERS)
def test_every_model_is_described_alike(backend: str) -> None:
    expected, refused = answers(BASE), REFUSED.get(backend, {})
    wrong = {}
    for target, found in answers(backend).items():
        base = expected[target]
        if target in refused:
            assert isinstance(found, KerasarchError) and refused[target] in found.message
        elif isinstance(base, KerasarchError) or isinstance(found, KerasarchError):
            wrong[target] = (base, found)
        elif neutral(base.spec) != neutral(found.spec):
            wrong[target] = (base.spec.provenance, found.spec.provenance)
    assert not wrong


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
def test_shapes_by_rule_are_those_that_the_backend_infers(keras: Any, name: str) -> None:
    """A worker finds shapes without the backend where it can; in this process the backend itself is asked."""
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe

    infer = keras.src.backend.compute_output_spec
    assert not hasattr(infer, "backends")
    found = answers(keras.config.backend())[f"zoo:{name}"]
    assert isinstance(found, Description)
    assert digest(describe(*build(f"zoo:{name}"))) == digest(found.spec)


@pytest.mark.skipif(not BASE, reason="no backend is installed")
def test_no_weight_is_allocated_but_by_what_reads_it() -> None:
    """``fit``, ``quantize`` and weights that a factory sets are the exceptions; EfficientNet reads 24 bytes."""
    found = {name: item.spec.provenance for name, item in answers(BASE).items() if isinstance(item, Description)}
    assert {item.tier for item in found.values()} == {"backend"}
    assert max(item.materialized for name, item in found.items() if "applications" in name) <= 24
