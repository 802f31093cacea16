"""``kerasarch describe``: the spec as JSON."""

from __future__ import annotations

import click

from .completing import paths
from .flags import FlaggedCommand
from .output import Output, check
from .target import Source, takes_target

EXAMPLES = """
kerasarch describe mypkg.models:build_lenet -o lenet.json
kerasarch describe mypkg.models:build_lenet --args classes=26 --python ~/gpu/bin/python -o lenet.json
kerasarch render lenet.json -o lenet.pdf
"""


@click.command("describe", cls=FlaggedCommand, examples=EXAMPLES)
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    shell_complete=paths("file"),
    help="Where to write; default: standard output.",
)
@takes_target
def command(source: Source, output: str) -> None:
    """Write the architecture of TARGET as JSON: layers, calls, edges, shapes, weights.

    The file is a TARGET for the other commands, which then need no Keras.
    """
    from ...spec.codec import dumps

    place = Output(output, "json")
    check(place, source.target)
    place.write(dumps(source.spec()).encode())
