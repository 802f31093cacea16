"""The command with an inspector that answers from recorded specs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sphinx_kerasarch import errors, inspector
from sphinx_kerasarch.hosts.cli.main import main
from sphinx_kerasarch.spec import codec

SPECS = Path(__file__).parents[1] / "specs"

Run = Callable[..., Result]


class Recorded:
    """Stands for :class:`sphinx_kerasarch.inspector.Inspector`."""

    settings: dict[str, Any]
    asked: list[inspector.Request]

    def __init__(self, **settings: Any) -> None:
        type(self).settings = settings

    def __enter__(self) -> Recorded:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass

    def describe_many(
        self, requests: Iterable[inspector.Request]
    ) -> Iterator[tuple[inspector.Request, inspector.Description | errors.KerasarchError]]:
        for request in requests:
            try:
                yield request, self.describe(request)
            except errors.KerasarchError as error:
                yield request, error

    def describe(self, request: inspector.Request) -> inspector.Description:
        type(self).asked.append(request)
        name = request.target.rpartition(":")[2].partition("(")[0]
        if name == "broken":
            raise errors.BuildError(
                "build_broken raised ValueError: no.",
                advice="Mend it.",
                traceback='File "main.py", line 9, in build\nFile "models.py", line 3\n',
            )
        return inspector.Description(codec.loads((SPECS / f"{name}.json").read_text("utf-8")), {"files": {}})


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> type[Recorded]:
    class Fresh(Recorded):
        settings: dict[str, Any] = {}  # noqa: RUF012
        asked: list[inspector.Request] = []  # noqa: RUF012

    monkeypatch.setattr(inspector, "Inspector", Fresh)
    return Fresh


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: type[Recorded]) -> Run:
    """Run ``kerasarch`` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    return call
