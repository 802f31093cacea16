"""Whether what a description was made from is still the same; found out without a worker."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..wire import record


class Verifier:
    """Checks records. Remembers digests of files for as long as the system says that a file was not touched."""

    def __init__(self) -> None:
        self._digests: dict[str, tuple[tuple[int, ...], str]] = {}
        self._installed: dict[tuple[str, ...], dict[str, str]] = {}
        self._code = ""

    def file(self, path: str) -> str:
        """sha256 of a file, "" when it is not there."""
        try:
            stat = Path(path).stat()
        except OSError:
            return ""
        # The time of the last change of the inode cannot be set by hand, other than that of the content.
        mark = (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        known = self._digests.get(path)
        if known is None or known[0] != mark:
            known = self._digests[path] = (mark, record.file_digest(path))
        return known[1]

    def differs(self, inputs: Mapping[str, Any], settings: Mapping[str, Any], backend: str) -> str:
        """What is no longer as recorded, or an empty text. A part that was not recorded is not looked at."""
        env = record.environment(settings.get("env", {}), backend)
        checks: dict[str, Callable[[Any], str]] = {
            "code": lambda told: "" if told == self.code() else "sphinx_kerasarch",
            "python": lambda told: "" if settings.get("python") or told == platform.python_version() else "Python",
            "files": lambda told: _first(told, self.file),
            "listings": lambda told: _first(told, record.listing_digest),
            "folder": lambda told: _first(told, lambda path: "" if Path.cwd() == Path(path) else "another"),
            "env": lambda told: _first(told, lambda name: record.text_digest(env[name]) if name in env else ""),
            "keras_config": lambda told: "" if told == record.keras_config(env) else "keras.json",
            "packages": lambda told: self._packages(told, inputs.get("sites", []), str(settings.get("python", ""))),
        }
        for part, check in checks.items():
            if part in inputs and (found := check(inputs[part])):
                return found
        return ""

    def code(self) -> str:
        self._code = self._code or record.code_digest()
        return self._code

    def _packages(self, told: Mapping[str, str], sites: list[str], python: str) -> str:
        places = tuple(sites)
        if not python:  # our own interpreter; its directories may have another name here
            places = tuple(site for site in sites if site in sys.path) or tuple(
                entry for entry in sys.path if Path(entry).name in {"site-packages", "dist-packages"}
            )
        if places not in self._installed:
            self._installed[places] = record.installed(places)
        here = self._installed[places]
        return _first(told, lambda name: here.get(name, ""))


def _first(told: Mapping[str, str], now: Callable[[str], str]) -> str:
    """The first key whose value is not the recorded one; paths are said by their last part."""
    return next((os.path.basename(key) or "?" for key, value in told.items() if now(key) != value), "")  # noqa: PTH119
