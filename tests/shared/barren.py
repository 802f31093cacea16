"""An environment as this one, without what computes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

HEAVY = re.compile(
    r"(keras|tensorflow|tf_keras|jax|torch|numpy|h5py|ml_dtypes|optree|scipy|namex|absl)"
    r"([-_.].*)?",
    re.IGNORECASE,
)
"""Entries of site-packages that it lacks."""


def link_packages(folder: Path, python: str = sys.executable) -> None:
    """Links in a new folder to what is installed for an interpreter, but for what is heavy and this project."""
    folder.mkdir()
    program = "import sysconfig as s; print(s.get_path('purelib'), s.get_path('platlib'), sep='\\n')"
    told = subprocess.run([python, "-c", program], text=True, capture_output=True, check=True).stdout
    for site in dict.fromkeys(told.splitlines()):
        for entry in Path(site).iterdir():
            own = entry.name.startswith("sphinx_kerasarch") or entry.suffix == ".pth"
            if not own and not HEAVY.fullmatch(entry.name) and not (folder / entry.name).exists():
                (folder / entry.name).symlink_to(entry)
