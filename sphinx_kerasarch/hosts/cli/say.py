"""The one way to a terminal: what a command says has names of layers and files in it."""

from __future__ import annotations

import click

from ...escape import lines


def echo(text: str = "", *, err: bool = False) -> None:
    """Print ``text`` without anything that a terminal would act on."""
    click.echo(lines(text), err=err)
