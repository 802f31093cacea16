"""A directive or a block as written → a request, with whatever is wrong with it. All hosts read them here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ...errors import OptionError, TargetError
from . import trust
from .options import TABLES, take_options
from .pictures import located, takes_pictures
from .request import Failure, ModelRequest
from .settings import texts, with_defaults


class Written(NamedTuple):
    """A directive as its host has taken it apart."""

    directive: str
    """Name as written, ``keras-graph``."""
    target: str
    options: Mapping[str, str]
    location: str
    """``file:line``, as a warning prints it."""
    docname: str = ""
    example: str = ".. {}:: pkg.module:factory"
    """How one is written, with ``{}`` for its name."""
    problems: tuple[Failure, ...] = ()
    """What the host has already found."""


class Read(NamedTuple):
    request: ModelRequest
    values: dict[str, Any]
    """Of the options that every directive has, see :data:`.options.OPTIONS`."""
    name: str
    """Canonical text of the target; empty for what is not a target."""


def read(
    written: Written,
    find: Callable[[str], str],
    views: str | Sequence[str],
    defaults: Mapping[str, str],
    limits: trust.Limits,
    picture: Callable[[str], str] | None = None,
) -> Read:
    """The request of a directive.

    ``find``: absolute path of a file as written; ``picture``: the same for pictures. ``views``, ``defaults``: the
    settings ``views`` and ``options`` of the project. ``limits``: what a page may name. Raises nothing: what is wrong
    is in ``request.problems``, because it is told where the figure would stand.
    """
    values, rest, problems = take_options(dict(written.options))
    problems = [*written.problems, *problems]
    for option in filter(takes_pictures, rest):
        rest[option], missing = located(picture or find, option, rest[option], limits)
        problems += missing
    target = " ".join(written.target.split())
    if not target:
        advice = f"Write {written.example.format(written.directive)}"
        problems.append(Failure(TargetError.slug, "No model is named.", advice))
    name, file = _parsed(target, values["args"], find)
    problems += trust.target(target, values["args"], file, limits) if target else []
    problems += trust.custom_objects(values["custom_objects"], limits)
    problems += trust.python(values["python"], limits)
    shown = _views(written, values, views, problems)
    if TABLES.issuperset(shown):
        problems += _only_of_figures(written, values, rest)
    request = ModelRequest(
        docname=written.docname,
        location=written.location,
        directive=written.directive,
        target=target,
        file=file,
        arguments=values["args"],
        input_shape=values["input_shape"],
        open=values["open"],
        custom_objects=values["custom_objects"],
        weights="yes" if values["weights"] else "",
        python=values["python"],
        views=shown,
        options=tuple(sorted(with_defaults(defaults, shown, rest).items())),
        theme=values["theme"],
        alt=values["alt"],
        width=values["width"],
        align=values["align"],
        classes=tuple(values["class"]),
        problems=tuple(problems),
    )
    return Read(request, values, name)


def _parsed(target: str, arguments: str, find: Callable[[str], str]) -> tuple[str, str]:
    """Canonical name of the model, and the path of a saved one. Empty for what is not a target at all: the worker
    says what is wrong with it."""
    from ...spec.target import parse  # not for every site that has loaded the extension

    try:
        parsed = parse(target, arguments)
    except TargetError:
        return "", ""
    return str(parsed), find(parsed.file) if parsed.file else ""


def _views(
    written: Written, values: Mapping[str, Any], views: str | Sequence[str], problems: list[Failure]
) -> tuple[str, ...]:
    if written.directive == "keras-model":
        return tuple(dict.fromkeys(values["views"] or texts(views)))
    if "views" in written.options:
        said = f"{written.directive} has no option 'views'."
        problems.append(Failure(OptionError.slug, said, "It shows one view; keras-model shows several."))
    return (written.directive.removeprefix("keras-"),)


def _only_of_figures(written: Written, values: Mapping[str, Any], rest: dict[str, str]) -> list[Failure]:
    problems = []
    if "width" in rest:
        said = f"Option 'width': {rest.pop('width')!r} is not a percentage."
        problems.append(Failure(OptionError.slug, said, "A table has no other width: write 80 %."))
    if values["alt"]:
        said = f"{written.directive} has no option 'alt' for a table."
        advice = "A table is text already; what else is to be said belongs into the caption."
        problems.append(Failure(OptionError.slug, said, advice))
    return problems
