"""``kerasarch example``: from an installed package to a figure with one command."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

import sphinx_kerasarch
from sphinx_kerasarch import draw, inspector
from sphinx_kerasarch.hosts.cli import example

ROOT = Path(sphinx_kerasarch.__file__).parents[1]


def test_the_examples_are_listed(run: Any) -> None:
    lines = run("example").stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(example.names())
    assert lines[0].startswith("lenet ") and all(len(line) < 100 for line in lines)


def test_without_a_name_the_first_is_meant_when_something_is_to_be_written(run: Any) -> None:
    assert run("example", "--source").stdout == run("example", "lenet", "--source").stdout


@pytest.mark.parametrize("name", example.names())
def test_a_source_is_a_file_to_be_copied(run: Any, name: str) -> None:
    text = run("example", name, "--source").stdout
    assert text == example.names()[name].read_text("utf-8")
    tree = ast.parse(text)
    modules = {alias.name for item in tree.body if isinstance(item, ast.Import) for alias in item.names}
    modules |= {str(item.module) for item in tree.body if isinstance(item, ast.ImportFrom)}
    assert modules == {"keras"}
    assert f"build_{name}" in {item.name for item in tree.body if isinstance(item, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lenett",), "There is no example 'lenett'. Did you mean 'lenet'?"),
        (("lenet", "--watch"), "Copy it: kerasarch example lenet --source > models.py"),
        (("lenet", "--view", "graph"), "Add --format svg"),
        (("lenet", "-o", "a.pfd"), "Did you mean '.pdf'?"),
        (("lenet", "-o", "a.svg", "--args", "x"), "'x' is not a literal."),
    ],
)
def test_what_is_refused(run: Any, arguments: tuple[str, ...], said: str) -> None:
    result = run("example", *arguments)
    assert result.exit_code == 1 and result.stdout == ""
    assert said in result.stderr and len(result.stderr.splitlines()) == 1


def test_the_help_is_short_but_all_options_are_taken(run: Any) -> None:
    text = run("example", "--help").stdout
    assert "--source" in text and "--expand" not in text and len(text.splitlines()) < 50
    assert "Neither" in run("example", "lenet", "-o", "a.svg", "--expand", "all").stderr


@pytest.mark.keras
def test_every_example_is_drawn_in_every_view() -> None:
    """The factories of the copies give the same; all views but those that need vectors or maps draw all of them."""
    with inspector.Inspector() as worker:
        for name in example.names():
            target = f"{example.MODULE}.{name}:build_{name}"
            spec = worker.describe(inspector.Request(target)).spec
            assert not spec.notes
            for view in ("layered", "graph", "summary"):
                assert draw(spec, view).figure.title


@pytest.mark.keras
def test_a_table_without_a_file(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the real worker
    command = [sys.executable, "-m", "sphinx_kerasarch", "example", "lenet", "--args", "classes=7"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert "output" in done.stdout and " 7 " in done.stdout
    assert done.stderr.splitlines()[-1] == "Copy it: kerasarch example lenet --source > models.py"


@pytest.mark.keras
@pytest.mark.skipif(os.name == "nt", reason="links")
def test_one_command_where_nothing_but_the_package_and_keras_is(tmp_path: Path) -> None:
    """In an environment that sees this package and Keras, in an empty folder: the PDF of LeNet. The same figure comes
    from an environment without Keras by ``--python``, whose interpreter has not this package."""
    lent = tmp_path / "lent"
    lent.mkdir()
    shutil.copytree(ROOT / "sphinx_kerasarch", lent / "sphinx_kerasarch", ignore=shutil.ignore_patterns("__pycache__"))
    places = {"both": [str(lent), *_sites()], "keras": _sites()}
    pythons = {}
    for name, paths in places.items():
        venv.create(tmp_path / name, with_pip=False)
        pythons[name] = tmp_path / name / "bin" / "python"
        (own,) = (tmp_path / name / "lib").glob("python*/site-packages")
        (own / "lent.pth").write_text("\n".join(paths), "utf-8")
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "KERAS_BACKEND"}}
    folder = tmp_path / "empty"
    folder.mkdir()
    command = [str(pythons["both"]), "-m", "sphinx_kerasarch", "example", "lenet"]
    first = [*command, "-o", "lenet.pdf", "-o", "lenet.svg"]
    done = subprocess.run(first, cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert [line.split(" (")[0] for line in done.stderr.splitlines()] == ["wrote lenet.pdf", "wrote lenet.svg"]
    assert (folder / "lenet.pdf").read_bytes().startswith(b"%PDF-")
    second = [*command, "--python", str(pythons["keras"]), "-o", "again.svg"]
    subprocess.run(second, cwd=folder, env=env, capture_output=True, check=True)
    assert (folder / "again.svg").read_bytes() == (folder / "lenet.svg").read_bytes()
    assert {path.name for path in folder.iterdir()} == {"lenet.pdf", "lenet.svg", "again.svg"}


def _sites() -> list[str]:
    """Where the packages of this interpreter are, without those that lead to this project."""
    return [entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}]
