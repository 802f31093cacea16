"""``kerasarch summary``: the table of layers in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from .flags import FlaggedCommand, flags_of, given
from .output import Output
from .target import Source, takes_target


def _flags() -> Iterable[click.Option]:
    from ... import registry

    return flags_of([registry.view("summary")])


@click.command("summary", cls=FlaggedCommand, more=_flags)
@click.option("--json", "format", flag_value="json", help="Write the table as JSON.")
@click.option("--csv", "format", flag_value="csv", help="Write comma-separated values.")
@click.option("--markdown", "format", flag_value="markdown", help="Write a table in Markdown.")
@click.option("--latex", "format", flag_value="latex", help="Write a LaTeX tabular.")
@takes_target
def command(source: Source, format: str | None, **options: Any) -> None:
    """Print the layers of TARGET with their shapes and parameters."""
    from ...api import draw, write

    drawing = draw(source.spec(), "summary", **given(options))
    name = format or "text"
    Output("-", name).write(write(drawing.figure, name))
