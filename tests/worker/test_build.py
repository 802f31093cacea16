"""From target text to model: forms, failures and factories that do more than build."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch import errors
from sphinx_kerasarch.spec.query import totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

HERE = Path(__file__).parent


@pytest.fixture
def make(keras: Any) -> Any:
    from sphinx_kerasarch.worker.build import build

    return build


@pytest.mark.parametrize(
    ("target", "arguments", "params"),
    [
        ("awkward:instance", "", 8),
        ("awkward:base", "", 212),
        ("awkward:base(2)", "", 178),
        ("awkward:base", "units=2", 178),
        ("awkward:Maker.method", "units=2", 178),
        ("awkward:Maker.static(units=2)", "", 178),
        ("awkward:Maker.of_class", "", 212),
        ("keras.applications:VGG16(weights=None)", "", 138_357_544),
    ],
)
def test_forms(make: Any, target: str, arguments: str, params: int) -> None:
    model, facts = make(target, arguments)
    assert model.count_params() == params
    assert facts.tier == "backend" and facts.materialized == 0
    assert set(facts.versions) == {"python", "keras", facts.backend}


def test_subclass_and_unbuilt_sequential_take_an_input_shape(make: Any) -> None:
    assert make("graphs:Perceptron", "units=7", "3")[0].count_params() == 3 * 7 + 7 + 7 * 2 + 2
    assert make("awkward:unbuilt", "", "(4,)")[0].count_params() == 4 * 3 + 3 + 3 * 2 + 2


FAILURES = [
    ("awkwerd:base", "", "", errors.ImportTargetError, "'awkwerd'", "Did you mean 'awkward'?"),
    (
        "keras.application:VGG16",
        "",
        "",
        errors.ImportTargetError,
        "'keras.application'",
        "'keras.applications'",
    ),
    ("keras.applications:Xeption", "", "", errors.ImportTargetError, "'Xeption'", "Did you mean 'Xception'?"),
    ("awkward:bse", "", "", errors.ImportTargetError, "no 'bse'", "Did you mean 'base'?"),
    ("awkward:Maker.metod", "", "", errors.ImportTargetError, "no 'metod'", "'method'"),
    ("awkward:base", "unit=3", "", errors.ArgumentsError, "'unit'", "Did you mean 'units'?"),
    ("awkward:base", "1, 2", "", errors.ArgumentsError, "too many", "It takes: units."),
    ("awkward:instance", "n=3", "", errors.ArgumentsError, "not a function", "Leave"),
    ("awkward:base", "units=os.sep", "", errors.TargetError, "'os.sep'", "without arguments"),
    ("awkward:raises", "", "", errors.BuildError, "ValueError: Received an invalid value", "Mend the"),
    ("awkward:exits", "", "", errors.BuildError, "sys.exit(3)", "must return its model"),
    ("awkward:nothing", "", "", errors.NotAModelError, "returns nothing", "return the model"),
    ("awkward:several", "", "", errors.NotAModelError, "tuple with 2 models", "one of them"),
    ("awkward:number", "", "", errors.NotAModelError, "builtins.int", "keras.Model"),
    ("awkward:Maker", "", "", errors.NotAModelError, "class Maker", "function"),
    (
        "awkward:unbuilt",
        "",
        "",
        errors.UnbuiltModelError,
        "awkward:unbuilt has no shapes",
        "input-shape: 28, 28, 1",
    ),
    ("graphs:Perceptron", "", "", errors.UnbuiltModelError, "Perceptron", "input-shape"),
    ("graphs:Perceptron", "", "()", errors.UnbuiltModelError, "cannot be built", "batch axis"),
    ("awkward:lacks_package", "", "", errors.MissingPackageError, "'package_that_nobody_has'", "pip install"),
    ("awkward:lacks_torch", "", "", errors.MissingPackageError, "'torch'", '"sphinx-kerasarch[torch]"'),
    ("nowhere.keras", "", "", errors.ImportTargetError, "'nowhere.keras'", "path"),
]


@pytest.mark.parametrize(
    ("target", "arguments", "input_shape", "error", "message", "advice"),
    FAILURES,
    ids=lambda value: str(value)[:24],
)
def test_failures(
    make: Any, target: str, arguments: str, input_shape: str, error: type, message: str, advice: str
) -> None:
    with pytest.raises(errors.KerasarchError) as caught:
        make(target, arguments, input_shape)
    assert type(caught.value) is error
    assert message in caught.value.message and advice in caught.value.advice
    assert str(HERE) not in str(caught.value.to_json())


def test_tracebacks_show_the_users_own_frames(make: Any) -> None:
    with pytest.raises(errors.BuildError) as caught:
        make("awkward:raises")
    lines = caught.value.traceback.splitlines()
    assert [line.split(", in ")[1] for line in lines if line.startswith("File")] == ["raises", "_deeper"]
    assert lines[0].startswith('File "awkward.py", line ') and lines[-1].startswith("ValueError: Received")
    assert "site-packages" not in caught.value.traceback
    with pytest.raises(errors.BuildError) as caught:
        make("awkward:keras_raises")
    assert "layers.Conv2D(3, 3)(i)" in caught.value.traceback


def test_modules_that_fail_at_import(make: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mod_syntax.py").write_text("def build(:\n    pass\n")
    (tmp_path / "mod_raises.py").write_text("x = 1\nraise RuntimeError('no luck')\n")
    (tmp_path / "mod_exits.py").write_text("import sys\nsys.exit('bye')\n")
    (tmp_path / "mod_needs.py").write_text("import absent_thing\n")
    with pytest.raises(errors.ImportTargetError, match="SyntaxError") as caught:
        make("mod_syntax:build")
    assert 'File "mod_syntax.py", line 1' in caught.value.traceback
    with pytest.raises(errors.ImportTargetError, match="no luck") as caught:
        make("mod_raises:build")
    assert 'File "mod_raises.py", line 2' in caught.value.traceback
    with pytest.raises(errors.ImportTargetError, match=r"sys\.exit"):
        make("mod_exits:build")
    with pytest.raises(errors.MissingPackageError, match="absent_thing"):
        make("mod_needs:build")
    (tmp_path / "mod_pkg").mkdir()
    for name, text in {"__init__": "", "blocks": "", "net": "from .blokcs import block\n"}.items():
        (tmp_path / "mod_pkg" / f"{name}.py").write_text(text)
    with pytest.raises(errors.ImportTargetError, match=r"No module named 'mod_pkg\.blokcs'\.") as caught:
        make("mod_pkg.net:build")
    assert caught.value.advice == "Did you mean 'mod_pkg.blocks'?" and caught.value.place == "mod_pkg/net.py, line 1"


def test_awkward_factories(make: Any, keras: Any) -> None:
    from awkward import WORKING

    from sphinx_kerasarch.worker.describe import describe

    for name in WORKING:
        model, facts = make(f"awkward:{name}")
        spec = describe(model, facts)
        assert totals(spec).params == model.count_params(), name
        assert facts.tier == "backend", name
        # What a factory does with values is paid for; what it only builds is not.
        assert (facts.materialized > 0) == (
            name
            in {
                "scheduled",
                "fitted",
                "predicted",
                "called",
                "stateful",
                "adapted",
                "loaded",
                "saved",
                "set_weights",
            }
            | {"reads_in_build", "regularized", "quantized"}
        ) or name in {"scheduled", "stateful", "augmented", "cloned", "lora", "spectral"}, (
            name,
            facts.materialized,
        )


def test_imagenet_weights_are_not_fetched(make: Any) -> None:
    model, facts = make("keras.applications:MobileNetV2(weights='imagenet')")
    assert model.count_params() == 3_538_984 and [note.slug for note in facts.notes] == ["weights"]


def test_fall_back_to_an_ordinary_build_is_recorded(make: Any) -> None:
    model, facts = make("awkward:breaks_when_lazy")
    assert facts.tier == "plain" and [note.slug for note in facts.notes] == ["plain-build"]
    assert all(variable._value is not None for variable in model.variables)


def test_the_same_numbers_in_every_build(make: Any) -> None:
    make("awkward:base")  # a module draws numbers when it is imported, and here that is once
    first, second = (make("awkward:predicted")[0].get_weights() for _ in range(2))
    assert all((a == b).all() for a, b in zip(first, second, strict=True))


def test_saved_models(make: Any, keras: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.keras"
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(path)
    assert make(str(path))[0].count_params() == 8
    path.write_bytes(b"nonsense")
    with pytest.raises(errors.BuildError, match="cannot be loaded"):
        make(str(path))


def run(code: str, **env: str) -> str:
    root = str(HERE.parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([root, str(HERE)]),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **env,
        },
    )
    return done.stdout.strip()


def test_without_keras_the_extra_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['keras'] = None\n"
        "from sphinx_kerasarch.worker.build import build\n"
        "try: build('awkward:base')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    assert run(code) == (
        "MissingPackageError Describing a model needs the package 'keras', which is not installed. "
        'pip install "sphinx-kerasarch[tensorflow]"'
    )


def test_vgg16_allocates_no_weights(keras: Any) -> None:
    code = (
        "import resource, sys\n"
        "from sphinx_kerasarch.worker import build, compat; compat.quiet_environment()\n"
        "from sphinx_kerasarch.worker.describe import describe\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "build.build('awkward:base'); before = peak()\n"
        "describe(*build.build('keras.applications:VGG16(weights=None)')); print(peak() - before)"
    )
    assert int(run(code)) < 30  # MB; its weights have 528


def test_budget(keras: Any) -> None:
    code = (
        "from sphinx_kerasarch.worker.build import build\n"
        "for name in ('big', 'reads_all'):\n"
        "    try: print(build(f'awkward:{name}')[0].count_params())\n"
        "    except Exception as error: print(type(error).__name__, error.data['variable'].rpartition('/')[2], error)"
    )
    big, over = run(code, KERASARCH_WEIGHT_BUDGET="1000000").splitlines()
    assert big == str(2 * (20_000**2 + 20_000))
    assert over.startswith("BuildError kernel The factory reads the values of its weights, 4 MB so far")


def test_only_the_standard_library_before_keras() -> None:
    code = (
        "import sys\n"
        "import sphinx_kerasarch.worker.build, sphinx_kerasarch.worker.describe, sphinx_kerasarch.spec.target\n"
        "roots = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(name for name in roots if not name.startswith(('_', 'sphinxcontrib'))))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parent.parent)},
    )
    assert done.stdout.strip() == "['sphinx_kerasarch']"
