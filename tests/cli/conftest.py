"""The command, answered from recorded specs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from recorded import Recorded

from sphinx_kerasarch import errors
from sphinx_kerasarch.hosts.cli.main import main

Run = Callable[..., Result]


@pytest.fixture
def recorded(recorded: Recorded) -> Recorded:
    """As in all tests, with a model that fails."""
    recorded.failing["broken"] = errors.BuildError(
        "build_broken raised ValueError: no.",
        advice="Mend it.",
        traceback='File "main.py", line 9, in build\nFile "models.py", line 3\n',
    )
    return recorded


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: Recorded) -> Run:
    """Run ``kerasarch`` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return call
