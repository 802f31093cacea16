"""The rules of the house: one file per view and format, layers that import downwards only, a light import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sphinx_kerasarch
from sphinx_kerasarch import registry
from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.figure import Graph, Scene, Table

PACKAGE = Path(sphinx_kerasarch.__file__).parent


@pytest.mark.parametrize(
    ("table", "load"), [(registry.VIEWS, registry.view), (registry.FORMATS, registry.format)]
)
def test_tables_are_loadable_and_named_alike(table, load) -> None:  # type: ignore[no-untyped-def]
    for name in table:
        record = load(name)
        assert record.name == name


def test_every_format_file_is_in_the_table() -> None:
    files = {
        path.stem
        for path in (PACKAGE / "formats").glob("*.py")
        if "\nFORMAT = " in path.read_text("utf-8") or "\nFORMAT: " in path.read_text("utf-8")
    }
    assert files == set(registry.FORMATS)


def test_unknown_names_are_suggested() -> None:
    with pytest.raises(OptionError, match="'layered'"):
        registry.view("layerd")
    with pytest.raises(OptionError, match="'svg'"):
        registry.format("svgz")


def test_suffixes_are_distinct() -> None:
    """For figures of one kind: a table and a drawing may both be ``.tex``."""
    for kind in (Table, Graph, Scene):
        records = [registry.format(name) for name in registry.FORMATS]
        suffixes = [s for record in records if kind in record.accepts for s in record.suffixes]
        assert len(set(suffixes)) == len(suffixes) > 0


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, json; before = set(sys.modules); import sphinx_kerasarch; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    foreign = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names)
    assert foreign == {"sphinx_kerasarch"}
    assert [name for name in loaded if name.startswith("sphinx_kerasarch")] == ["sphinx_kerasarch"]


def test_layer_contracts_hold() -> None:
    # A copy of the contracts in pyproject.toml is not kept here: this runs the real ones.
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_escaping_is_done_in_one_place() -> None:
    """What a terminal is told goes through one function, but for texts that are coloured or ours to the last letter."""
    own = {"say.py", "compare.py", "progress.py", "summary.py", "completion.py", "example.py"}
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8")
        if path.name != "escape.py":
            for other in ("from html import escape", "import html\n", "saxutils", "html.escape"):
                assert other not in text, f"{path.name} escapes by itself"
        if path.parent.name == "cli" and path.name not in own:
            assert "click.echo(" not in text.replace("click.echo(context.get_help())", ""), path.name
