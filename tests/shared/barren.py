"""An environment as this one, without what computes."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

HEAVY = re.compile(
    r"(keras|tensorflow|tf_keras|jax|torch|numpy|h5py|ml_dtypes|optree|scipy|namex|absl)"
    r"([-_.].*)?",
    re.IGNORECASE,
)
"""Entries of site-packages that it lacks."""


def link_packages(folder: Path) -> None:
    """Links in a new folder to what is installed here, but for what is heavy and this project."""
    folder.mkdir()
    for site in dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))):
        for entry in Path(site).iterdir():
            own = entry.name.startswith("sphinx_kerasarch") or entry.suffix == ".pth"
            if not own and not HEAVY.fullmatch(entry.name) and not (folder / entry.name).exists():
                (folder / entry.name).symlink_to(entry)
