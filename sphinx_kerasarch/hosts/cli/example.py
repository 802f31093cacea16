"""``kerasarch example``: models to begin with."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ...errors import OptionError
from ...options import suggest
from ...wire.record import PACKAGE
from .flags import FlaggedCommand, given
from .progress import tell
from .render import figure_flags, places_of, plan, run, takes_outputs
from .say import echo
from .summary import in_terminal
from .target import Source, takes_name

FOLDER = PACKAGE / "worker" / "examples"
MODULE = "sphinx_kerasarch.worker.examples"

EXAMPLES = """
kerasarch example
kerasarch example lenet -o lenet.pdf
kerasarch example unet --show
kerasarch example resnet --args blocks=5 --view graph -o resnet.svg --width 85mm
kerasarch example transformer --source > models.py
"""

TOLD = frozenset({"source_", "outputs", "format_", "show", "view", "theme", "args", "python"})
"""Names of the parameters in the help; all others of ``render`` are taken as well."""


def names() -> dict[str, Path]:
    """Example → its file, those first that are read first."""
    files = sorted(FOLDER.glob("[!_]*.py"), key=lambda file: (file.stem != "lenet", file.stem))
    return {file.stem: file for file in files}


@click.command("example", cls=FlaggedCommand, more=figure_flags, examples=EXAMPLES, told=TOLD)
@click.option("--source", "source_", is_flag=True, help="Print the Python file of the example, to be copied.")
@takes_outputs
@takes_name(names)
@click.pass_context
def command(
    context: click.Context,
    /,
    source: Source,
    source_: bool,
    outputs: tuple[str, ...],
    show: bool,
    **options: Any,
) -> None:
    """Draw a model that comes with this program.

    Without NAME the examples are listed, or the first of them is drawn when there is an --output; with a NAME alone
    the table of its layers is printed. All further options of render are taken as well, see kerasarch render --help.
    """
    known = names()
    asked = outputs or options["format_"] or show or source_
    name = source.target or (next(iter(known)) if asked else "")
    if not name:
        for known_name, file in known.items():
            about = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
            echo(f"{known_name:<13}{' '.join(about.split())}")
        tell("\nDraw one: kerasarch example lenet -o lenet.pdf")
        return
    if name not in known:
        raise OptionError(f"There is no example {name!r}.", advice=suggest(name, known))
    if source_:
        click.echo(known[name].read_text("utf-8"), nl=False)
        return
    copy = f"Copy it: kerasarch example {name} --source > models.py"
    if options.pop("watch"):
        raise OptionError("An example does not change.", advice=copy)
    source = replace(source, target=f"{MODULE}.{name}:build_{name}")
    chosen = {key: options.pop(key) for key in ("colors", "roles", "labels")}
    view, theme, format = (options.pop(key) for key in ("view", "theme", "format_"))
    wanted = context.get_parameter_source("view") is not click.core.ParameterSource.DEFAULT
    if not (outputs or format or show or wanted or given(options)):
        print_table(source, **chosen)
        tell(f"\nDraw it: kerasarch example {name} -o {name}.pdf\n{copy}")
        return
    named = places_of(name, outputs, format, view, show=show, watch=False)
    run(source, plan("", named, view, theme, given(options), **chosen), show=show, watch=False)


def print_table(source: Source, **chosen: Any) -> None:
    """The table as ``summary`` prints it."""
    from ...api import draw
    from ...formats.text import FORMAT
    from ...theme import palette

    theme = palette("light", chosen["colors"])
    table = draw(source.spec(), "summary", roles=chosen["roles"], labels=chosen["labels"]).figure
    text = in_terminal(table, "auto", theme)
    click.echo(text or FORMAT.write(table).decode(), nl=False, color=bool(text))
