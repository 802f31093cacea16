"""MkDocs, ProperDocs and Zensical as a user runs them: the example project with live models, and what goes wrong.

The other two tools have an environment of their own, which ``KERASARCH_TEST_TOOLS`` names, as in ``tests/run.py``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "example_project"
OTHERS = os.environ.get("KERASARCH_TEST_TOOLS", "")
PYTHONS = {"mkdocs": sys.executable, "properdocs": OTHERS, "zensical": OTHERS}
CONFIG = {"mkdocs": "mkdocs.yml", "properdocs": "mkdocs.yml", "zensical": "zensical.toml"}

without = pytest.mark.skipif(not OTHERS, reason="KERASARCH_TEST_TOOLS names no environment with it")
TOOLS = ["mkdocs", *(pytest.param(name, marks=without) for name in ("properdocs", "zensical"))]
pytestmark = pytest.mark.keras


class Tool:
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


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest, entry_points_folder: Path) -> Tool:
    return Tool(request.param, [entry_points_folder, ROOT])


def tree(*folders: Path) -> dict[str, str]:
    """Every file with a digest of what is in it; byte code of Python aside."""
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    kept = [path for path in found if "__pycache__" not in path.parts]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


def test_the_example_is_built_strictly(tool: Tool, tmp_path: Path) -> None:
    example = tmp_path / "example"
    skipped = shutil.ignore_patterns("_build", "__pycache__", ".kerasarch", ".cache")
    shutil.copytree(EXAMPLE, example, ignore=skipped)
    before = tree(example / "pages", example / "src")
    tool.build(example, "--strict")
    out = example / "docs" / "_build" / ("zensical" if tool.name == "zensical" else "mkdocs")
    for page in sorted((example / "pages").glob("*.md")):
        html = (out / ("" if page.stem == "index" else page.stem) / "index.html").read_text("utf-8")
        asked = re.findall(r"^(?:///|```)\s*keras-\w+", page.read_text("utf-8"), re.MULTILINE)
        assert asked and html.count("<svg") + html.count("<table class") >= len(asked)
        assert 'kerasarch-failure"' not in html and "/// keras" not in html
    tutorials = (out / "tutorials" / "index.html").read_text("utf-8")
    assert '<a href="#mlp">Figure 1</a>' in tutorials and "1,256,080" in tutorials
    # What is written in figures is not to be found, as the shapes on the first page; tables and captions are.
    place, key = ("search.json", "items") if tool.name == "zensical" else ("search/search_index.json", "docs")
    entries = json.loads((out / place).read_text("utf-8"))[key]
    (first,) = [entry["text"] for entry in entries if entry["location"] == ""]
    assert ">conv 5×5<" in (out / "index.html").read_text("utf-8") and "5×5" not in first
    assert "LeNet, the first animal" in first
    assert any("1,256,080" in entry["text"] for entry in entries)
    # The same pages as those of Sphinx, and nothing but them; and nothing is written into their folder.
    stems = {path.stem for path in (example / "docs").glob("*.*") if path.suffix in {".rst", ".md"}}
    assert stems == {path.stem for path in (example / "pages").iterdir()}
    assert tree(example / "pages", example / "src") == before


GOOD = "def lenet():\n    import keras\n    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])\n"
SETTINGS = {
    "mkdocs.yml": "site_name: S\nplugins:\n  - search\n  - kerasarch:\n      path: [src]\n",
    "zensical.toml": (
        '[project]\nsite_name = "S"\nwatch = ["src"]\n[project.markdown_extensions.kerasarch]\npath = ["src"]\n'
    ),
}


def site(folder: Path, source: str, **pages: str) -> Path:
    for name, text in SETTINGS.items():
        (folder / name).write_text(text)
    for place in ("src", "docs"):
        (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / "src" / "shop.py").write_text(source)
    for name, text in pages.items():
        (folder / "docs" / f"{name}.md").write_text(text, "utf-8")
    return folder


def test_a_model_that_fails_is_told_at_each_build_and_fails_a_strict_one(tool: Tool, tmp_path: Path) -> None:
    page = "# Page\n\n/// keras-graph | shop:lenet\n///\n"
    place = site(tmp_path, GOOD.replace("lenet", "lenett"), index="# Home\n", other=page)
    said = "other.md:3: keras-graph shop:lenet: shop has no 'lenet'. Did you mean 'lenett'?"
    for _ in range(2):
        assert said in tool.build(place)
        html = (place / "site" / "other" / "index.html").read_text("utf-8")
        assert html.count('kerasarch-failure"') == 1 and "Did you mean" in html
    assert said in tool.build(place, "--strict", status=1)
    (place / "src" / "shop.py").write_text(GOOD)
    assert said not in tool.build(place, "--strict")
    assert (place / "site" / "other" / "index.html").read_text("utf-8").count("<svg") >= 1
