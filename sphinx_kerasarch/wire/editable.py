"""Packages installed for editing by an import hook: where the module that each tool leaves says they lie."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOOKS = re.compile(r"__editable__.*_finder\.py|_editable_impl_.*\.py|_.*_editable(_loader)?\.py")
"""Of setuptools; of hatchling and pdm; of meson-python and scikit-build-core."""

CALLS = frozenset({"map_module", "install"})
"""By which the last four are told: ``F.map_module("nets", "/src/nets/__init__.py")``, ``install("nets", {"nets"},
"/src/build/cp311")``, ``install({"nets.layers": "/src/nets/layers.py"})``."""


def hooked(site: str, names: list[str]) -> list[tuple[str, str]]:
    """Module and its path, for the hooks among the ``names`` of a directory of packages."""
    return [pair for name in names if HOOKS.fullmatch(name) for pair in sorted(mapping_of(Path(site, name)).items())]


def mapping_of(hook: Path) -> dict[str, str]:
    """Module → path: a file, a folder, or the folder that it was built in."""
    try:
        tree = ast.parse(hook.read_bytes())
    except (OSError, ValueError, SyntaxError):
        return {}
    found: dict[str, str] = {}
    for values in _told(tree):
        tables = [value for value in values if isinstance(value, dict)]
        for table in tables:
            found.update((str(name), path) for name, path in table.items() if _is_path(path))
        if tables:
            continue
        names = next((value for value in values if isinstance(value, set | list)), values[:1])
        path = next((value for value in values if _is_path(value)), "")
        found.update((str(name), path) for name in names if path and str(name).isidentifier())
    return found


def _told(tree: ast.Module) -> Iterator[list[Any]]:
    """Values that the module's own statements give to ``MAPPING`` and to :data:`CALLS`."""
    for line in tree.body:
        if isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
            targets = line.targets if isinstance(line, ast.Assign) else [line.target]
            if any(isinstance(target, ast.Name) and target.id == "MAPPING" for target in targets):
                yield _literals([line.value])
        elif isinstance(line, ast.Expr) and isinstance(call := line.value, ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name in CALLS:
                yield _literals(call.args)


def _literals(nodes: list[ast.expr]) -> list[Any]:
    found = []
    for node in nodes:
        try:
            found.append(ast.literal_eval(node))
        except (ValueError, TypeError):
            continue
    return found


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and os.path.isabs(value)  # noqa: PTH117
