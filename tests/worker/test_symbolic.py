"""The tier without a backend: the same specs as with one, no numbers, and what it cannot do is handed on."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from speed import slowness

from sphinx_kerasarch import errors
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec import codec
from sphinx_kerasarch.spec.query import totals
from sphinx_kerasarch.worker import symbolic as symbolic_tier

pytestmark = pytest.mark.keras

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATH = (str(HERE), str(HERE.parent / "specs"), str(ROOT / "example_project" / "src"))
CLOSED = "closed"
"""Slug of the note that cites why a layer's code does not run on symbolic tensors, in the words of the backend."""

RECORDED = sorted(file.stem for file in (HERE.parent / "specs").glob("*.json"))
ACCEPTED = ("tutorial", "compiles", "sets_weights", "adapts", "casts", "places", "asks_for_backend")
HANDED_ON = ("uses_constant", "swallows", "fits", "predicts", "quantizes", "reads_weights", "raw_operations")


@pytest.fixture(scope="module")
def symbolic() -> Iterator[Inspector]:
    with Inspector(path=PATH, timeout=60.0, backend="symbolic") as found:
        yield found


@pytest.fixture(scope="module")
def automatic() -> Iterator[Inspector]:
    with Inspector(path=PATH, timeout=60.0) as found:
        yield found


@pytest.fixture(scope="module")
def tensorflow() -> Iterator[Inspector]:
    pytest.importorskip("tensorflow")
    with Inspector(path=PATH, timeout=60.0, backend="tensorflow") as found:
        yield found


@pytest.mark.parametrize("name", RECORDED)
def test_same_bytes_as_recorded_with_tensorflow(symbolic: Inspector, name: str) -> None:
    recorded = codec.loads((HERE.parent / "specs" / f"{name}.json").read_text("utf-8"))
    found = symbolic.describe(Request(f"symbolic_recorded:{name}"))
    assert codec.digest(found.spec) == codec.digest(recorded)
    assert found.spec.provenance.tier == "symbolic" and found.spec.provenance.backend == ""


@pytest.mark.parametrize("name", ACCEPTED)
def test_same_bytes_as_tensorflow(symbolic: Inspector, tensorflow: Inspector, name: str) -> None:
    one, two = (inspector.describe(Request(f"symbolic_models:{name}")) for inspector in (symbolic, tensorflow))
    specs = [
        replace(found.spec, notes=tuple(note for note in found.spec.notes if note.slug != CLOSED))
        for found in (one, two)
    ]
    assert codec.digest(specs[0]) == codec.digest(specs[1])
    assert len(one.spec.notes) == len(two.spec.notes)
    assert (one.spec.provenance.tier, two.spec.provenance.tier) == ("symbolic", "backend")


@pytest.mark.parametrize("name", HANDED_ON)
def test_what_needs_numbers_is_handed_on(automatic: Inspector, name: str) -> None:
    pytest.importorskip("tensorflow")
    found = automatic.describe(Request(f"symbolic_models:{name}"))
    assert found.spec.provenance.tier == "backend"
    assert found.inputs["packages"].get("tensorflow") or found.inputs["packages"].get("tensorflow-cpu")


def test_no_backend_is_imported(symbolic: Inspector) -> None:
    found = symbolic.describe(Request("symbolic_models:stands_in"))
    assert found.inputs["packages"].get("keras") and found.inputs["backend"] == ""
    assert not {"tensorflow", "tensorflow-cpu", "jax", "torch", "scipy"} & set(found.inputs["packages"])
    assert str(HERE / "symbolic_models.py") in found.inputs["files"]


def test_asking_for_the_backend_is_recorded(symbolic: Inspector) -> None:
    """It is told the name of the one that would run; which are installed counts from then on."""
    found = symbolic.describe(Request("symbolic_models:asks_for_backend"))
    assert found.spec.name in {"tensorflow", "jax", "torch"}


def test_forced_tier_says_what_it_lacks(symbolic: Inspector) -> None:
    with pytest.raises(errors.BuildError) as caught:
        symbolic.describe(Request("symbolic_models:uses_constant"))
    assert "tensorflow.constant is called" in caught.value.message
    assert "kerasarch_backend" in caught.value.advice
    with pytest.raises(errors.BuildError) as caught:
        symbolic.describe(Request("symbolic_models:none_needed"))
    assert "classes must be positive" in caught.value.message


def test_faults_of_the_request_start_no_second_worker() -> None:
    with Inspector(path=PATH, timeout=60.0) as own:
        for target, slug in (
            ("symbolic_models:smal", "import"),
            ("symbolic_models:small(units=3)", "arguments"),
            ("nowhere.at_all:build", "import"),
            ("symbolic_models:np", "not-a-model"),
        ):
            with pytest.raises(errors.KerasarchError) as caught:
                own.describe(Request(target))
            assert caught.value.slug == slug
        own.describe(Request("symbolic_models:tutorial"))
        assert {backend for backend, _ in own._workers} == {"symbolic"}


def test_without_fork_it_is_the_same(symbolic: Inspector) -> None:
    names = ("places", "tutorial", "places")
    with Inspector(path=PATH, timeout=60.0, backend="symbolic", fork=False) as own:
        for name in names:
            request = Request(f"symbolic_models:{name}")
            assert codec.digest(own.describe(request).spec) == codec.digest(symbolic.describe(request).spec)
        with pytest.raises(errors.BuildError):
            own.describe(Request("symbolic_models:uses_constant"))
        assert own.describe(Request("symbolic_models:small")).spec.provenance.tier == "symbolic"


