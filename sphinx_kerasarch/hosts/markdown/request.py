"""From a block as written to a request, with whatever is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ...errors import OptionError
from ..page.directive import Written, read
from ..page.request import Failure, ModelRequest, Source
from ..page.session import Place
from ..page.settings import texts
from ..page.trust import Limits, limits
from .scan import Found, split

EXAMPLE = "/// {} | pkg.module:factory"


def request_of(
    found: Found, place: Place, settings: Mapping[str, Any]
) -> tuple[ModelRequest, dict[str, Any], str]:
    """The request, the values of the page's own options, caption and legend as Markdown."""
    target, told, caption = split(found)
    options, problems = options_of(told)
    if not found.closed:
        sign = found.source.lstrip()[:3]
        problems.append(Failure(OptionError.slug, "The block is not closed.", f"End it with a line {sign}."))
    folder = Path(settings["docs"]) / Path(place.page).parent

    def path_of(text: str) -> str:
        """As in Sphinx: from the page's folder, with a leading slash from that of all pages."""
        base = Path(settings["docs"]) if text.startswith("/") else folder
        return str((base / text.lstrip("/")).resolve())

    location = f"{place.page or 'page'}:{found.line + place.offset}"
    written = Written(found.name, target, options, location, place.page, EXAMPLE, tuple(problems))
    request, values, _ = read(written, path_of, settings["views"], settings["options"], limits_of(settings))
    return request, values, caption


def limits_of(settings: Mapping[str, Any]) -> Limits:
    """What the project lets its pages name."""
    paths = (Path(settings["base"]) / entry for entry in texts(settings["path"]))
    folders = (settings["docs"], settings["base"], *paths)
    return limits(folders, texts(settings["allow"]), texts(settings["allow_python"]), settings["python"])


def sources_of(found: Iterable[Found], place: Place, settings: Mapping[str, Any]) -> list[Source]:
    """What has to be described for the blocks of a page; nothing for those that cannot be shown anyway."""
    if settings["mode"] == "off":
        return []
    asked = [request_of(one, place, settings)[0] for one in found if not one.code]
    return list(dict.fromkeys(request.source for request in asked if not request.problems))


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
