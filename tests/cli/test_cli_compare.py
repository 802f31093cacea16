"""``kerasarch compare``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from terminals import shown

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
