"""From a block as written to a request, with whatever is wrong with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ... import registry
from ...errors import OptionError, TargetError
from ..page.directive import Written, read
from ..page.options import OPTIONS
from ..page.project import limits_of
from ..page.request import Failure, ModelRequest, Source
from ..page.session import Place
from ..page.settings import option_names
from .scan import Found, split

EXAMPLE = "/// {} | pkg.module:factory"


def request_of(
    found: Found, place: Place, settings: Mapping[str, Any]
) -> tuple[ModelRequest, dict[str, Any], str]:
    """The request, the values of the page's own options, caption and legend as Markdown."""
    parts = split(found)
    options, problems = options_of(parts.options, parts.line + place.offset)
    if not found.closed:
        sign = found.source.lstrip()[:3]
        problems.append(Failure(OptionError.slug, "The block is not closed.", f"End it with a line {sign}."))
    if found.bare:
        advice = f"Write {EXAMPLE.format(found.name).replace('pkg.module:factory', parts.target)}"
        problems.append(Failure(TargetError.slug, "There is no bar before the model.", advice))
    problems += _misplaced(found, parts.caption)
    folder = Path(settings["docs"]) / Path(place.page).parent

    def path_of(text: str) -> str:
        """As in Sphinx: from the page's folder, with a leading slash from that of all pages."""
        base = Path(settings["docs"]) if text.startswith("/") else folder
        return os.path.realpath(base / text.lstrip("/"))

    location = f"{place.page or 'page'}:{found.line + place.offset}"
    written = Written(found.name, parts.target, options, location, place.page, EXAMPLE, tuple(problems))
    request, values, _ = read(written, path_of, settings["views"], settings["options"], limits_of(settings))
    return request, values, parts.caption


def sources_of(found: Iterable[Found], place: Place, settings: Mapping[str, Any]) -> list[Source]:
    """What has to be described for the blocks of a page; nothing for those that cannot be shown anyway."""
    if settings["mode"] == "off":
        return []
    asked = [request_of(one, place, settings)[0] for one in found if not one.code]
    return list(dict.fromkeys(request.source for request in asked if not request.problems))


def options_of(text: str, line: int) -> tuple[dict[str, str], list[Failure]]:
    """Options by name, each a text as in a directive, and what is wrong with their YAML, which begins at ``line``."""
    advice = "Write one option on each line: views: layered, summary"
    try:
        # Every scalar stays the text that it is: yes, 1e3 and 28 mean what the options make of them.
        node = yaml.compose(text, yaml.BaseLoader)
        loaded = yaml.load(text, yaml.BaseLoader)
    except yaml.YAMLError as error:
        reason = str(getattr(error, "problem", "") or "it cannot be read")
        mark = getattr(error, "problem_mark", None)
        where = f" in line {line + mark.line}" if mark else ""
        if "mapping values" in reason:
            advice = 'Put a value with a colon into quotes: alt: "LeNet: five layers"'
        elif "expected ':'" in reason:
            advice += ", and an empty line before the caption"
        return {}, [Failure(OptionError.slug, f"The options are not YAML{where}: {reason}.", f"{advice}.")]
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
    assert isinstance(node, yaml.MappingNode)
    names = [str(key.value).strip().lower() for key, _ in node.value]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        problems.append(Failure(OptionError.slug, f"Option {name!r} is given twice.", "Leave one of them."))
    return options, problems


def _misplaced(found: Found, caption: str) -> list[Failure]:
    """Options that would silently become words of the caption."""
    first = caption.split("\n", 1)[0]
    match = None if found.fence else re.match(r"\s*([a-z][a-z-]*):\s", first)
    below = bool(found.lines) and bool(found.lines[0].strip())
    if match is None or not (below or first.startswith((" ", "\t"))):
        return []
    known = {option.name for option in OPTIONS}.union(*(option_names(view) for view in registry.view_names()))
    if match[1] not in known:
        return []
    said = f"Option {match[1]!r} is part of the caption."
    return [Failure(OptionError.slug, said, "Indent options by four spaces, directly below the first line.")]
