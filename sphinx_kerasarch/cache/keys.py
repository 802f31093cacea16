"""Names of entries: digests of what an entry is the answer to."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import KerasarchError
from ..wire.packages import installed
from ..wire.record import PACKAGE, file_digest

DRAWING = (
    "api.py", "figure", "formats", "layout", "options.py", "registry.py", "spec", "theme.py", "views"
)  # fmt: skip
"""Parts of this package that decide the bytes of a picture."""

DRAWERS = ("reportlab", "resvg-py", "pillow", "pydot")
"""Distributions that decide them too."""

SEPARATE = ("roots",)
"""Settings that say where things lie, not what they are."""


def request_key(request: Any, settings: Mapping[str, Any]) -> str:
    """Of a question to the worker."""
    told = {key: value for key, value in settings.items() if key not in SEPARATE}
    asked = [*_said(request.target, request.arguments), request.input_shape, request.backend]
    asked += [request.open, request.custom_objects, request.weights]
    return digest_of({"request": asked, "settings": told})


def _said(target: str, arguments: str) -> list[str]:
    """Target and arguments; the call that they make, however it is spelled, when there are arguments."""
    if not arguments.strip() and "(" not in target:
        return [target.strip(), ""]
    from ..spec.target import parse

    try:
        return [str(parse(target, arguments)), ""]
    except KerasarchError:
        return [target, arguments]  # told by the worker


def artifact_key(spec_digest: str, view: str, options: Mapping[str, Any], format: str, theme: str) -> str:
    """Of the bytes of a drawn view."""
    return digest_of(
        {
            "spec": spec_digest,
            "view": view,
            "options": dict(options),
            "format": format,
            "theme": theme,
            "by": drawing_digest(),
        }
    )


def digest_of(value: Any) -> str:
    """sha256 of a value as canonical JSON; what JSON cannot say goes by its ``repr``."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def drawing_digest() -> str:
    """sha256 of the code and data that draw, with the versions of the libraries that they use."""
    total = hashlib.sha256()
    for part in DRAWING:
        place = PACKAGE / part
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.suffix != ".pyc" and file.is_file():
                total.update(f"{file.relative_to(PACKAGE).as_posix()} {file_digest(file)}\n".encode())
    found = installed(entry for entry in sys.path if Path(entry or os.curdir).is_dir()).versions
    total.update(json.dumps({name: found.get(name, "") for name in DRAWERS}).encode())
    return total.hexdigest()
