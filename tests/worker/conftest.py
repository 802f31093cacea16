"""Keras, imported once and prepared as the worker does."""

from __future__ import annotations

import os
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

    before = dict(os.environ)
    compat.quiet_environment()
    build.start()
    # Read by now; programs that other tests of this process start are to meet what a user has.
    os.environ.clear()
    os.environ.update(before)
    return compat.keras()
