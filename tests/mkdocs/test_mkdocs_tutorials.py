"""The tutorials for MkDocs, ProperDocs and Zensical, followed word by word, but for the installation."""

from __future__ import annotations

import re
import subprocess
import textwrap
from pathlib import Path

import pytest
from mkdocs_programs import PYTHONS, ROOT, Tool

pytestmark = pytest.mark.keras
LINES = r"\n\n((?:   .*\n|\n)+)"
CONFIGURED = re.compile(r"^``([\w.]+)`` beside it.*?\n\n.. code-block:: (?:yaml|toml)" + LINES, re.MULTILINE)


def block(text: str, language: str) -> str:
    """The first block of code in a language."""
    found = re.search(rf"^.. code-block:: {language}{LINES}", text, re.MULTILINE)
    assert found
    return textwrap.dedent(found[1]).rstrip() + "\n"


def test_a_tutorial(tool: Tool, tmp_path: Path) -> None:
    text = (ROOT / "docs" / f"tutorial-{tool.name}.rst").read_text("utf-8")
    config = CONFIGURED.search(text)
    assert config
    (tmp_path / config[1]).write_text(textwrap.dedent(config[2]))
    (tmp_path / "models.py").write_text(block((ROOT / "docs" / "tutorial.rst").read_text("utf-8"), "python"))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(block(text, "text"))
    (line,) = re.findall(r"^   \$ (\w+ build --strict)$", text, re.MULTILINE)

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        program = [PYTHONS[tool.name], "-m", *command]
        return subprocess.run(program, env=tool.env, cwd=tmp_path, text=True, capture_output=True, check=False)

    done = run(*line.split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert not re.search("kerasarch|watch", done.stdout + done.stderr)  # nothing is left to be told
    page = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert '<a href="#convnet">Figure 1</a>' in page and '<a href="#convnet-summary">Table 1</a>' in page
    assert page.count('class="kerasarch-svg"') == 2 and "build_convnet" in page
    for arguments, said in re.findall(r"^   \$ kerasarch (.+)\n   (\w.*)$", text, re.MULTILINE):
        assert run("sphinx_kerasarch", *arguments.split()).stdout == f"{said}\n"
