"""The group ``kerasarch``: names its subcommands without importing them, and turns every failure into one line."""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ... import __version__
from ...errors import KerasarchError
from .say import echo

COMMANDS: Mapping[str, str] = {
    "example": "Draw a model that comes with this program.",
    "describe": "Write the architecture of a model as JSON.",
    "summary": "Print the table of layers.",
    "render": "Write a figure as SVG, PDF, PNG, …",
    "compare": "Tell what is different between two models.",
    "freeze": "Write the lock of a site: its models, for builds without Keras.",
    "check": "Tell whether the lock of a site is current.",
    "lint": "Measure figures: overlaps, overflow, contrast, lost edges.",
    "cache": "Look at, prune or clear a cache.",
    "completion": "Print what a shell needs to complete commands and options.",
    "doctor": "Tell what is installed, what is missing and how to get it.",
}
"""Name → short help. The command is ``command`` in the module of that name beside this file."""

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Models": ("example", "summary", "render", "describe", "compare", "lint"),
    "Documentation": ("freeze", "check", "cache"),
    "This program": ("doctor", "completion"),
}
"""Title in the help → commands."""

EXAMPLES = """
kerasarch example lenet -o lenet.pdf
kerasarch summary mypkg.models:build_lenet
kerasarch render mypkg.models:build_lenet -o lenet.svg -o lenet.pdf --width 85mm
kerasarch COMMAND --help
"""

ANSWERS = frozenset({"compare", "lint", "doctor", "check"})
"""Commands that end with status 1 when they have found something: their failures have one of their own, as those of
``diff`` and ``grep``."""

FAILED, INTERRUPTED = 1, 130

NO_PLACE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENAMETOOLONG})
"""Errors of the system that another place does not have."""

SHOW_TRACEBACK = "sphinx_kerasarch.traceback"


def show_traceback(context: click.Context, _: click.Parameter, value: bool) -> None:
    # ``meta`` is one dictionary for the group and its subcommand: the flag may stand at either.
    if value:
        context.meta[SHOW_TRACEBACK] = True


traceback_option = click.option(
    "--traceback",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=show_traceback,
    help="Show where a failure comes from.",
)


class KerasarchGroup(click.Group):
    """Imports a subcommand when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"{__package__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(COMMANDS)}."
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        wide = max(map(len, COMMANDS))
        for title, names in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{wide}}", COMMANDS[name]) for name in names])
    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Commands first: they are what one looks for."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for example in EXAMPLES.strip().splitlines():
                formatter.write(f"  {example}\n")

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort):
            raise
        except click.ClickException as error:
            raise failure(usage(error), ctx) from error
        except Exception as error:
            if ctx.meta.get(SHOW_TRACEBACK):
                own = isinstance(error, KerasarchError) and error.lines
                echo(own or traceback.format_exc(), err=True)
            raise failure(one_line(error) + hint(error, ctx), ctx) from error

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click's own, but one line on stderr and a status of ours for whatever goes wrong."""
        kwargs["standalone_mode"] = False
        _open_streams()
        try:
            status = super().main(*args, **kwargs)
            # Buffered output may meet the closed pipe only now.
            sys.stdout.flush()
        except click.Abort:
            status = fail("Interrupted.", INTERRUPTED)
        except click.ClickException as error:
            status = FAILED if isinstance(error, click.UsageError) else error.exit_code
            status = closed_early() if isinstance(error.__cause__, BrokenPipeError) else fail(usage(error), status)
        except BrokenPipeError:
            status = closed_early()
        sys.exit(status if isinstance(status, int) else 0)


def _open_streams() -> None:
    """Standard streams that are closed lead nowhere, as where a service is started with no descriptors at all; else the
    next file that is opened would be written to by whoever prints."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Python takes the lowest free number, which is that of the stream.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for as long as we run


class TroubleError(click.ClickException):
    """A failure of a command whose status 1 is an answer."""

    exit_code = 2


def failure(message: str, context: click.Context) -> click.ClickException:
    """With the status that the command at work has for failures."""
    return (TroubleError if context.invoked_subcommand in ANSWERS else click.ClickException)(message)


def one_line(error: Exception) -> str:
    """What happened and what to do about it."""
    if isinstance(error, KerasarchError):
        said = str(error)
        # A syntax error names its place itself.
        return said if not error.place or error.place in said else f"{said} Look at {error.place}."
    if isinstance(error, FileNotFoundError) and error.filename is None and _is_nowhere():
        return "The current folder is no longer there. Change to one that is: cd"
    if isinstance(error, OSError):
        advice = " Name another place with -o." if error.errno in NO_PLACE else ""
        return f"{error.filename or 'System'}: {error.strerror or error}.{advice}"
    return f"Defect of kerasarch: {type(error).__name__}: {error}. Please report it with --traceback."


def _is_nowhere() -> bool:
    """Whether somebody has removed the folder that this process stands in."""
    try:
        Path.cwd()
    except OSError:
        return True
    return False


def hint(error: Exception, context: click.Context) -> str:
    """Where there is more to see than the one line tells, what shows it."""
    if not isinstance(error, KerasarchError) or context.meta.get(SHOW_TRACEBACK):
        return ""
    more = error.data.get("output") or error.traceback.count('File "') > 1
    return " --traceback shows the lines that lead there." if more else ""


def usage(error: click.ClickException) -> str:
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        # In words of our own, which are the same in all versions of click.
        near = difflib.get_close_matches(error.option_name, error.possibilities or (), n=1, cutoff=0)
        message = f"No such option {error.option_name!r}.{f' Did you mean {near[0]!r}?' if near else ''}"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        end = "" if message.endswith((".", "?")) else "."
        return f"{message}{end} See {error.ctx.command_path} --help."
    return message


def fail(message: str, status: int) -> int:
    echo(f"kerasarch: {' '.join(message.split())}", err=True)
    return status


def closed_early() -> int:
    # Python would flush stdout again at exit and complain a second time.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return fail("The reader of the output left before its end; write to a file with -o.", FAILED)


@click.group(
    cls=KerasarchGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    # Without a command the help is the answer, not a failure.
    invoke_without_command=True,
)
@click.version_option(__version__, "-V", "--version", prog_name="kerasarch")
@traceback_option
@click.pass_context
def main(context: click.Context) -> None:
    """Architecture figures and tables of Keras models.

    A TARGET is a factory, a model class or a model: mypkg.models:build_lenet, or
    "keras.applications:ResNet50(weights=None)". Saved models (.keras, .h5) are TARGETs too, and so is a spec that
    describe wrote (.json), which needs no Keras.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
