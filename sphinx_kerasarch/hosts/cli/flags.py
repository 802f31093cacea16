"""Command-line flags that follow from the option records of views and formats."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import click

from ...errors import OptionError
from ...options import Option
from ...registry import Format, View
from .target import FIELDS

Record = TypeVar("Record", View, Format)

METAVAR = 24
"""Characters beyond which the choices are told in the help text rather than beside the flag."""


def flag(option: Option, owners: Iterable[str]) -> click.Option:
    """The flag of an option; its text is converted where the Python value would be, so both fail alike."""
    names = ", ".join(owners)
    # Defaults belong to the record: a flag that is not given is not handed on.
    common: dict[str, Any] = {"default": None, "help": f"{option.help} ({names})" if names else option.help}
    if isinstance(option.default, bool):
        return click.Option([f"--{option.name}/--no-{option.name}"], **common)
    choices = "|".join(option.choices)
    if len(choices) > METAVAR:
        common["help"] = f"{common['help']} Of: {', '.join(option.choices)}."
        choices = ""
    return click.Option([f"--{option.name}"], metavar=choices or "TEXT", **common)


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the flags that the user wrote."""
    return {name: value for name, value in values.items() if value is not None}


def loaded(names: Iterable[str], load: Callable[[str], Record]) -> Iterator[Record]:
    """The records that can be loaded. A broken third party must not take the others' flags with it; choosing it
    by its name says what is wrong."""
    for name in names:
        with contextlib.suppress(ImportError, OptionError):
            yield load(name)


def flags_of(records: Iterable[View | Format]) -> list[click.Option]:
    """One flag for each distinct option name, with the names of the records that declare it."""
    found: dict[str, tuple[Option, list[str]]] = {}
    for record in records:
        for option in record.options:
            found.setdefault(option.name, (option, []))[1].append(record.name)
    return [flag(option, owners) for option, owners in found.values()]


def _none() -> Iterable[click.Option]:
    return ()


class FlaggedCommand(click.Command):
    """A command with a TARGET and with further flags, made when it is parsed or its help is shown."""

    def __init__(self, *args: Any, more: Callable[[], Iterable[click.Option]] = _none, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.more = more

    def _added(self) -> list[click.Option]:
        # A third party's option that has the name of a flag of ours would hide it.
        taken = {parameter.name for parameter in self.params}
        return [option for option in self.more() if option.name not in taken]

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        return [*own[:-1], *self._added(), own[-1]]  # --help stays last

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Sections in the order in which one asks: what comes out, how it looks, which model."""
        figure = {option.name for option in self._added()}
        sections: dict[str, list[tuple[str, str]]] = {"Output": [], "Figure": [], "Model": [], "Other": []}
        for parameter in self.get_params(ctx):
            line = parameter.get_help_record(ctx)
            if line is None or isinstance(parameter, click.Argument):
                continue
            name = parameter.name
            other = not {"--traceback", "--help"}.isdisjoint(parameter.opts)
            title = (
                "Figure" if name in figure else "Model" if name in FIELDS else "Other" if other else "Output"
            )
            sections[title].append(line)
        for title, lines in sections.items():
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines)
