"""Warnings, where the host counts them: MkDocs and ProperDocs fail a strict build for those of their own loggers."""

from __future__ import annotations

import logging
import sys

from ...escape import lines


def warn(text: str) -> None:
    _logger().warning("%s", lines(text))


def say(text: str) -> None:
    """What is no warning."""
    _logger().info("%s", lines(text))


def _logger() -> logging.Logger:
    inside = "mkdocs" in sys.modules or "properdocs" in sys.modules
    return logging.getLogger("mkdocs.plugins.kerasarch" if inside else "sphinx_kerasarch")
