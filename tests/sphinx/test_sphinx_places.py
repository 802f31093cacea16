"""Where a directive may stand: docstrings, MyST, included files; and parallel builds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1] / "shared"


def test_in_a_docstring_the_warning_names_the_docstring(site, monkeypatch):
    (site.src / "goods_for_autodoc.py").write_text(
        'def nothing():\n    """Build it.\n\n    .. keras-graph:: shop.models:nothing\n\n    More.\n    """\n'
    )
    monkeypatch.syspath_prepend(str(site.src))
    (site.src / "conf.py").write_text(
        "extensions = ['sphinx.ext.autodoc', 'sphinx_kerasarch']\nshow_warning_types = True\n"
    )
    built = site.write(index="A\n=\n\n.. autofunction:: goods_for_autodoc.nothing\n").build()
    assert (
        "docstring of goods_for_autodoc.nothing:3: WARNING: keras-graph shop.models:nothing:"
        in built.warnings
    )
    assert "[kerasarch.import]" in built.warnings


def test_in_an_included_file_the_warning_names_that_file(site):
    (site.src / "part.txt").write_text("Text.\n\n.. keras-graph:: shop.models:nothing\n")
    built = site.write(index="A\n=\n\n.. include:: part.txt\n").build()
    assert "part.txt:3: WARNING: keras-graph" in built.warnings


def test_markdown_pages(site):
    (site.src / "conf.py").write_text("extensions = ['myst_parser', 'sphinx_kerasarch']\nnumfig = True\n")
    (site.src / "index.md").write_text(
        "# Shop\n\n```{keras-model} shop.models:lenet\n:views: graph, summary\n:name: lenet\n\nA *caption*.\n\n"
        "A legend.\n```\n\nSee {numref}`lenet` and {keras:model}`lenet`.\n\n"
        "```{keras-graph} shop.models:lenet\n:direktion: TB\n:no-index:\n```\n"
    )
    built = site.build()
    assert built.warnings.count("WARNING") == 1
    assert "index.md:14: WARNING: keras-graph shop.models:lenet: keras-graph has no option" in built.warnings
    html = built.read("index.html")
    assert "A <em>caption</em>." in html
    assert "A legend." in html
    assert "Fig. 1" in html
    assert "1,256,080" in html


@pytest.mark.skipif(sys.platform == "win32", reason="Sphinx forks")
def test_parallel_build_equals_serial_build(tmp_path):
    src = tmp_path / "src"
    src.mkdir()
    (src / "conf.py").write_text(
        f"import sys\nsys.path.insert(0, {str(SHARED)!r})\nimport recorded\nrecorded.install()\n"
        "extensions = ['sphinx_kerasarch']\nnumfig = True\nhtml_copy_source = False\n"
    )
    names = ["mlp", "lenet", "cnn", "siamese", "two_io", "encoder"]
    pages = [f"p{n}" for n in range(12)]
    (src / "index.rst").write_text("A\n=\n\n.. toctree::\n\n" + "".join(f"   {page}\n" for page in pages))
    for number, page in enumerate(pages):
        name = names[number % len(names)]
        (src / f"{page}.rst").write_text(
            f"{page}\n=====\n\n.. keras-graph:: shop.models:{name}\n   :name: {page}\n   :args: n={number}\n\n"
            f"   Caption {number}.\n\n:numref:`{page}`\n"
        )
    outputs = []
    for jobs in ("1", "2"):
        out = tmp_path / f"out{jobs}"
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "sphinx",
                "-W",
                "-n",
                "-j",
                jobs,
                "-d",
                tmp_path / f"trees{jobs}" / "d",
                src,
                out,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout.count("kerasarch: 0 models from the cache, 12 described") == 1
        outputs.append({page: (out / f"{page}.html").read_text() for page in pages})
    assert outputs[0] == outputs[1]


def test_quiet_is_quiet(tmp_path):
    src = tmp_path / "src"
    src.mkdir()
    (src / "conf.py").write_text("extensions = ['sphinx_kerasarch']\nkerasarch_mode = 'off'\n")
    (src / "index.rst").write_text("A\n=\n\n.. keras-graph:: a:b\n")
    run = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", src, tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
