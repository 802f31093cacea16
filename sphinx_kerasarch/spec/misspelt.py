"""A target that is written as the path of a Python file: what was meant."""

from __future__ import annotations

import re

SOURCES = frozenset({"src", "lib"})
"""Folders that hold packages and are none themselves."""

SUFFIX = ".py"


def advice(text: str) -> str:
    """What to write instead of ``mypkg/models.py:build`` and the like, empty where ``text`` is no such thing."""
    drive = re.match(r"[A-Za-z]:(?=[\\/])", text)
    file, _, attribute = text[drive.end() if drive else 0 :].partition(":")
    slashed = file.strip().replace("\\", "/")
    if "/" not in slashed and not slashed.endswith(SUFFIX):
        return ""
    absolute = slashed.startswith("/")
    parts = [part for part in slashed.removesuffix(SUFFIX).split("/") if part not in {"", "."}]
    cut = max((number + 1 for number, part in enumerate(parts[:-1]) if part in SOURCES), default=0)
    if not cut and (absolute or ".." in parts):
        cut = len(parts) - 1
    folder, module = "/".join(parts[:cut]), parts[cut:]
    if not module or not all(part.isidentifier() for part in module):
        return ""
    folder = f"{drive[0] if drive else ''}{'/' * absolute}{folder}"
    meant = f"{'.'.join(module)}:{attribute.strip() or 'FACTORY'}"
    told = f"Did you mean {meant!r}?" if attribute.strip() else f"Write {meant}, with the name of the function in it."
    return f"{told} {folder} has to be on the path then (kerasarch_path, --path)." if folder else told


def colon(text: str) -> str:
    """The same for ``models/build``, which is no saved model by its name, with a slash where the colon stands."""
    slashed = text.partition("(")[0].strip().replace("\\", "/").removeprefix("./")
    parts = slashed.split("/")
    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
        return ""
    return advice(f"{'/'.join(parts[:-1])}:{parts[-1]}") or f"Did you mean '{parts[0]}:{parts[1]}'?"
