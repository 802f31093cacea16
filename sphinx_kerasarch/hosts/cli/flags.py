"""Command-line flags that follow from the option records of views and formats."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import click

from ...errors import OptionError
from ...options import NAMED_WIDTHS, Option
from ...registry import Format, View
from .completing import values
from .target import FIELDS

METAVARS: Mapping[str, str] = {
    "width": "LENGTH",
    "height": "LENGTH",
    "fold": "HOW",
    "expand": "NAMES",
    "columns": "NAMES",
    "callout": "TITLE",
    "image": "FILE",
    "fonts": "FILES",
    "dpi": "NUMBER",
    "depth": "NUMBER",
    "batch": "NUMBER",
    "flavour": "static|themed",
}
"""Option of our own → what its help has for its value; other texts are TEXT."""

Record = TypeVar("Record", View, Format)

METAVAR = 24
"""Characters beyond which the choices are told in the help text rather than beside the flag."""


def flag(option: Option, owners: Iterable[str], default: Any = None) -> click.Option:
    """The flag of an option; its text is converted where the Python value would be, so both fail alike.

    ``default``: to be told. It belongs to the record: a flag that is not given is not handed on.
    """
    choices = "|".join(option.choices)
    help = option.help
    if len(choices) > METAVAR:
        help = f"{help} Of: {', '.join(option.choices)}."
        choices = ""
    if names := ", ".join(owners):
        help = f"{help} ({names})"
    if shown := _shown(default):
        help = f"{help}  [default: {shown}]"
    common: dict[str, Any] = {"default": None, "help": help}
    if isinstance(option.default, bool):
        return click.Option([f"--{option.name}/--no-{option.name}"], **common)
    return click.Option(
        [f"--{option.name}"],
        metavar=choices or METAVARS.get(option.name, "TEXT"),
        shell_complete=values(lambda: option.choices) if option.choices else None,
        **common,
    )


def _shown(default: Any) -> str:
    """A default as it would be typed, empty where nothing is, or where there is no end."""
    if isinstance(default, bool):
        return "yes" if default else "no"
    if isinstance(default, float):
        named = {width: name for name, width in NAMED_WIDTHS.items()}
        return named.get(default, f"{default:g}" if math.isfinite(default) else "")
    return str(default) if isinstance(default, str | int) else ""


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
    """One flag for each distinct option name, with the names of those of several records that declare it."""
    records = list(records)
    found: dict[str, list[tuple[Option, str]]] = {}
    for record in records:
        for option in record.options:
            found.setdefault(option.name, []).append((option, record.name))
    flags = []
    for owned in found.values():
        first, _ = owned[0]
        same = all(option.default == first.default for option, _ in owned)
        owners = [owner for _, owner in owned] if len(records) > 1 else []
        flags.append(flag(first, owners, first.default if same else None))
    return flags


def _none() -> Iterable[click.Option]:
    return ()


LOOK = frozenset({"theme", "themes", "colors", "colored", "roles", "labels"})
"""Names of the parameters that say how all figures and tables look."""


class FlaggedCommand(click.Command):
    """A command with further flags, made when it is parsed or its help is shown, and with examples in its help."""

    def __init__(
        self,
        *args: Any,
        more: Callable[[], Iterable[click.Option]] = _none,
        examples: str = "",
        told: frozenset[str] = frozenset(),
        **kwargs: Any,
    ) -> None:
        """``told``: names of the parameters that the help lists beside those of all commands; all, when empty."""
        super().__init__(*args, **kwargs)
        self.told = told
        self.more = more
        self.examples = examples

    def _added(self) -> list[click.Option]:
        # A third party's option that has the name of a flag of ours would hide it.
        taken = {parameter.name for parameter in self.params}
        return [option for option in self.more() if option.name not in taken]

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        return [*own[:-1], *self._added(), own[-1]]  # --help stays last

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Sections in the order in which one asks: what comes out, how it looks, which model."""
        if not any(parameter.name in {"target", "targets"} for parameter in self.params):
            super().format_options(ctx, formatter)
            return
        figure = {"view", "views", *(option.name for option in self._added())}
        groups = {"Figure": figure, "Colours and names": LOOK, "Model": frozenset(FIELDS)}
        titles = {name: title for title, names in groups.items() for name in names}
        sections: dict[str, list[tuple[str, str]]] = {
            title: [] for title in ("Output", "Figure", "Colours and names", "Model", "Other")
        }
        for parameter in self.get_params(ctx):
            line = parameter.get_help_record(ctx)
            if line is None or isinstance(parameter, click.Argument):
                continue
            other = not {"--quiet", "--traceback", "--help"}.isdisjoint(parameter.opts)
            if self.told and not other and parameter.name not in self.told:
                continue
            sections["Other" if other else titles.get(parameter.name or "", "Output")].append(line)
        for title, lines in sections.items():
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples as they are typed: a line is not broken."""
        if self.examples:
            with formatter.section("Examples"):
                for line in self.examples.strip().splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
