"""Configuration values given to ``sphinx-build`` with ``-D``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_values_can_be_given_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text("extensions = ['sphinx_kerasarch']\nkerasarch_mode = 'off'\n")
    (tmp_path / "index.rst").write_text("Title\n=====\n\n.. keras-model:: shop.models:lenet\n")
    given = [
        "kerasarch_timeout=5",
        "kerasarch_views=graph,summary",
        "kerasarch_path=src,lib",
        "kerasarch_jobs=2",
    ]
    options = [word for value in given for word in ("-D", value)]
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "-b",
        "html",
        *options,
        str(tmp_path),
        str(tmp_path / "out"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "layered" not in page


def test_a_wrong_view_on_the_command_line_is_said(tmp_path: Path) -> None:
    (tmp_path / "conf.py").write_text("extensions = ['sphinx_kerasarch']\n")
    (tmp_path / "index.rst").write_text("Title\n=====\n")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-D",
        "kerasarch_views=grahp",
        str(tmp_path),
        str(tmp_path / "out"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "'graph'" in run.stderr
