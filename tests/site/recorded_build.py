"""A build in its own process, by recorded specs instead of Keras: ``recorded_build.py sphinx|mkdocs ARGUMENTS``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sphinx_kerasarch import errors, inspector
from sphinx_kerasarch.spec import codec
from sphinx_kerasarch.wire.question import Description, Request

SPECS = Path(__file__).parents[1] / "specs"


class Recorded:
    """Stands for the inspector; tells what it was asked for on standard output."""

    remembers = started = False

    def __init__(self, **_: Any) -> None:
        """Takes all settings."""

    def __enter__(self) -> Recorded:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def start(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to end."""

    def describe(self, request: Request) -> Description:
        ((_, found),) = self.describe_many([request])
        assert isinstance(found, Description)
        return found

    def describe_many(
        self, requests: Iterable[Request]
    ) -> Iterator[tuple[Request, Description | errors.KerasarchError]]:
        for request in requests:
            print("asked for", request.target)
            path = SPECS / f"{request.target.rpartition(':')[2]}.json"
            if path.is_file():
                yield request, Description(codec.loads(path.read_text("utf-8")), {"files": {}})
            else:
                yield request, errors.ImportTargetError("There is no such model.", advice="Did you mean another?")


def main() -> int:
    inspector.Inspector = Recorded  # type: ignore[misc, assignment]
    if sys.argv[1] == "sphinx":
        from sphinx.cmd.build import main as build

        return build(sys.argv[2:])
    from mkdocs.__main__ import cli

    cli(sys.argv[2:], standalone_mode=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
