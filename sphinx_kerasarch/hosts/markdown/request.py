"""From a block as written to a request, with whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ...errors import OptionError, TargetError
from ...spec.target import parse
from ..page.options import TABLES, take_options
from ..page.pictures import located, takes_pictures
from ..page.request import Failure, ModelRequest
from ..page.settings import texts, with_defaults
from .scan import Found, split
from .session import Place


def request_of(
    found: Found, place: Place, settings: Mapping[str, Any]
) -> tuple[ModelRequest, dict[str, Any], str]:
    """The request, the values of the page's own options, caption and legend as Markdown."""
    target, told, caption = split(found)
    given, problems = options_of(told)
    values, rest, more = take_options(given)
    problems += more
    if not found.closed:
        sign = found.source.lstrip()[:3]
        problems.append(Failure(OptionError.slug, "The block is not closed.", f"End it with a line {sign}."))
    folder = Path(settings["docs"]) / Path(place.page).parent
    target = " ".join(target.split())
    if not target:
        advice = f"Write /// {found.name} | pkg.module:factory"
        problems.append(Failure(TargetError.slug, "No model is named.", advice))

    def path_of(text: str) -> str:
        """As in Sphinx: from the page's folder, with a leading slash from that of all pages."""
        base = Path(settings["docs"]) if text.startswith("/") else folder
        return str((base / text.lstrip("/")).resolve())

    for option in filter(takes_pictures, rest):
        rest[option], missing = located(path_of, option, rest[option])
        problems += missing
    shown = _views(found.name, values, given, settings, problems)
    if "width" in rest and TABLES.issuperset(shown):
        said = f"Option 'width': {rest.pop('width')!r} is not a percentage."
        problems.append(Failure(OptionError.slug, said, "A table has no other width: write 80 %."))
    request = ModelRequest(
        docname=place.page,
        location=f"{place.page or 'page'}:{found.line + place.offset}",
        directive=found.name,
        target=target,
        file=_file(target, values["args"], path_of),
        arguments=values["args"],
        input_shape=values["input_shape"],
        open=values["open"],
        custom_objects=values["custom_objects"],
        weights="yes" if values["weights"] else "",
        python=values["python"],
        views=shown,
        options=tuple(sorted(with_defaults(settings["options"], shown, rest).items())),
        theme=values["theme"],
        alt=values["alt"],
        width=values["width"],
        align=values["align"],
        classes=tuple(values["class"]),
        problems=tuple(problems),
    )
    return request, values, caption


def options_of(text: str) -> tuple[dict[str, str], list[Failure]]:
    """Options by name, each a text as in a directive, and what is wrong with their YAML."""
    advice = "Write one option on each line: views: layered, summary"
    try:
        # Every scalar stays the text that it is: yes, 1e3 and 28 mean what the options make of them.
        loaded = yaml.load(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        reason = str(getattr(error, "problem", "") or "it cannot be read")
        return {}, [Failure(OptionError.slug, f"The options are not YAML: {reason}.", advice)]
    if loaded is None or loaded == "":
        return {}, []
    if not isinstance(loaded, dict):
        return {}, [Failure(OptionError.slug, "The options are no mapping of names to values.", advice)]
    options, problems = {}, []
    for name, value in loaded.items():
        texts_ = value if isinstance(value, list) else [value]
        if not isinstance(name, str) or not all(isinstance(item, str) for item in texts_):
            said = f"Option {str(name)!r}: the value is neither a text nor a list of texts."
            problems.append(Failure(OptionError.slug, said, "Put it into quotes, as in a directive of Sphinx."))
            continue
        options[name.strip().lower()] = ", ".join(texts_)
    return options, problems


def _views(
    name: str,
    values: Mapping[str, Any],
    given: Mapping[str, str],
    settings: Mapping[str, Any],
    problems: list[Failure],
) -> tuple[str, ...]:
    if name == "keras-model":
        return tuple(dict.fromkeys(values["views"] or texts(settings["views"])))
    if "views" in given:
        said = f"{name} has no option 'views'."
        problems.append(Failure(OptionError.slug, said, "It shows one view; keras-model shows several."))
    return (name.removeprefix("keras-"),)


def _file(target: str, arguments: str, path_of: Any) -> str:
    """Path of a saved model; empty for anything else, also for what is no target at all: that is said later."""
    try:
        file = parse(target, arguments).file
    except TargetError:
        return ""
    return str(path_of(file)) if file else ""
