"""What the environment remembers of the last builds, so that a build without changes loads next to nothing.

The cache is the authority. This is its short form: what a page needs of a description, and the record of what the
description was made from. Many models of a project share one record, which is then verified once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..page.request import Source
from .collect import Data

PACKAGE = Path(__file__).resolve().parents[2]
DRAWING = ("api.py", "figure", "formats", "layout", "options.py", "registry.py", "spec", "theme.py", "views")
"""Parts of this package that decide what a figure looks like."""
TEXTS = frozenset({"files", "listings"})
"""Parts of a record that map texts to texts, most of which other records have too."""
LIMIT = 5_000
"""Pictures remembered; beyond, all are forgotten and found again in the cache."""


class Settled(NamedTuple):
    """A described model."""

    digest: str
    """Of its spec."""
    words: str
    """The architecture in a sentence."""
    keras: str
    """Version that described it."""
    files: tuple[str, ...]
    """Absolute paths of the project's files that it was made from."""
    record: str
    """Key of the record of what it was made from."""


class Picture(NamedTuple):
    path: str
    """Absolute; its file name is what readers see."""
    media_type: str
    width: float = 0.0
    """CSS px; 0 when not known (PDF and PNG carry their own size)."""
    height: float = 0.0
    artifact: str = ""
    """Name of the file in the cache that it is a copy of."""


def digest_in_name(data: bytes) -> str:
    """End of the name of a picture's file, before its suffix."""
    return hashlib.sha256(data).hexdigest()[:8]


def is_whole(path: Path) -> bool:
    """Whether a picture's file is there and holds what its name says."""
    try:
        return path.stem.endswith(digest_in_name(path.read_bytes()))
    except OSError:
        return False


def recall(
    data: Data, settings: Mapping[str, Any], backend: str, sources: Iterable[Source]
) -> dict[Source, Settled]:
    """Those of ``sources`` whose description is still true."""
    told = json.dumps([settings, backend], sort_keys=True)
    if data["settings"] != told:
        data["settings"] = told
        data["known"].clear()
        data["records"].clear()
    if not data["known"]:
        return {}
    from ...cache.verify import BY_SITES, Verifier

    verifier = Verifier(moment=True)
    held: dict[str, set[tuple[str, int]]] = {}
    true: dict[tuple[str, str], bool] = {}
    result = {}
    for source in sources:
        settled = data["known"].get(source)
        if settled is None:
            continue
        python = source[3] or settings["python"]
        key = (settled.record, python)
        if key not in true:
            record = data["records"].get(settled.record)
            # The parts that records share are the same objects, see :func:`shared`: each is verified once.
            parts = held.setdefault(python, set())
            fresh = {part: told for part, told in (record or {}).items() if (part, id(told)) not in parts}
            if record is not None and not BY_SITES.isdisjoint(fresh):
                fresh.update((part, record[part]) for part in ("sites", "prefix") if part in record)
            true[key] = record is not None and not verifier.differs(
                fresh, {**settings, "python": python}, backend
            )
            if true[key]:
                parts.update((part, id(told)) for part, told in fresh.items())
        if true[key]:
            result[source] = settled
    return result


def shared(data: Data, record: Mapping[str, Any]) -> dict[str, Any]:
    """``record``, with the objects of the last one where they are equal: what makes a thousand records small."""
    last: Mapping[str, Any] = next(reversed(data["records"].values()), {})
    result: dict[str, Any] = {}
    for part, told in record.items():
        if part in last and last[part] == told:
            result[part] = last[part]
        elif part in TEXTS:
            result[part] = {sys.intern(key): sys.intern(value) for key, value in told.items()}
        else:
            result[part] = told
    return result


def note(data: Data, source: Source, settled: Settled, record: Mapping[str, Any]) -> None:
    """``record``: as :func:`shared` gave it."""
    data["known"][source] = settled
    data["records"][settled.record] = record


def forget(data: Data, sources: Iterable[Source]) -> None:
    """Keep only what the project still asks for."""
    wanted = set(sources)
    for source in set(data["known"]) - wanted:
        del data["known"][source]
    used = {settled.record for settled in data["known"].values()}
    for key in set(data["records"]) - used:
        del data["records"][key]
    if len(data["pictures"]) > LIMIT:
        data["pictures"].clear()


def record_key(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True, default=repr).encode()).hexdigest()[:32]


def project_files(record: Mapping[str, Any]) -> tuple[str, ...]:
    """The project's files in a record; those that were looked for in vain are none."""
    files: Mapping[str, Any] = record.get("files", {})
    return tuple(sorted(path for path, digest in files.items() if digest and Path(path).is_file()))


def drawing_stamp() -> str:
    """Changes with the code that draws. From sizes and times: the contents are the cache's concern."""
    total = hashlib.sha256()
    for part in DRAWING:
        _stamp(str(PACKAGE / part), total)
    return total.hexdigest()[:16]


def _stamp(path: str, total: Any) -> None:
    if os.path.isdir(path):  # noqa: PTH112 - a hundred files at each build
        with os.scandir(path) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name != "__pycache__":
                    _stamp(entry.path, total)
    else:
        stat = os.stat(path)  # noqa: PTH116
        total.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
