"""A tier may be forced, is recorded, and may be missing; without ``fork`` everything is the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sphinx_kerasarch.errors import DescribeError, KerasarchError, OptionError
from sphinx_kerasarch.hosts.cli.main import main
from sphinx_kerasarch.inspector import Description, Inspector, Request
from sphinx_kerasarch.spec.codec import digest
from sphinx_kerasarch.spec.query import totals

pytestmark = pytest.mark.keras

HERE = Path(__file__).parent
SPECS = HERE.parent / "specs"
ROOT = HERE.parents[1]
FORCED = {"": "symbolic", "symbolic": "symbolic", "tensorflow": "backend", "plain": "plain"}


@pytest.mark.parametrize("backend", FORCED)
def test_the_command_line_forces_a_tier(backend: str, tmp_path: Path) -> None:
    if backend in {"tensorflow", "plain"}:
        pytest.importorskip("tensorflow")
    out = tmp_path / "spec.json"
    words = ["describe", "models:mlp", "--path", str(SPECS), "-o", str(out)]
    done = CliRunner().invoke(main, [*words, "--backend", backend] if backend else words)
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text("utf-8"))["provenance"]
    assert told["tier"] == FORCED[backend]
    assert bool(told["backend"]) == (FORCED[backend] != "symbolic")


def test_an_ordinary_build_says_that_it_was_asked_for() -> None:
    pytest.importorskip("tensorflow")
    with Inspector((str(SPECS),), backend="plain", timeout=60.0) as own:
        plain = own.describe(Request("models:lenet")).spec
    with Inspector((str(SPECS),), backend="tensorflow", timeout=60.0) as own:
        lazy = own.describe(Request("models:lenet")).spec
    assert [note.slug for note in plain.notes] == ["plain-build"]
    assert "that was asked for" in plain.notes[0].message
    assert plain.layers == lazy.layers and plain.calls == lazy.calls and plain.edges == lazy.edges


def test_an_unknown_tier_is_refused() -> None:
    with pytest.raises(OptionError) as caught, Inspector((str(SPECS),), backend="plane") as own:
        own.describe(Request("models:lenet"))
    assert "'plain'" in caught.value.advice


def test_what_raises_while_it_is_read_is_told_to_its_author() -> None:
    with Inspector((str(HERE),), backend="symbolic", timeout=60.0) as own:
        spec = own.describe(Request("awkward:hides_its_weights")).spec
        with pytest.raises(DescribeError) as caught:
            own.describe(Request("awkward:refuses_to_be_read"))
    assert totals(spec).params == 4 + 10
    assert [note.slug for note in spec.notes] == ["weights-property"] * 2
    assert "Shy raises RuntimeError: not before training" in spec.notes[0].message
    assert "mend the class" in caught.value.advice and "report" not in caught.value.advice
    assert 'raise KeyError("not today")' in caught.value.traceback


FAULT = """
import sys
sys.path[:0] = [{root!r}]
from sphinx_kerasarch.worker import build, compat, shapes
compat.quiet_environment()
build.start()
import keras
{change}
print(shapes.install())
print(hasattr(keras.src.backend.compute_output_spec, "backends"))
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("", ""),
        ("del keras.src.backend.core.compute_output_spec", "compute_output_spec"),
        ("del keras.src.ops.operation.auto_name", "auto_name"),
        ("keras.layers.Layer.compute_output_spec = lambda self, *a, **k: keras.KerasTensor((3,))", "a shape is wrong"),
    ],
)
def test_shapes_are_left_to_the_backend_when_names_have_moved(change: str, said: str) -> None:
    program = FAULT.format(root=str(ROOT), change=change)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    fault, installed = done.stdout.splitlines()[-2:]
    assert (fault == "") == (said == "") and said in fault
    assert installed == str(not said)


@pytest.mark.parametrize("backend", ["symbolic", "tensorflow"])
def test_without_fork_the_same_in_any_order(backend: str) -> None:
    """As on Windows: one process answers one request after the other."""
    if backend == "tensorflow":
        pytest.importorskip("tensorflow")
    zoo = ("cells", "three_deep", "masking", "own_wrapper", "lambdas")
    names = ("models:lenet", "ways:Siamese", *(f"zoo:{name}" for name in zoo))
    asked = [Request(name, input_shape="(4,), (4,)" if name == "ways:Siamese" else "") for name in names]
    found = []
    for fork, order in ((True, asked), (False, asked), (False, asked[::-1])):
        with Inspector((str(HERE), str(SPECS)), backend=backend, fork=fork, timeout=60.0) as own:
            answers = {request.target: answer for request, answer in own.describe_many(order)}
        assert not [answer for answer in answers.values() if isinstance(answer, KerasarchError)]
        found.append({k: digest(v.spec) for k, v in answers.items() if isinstance(v, Description)})
    assert found[0] == found[1] == found[2] and len(found[0]) == len(names)
