"""``from_model``: a live model is read like its factory, and nothing of it or of Keras is touched."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from environments import BACKENDS

from sphinx_kerasarch import from_model
from sphinx_kerasarch.errors import KerasarchError, NotAModelError
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec.codec import digest

HERE = Path(__file__).parent
TESTS = HERE.parent

EVERYTHING = bool(os.environ.get("KERASARCH_TEST_ALL"))
ALL = [
    f"{module}:{name}"
    for module in ("zoo", "graphs", "subclassed")
    for name in re.findall(r"^def ([a-z]\w*)\(\)", (TESTS / "worker" / f"{module}.py").read_text("utf-8"), re.MULTILINE)
    if name != "called_on_arrays"  # of which dtypes are not known, see there
][:: 1 if EVERYTHING else 8]
"""Sequential, functional, nested, shared, subclassed, compiled, frozen, quantized … models."""
FEW = [
    *("live_models:careless", "live_models:trained", "subclassed:functional_with_residuals", "subclassed:with_norm"),
    *("zoo:sequential", "zoo:dict_in_dict_out", "zoo:three_deep", "zoo:shared_model", "zoo:lambdas"),
    *("zoo:mixed_precision", "zoo:compiled", "zoo:bidirectional"),
]

NONE = [pytest.param("", marks=pytest.mark.skip("no backend is installed"))]

pytestmark = pytest.mark.keras


def run(backend: str, *names: str) -> dict[str, Any]:
    """What the program says, in a process that is no worker."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    told = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(TESTS.parent)}
    command = [BACKENDS[backend], str(HERE / "live_models.py"), *names]
    done = subprocess.run(command, env=known | told, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def described() -> dict[str, str]:
    """Target → digest of what the worker says."""
    path = tuple(str(folder) for folder in (HERE, TESTS / "worker"))
    found: dict[str, str] = {}
    with Inspector(path=path, timeout=120.0) as inspector:
        targets = [name for name in dict.fromkeys([*ALL, *FEW]) if not name.startswith("live_models")]
        for request, answer in inspector.describe_many([Request(target) for target in targets]):
            found[request.target] = "failed" if isinstance(answer, KerasarchError) else digest(answer.spec)
    return found


@pytest.fixture(scope="module", params=BACKENDS or NONE)
def live(request: pytest.FixtureRequest) -> dict[str, Any]:
    first = request.param == next(iter(BACKENDS))
    cases = CASES if first or EVERYTHING else CASES[:3]
    return run(request.param, *dict.fromkeys([*FEW, *(ALL if first else ())]), *cases)


CASES = ("dtypes", "long_session", "others", "unbuilt", "big", "keras_2")
"""The last three take longer: with the first backend only, unless all is asked for."""


def shown(live: dict[str, Any], case: str) -> Any:
    if case not in live:
        pytest.skip("with the first backend only")
    return live[case]


def test_a_live_model_has_the_digest_of_its_factory(live: dict[str, Any], described: dict[str, str]) -> None:
    digests = {name: found["digest"] for name, found in live.items() if name in described}
    assert len(digests) >= len(FEW) - 2
    assert digests == {name: described[name] for name in digests}


def test_model_and_keras_are_as_before(live: dict[str, Any]) -> None:
    read = {name: found for name, found in live.items() if name not in CASES}
    assert {name: found["changed"] for name, found in read.items() if found["changed"]} == {}
    assert {name for name, found in read.items() if found["again"] != found["digest"]} == set()


def test_a_shape_is_told_and_forgotten(live: dict[str, Any]) -> None:
    found = shown(live, "unbuilt")
    assert found["same"] and all(found["traced"]) and found["calls"][0] == found["calls"][2]
    for kind, (error, said) in zip(("ResNet", "Sequential"), found["told"], strict=True):
        assert error == "UnbuiltModelError"
        assert said.startswith(f"The {kind} model has no shapes yet.") and "input_shape=(28, 28, 1)" in said
    assert found["wrong"][0] == "TargetError"
    assert found["later"] == [[3, 3, 1, 8], 5 * 3 + 3 + 3 * 2 + 2, 18]


def test_dtypes_are_those_of_the_inputs_that_are_told(live: dict[str, Any]) -> None:
    assert sorted(live["dtypes"]) == ["float32", "int32"]


def test_names_count_from_nothing_in_a_long_session(live: dict[str, Any]) -> None:
    assert live["long_session"] == ["input_layer", "dense", "head_9", "dense_1"]


def test_weights_are_not_copied(live: dict[str, Any]) -> None:
    weights, grown = shown(live, "big")
    assert weights > 120 and grown < 20


def test_what_is_no_model_is_refused(live: dict[str, Any]) -> None:
    found = live["others"]
    assert {found[kind][0] for kind in ("layer", "text", "list")} == {"NotAModelError"}
    assert "It is a layer: put it into a model" in found["layer"][1]
    assert found["opened"] and found["values"] and found["drawn"]


def test_models_of_keras_2_are_read_and_left_as_they_are(live: dict[str, Any]) -> None:
    found = shown(live, "keras_2")
    if not found:
        pytest.skip("no tf_keras with this backend")
    assert all(again and kept for again, kept, _ in found.values())
    assert [calls for _, _, calls in found.values()] == [8, 8, 4, 4]


def test_keras_is_not_imported_for_what_is_no_model() -> None:
    code = (
        "import sys\nfrom sphinx_kerasarch import from_model\n"
        "try: from_model('lenet')\nexcept Exception as error: print(type(error).__name__, 'keras' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["NotAModelError", "False"]
    assert next(iter(inspect.signature(from_model).parameters)) == "model"
    with pytest.raises(NotAModelError, match=r"describe\(\) takes the name of a factory|not a Keras model"):
        from_model("lenet")
