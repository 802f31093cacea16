from __future__ import annotations

import importlib.util
import os
import stat
import sys
import venv
from pathlib import Path

import pytest

from sphinx_kerasarch import errors
from sphinx_kerasarch.inspector import Inspector, Request


def failure(python: str) -> errors.KerasarchError:
    with Inspector(python=python, timeout=100.0) as inspector, pytest.raises(errors.KerasarchError) as caught:
        inspector.describe(Request("mypkg:build"))
    return caught.value


def test_interpreter_that_is_not_there() -> None:
    error = failure("/nowhere/python")
    assert error.slug == "missing-package"
    assert "/nowhere/python" in error.message
    assert "kerasarch_python" in error.advice


@pytest.mark.skipif(os.name != "posix", reason="a shell script")
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh\necho no licence >&2\nexit 5\n", "exit code 5"),
        ("#!/nowhere/sh\n", "cannot be started"),
        ("#!/bin/sh\necho 'needs Python 3.11 or newer, this is 2.7' >&2\nexit 64\n", "needs Python 3.11"),
    ],
    ids=["ends", "broken", "old"],
)
def test_interpreter_that_is_none(tmp_path: Path, script: str, words: str) -> None:
    file = tmp_path / "python"
    file.write_text(script)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    error = failure(str(file))
    assert words in error.message
    assert "kerasarch_python" in error.advice


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An environment in which nothing is installed, not even this package."""
    place = tmp_path_factory.mktemp("bare")
    venv.create(place, with_pip=False, symlinks=True)
    return str(place / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def test_interpreter_without_keras(bare: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    error = failure(bare)
    assert error.slug == "missing-package"
    assert "keras" in error.message.lower()
    assert f"{bare} -m pip install keras tensorflow" in error.advice
    assert "sphinx-kerasarch[tensorflow]" in error.advice


@pytest.mark.keras
def test_keras_of_another_environment(bare: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker finds this package by its place, and Keras in its own environment only."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    place = Path(bare).parent.parent
    packages = next(iter(place.glob("lib/python*/site-packages")), place / "Lib/site-packages")
    keras_at = next(entry for entry in sys.path if Path(entry, "keras").is_dir())
    (packages / "borrowed.pth").write_text(keras_at + "\n")
    try:
        with Inspector(path=(str(project),), python=bare, timeout=100.0) as inspector:
            found = inspector.describe(Request("faults:good"))
        with Inspector(path=(str(project),), python=bare) as inspector, pytest.raises(errors.BuildError) as caught:
            inspector.describe(Request("faults:tells"))
    finally:
        (packages / "borrowed.pth").unlink()
    assert [layer.name for layer in found.spec.layers] == ["input_layer", "dense"]
    ours = str(Path(errors.__file__).parent)
    assert not any(ours in entry for entry in caught.value.message.split("|"))


def test_backend_that_keras_does_not_have() -> None:
    with Inspector(backend="jaxx") as inspector, pytest.raises(errors.OptionError) as caught:
        inspector.describe(Request("mypkg:build"))
    assert "jax" in caught.value.advice
    assert not inspector.started


@pytest.mark.keras
def test_factory_chooses_its_backend(inspector: Inspector) -> None:
    """Without numbers any name of a backend is as good; for them it is asked again where that backend is loaded."""
    assert inspector.describe(Request("chooses:build")).spec.provenance.tier == "symbolic"
    if importlib.util.find_spec("jax") is None:
        with pytest.raises(errors.MissingPackageError) as caught:
            inspector.describe(Request("chooses:computes"))
        assert "sphinx-kerasarch[jax]" in caught.value.advice
    else:
        assert inspector.describe(Request("chooses:computes")).spec.provenance.backend == "jax"
    assert inspector.describe(Request("faults:fits")).spec.provenance.backend == "tensorflow"