def test_seventy_billion_parameters(symbolic: Inspector) -> None:
    spec = symbolic.describe(Request("giants:decoder")).spec
    assert totals(spec).params == 70_553_706_496
    assert spec.provenance.materialized == 0 and spec.provenance.tier == "symbolic"
    assert [call.outputs[0].shape for call in spec.calls][-1] == (None, None, 128256)


COST = """
import json, resource, sys
from sphinx_kerasarch.inspector import Inspector, Request
with Inspector(path=(sys.argv[1],), backend=sys.argv[3]) as inspector:
    inspector.describe(Request(sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def cost(target: str, tier: str = "symbolic") -> tuple[float, float]:
    """CPU seconds and MiB of a worker that starts, describes one model, and ends."""
    command = [sys.executable, "-c", COST, str(HERE), target, tier]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seconds, size = json.loads(done.stdout)
    return seconds, size


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts in KiB on Linux only")
def test_cost_does_not_depend_on_the_number_of_parameters() -> None:
    seconds, size = cost("giants:lenet")
    assert seconds < 3.0 * slowness(), "measured 0.8 s; the limit leaves room for a busy machine"
    assert size < 100
    seconds, giant = cost("giants:decoder")
    assert seconds < 10.0 * slowness(), "measured 3 s"
    assert giant < 1.3 * size


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts in KiB on Linux only")
def test_nor_does_it_with_a_backend() -> None:
    pytest.importorskip("tensorflow")
    _, size = cost("giants:lenet", "tensorflow")
    seconds, giant = cost("giants:decoder", "tensorflow")
    # Measured 4.6 s, of which TensorFlow's import takes 1.6 s; by its own inference 19 s.
    assert seconds < 12.0 * slowness()
    assert giant < 1.3 * size


FAULT = """
import sys
sys.path[:0] = [{root!r}]
from sphinx_kerasarch.worker import symbolic, build
print(symbolic.start(), end="|")
build.start()
import keras
{change}
print(symbolic.install())
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("", ""),
        ("del keras.src.backend.core.compute_output_spec", "compute_output_spec"),
        ("del keras.src.backend.linalg", "linalg"),
        ("del keras.src.ops.operation.auto_name", "auto_name"),
        ("keras.src.backend.numpy.exp = len; keras.src.ops.exp = lambda x: x; keras.ops.exp = lambda x: x", "numbers"),
        ("keras.layers.Layer.compute_output_spec = lambda self, *a, **k: keras.KerasTensor((3,))", "a shape is wrong"),
    ],
)
def test_self_test_switches_the_tier_off_when_names_have_moved(change: str, said: str) -> None:
    program = FAULT.format(root=str(ROOT), change=change)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    start, _, fault = done.stdout.strip().partition("|")
    assert start == ""
    assert (fault == "") == (said == "") and said in fault


def test_a_tier_that_is_off_hands_everything_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen through a Keras whose NumPy backend has lost a module."""
    pytest.importorskip("tensorflow")
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "class Gone:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'keras.src.backend.numpy.linalg':\n"
        "            raise ImportError('moved')\n"
        "sys.meta_path.insert(0, Gone())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Inspector(path=PATH, timeout=60.0) as own:
        assert own.describe(Request("symbolic_models:small")).spec.provenance.tier == "backend"
    with Inspector(path=PATH, timeout=60.0, backend="symbolic") as own, pytest.raises(errors.BuildError) as caught:
        own.describe(Request("symbolic_models:small"))
    assert "moved" in caught.value.message


def test_a_folder_that_the_path_names_in_vain_is_told(tmp_path: Path) -> None:
    with Inspector(path=(str(tmp_path / "src"),), timeout=60.0, backend="symbolic") as own:
        with pytest.raises(errors.ImportTargetError) as caught:
            own.describe(Request("nets_of_nobody:build"))
        assert caught.value.advice == f"kerasarch_path (--path) names {tmp_path / 'src'}, which is not there."
        with pytest.raises(errors.ImportTargetError) as caught:
            own.describe(Request("keras.nets:build"))
        assert "kerasarch_path" not in caught.value.advice, "the package is there"


ERRORS = {
    "typed wrongly": ("import", {"exception": "SyntaxError", "module": "shop"}, "File ...", True),
    "a package that nobody has": ("missing-package", {"package": "not_on_this_machine"}, "", True),
    "a package that this tier stands in for": ("missing-package", {"package": "torch"}, "", False),
    "a package that is there": ("missing-package", {"package": "json"}, "", False),
    "a module that is not there": ("import", {"module": "shop"}, "", True),
    "a module that is not in a package": ("import", {"package": "shop", "module": "shop.net"}, "File ...", True),
    "one that this tier stands in for": ("import", {"package": "tensorflow", "module": "shop"}, "File ...", False),
    "raised on import": ("import", {"exception": "ValueError", "module": "shop"}, "File ...", False),
    "raised by the factory": ("build", {"exception": "ValueError"}, "File ...", False),
}
"""Slug, data, traceback; whether no other tier is asked."""


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_wrong_for_each_tier_is_not_handed_on(name: str) -> None:
    """Another tier imports a backend, which takes seconds."""
    slug, data, lines, final = ERRORS[name]
    error = {"slug": slug, "message": "Said.", "advice": "", "traceback": lines, "data": data}
    answer = symbolic_tier.judged({"id": 1, "error": error})
    assert answer["error"] == error
    assert ("handed_on" not in answer) is final
