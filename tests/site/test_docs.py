"""This project's own documentation and the README."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands(kind: str) -> list[str]:
    """Lines of README's code blocks of a kind."""
    blocks = re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_two_commands_name_files_that_are_there() -> None:
    found = [line for line in commands("sh") if line.startswith("python3 ")]
    assert found == ["python3 example_project/build.py", "python3 tests/run.py"]
    for line in found:
        assert (ROOT / line.split()[1]).is_file()


def test_ci_calls_the_readmes_command() -> None:
    script = ROOT / ".ci" / "run"
    assert re.search(r"^python3 tests/run\.py", script.read_text("utf-8"), re.MULTILINE)
    assert os.access(script, os.X_OK)


def test_links_of_the_readme_lead_somewhere() -> None:
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    assert targets
    for target in targets:
        assert (ROOT / target).exists(), target


def test_every_picture_has_its_command() -> None:
    made = {shlex.split(line)[-1] for line in commands("sh") if line.startswith("kerasarch render")}
    shown = {Path(target).name for target in re.findall(r"\]\(docs/_static/([^)]+)\)", README)}
    assert shown == made == {path.name for path in (ROOT / "docs" / "_static").glob("*.svg")}


@pytest.mark.keras
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    # A copy, so that a cache of an earlier build in the checkout plays no part.
    for part in ("docs", "example_project"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("_build", "__pycache__"))
    for path in (ROOT / "tests").glob("**/*_cases.py"):  # tables in the pages are made of them
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-nW", "--keep-going", "-q", "-j", "2", "-b", "html"),
            *("-d", "doctrees", "docs", "html"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reference = (tmp_path / "html" / "reference" / "directive.html").read_text("utf-8")
    assert "input-shape" in reference and "fold" in reference
    assert "kerasarch_cache_dir" in (tmp_path / "html" / "reference" / "configuration.html").read_text(
        "utf-8"
    )
    gallery = (tmp_path / "html" / "gallery.html").read_text("utf-8")
    assert len(re.findall(r'<svg [^>]*class="kerasarch-svg"', gallery)) >= 25
