"""The example project through ``sphinx-build``, with live models."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.keras

DIGITS = {
    "menagerie.digits.models:build_mlp",
    "menagerie.digits.models:build_cnn",
    "menagerie.digits.models:build_lenet",
    "menagerie.digits.models:build_convnet",
    "menagerie.digits.models:build_convnet(classes=26)",
}
WITH_BLOCKS = {
    "menagerie.segmentation.models:build_unet",
    "menagerie.pairs.models:build_siamese",
    "menagerie.pairs.models:build_listing",
}
MODELS = 14
"""Distinct targets with their arguments."""


@dataclass(frozen=True)
class Run:
    status: int
    output: str

    @property
    def described(self) -> set[str]:
        """Targets that a worker was asked for."""
        return set(re.findall(r"describing Keras models\.\.\. \[ *\d+%\] (\S+)", self.output))

    def problems(self) -> str:
        """What a failed build said of it; the rest is progress."""
        return "\n".join(line for line in self.output.splitlines() if "WARNING" in line or "rror" in line)


@dataclass(frozen=True)
class Example:
    folder: Path

    def build(self, builder: str, *more: str, **env: str) -> Run:
        """``sphinx-build`` as a user runs it; all builders share the doctrees."""
        command = [sys.executable, "-m", "sphinx", "-nW", "--keep-going", "-j", "2", "--no-color"]
        places = ["-d", str(self.folder / "out" / "doctrees"), str(self.folder / "docs")]
        done = subprocess.run(
            [*command, "-b", builder, *more, *places, str(self.folder / "out" / builder)],
            env={**os.environ, **env, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def page(self, name: str, builder: str = "html") -> str:
        return (self.folder / "out" / builder / name).read_text("utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        path = self.folder / "src" / "menagerie" / name
        text = path.read_text("utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), "utf-8")


def copy(folder: Path) -> Example:
    skipped = shutil.ignore_patterns("_build", "__pycache__")
    for part in ("src", "docs"):
        shutil.copytree(ROOT / "example_project" / part, folder / part, ignore=skipped)
    return Example(folder)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The example, built once as HTML."""
    example = copy(tmp_path_factory.mktemp("example"))
    run = example.build("html")
    assert run.status == 0, run.problems()
    assert f"kerasarch: 0 models from the cache, {MODELS} described by Keras 3." in run.output
    return example


def test_pages_show_every_figure(example: Example) -> None:
    page = example.page("tutorials.html")
    for name in ("mlp", "cnn", "lenet", "convnet"):
        for label in (name, f"{name}-graph", f"{name}-summary"):
            assert f'id="{label}"' in page
    assert "1,256,080" in page
    for source, alt in re.findall(r'<img [^>]*?src="(_images/kerasarch[^"]+)"[^>]*?alt="([^"]*)"', page):
        assert (example.folder / "out" / "html" / source).is_file()
        assert "Keras model" in alt or "parameters" in alt
    assert 'class="problematic"' not in page


def test_a_markdown_page_is_like_the_others(example: Example) -> None:
    page = example.page("segmentation.html")
    assert 'id="unet"' in page and "31,049,409" in page
    assert re.search(r'href="#unet">.*?Fig\. \d+', page)


def test_references_lead_to_the_models(example: Example) -> None:
    anchor = re.search(r'href="tutorials\.html#([^"]*build_lenet)"', example.page("index.html"))
    assert anchor
    assert f'id="{anchor[1]}"' in example.page("tutorials.html")


def test_the_second_build_imports_nothing(example: Example) -> None:
    run = example.build("html", "-E")
    assert run.status == 0, run.problems()
    assert f"kerasarch: {MODELS} models from the cache, nothing was imported" in run.output
    assert run.described == set()


def test_another_machine_with_this_cache_writes_the_same_files(example: Example, tmp_path: Path) -> None:
    """Another folder, hash seed, time zone and number of processes; nothing is imported."""
    there = copy(tmp_path / "elsewhere")
    shutil.copytree(example.folder / "out" / ".kerasarch", there.folder / "out" / ".kerasarch")
    run = there.build("html", "-j", "1", PYTHONHASHSEED="99", TZ="Asia/Tokyo", LC_ALL="C")
    assert run.status == 0, run.problems()
    assert run.described == set()
    found = [
        {
            path.relative_to(one.folder).as_posix(): path.read_bytes()
            for path in (one.folder / "out" / "html").rglob("*")
            if path.is_file() and path.name not in {".buildinfo", "searchindex.js"}
        }
        for one in (example, there)
    ]
    # Sphinx leaves pictures of earlier builds where they are.
    pages = b"".join(data for name, data in found[0].items() if name.endswith(".html"))
    shown = {name for name in found[0] if "_images/" not in name or Path(name).name.encode() in pages}
    assert shown == found[1].keys()
    assert [name for name in found[1] if found[0][name] != found[1][name]] == []


@pytest.mark.parametrize("builder", ["text", "epub"])
def test_another_builder_uses_the_same_descriptions(example: Example, builder: str) -> None:
    run = example.build(builder)
    assert run.status == 0, run.problems()
    assert run.described == set()
    if builder == "text":
        assert "1,256,080" in example.page("tutorials.txt", "text")
    else:
        with zipfile.ZipFile(example.folder / "out" / "epub" / "Menagerie.epub") as book:
            assert [name for name in book.namelist() if name.startswith("_images/kerasarch")]


@pytest.mark.tex
@pytest.mark.skipif(not shutil.which("latexmk") or not shutil.which("pdflatex"), reason="needs LaTeX")
def test_the_book(example: Example) -> None:
    run = example.build("latex")
    assert run.status == 0, run.problems()
    assert run.described == set()
    folder = example.folder / "out" / "latex"
    made = subprocess.run(
        ["latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "menagerie.tex"],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert made.returncode == 0, made.stdout[-3000:]
    log = (folder / "menagerie.log").read_text("utf-8", "replace")
    assert "Missing character" not in log
    assert (folder / "menagerie.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "old", "new", "dependents"),
    [
        ("digits/models.py", "CLASSES = 10", "CLASSES = 12", DIGITS),
        ("blocks.py", "KERNEL = 3", "KERNEL = 5", WITH_BLOCKS),
        ("segmentation/unet.json", '"depth": 4', '"depth": 3', {"menagerie.segmentation.models:build_unet"}),
    ],
)
def test_a_change_describes_exactly_the_dependents(
    example: Example, name: str, old: str, new: str, dependents: set[str]
) -> None:
    example.change(name, old, new)
    try:
        run = example.build("html")
        assert run.status == 0, run.problems()
        assert run.described == dependents
    finally:
        example.change(name, new, old)
    # What was true before the change still is in the cache.
    back = example.build("html")
    assert back.status == 0, back.problems()
    assert back.described == set()


def test_the_changed_figure_is_shown(example: Example) -> None:
    example.change("digits/models.py", "CLASSES = 10", "CLASSES = 14")
    try:
        assert example.build("html").status == 0
        assert "1,258,084" in example.page("tutorials.html")  # 500·4 + 4 more than LeNet's 1,256,080
    finally:
        example.change("digits/models.py", "CLASSES = 14", "CLASSES = 10")
    assert example.build("html").status == 0
    assert "1,256,080" in example.page("tutorials.html")
