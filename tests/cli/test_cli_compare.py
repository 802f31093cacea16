"""``kerasarch compare``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from terminals import shown

from sphinx_kerasarch.inspector import process

SPECS = Path(__file__).parents[1] / "specs"


def compare(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sphinx_kerasarch", "compare", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=SPECS)


def test_equal_models_say_nothing() -> None:
    done = compare("lenet.json", "lenet.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_difference_is_told_and_is_exit_1() -> None:
    done = compare("cnn.json", "mnist_convnet.json")
    assert done.returncode == 1 and not done.stderr
    lines = done.stdout.splitlines()
    assert any(line.startswith("- ") and "LeakyReLU" in line for line in lines)
    assert any(line.startswith("params ") for line in lines)


def test_a_file_that_is_not_there_is_said_so() -> None:
    done = compare("lenet.json", "nothing.json")
    assert done.returncode == 2 and done.stderr.startswith("kerasarch: There is no file nothing.json")


def test_signs_are_coloured_in_a_terminal() -> None:
    lines = shown("compare", str(SPECS / "cnn.json"), str(SPECS / "mnist_convnet.json")).splitlines()
    assert any(line.startswith("\x1b[31m- ") for line in lines)


@pytest.mark.keras
def test_two_targets_are_described_by_one_worker(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    started: list[object] = []
    kept = process.Process.__init__
    monkeypatch.setattr(process.Process, "__init__", lambda *given: started.append(given) or kept(*given))
    lenet = "sphinx_kerasarch.worker.examples.lenet:build_lenet"
    result = run("compare", lenet, f"{lenet}(classes=3)")
    assert result.exit_code == 1, result.stderr
    told = result.stdout.splitlines()
    assert told[0] == "~ output Dense: units 10 → 3, output 10 → 3" and "params 61,706 → 61,111 (-595)" in told
    assert len(started) == 1
    started.clear()
    assert "not closed" in run("compare", lenet, f"{lenet}(classes=3").stderr
    assert started == []
