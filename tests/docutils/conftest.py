"""Documents made from recorded specs by docutils alone."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docutils import core, writers
from docutils.parsers.rst import directives

from sphinx_kerasarch.hosts.docutils import register


@pytest.fixture
def publish(recorded: Any, tmp_path: Path) -> Iterator[Callable[..., tuple[str, str]]]:
    """Output and warnings of a document in ``page.rst`` of a temporary folder. ``settings``: of the host."""
    known = dict(directives._directives)

    def made(
        text: str, writer: str = "html5", to: Path | None = None, halt: int = 4, **settings: Any
    ) -> tuple[str, str]:
        register(**{"docs": str(tmp_path), **settings})
        page = tmp_path / "page.rst"
        page.write_text(text, "utf-8")
        warnings = io.StringIO()
        told = {
            "_disable_config": True,
            "warning_stream": warnings,
            "output_encoding": "unicode",
            "halt_level": halt,
            "use_latex_citations": True,
            "legacy_column_widths": False,
        }
        result = core.publish_string(
            text,
            source_path=str(page),
            destination_path=str(to) if to else None,
            writer=writers.get_writer_class(writer)(),
            settings_overrides=told,
        )
        return str(result), warnings.getvalue()

    yield made
    directives._directives.clear()
    directives._directives.update(known)
