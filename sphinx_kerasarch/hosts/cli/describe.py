"""``kerasarch describe``: the spec as JSON; of many models, into a cache."""

from __future__ import annotations

from typing import Any

import click

from ...errors import OptionError
from .completing import paths
from .decorating import Function, decorated
from .flags import FlaggedCommand
from .output import Output, check
from .target import Source, takes_targets

EXAMPLES = """
kerasarch describe mypkg.models:build_lenet -o lenet.json
kerasarch describe mypkg.models:build_lenet --args classes=26 --python ~/gpu/bin/python -o lenet.json
kerasarch render lenet.json -o lenet.pdf
kerasarch describe --from zoo.txt --cache .kerasarch
kerasarch describe --docs docs --shard 1/4 --cache cache-1
"""

ZOO = (
    click.option(
        "--from",
        "listed",
        default="",
        metavar="FILE",
        shell_complete=paths("file"),
        help="File with a TARGET on each line; - for stdin.",
    ),
    click.option(
        "--docs",
        default="",
        metavar="DOCS",
        shell_complete=paths("dir"),
        help="All models of a Sphinx, MkDocs or Zensical site.",
    ),
    click.option(
        "--shard", default="", metavar="I/N", help="Only the I-th of N parts, the same on every machine."
    ),
    click.option(
        "--cache",
        default="",
        metavar="DIR",
        shell_complete=paths("dir"),
        help="Cache folder; default: that of DOCS, or .kerasarch.",
    ),
    click.option(
        "--remote", default="", metavar="URL", help="Cache that machines share, as s3://bucket/folder."
    ),
    click.option(
        "--jobs",
        default=0,
        type=click.IntRange(min=0),
        metavar="N",
        help="Models at the same time; 0: as many as there are processors.",
    ),
    click.option(
        "--report",
        default="",
        metavar="FILE",
        shell_complete=paths("file"),
        help="What became of each model, as JSON.",
    ),
)


def _takes_zoo(function: Function) -> Function:
    return decorated(function, ZOO)


@click.command("describe", cls=FlaggedCommand, examples=EXAMPLES)
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    shell_complete=paths("file"),
    show_default="standard output",
    help="Where to write.",
)
@_takes_zoo
@takes_targets
def command(source: Source, targets: tuple[str, ...], output: str, **zoo: Any) -> None:
    """Write the architecture of TARGET as JSON: layers, calls, edges, shapes, weights.

    The file is a TARGET for the other commands, which then need no Keras.

    Several TARGETs, those --from a file and those of --docs are described into a cache instead, where builds and other
    machines find them. Ends with status 1 when one of them cannot be described.
    """
    from ...spec.codec import dumps

    context = click.get_current_context()
    if len(targets) > 1 or any(zoo.values()):
        if output != "-":
            raise OptionError("--output is for one TARGET.", advice="Many models go into a cache, see --cache.")
        from .zoo import Zoo, describe

        context.exit(describe(source, Zoo(targets, **zoo)))
    if not targets:
        raise click.UsageError("Missing argument 'TARGET'", context)
    place = Output(output, "json")
    check(place, source.target)
    place.write(dumps(source.spec()).encode())
