"""``kerasarch compare``: what is different between two models, in words."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ...escape import lines
from .colors import depth_of
from .flags import FlaggedCommand
from .target import Source, takes_target

if TYPE_CHECKING:
    from ...spec import ArchSpec

SIGNS = {"+": "green", "-": "red", "~": "yellow"}
"""First sign of a line → its colour, as in ``git diff``."""

EXAMPLES = """
kerasarch compare mypkg.models:build_small mypkg.models:build_large
kerasarch describe mypkg.models:build_lenet -o before.json
kerasarch compare before.json mypkg.models:build_lenet
"""


@click.command("compare", cls=FlaggedCommand, examples=EXAMPLES)
@takes_target
@click.argument("other")
@click.pass_context
def command(context: click.Context, source: Source, other: str) -> None:
    """Tell what OTHER has that TARGET has not, and the other way round.

    Both are targets or specs that describe wrote; the options hold for both. Ends with status 1 when
    there is a difference.
    """
    from ...spec.difference import difference

    found = difference(*specs(source, replace(source, target=other)))
    depth = depth_of(sys.stdout)
    for line in map(lines, found.lines):
        color = SIGNS.get(line[:1], "")
        click.echo(click.style(line, fg=color) if depth and color else line, color=bool(depth))
    context.exit(1 if found else 0)


def specs(first: Source, second: Source) -> tuple[ArchSpec, ArchSpec]:
    """Both, by one worker: it imports Keras once. Raises :class:`.KerasarchError`."""
    if first.is_spec or second.is_spec:
        return first.spec(), second.spec()
    second.inspector().close()  # what is wrong with its target is said before the first one is built
    with first.inspector() as inspector:
        return first.described(inspector).spec, second.described(inspector).spec
