"""Pages made from recorded specs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import markdown
import pytest

from sphinx_kerasarch.hosts.markdown import KerasarchExtension


@pytest.fixture
def convert(recorded: Any) -> Callable[..., str]:
    """HTML of a page. ``more``: further extensions."""

    def made(text: str, *more: str, **settings: Any) -> str:
        return markdown.markdown(text, extensions=[*more, KerasarchExtension(**settings)])

    return made


@pytest.fixture
def bare() -> Callable[[str], str]:
    """The page without pictures and style sheets."""
    return lambda page: re.sub(r"<(svg|style)\b.*?</\1>", "", page, flags=re.DOTALL)
