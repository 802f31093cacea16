"""Real failures through ``sphinx-build`` with real Keras, all in one site to pay its start once."""

from __future__ import annotations

import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.keras

MODELS = """
import keras
from keras import layers
from shop.sizes import UNITS

def good(units=UNITS):
    return keras.Sequential([keras.Input((4,)), layers.Dense(units), layers.Dense(1)], name="good")

def other():
    return keras.Sequential([keras.Input((4,)), layers.Dense(2)], name="other")

def raises():
    width = -1
    return keras.Sequential([keras.Input((4,)), layers.Dense(width)])

def exits():
    import sys
    sys.exit(3)

def crashes():
    import os
    os.abort()

def endless():
    while True:
        pass

def number():
    return 42

def unbuilt():
    return keras.Sequential([layers.Dense(3)])
"""


@dataclass(frozen=True)
class Bad:
    directive: str
    slug: str
    said: str
    traceback: str = ""


BAD = (
    Bad(".. keras-graph:: shop.modells:good", "import", "Did you mean 'shop.models'?"),
    Bad(".. keras-summary:: shop.models:god", "import", "Did you mean 'good'?"),
    Bad(".. keras-graph:: shop.models:good\n   :args: unitz=3", "arguments", "Did you mean 'units'?"),
    Bad(".. keras-graph:: shop.models:raises", "build", "ValueError", "layers.Dense(width)"),
    Bad(".. keras-summary:: shop.models:exits", "build", "sys.exit", "sys.exit(3)"),
    Bad(".. keras-graph:: shop.models:crashes", "crash", "SIGABRT"),
    Bad(".. keras-graph:: shop.models:endless", "timeout", "kerasarch_timeout"),
    Bad(".. keras-graph:: shop.models:number", "not-a-model", "keras.Model"),
    Bad(".. keras-graph:: shop.models:unbuilt", "unbuilt", "input-shape"),
    Bad(".. keras-graph:: shop.models:good\n   :python: {bare}", "missing-package", "sphinx-kerasarch["),
    Bad(".. keras-model:: shop.models:good\n   :views: grph", "option", "Did you mean 'graph'?"),
    Bad(".. keras-graph:: shop.models:good\n   :fuse: UP", "option", "'UP' is not one of"),
    Bad(".. keras-graph:: shop", "target", "colon"),
)


@dataclass(frozen=True)
class Run:
    code: int
    out: str
    err: str


def run(src: Path, *arguments: str) -> Run:
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "--color", *arguments, str(src), str(src.parent / "out")],
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    strip = re.compile(r"\x1b\[[0-9;]*[mK]")
    return Run(done.returncode, strip.sub("", done.stdout), strip.sub("", done.stderr))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    venv.create(folder / "bare", with_pip=False, symlinks=True)
    bare = folder / "bare" / "bin" / "python"
    src = folder / "src"
    (src / "shop").mkdir(parents=True)
    (src / "shop" / "__init__.py").touch()
    (src / "shop" / "models.py").write_text(MODELS)
    (src / "shop" / "sizes.py").write_text("UNITS = 7\n")
    (src / "conf.py").write_text(
        "extensions = ['sphinx_kerasarch']\nnumfig = True\nkerasarch_path = ['.']\nkerasarch_timeout = 8\n"
    )
    text = "Shop\n====\n\n.. toctree::\n\n   other\n\n.. keras-graph:: shop.models:good\n\n   Before.\n\n"
    for number, bad in enumerate(BAD):
        directive = bad.directive.format(bare=bare)
        text += f"{directive}\n   :no-index:\n   :name: bad{number}\n\n   Bad {number}.\n\n:numref:`bad{number}`\n\n"
    text += ".. keras-graph:: shop.models:good\n   :args: units=3\n\n   After.\n"
    (src / "index.rst").write_text(text)
    (src / "other.rst").write_text("Other\n=====\n\n.. keras-summary:: shop.models:other\n")
    return src


@pytest.fixture(scope="module")
def first(shop: Path) -> Run:
    return run(shop, "-W", "--keep-going")


@pytest.fixture(scope="module")
def pages(shop: Path, first: Run) -> dict[str, str]:
    """As the first build left them."""
    return {file.stem: file.read_text() for file in (shop.parent / "out").glob("*.html")}


def line_of(shop: Path, bad: Bad, number: int) -> int:
    lines = (shop / "index.rst").read_text().splitlines()
    caption = lines.index(f"   Bad {number}.")
    return next(at + 1 for at in range(caption, -1, -1) if lines[at].startswith(".. keras"))


@pytest.mark.parametrize("number", range(len(BAD)))
def test_warning_is_typed_located_and_helpful(shop: Path, first: Run, number: int) -> None:
    bad = BAD[number]
    place = f"{shop / 'index.rst'}:{line_of(shop, bad, number)}: WARNING: "
    (warning,) = [part for part in re.split(r"(?m)^(?=/)", first.err) if part.startswith(place)]
    assert warning.rstrip().endswith(f"[kerasarch.{bad.slug}]")
    assert bad.said in warning
    assert bad.traceback in warning
    # The user's own lines only: nothing of Keras, the import machinery or ourselves.
    assert "site-packages" not in warning
    assert "sphinx_kerasarch/" not in warning


def test_build_finishes_and_fails_with_w(first: Run) -> None:
    assert first.code == 1
    assert "build finished with problems" in first.out + first.err
    assert first.err.count("WARNING") == len(BAD)


def test_other_models_are_unaffected_and_numbers_kept(pages: dict[str, str]) -> None:
    html = pages["index"]
    images = re.findall(r'<img[^>]*src="_images/(kerasarch-good-graph-[^"]+)"', html)
    assert len(set(images)) == 2
    assert html.count("kerasarch-failure") == len(BAD)
    captions = re.findall(
        r'<span class="caption-number">(\w+\.? \d+) </span><span class="caption-text">([^<]*)', html
    )
    figures = [text for number, text in captions if number.startswith("Fig")]
    tables = [text for number, text in captions if number.startswith("Table")]
    assert figures[0] == "Before."
    assert figures[-1] == "After."
    assert [int(number.split()[-1]) for number, _ in captions if number.startswith("Fig")] == list(
        range(1, len(figures) + 1)
    )
    assert len(figures) + len(tables) == len(BAD) + 2
    assert "other.html" in html
    assert "Dense" in pages["other"]


def test_next_build_repeats_and_describes_only_what_failed(shop: Path, first: Run) -> None:
    second = run(shop)
    assert second.code == 0
    assert sorted(re.findall(r"\[kerasarch\.[\w-]+\]", second.err)) == sorted(
        re.findall(r"\[kerasarch\.[\w-]+\]", first.err)
    )
    assert "3 models from the cache, 0 described" in second.out


@pytest.fixture
def changed(shop: Path, pages: dict[str, str]) -> Iterator[Path]:
    """Files that a test changes are put back."""
    kept = {file: file.read_text() for file in (shop / "index.rst", shop / "shop" / "sizes.py")}
    yield shop
    for file, text in kept.items():
        file.write_text(text)


def test_changed_constant_describes_again_exactly_what_depends_on_it(changed: Path) -> None:
    shop = changed
    (shop / "index.rst").write_text(
        "Shop\n====\n\n.. toctree::\n\n   other\n\n.. keras-summary:: shop.models:good\n"
    )
    assert "2 models from the cache, nothing was imported" in run(shop).out
    assert "nothing was imported" in run(shop).out
    (shop / "shop" / "sizes.py").write_text("UNITS = 9\n")
    again = run(shop, "-W")
    assert again.code == 0, again.err
    # shop.models imports sizes.py, therefore both models depend on it.
    assert "0 models from the cache, 2 described by Keras 3" in again.out
    assert "5×9" not in again.out
    html = (shop.parent / "out" / "index.html").read_text()
    assert re.search(r">\s*45\s*<", html)  # 4 inputs × 9 units + 9
    assert "nothing was imported" in run(shop, "-W").out
