"""What is installed, from the metadata that packages leave beside themselves; as both ends must see it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

METADATA = frozenset({"dist-info", "egg-info"})

MARKED = 12
"""Digits of the digest that follows a version."""


@dataclass(frozen=True, slots=True)
class Installed:
    """Distributions in some directories; the first directory wins."""

    versions: dict[str, str]
    folders: dict[str, str]
    """Distribution → directory of its metadata."""
    _told: dict[str, str] = field(default_factory=dict)

    def told(self, name: str) -> str:
        """What a record says of a distribution: its version, "" when it is not there.

        A version says nothing of what was installed from a folder or a repository, as by ``pip install .``: the
        digest of what its ``RECORD`` says of its files follows then.
        """
        if name not in self._told:
            version = self.versions.get(name, "")
            content = _content(self.folders[name]) if version else ""
            self._told[name] = f"{version} {content}" if content else version
        return self._told[name]

    def entry_points(self) -> str:
        """sha256 of the entry points that all of them offer."""
        found = {name: _text(folder, "entry_points.txt") for name, folder in self.folders.items()}
        return _digest(json.dumps(sorted((name, text) for name, text in found.items() if text)))


def canonical(distribution: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def installed(sites: Iterable[str]) -> Installed:
    """Found by the names of the metadata directories alone."""
    versions: dict[str, str] = {}
    folders: dict[str, str] = {}
    for site in sites:
        try:
            entries = sorted(os.listdir(site))  # noqa: PTH208
        except OSError:
            continue
        for entry in entries:
            stem, dot, suffix = entry.rpartition(".")
            if not dot or suffix not in METADATA:
                continue
            name, _, version = stem.partition("-")
            if (known := canonical(name)) not in versions:
                versions[known] = version.partition("-py3")[0] or "?"
                folders[known] = os.path.join(site, entry)  # noqa: PTH118
    return Installed(versions, folders)


def _content(folder: str) -> str:
    """Digest of the files of a distribution that no index tells of (PEP 610), "" for others.

    Those installed for editing count file by file, as the project's own. Conda leaves the folder that it was built
    in, which says nothing. What lies outside of the directory of packages, as scripts, differs from place to place;
    bytecode has no digest in a ``RECORD``.
    """
    origin = _text(folder, "direct_url.json")
    if not origin or re.search(r'"editable"\s*:\s*true', origin) or _text(folder, "INSTALLER").strip() == "conda":
        return ""
    own = os.path.basename(folder)  # noqa: PTH119
    lines = [line.rpartition(",")[0] for line in _text(folder, "RECORD").splitlines()]
    kept = sorted(line for line in lines if "=" in line and not line.startswith(("..", own)))
    return _digest("\n".join(kept))[:MARKED] if kept else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _text(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:  # noqa: PTH118, PTH123
            return file.read()
    except OSError:
        return ""
