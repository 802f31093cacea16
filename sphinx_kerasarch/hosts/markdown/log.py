"""Warnings, where the host counts them: MkDocs and ProperDocs fail a strict build for those of their own loggers."""

from __future__ import annotations

import logging
import sys

from ...escape import lines


def warn(text: str) -> None:
    inside = "mkdocs" in sys.modules or "properdocs" in sys.modules
    logging.getLogger("mkdocs.plugins.kerasarch" if inside else "sphinx_kerasarch").warning("%s", lines(text))
