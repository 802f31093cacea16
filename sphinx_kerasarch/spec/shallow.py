"""JSON from elsewhere, which may be nested without end."""

from __future__ import annotations

import json
import sys
from typing import Any

DEEPEST = 1000
"""Levels that a text may have: the recursion limit that Python starts with."""


def loads(text: str | bytes) -> Any:
    """What :func:`json.loads` gives. Raises :class:`ValueError`, and :class:`RecursionError` above so many levels.

    Up to Python 3.11 the parser, which is written in C, goes as deep as :func:`sys.setrecursionlimit` says: a project
    that raises the limit for models of its own would end with a segmentation fault.
    """
    limit = sys.getrecursionlimit()
    if limit <= DEEPEST:
        return json.loads(text)
    sys.setrecursionlimit(_depth() + DEEPEST)
    try:
        return json.loads(text)
    finally:
        sys.setrecursionlimit(limit)


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth
