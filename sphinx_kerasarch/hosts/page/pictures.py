"""Pictures that a page names: found from the document, and part of what it depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from ...errors import OptionError
from . import trust
from .request import Failure


def takes_pictures(name: str) -> bool:
    """Whether an option of a directive names pictures: ``image``, ``layered-image``."""
    return name == "image" or name.endswith("-image")


def located(
    find: Callable[[str], str], name: str, text: str, limits: trust.Limits
) -> tuple[str, list[Failure]]:
    """The option's text with absolute paths and the digests of what they hold, and what is wrong with it.

    ``find`` tells where a path as written is: it counts from the document's folder, with a leading slash from the
    source directory. The digest makes a changed picture a changed request.
    """
    from ...spec.target import is_path
    from ...views.layered.pictures import DIGITS, parse

    try:
        parts = parse(text)
    except ValueError as error:
        return "", [Failure(OptionError.slug, f"Option {name!r}: {error}.")]
    found, problems = [], []
    for place, path in parts:
        if not is_path(path):
            problems.append(Failure(OptionError.slug, f"Option {name!r}: {path!r} cannot be the path of a file."))
            continue
        absolute = find(path)
        if refused := trust.picture(path, absolute, limits):
            problems += refused
            continue
        try:
            digest = hashlib.sha256(Path(absolute).read_bytes()).hexdigest()[:DIGITS]
        except OSError:
            problems.append(
                Failure(
                    OptionError.slug,
                    f"Option {name!r}: there is no file {path!r}.",
                    "The path counts from the document's folder, with a leading slash from the source directory.",
                )
            )
            continue
        found.append(f"{place}={absolute}|{digest}")
    return ", ".join(found), problems
