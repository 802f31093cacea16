"""Each bad input of the table is answered with one line and its status, by the real command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from bad_input_cases import CASES, Case, words
from click.testing import CliRunner
from terminals import shown

from sphinx_kerasarch import inspector
from sphinx_kerasarch.hosts.cli.main import main

SPECS = Path(__file__).parents[1] / "specs"

MODEL = """
import keras

def build(classes=2):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(classes)])
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the table tells it."""
    root = tmp_path_factory.mktemp("project")
    for package, module, text in (
        ("mypkg", "models.py", MODEL),
        ("src/other", "nets.py", MODEL.replace("build", "net")),
    ):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").write_text("", "utf-8")
        (root / package / module).write_text(text, "utf-8")
    for name in ("lenet", "cnn"):
        shutil.copyfile(SPECS / f"{name}.json", root / f"{name}.json")
    (root / "broken.json").write_text('{"name": ', "utf-8")
    (root / "list.json").write_text("[1, 2]", "utf-8")
    (root / "bytes.json").write_bytes(b"\xff\xfe\x00")
    (root / "notes.txt").write_text("nothing", "utf-8")
    for name in ("cut", "bare", "plain"):
        (root / name).mkdir()
        (root / name / "zensical.toml").write_text("[project" if name == "cut" else '[project]\nsite_name = "S"\n')
    (root / "plain" / "docs").mkdir()
    return root


@pytest.fixture(scope="module")
def worker(project: Path) -> Iterator[inspector.Inspector]:
    """One for all cases: what is tested is what they say, not that Keras can be imported so often."""
    with inspector.Inspector(path=(str(project),)) as shared:
        yield shared


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[pytest.mark.keras] if case.keras else [], id=str(n)) for n, case in enumerate(CASES, 1)],
)
def test_bad_input(
    case: Case, project: Path, worker: inspector.Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    if case.keras:
        monkeypatch.setattr(inspector, "Inspector", lambda **_: nullcontext(worker))
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    result = CliRunner().invoke(main, words(case), prog_name="kerasarch")
    assert result.exit_code == case.status, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("kerasarch: ") and case.says in line, line
    assert "Traceback" not in line and "Defect" not in line
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_every_case_is_told_once() -> None:
    assert len({case.command for case in CASES}) == len(CASES)


def program(*arguments: str, cwd: Path, **settings: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "sphinx_kerasarch", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False, **settings)  # type: ignore[call-overload, no-any-return]


# ---- what a table cannot hold


def test_an_environment_without_keras(tmp_path: Path, project: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=os.name != "nt")
    python = tmp_path / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = program("summary", "mypkg.models:build", "--python", str(python), cwd=project)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "needs the package 'keras', which is not installed" in line
    assert f"{python} -m pip install keras tensorflow" in line


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise there")
@pytest.mark.parametrize("arguments", [("summary", "lenet.json"), ("render", "lenet.json", "--format", "pdf")])
def test_a_reader_that_has_left(arguments: tuple[str, ...], project: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "sphinx_kerasarch", *arguments]
    done = subprocess.run(command, cwd=project, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and b"write to a file with -o" in done.stderr


def test_a_folder_that_may_not_be_written(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    kept = os.access
    monkeypatch.setattr(os, "access", lambda place, mode: mode != os.W_OK and kept(place, mode))
    result = CliRunner().invoke(main, ["render", "lenet.json", "-o", "a.svg"])
    assert result.exit_code == 1
    assert "a.svg may not be written. Name a place of your own with -o." in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_a_disk_that_is_full(project: Path) -> None:
    done = program("render", "lenet.json", "--format", "svg", "-o", "/dev/full", cwd=project)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "kerasarch: System: No space left on device. Name another place with -o."
    ]


def test_paths_in_any_script(tmp_path: Path) -> None:
    folder = tmp_path / "größe 模型"
    folder.mkdir()
    shutil.copyfile(SPECS / "lenet.json", folder / "сеть.json")
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = program("render", "сеть.json", "-o", "bild é.svg", "-o", "δ.pdf", cwd=folder, env=plain)
    assert done.returncode == 0, done.stderr
    assert (folder / "bild é.svg").stat().st_size and (folder / "δ.pdf").stat().st_size
    table = program("summary", "сеть.json", cwd=folder, env=plain)
    assert "14×14×50" in table.stdout.decode("utf-8")


def test_line_ends_and_marks_of_windows(tmp_path: Path) -> None:
    text = (SPECS / "lenet.json").read_text("utf-8")
    (tmp_path / "lenet.json").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert program("compare", "lenet.json", str(SPECS / "lenet.json"), cwd=tmp_path).returncode == 0


@pytest.mark.keras
def test_a_script_with_line_ends_of_windows(project: Path) -> None:
    done = program("summary", "mypkg.models:build\r", "--args", "classes=3\r", "--input-shape", "4\r", cwd=project)
    assert done.returncode == 0, done.stderr
    assert b"15" in done.stdout


def test_a_picture_is_nothing_for_a_terminal(project: Path) -> None:
    text = shown("render", "lenet.json", "--format", "pdf", cwd=project)
    assert text == "kerasarch: A PDF is nothing for a terminal. Name a file: -o lenet.pdf, or send it into a pipe.\n"
