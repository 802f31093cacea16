"""The worker of a first build starts with the first directive."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from sphinx_kerasarch.hosts.sphinx import early


class Fake:
    started = closed = 0

    def start(self) -> None:
        self.started += 1

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fake:
    found = Fake()
    locked = SimpleNamespace(exists=False)
    origin = SimpleNamespace(inspector=lambda: found)
    made = SimpleNamespace(locked=locked, directory=tmp_path / "cache", origin=origin)
    monkeypatch.setattr(early, "Describing", lambda app, data: made)
    return found


def worker() -> early.EarlyWorker:
    return early.EarlyWorker(SimpleNamespace(), SimpleNamespace(collected={}))  # type: ignore[arg-type]


def test_it_starts_once_and_is_taken_once(fake: Fake) -> None:
    first = worker()
    first.start()
    first.start()
    assert fake.started == 1
    assert first.take() is fake
    assert first.take() is None
    first.close()
    assert fake.closed == 0, "it belongs to who took it"


def test_what_nobody_takes_is_closed(fake: Fake) -> None:
    first = worker()
    first.start()
    first.close()
    assert fake.closed == 1
    first.start()
    assert fake.started == 1


def test_a_build_with_a_cache_starts_none(fake: Fake, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    first = worker()
    first.start()
    assert fake.started == 0


def test_a_forked_reader_starts_none(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    first = worker()
    monkeypatch.setattr(early.os, "getpid", lambda: -1)
    first.start()
    assert fake.started == 0
