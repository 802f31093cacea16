"""Keras, imported once and prepared as the worker does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def keras() -> Any:
    pytest.importorskip("keras")
    sys.path[:0] = [str(HERE), str(HERE.parent / "specs")]
    from sphinx_kerasarch.worker import build, compat

    compat.quiet_environment()
    build.start()
    return compat.keras()
