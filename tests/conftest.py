"""For all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from recorded import Recorded

from sphinx_kerasarch import inspector

# Times of a busy machine say nothing; and a failure that cannot be repeated says little.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

# Who runs the tests may like colours, or have a narrow terminal: what is tested are bytes.
TASTES = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "SOURCE_DATE_EPOCH")
for name in TASTES:
    os.environ.pop(name, None)

SPECS = Path(__file__).parent / "specs"


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """No Keras in this test: all hosts answer from recorded specs."""
    from sphinx_kerasarch.hosts.page import session

    worker = Recorded()
    monkeypatch.setattr(inspector, "Inspector", worker)
    session.session_of.cache_clear()
    yield worker
    session.session_of.cache_clear()
