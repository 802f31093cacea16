"""One figure through all hosts, with live models."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "example_project"
TARGET = "menagerie.digits.models:build_mlp"
pytestmark = pytest.mark.keras

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, entry_points_folder: Path) -> Run:
    """A program of this environment, as a user runs it."""
    places = [str(entry_points_folder), str(ROOT)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(places), "NO_MKDOCS_2_WARNING": "1"}

    def done(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", *command], env=env, cwd=tmp_path, text=True, capture_output=True, check=False
        )
        assert not check or result.returncode == 0, result.stdout + result.stderr
        return result

    return done



def test_a_figure_has_the_same_bytes_through_all_hosts(run: Run, tmp_path: Path) -> None:
    source = str(EXAMPLE / "src")
    run(*("sphinx_kerasarch", "render", TARGET, "--view", "graph", "--path", source, "-o", str(tmp_path / "cli.svg")))
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "index.md").write_text(f"# Page\n\n/// keras-graph | {TARGET}\n///\n")
    (tmp_path / "mkdocs.yml").write_text(
        f"site_name: S\nplugins:\n  - kerasarch:\n      pictures: files\n      path: [{source}]\n"
    )
    run("mkdocs", "build", "--strict", "-f", str(tmp_path / "mkdocs.yml"))
    sphinx = tmp_path / "sphinx"
    sphinx.mkdir()
    (sphinx / "conf.py").write_text(f"extensions = ['sphinx_kerasarch']\nkerasarch_path = [{source!r}]\n")
    (sphinx / "index.rst").write_text(f"Page\n====\n\n.. keras-graph:: {TARGET}\n")
    run("sphinx", "-qW", str(sphinx), str(tmp_path / "out"))
    files = [
        tmp_path / "cli.svg",
        *(tmp_path / "site" / "assets" / "kerasarch").iterdir(),
        *(tmp_path / "out" / "_images").iterdir(),
    ]
    assert len(files) == 3
    assert len({hashlib.sha256(file.read_bytes()).hexdigest() for file in files}) == 1
    assert files[1].name == files[2].name
