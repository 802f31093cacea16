"""Warnings, where the host counts them: MkDocs and ProperDocs fail a strict build for those of their own loggers."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ...escape import lines


def warn(text: str) -> None:
    _logger().warning("%s", lines(text))


def say(text: str) -> None:
    """What is no warning."""
    _logger().info("%s", lines(text))


@contextmanager
def silence() -> Iterator[None]:
    """Nothing of :func:`warn` and :func:`say` is told meanwhile."""
    logger = _logger()
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _logger() -> logging.Logger:
    inside = "mkdocs" in sys.modules or "properdocs" in sys.modules
    return logging.getLogger("mkdocs.plugins.kerasarch" if inside else "sphinx_kerasarch")
