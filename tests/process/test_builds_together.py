"""Two cold builds at the same time on one cache, each with two readers, two writers and two workers."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sphinx_kerasarch.cache.entries import entries, fault

pytestmark = [pytest.mark.keras, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]

ZOO = """
import keras

def net(units):
    x = inputs = keras.Input((8, 8, 1))
    for _ in range(units % 3 + 1):
        x = keras.layers.Conv2D(units, 3, padding="same")(x)
    return keras.Model(inputs, keras.layers.Flatten()(x), name=f"net{units}")
"""
LOADED = """
import sys
from sphinx.cmd.build import main
assert main(sys.argv[1:]) == 0
print(*(name.partition(".")[2] for name in sys.modules if name.startswith("sphinx_kerasarch.")))
"""
MODELS = 12
PER_PAGE = 2


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    (place / "zoo.py").write_text(ZOO)
    (place / "conf.py").write_text(
        "extensions = ['sphinx_kerasarch']\nkerasarch_path = ['.']\nkerasarch_jobs = 2\n"
        "kerasarch_views = 'layered'\n"
        "kerasarch_cache_dir = '../cache'\nhtml_last_updated_fmt = None\n"
    )
    pages = [range(first, first + PER_PAGE) for first in range(1, MODELS + 1, PER_PAGE)]
    for page, numbers in enumerate(pages):
        blocks = "".join(f".. keras-model:: zoo:net({number})\n\n   Net {number}\n\n" for number in numbers)
        (place / f"page{page}.rst").write_text(f"Page {page}\n======\n\n{blocks}")
    listed = "".join(f"   page{page}\n" for page in range(len(pages)))
    (place / "index.rst").write_text(f"Zoo\n===\n\n.. toctree::\n\n{listed}")
    return place


def start(site: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", LOADED, "-W", "--keep-going", "-b", "html", *more, str(site), str(out)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ended(*builds: subprocess.Popen[str]) -> list[str]:
    said = [build.communicate(timeout=300)[0] for build in builds]
    assert [build.returncode for build in builds] == [0] * len(builds), "\n\n".join(said)
    return said


def pages(out: Path) -> dict[str, str]:
    """Every page, picture and index with a digest; neither what Sphinx keeps for itself nor its static files."""
    files = [
        path for path in out.rglob("*") if path.is_file() and path.suffix in {".html", ".svg", ".inv", ".js"}
    ]
    kept = [path for path in files if not {".doctrees", "_static"} & set(path.parts)]
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}


def test_two_cold_builds_share_a_cache_and_a_third_describes_nothing(site: Path, tmp_path: Path) -> None:
    said = ended(start(site, tmp_path / "one", "-j", "2"), start(site, tmp_path / "two", "-j", "2"))
    assert all("kerasarch: " in text for text in said)
    cache = site.parent / "cache"
    found = entries(cache)
    assert [entry for entry in found if entry.unfinished or fault(entry)] == []
    assert sum(entry.part == "descriptions" for entry in found) == MODELS
    (third,) = ended(start(site, tmp_path / "three"))
    assert f"kerasarch: {MODELS} models from the cache, nothing was imported" in third
    one = pages(tmp_path / "one")
    assert sum(name.endswith(".svg") for name in one) == MODELS
    # Serial and parallel, cold and from the cache: the same bytes.
    assert one == pages(tmp_path / "two") == pages(tmp_path / "three")
    # A page is read again: its pictures are remembered, and what would draw them is not even imported.
    page = site / "page3.rst"
    page.write_text(page.read_text("utf-8") + "\n.. touched\n")
    (fourth,) = ended(start(site, tmp_path / "three"))
    loaded = set(fourth.splitlines()[-1].split())
    assert "hosts.sphinx.directive" in loaded and "updating environment: 0 added, 1 changed" in fourth
    heavy = (
        "figure",
        "views",
        "formats",
        "layout",
        "theme",
        "inspector",
        "cache.store",
        "spec.model",
        "api",
        "lint",
    )
    assert [name for name in sorted(loaded) if name.startswith(heavy)] == []
