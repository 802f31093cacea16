"""The programs MkDocs, ProperDocs and Zensical, and a small site for them.

The other two have an environment of their own, which ``KERASARCH_TEST_TOOLS`` names, as in ``tests/run.py``.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OTHERS = os.environ.get("KERASARCH_TEST_TOOLS", "")
PYTHONS = {"mkdocs": sys.executable, "properdocs": OTHERS, "zensical": OTHERS}
CONFIG = {"mkdocs": "mkdocs.yml", "properdocs": "mkdocs.yml", "zensical": "zensical.toml"}

without = pytest.mark.skipif(not OTHERS, reason="KERASARCH_TEST_TOOLS names no environment with it")
TOOLS = [
    "mkdocs",
    *(pytest.param(name, marks=without) for name in ("properdocs", "zensical")),
]


class Tool:
    """One of the programs. ``places``: folders of its import path."""

    def __init__(self, name: str, places: list[Path]) -> None:
        self.name = name
        self.config = CONFIG[name]
        quiet = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}
        self.env = {**os.environ, **quiet, "PYTHONPATH": os.pathsep.join(map(str, places))}

    def command(self, verb: str, folder: Path, *options: str) -> list[str]:
        return [PYTHONS[self.name], "-m", self.name, verb, *options, "-f", str(folder / self.config)]

    def build(self, folder: Path, *options: str, status: int | None = 0) -> str:
        """What the program said; from a working directory that has nothing to do with the site."""
        command = self.command("build", folder, *options)
        done = subprocess.run(
            command, env=self.env, cwd=folder.parent, text=True, capture_output=True, check=False, timeout=300
        )
        said = done.stdout + done.stderr
        assert status is None or done.returncode == status, said
        return said


def tree(*folders: Path) -> dict[str, str]:
    """Every file with a digest of what is in it; byte code of Python aside."""
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    kept = [path for path in found if "__pycache__" not in path.parts]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


GOOD = "def lenet():\n    import keras\n    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n"
SETTINGS = {
    "mkdocs.yml": "site_name: S\nplugins:\n  - search\n  - kerasarch:\n      path: [src]\n",
    "zensical.toml": (
        '[project]\nsite_name = "S"\nwatch = ["src"]\n[project.markdown_extensions.kerasarch]\npath = ["src"]\n'
    ),
}


def site(folder: Path, source: str, **pages: str) -> Path:
    for place in ("src", "docs"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    for name, text in SETTINGS.items():
        (folder / name).write_text(text)
    (folder / "src" / "shop.py").write_text(source)
    for name, text in pages.items():
        (folder / "docs" / f"{name}.md").write_text(text, "utf-8")
    return folder
