"""Interpreters that the tests are given, as ``tests/run.py`` makes them."""

from __future__ import annotations

import importlib.util
import os
import sys


def told(variable: str) -> dict[str, str]:
    """``name=path`` for each entry of an environment variable."""
    return dict(entry.split("=", 1) for entry in os.environ.get(variable, "").split(os.pathsep) if entry)


GIVEN = told("KERASARCH_TEST_PYTHONS")
BACKENDS = {
    name: GIVEN.get(name, sys.executable)
    for name in ("tensorflow", "jax", "torch")
    if name in GIVEN or (importlib.util.find_spec("keras") and importlib.util.find_spec(name))
}
"""Backend → interpreter that has Keras with it."""
