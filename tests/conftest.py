"""For all tests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from sphinx_kerasarch import errors, inspector
from sphinx_kerasarch.spec import codec
from sphinx_kerasarch.wire.question import Description, Request

# Times of a busy machine say nothing; and a failure that cannot be repeated says little.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

SPECS = Path(__file__).parent / "specs"


class RecordedWorker:
    """Stands for the inspector of the hosts without Sphinx: answers from recorded specs, and tells what happened."""

    remembers = True

    def __init__(self) -> None:
        self.settings: list[dict[str, Any]] = []
        self.batches: list[list[str]] = []
        self.files: dict[str, Path] = {}
        """Recorded model → file that it was made from."""
        self.closed = 0

    def __call__(self, **values: Any) -> RecordedWorker:
        self.settings.append(values)
        return self

    def __enter__(self) -> RecordedWorker:
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
        asked = list(requests)
        self.batches.append([request.target for request in asked])
        for request in asked:
            name = request.target.partition("(")[0].rpartition(":")[2]
            path = SPECS / f"{name}.json"
            if not path.is_file():
                yield request, errors.ImportTargetError(f"shop has no {name!r}.", advice="Did you mean 'lenet'?")
                continue
            made_from = [self.files[name]] if name in self.files else []
            digests = {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in made_from}
            yield request, Description(codec.loads(path.read_text("utf-8")), {"files": digests})


@pytest.fixture
def recorded_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[RecordedWorker]:
    """No Keras in this test: pages of the hosts without Sphinx are made from recorded specs."""
    from sphinx_kerasarch.hosts.page import session

    worker = RecordedWorker()
    monkeypatch.setattr(inspector, "Inspector", worker)
    session.session_of.cache_clear()
    yield worker
    session.session_of.cache_clear()
