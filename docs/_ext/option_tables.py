"""Reference tables from the records that the program itself reads, so that they cannot disagree with it."""

from __future__ import annotations

import re
from typing import Any

import click
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from sphinx_kerasarch import errors, registry
from sphinx_kerasarch.hosts.cli.main import COMMANDS, main
from sphinx_kerasarch.hosts.page import project
from sphinx_kerasarch.hosts.sphinx import config, directive
from sphinx_kerasarch.options import Option


def shown(value: Any) -> str:
    """A default as text; what is empty is not shown."""
    if value in ("", (), [], None, {}):
        return ""
    if isinstance(value, bool):
        return "``yes``" if value else "``no``"
    if isinstance(value, (tuple, list)):
        value = ", ".join(map(str, value))
    if isinstance(value, float):
        value = f"{value:g}"
    return f"``{value}``"


def plain(text: str) -> str:
    """A help text as it is: its stars and underscores mark nothing."""
    return re.sub(r"([*_|])", r"\\\1", text)


def table(head: list[str], rows: list[list[str]], widths: str) -> list[str]:
    """Lines of a ``list-table``."""
    lines = [".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", ""]
    for row in [head, *rows]:
        lines += [f"   {'*' if not number else ' '} - {cell}" for number, cell in enumerate(row)]
    return [*lines, ""]


def options(records: tuple[Option, ...]) -> list[str]:
    rows = []
    for option in records:
        choices = f" One of {', '.join(f'``{item}``' for item in option.choices)}." if option.choices else ""
        rows.append([f"``{option.name}``", shown(option.default), plain(option.help) + choices])
    return table(["Option", "Default", "Meaning"], rows, "20 20 60") if rows else ["It has no options.", ""]


def view_tables() -> list[str]:
    lines = []
    for name in registry.VIEWS:
        record = registry.view(name)
        lines += [f".. rubric:: {record.title}: ``{name}``", "", *options(record.options)]
    return lines


def format_tables() -> list[str]:
    lines = []
    for name in registry.FORMATS:
        record = registry.format(name)
        kinds = ", ".join(kind.__name__.lower() for kind in record.accepts)
        lines += [f".. rubric:: ``{name}``", ""]
        suffixes = ", ".join(f"``{suffix}``" for suffix in record.suffixes)
        needs = f" Needs the extra ``{record.extra}``." if record.extra else ""
        lines += [f"Suffix {suffixes}, media type ``{record.media_type}``; writes: {kinds}.{needs}", ""]
        lines += options(record.options) if record.options else []
    return lines


def configuration() -> list[str]:
    rows = [
        [f"``kerasarch_{value.name}``", shown(value.default), plain(value.help)]
        for value in config.VALUES
    ]
    return table(["Value", "Default", "Meaning"], rows, "28 22 50")


def without_sphinx() -> list[str]:
    rows = [[f"``{name}``", shown(value.default), plain(value.help)] for name, value in project.SETTINGS.items()]
    pictures = (
        "Plugin alone: inline in the page, or files of the site; with the theme auto two for each figure, of which a "
        "page shows the one for its light or its dark mode."
    )
    return table(["Setting", "Default", "Meaning"], [*rows, ["``pictures``", "``inline``", pictures]], "18 22 60")


def error_table() -> list[str]:
    rows = [
        [f"``kerasarch.{slug}``", (cls.__doc__ or "").strip().splitlines()[0]]
        for slug, cls in errors.ERRORS.items()
        if cls is not errors.KerasarchError
    ]
    return table(["Warning", "When"], rows, "32 68")


def command_help() -> list[str]:
    lines = []
    with click.Context(main, info_name="kerasarch") as context:
        for name in COMMANDS:
            command = main.get_command(context, name)
            assert command is not None
            with click.Context(command, info_name=name, parent=context, max_content_width=90) as inner:
                text = command.get_help(inner)
            lines += [f".. rubric:: kerasarch {name}", "", ".. code-block:: text", ""]
            lines += [f"   {line}" for line in text.splitlines()] + [""]
    return lines


PARTS = {
    "directive": lambda: options(directive.OPTIONS),
    "views": view_tables,
    "formats": format_tables,
    "configuration": configuration,
    "markdown": without_sphinx,
    "errors": error_table,
    "commands": command_help,
}


class OptionTables(SphinxDirective):
    """``.. option-tables:: views``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        lines = StringList(PARTS[self.arguments[0]](), source="option records")
        element = nodes.Element()
        self.state.nested_parse(lines, 0, element)
        return list(element.children)


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("option-tables", OptionTables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
