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
@click.option("--json", "as_json", is_flag=True, help="Write the table as JSON.")
@takes_target
def command(source: Source, as_json: bool, **options: Any) -> None:
    """Print the layers of TARGET with their shapes and parameters."""
    from ...api import draw, write

    drawing = draw(source.spec(), "summary", **given(options))
    format = "json" if as_json else "text"
    Output("-", format).write(write(drawing.figure, format))
