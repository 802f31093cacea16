"""Stands for the inspector: answers from recorded specs, without Keras, and tells what happened."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sphinx_kerasarch import errors, inspector
from sphinx_kerasarch.spec import codec
from sphinx_kerasarch.wire.question import Description, Request

SPECS = Path(__file__).parents[1] / "specs"


class Recorded:
    """In the place of the class: called with settings, it is the one that they were given to."""

    remembers = True

    def __init__(self) -> None:
        self.started: list[dict[str, Any]] = []
        """Settings of each worker."""
        self.requests: list[Request] = []
        self.asked: list[str] = []
        """Their targets."""
        self.batches: list[list[str]] = []
        """Targets that were asked for together."""
        self.closed = 0
        self.files: dict[str, Path] = {}
        """Recorded model → file that it was made from."""
        self.failing: dict[str, errors.KerasarchError] = {}
        self.seconds: dict[str, float] = {}
        """Recorded model → what it took."""

    def __call__(self, **settings: Any) -> Recorded:
        self.started.append(settings)
        return self

    def __enter__(self) -> Recorded:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        self.closed += 1

    def describe_many(
        self, requests: Iterable[Request]
    ) -> Iterator[tuple[Request, Description | errors.KerasarchError]]:
        together = list(requests)
        self.batches.append([request.target for request in together])
        for request in together:
            try:
                yield request, self.describe(request)
            except errors.KerasarchError as error:
                yield request, error

    def describe(self, request: Request) -> Description:
        self.requests.append(request)
        self.asked.append(request.target)
        name = request.target.partition("(")[0].rpartition(":")[2]
        if name in self.failing:
            raise self.failing[name]
        path = SPECS / f"{name}.json"
        if not path.is_file():
            raise errors.ImportTargetError(f"shop has no {name!r}.", advice="Did you mean 'lenet'?")
        files = [self.files[name]] if name in self.files else []
        digests = {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
        return Description(codec.loads(path.read_text("utf-8")), {"files": digests}, self.seconds.get(name, 0.0))


def install() -> Recorded:
    """For a process of its own: no other inspector is in it."""
    recorded = Recorded()
    inspector.Inspector = recorded  # type: ignore[misc, assignment]
    return recorded
