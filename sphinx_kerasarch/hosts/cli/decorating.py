"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def decorated(function: Function, decorators: Sequence[Callable[[Any], Any]]) -> Function:
    """``function`` as if ``decorators`` stood above it, in their order."""
    for decorator in reversed(decorators):
        function = decorator(function)
    return function
