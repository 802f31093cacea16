"""Paths as a lock writes them: relative to the folder that it belongs to, so that they mean the same in any checkout.

=====================  =============================================================================
``../src/models.py``   from the base of the lock, up to :data:`STEPS_UP` levels above it
``@2/models.py``       below the second entry of the import path, when that lies elsewhere
``@?/models.py``       anywhere else: where, only the machine knew that wrote it; never found again
=====================  =============================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..wire.record import ALL
from .lock import PARTS, Inputs
from .places import PATHS

STEPS_UP = 3
"""Levels above the base that are thought to belong to the same checkout."""

LOST = "@?/"

MODULE = " import "
"""Stands between a folder and a module that was looked for in it."""

INCIDENTAL = frozenset({
    "absl-py", "asttokens", "astunparse", "certifi", "charset-normalizer", "dm-tree", "decorator", "executing",
    "filelock", "flatbuffers", "fsspec", "gast", "google-pasta", "grpcio", "h5py", "idna", "ipython",
    "ipython-pygments-lexers", "jedi", "jinja2", "libclang", "markdown", "markdown-it-py", "markupsafe",
    "matplotlib-inline", "mdurl", "ml-dtypes", "mpmath", "namex", "networkx", "opt-einsum", "optree",
    "packaging", "parso", "pexpect", "pillow", "prompt-toolkit", "protobuf", "psutil", "ptyprocess",
    "pure-eval", "pydot", "pygments", "pyparsing", "requests", "rich", "scipy", "setuptools", "six",
    "stack-data", "sympy", "tensorboard", "tensorboard-data-server", "termcolor", "traitlets",
    "typing-extensions", "urllib3", "wcwidth", "werkzeug", "wheel", "wrapt",
})  # fmt: skip
"""Packages that Keras and its backends bring along. They build no layers, and have other versions on every machine."""


@dataclass(frozen=True, slots=True)
class LockPaths:
    base: Path
    """Absolute: the source directory of a Sphinx project, the folder of ``mkdocs.yml``."""
    path: Sequence[str]
    """Absolute directories of the import path, as they are configured."""

    def written(self, path: str) -> str:
        roots = [("", str(self.base), STEPS_UP)]
        roots += [(f"@{number}/", entry, 0) for number, entry in enumerate(self.path, 1)]
        for mark, root, above in roots:
            try:
                way = Path(os.path.relpath(path, root)).as_posix()
            except ValueError:  # another drive
                continue
            if way.split("/").count("..") <= above:
                return mark + way
        return LOST + Path(path).name

    def absolute(self, text: str) -> str:
        """The path here; "" when it cannot be known."""
        marked = re.fullmatch(r"@(\d+)/(.*)", text, re.DOTALL)
        if marked:
            number = int(marked[1])
            root = self.path[number - 1] if 0 < number <= len(self.path) else ""
            return os.path.normpath(os.path.join(root, marked[2])) if root else ""  # noqa: PTH118
        return "" if text.startswith(LOST) else os.path.normpath(os.path.join(self.base, text))  # noqa: PTH118

    def pack(self, record: Mapping[str, Any]) -> Inputs:
        """What a lock keeps of a record. What is nowhere near stays in it and is then never current."""
        result: dict[str, dict[str, Any]] = {}
        for part in PARTS:
            for name, value in sorted(_flat(part, record.get(part, {}))):
                told = self._named(part, name)
                if name == ALL or (part == "packages" and name in INCIDENTAL):
                    continue
                while told in result.get(part, {}):  # two of one name, both elsewhere
                    told += "'"
                result.setdefault(part, {})[told] = value
        return result

    def _named(self, part: str, name: str) -> str:
        if part == "modules":
            folder, _, module = name.rpartition(MODULE)
            return f"{self.written(folder)}{MODULE}{module}"
        return self.written(name) if part in PATHS else name

    def unpack(self, inputs: Inputs) -> dict[str, Any]:
        """A record for :class:`.verify.Verifier`."""
        result: dict[str, Any] = {}
        for part, values in inputs.items():
            if part == "modules":
                found: dict[str, dict[str, Any]] = {}
                for name, value in values.items():
                    folder, _, module = name.rpartition(MODULE)
                    found.setdefault(self.absolute(folder), {})[module] = value
                result[part] = found
            elif part == "missing":
                result[part] = list(values)
            else:
                result[part] = {self.absolute(name) if part in PATHS else name: value for name, value in values.items()}
        return result


def _flat(part: str, values: Any) -> Iterator[tuple[str, Any]]:
    """Names with values; a module has the folder that it was looked for in before it."""
    if part == "modules":
        for folder, modules in values.items():
            yield from ((f"{folder}{MODULE}{module}", entries) for module, entries in modules.items())
    elif part == "missing":
        yield from ((module, "") for module in values)
    else:
        yield from values.items()
