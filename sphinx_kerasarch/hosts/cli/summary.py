"""``kerasarch summary``: the table of layers in the terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from typing import Any

import click

from .completing import paths
from .flags import FlaggedCommand, flags_of, given
from .output import Output, check, places
from .render import label_option, pairs, role_option
from .target import Source, takes_target

EXAMPLES = """
kerasarch summary mypkg.models:build_lenet
kerasarch summary mypkg.models:build_lenet --columns layer,shape,params,macs
kerasarch summary "keras.applications:ResNet50(weights=None)" --color always | less -R
kerasarch summary trained.keras -o trained.tex -o trained.csv
"""

WHEN = ("auto", "always", "never")


def _flags() -> Iterable[click.Option]:
    from ... import registry

    return flags_of([registry.view("summary")])


def colors(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    """``("never", "conv=#0072b2")`` → when there are colours, and own ones."""
    when = [value for value in values if "=" not in value]
    if wrong := [value for value in when if value not in WHEN]:
        raise click.BadParameter(f"{wrong[0]!r} is neither auto, always, never nor NAME=COLOR.", param=parameter)
    return (when or ["auto"])[-1], pairs(context, parameter, tuple(value for value in values if "=" in value))


@click.command("summary", cls=FlaggedCommand, more=_flags, examples=EXAMPLES)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    shell_complete=paths("file"),
    help="Write the table to a file; its suffix tells the format. May be given several times.",
)
@click.option("--json", "format", flag_value="json", help="Write the table as JSON.")
@click.option("--csv", "format", flag_value="csv", help="Write comma-separated values.")
@click.option("--markdown", "format", flag_value="markdown", help="Write a table in Markdown.")
@click.option("--latex", "format", flag_value="latex", help="Write a LaTeX tabular.")
@click.option(
    "--color",
    "colored",
    multiple=True,
    callback=colors,
    metavar="WHEN|NAME=COLOR",
    help="auto, always or never; auto is: in a terminal, unless NO_COLOR is set. Or an own colour of a category or "
    "of single layers, as with render: conv=#0072b2.",
)
@role_option
@label_option
@takes_target
def command(
    source: Source,
    outputs: tuple[str, ...],
    format: str | None,
    colored: tuple[str, dict[str, str]],
    roles: dict[str, str],
    labels: dict[str, str],
    **options: Any,
) -> None:
    """Print the layers of TARGET with their shapes and parameters.

    In a terminal the table is fitted to its width and has the colours of the figures; in a pipe or a file it is
    plain text, always the same.
    """
    from ...api import draw, write
    from ...theme import palette

    when, own = colored
    theme = palette("light", own)
    named = places(outputs, format or ("text" if "-" in outputs else ""), "summary") if outputs else ()
    for output in named:
        check(output, source.target)
    table = draw(source.spec(), "summary", roles=roles, labels=labels, **given(options)).figure
    for output in named:
        output.write(write(table, output.format))
    if named:
        return
    if format is None and (text := in_terminal(table, when, theme)):
        # Colours have been decided on; click would take them away where it sees no terminal.
        click.echo(text, nl=False, color=True)
        return
    Output("-", format or "text").write(write(table, format or "text"))


def in_terminal(table: Any, when: str, theme: Any) -> str:
    """The table for a terminal or with colours, empty where plain text is wanted."""
    from .colors import depth_of
    from .terminal import show

    depth = depth_of(sys.stdout, when)
    terminal = sys.stdout.isatty()
    if not depth and not terminal:
        return ""
    # A pager such as less takes colours, and lines of any length.
    width = shutil.get_terminal_size((80, 24)).columns if terminal else sys.maxsize
    return show(table, width, depth, theme)
