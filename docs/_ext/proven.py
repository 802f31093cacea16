"""Tables of facts from the literal cases that tests run, so that a row and its test cannot part.

A file of cases, ``tests/**/*_cases.py``, needs nothing but the standard library and gives ``HEAD`` (titles of the
columns), ``WIDTHS`` (per cent of each) and ``rows()`` (cells as reStructuredText, one row for each case; the test that
proves it in the last one).
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from option_tables import table
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective


def cases(path: Path) -> ModuleType:
    """The module of a file of cases; dataclasses look it up by its name."""
    given = importlib.util.spec_from_file_location(path.stem, path)
    if given is None or given.loader is None or not path.is_file():
        raise ExtensionError(f"no file of cases: {path.name}")
    module = importlib.util.module_from_spec(given)
    sys.modules[path.stem] = module
    given.loader.exec_module(module)
    return module


class Proven(SphinxDirective):
    """``.. proven:: cache/changes_cases.py``, seen from ``tests``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.app.confdir).parent / "tests" / self.arguments[0]
        module = cases(path)
        self.env.note_dependency(str(path))
        rows = [list(row) for row in module.rows()]
        head, widths = list(module.HEAD), " ".join(map(str, module.WIDTHS))
        lines = StringList(table(head, rows, widths), source=path.name)
        element = nodes.Element()
        self.state.nested_parse(lines, 0, element)
        return list(element.children)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("proven", Proven)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
