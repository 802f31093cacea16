"""``kerasarch completion``: the lines that a shell reads to complete commands, options and their values."""

from __future__ import annotations

import os
from pathlib import PurePath

import click
from click.shell_completion import get_completion_class

from ...errors import OptionError
from ...options import suggest
from .completing import values
from .flags import FlaggedCommand
from .main import main, traceback_option

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_KERASARCH_COMPLETE"
"""Variable in which the shell asks."""

EXAMPLES = """
eval "$(kerasarch completion bash)"       # in ~/.bashrc
eval "$(kerasarch completion zsh)"        # in ~/.zshrc
kerasarch completion fish | source        # in ~/.config/fish/config.fish
"""

@click.command("completion", cls=FlaggedCommand, examples=EXAMPLES)
@click.argument("shell", default="", metavar="[SHELL]", shell_complete=values(lambda: SHELLS))
@traceback_option
def command(shell: str) -> None:
    """Print what a shell needs to complete commands, options and their values.

    SHELL is bash, zsh or fish; without it, the one of the variable SHELL.
    """
    name = shell or PurePath(os.environ.get("SHELL", "")).name
    if name not in SHELLS:
        said = f"There is no completion for {name}." if name else "Which shell?"
        raise OptionError(said, advice=suggest(name, SHELLS))
    found = get_completion_class(name)
    assert found is not None
    click.echo(found(main, {}, "kerasarch", VARIABLE).source())
