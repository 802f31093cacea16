"""The same figure through Sphinx, MkDocs, Zensical, the command line and Python: all views, by digest."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from mkdocs_programs import OTHERS, ROOT, Tool

from sphinx_kerasarch import api
from sphinx_kerasarch.hosts.cli.main import main
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec import ArchSpec, codec

pytestmark = pytest.mark.keras
SOURCE = ROOT / "example_project" / "src"
MLP, LENET = "menagerie.digits.models:build_mlp", "menagerie.digits.models:build_lenet"
DEEP = "menagerie.sequences.models:build_transformer_encoder(blocks=3)"
FIGURES = (
    (MLP, "neurons", {}),
    (LENET, "graph", {}),
    (LENET, "layered", {}),
    (LENET, "maps", {}),
    (LENET, "graph", {"direction": "lr", "theme": "dark"}),
    (LENET, "layered", {"width": "narrow", "theme": "grey"}),
    (LENET, "maps", {"theme": "grey"}),
    (LENET, "layered", {"width": "120mm", "theme": "dark"}),
    (DEEP, "graph", {"fold": "none"}),
    (DEEP, "layered", {"width": "85mm", "theme": "grey"}),
)


def digests(pictures: list[bytes]) -> list[str]:
    return [hashlib.sha256(data).hexdigest() for data in pictures]


@pytest.fixture(scope="module")
def specs() -> dict[str, ArchSpec]:
    specs = {MLP: api.describe(MLP, path=[str(SOURCE)])}
    with Inspector(path=(str(SOURCE),)) as inspector:
        specs |= {target: inspector.describe(Request(target)).spec for target in (LENET, DEEP)}
    return specs


@pytest.fixture(scope="module")
def expected(specs: dict[str, ArchSpec]) -> list[str]:
    """As Python writes them."""
    written = []
    for target, view, options in FIGURES:
        told = {name: value for name, value in options.items() if name != "theme"}
        written.append(api.draw(specs[target], view, **told).svg(options.get("theme", "light")).encode())
    found = digests(written)
    assert len(set(found)) == len(FIGURES)
    return found


def markdown(folder: Path) -> Path:
    """A folder with the page for all programs that take Markdown."""
    blocks = [
        "\n".join([f"/// keras-{view} | {target}", *(f"    {key}: {value}" for key, value in options.items()), "///\n"])
        for target, view, options in FIGURES
    ]
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").write_text("# Page\n\n" + "\n".join(blocks))
    (folder / "mkdocs.yml").write_text(
        f"site_name: S\nplugins:\n  - kerasarch:\n      pictures: files\n      theme: light\n      path: ['{SOURCE}']\n"
    )
    (folder / "zensical.toml").write_text(
        '[project]\nsite_name = "S"\n[project.markdown_extensions.kerasarch]\n'
        f"theme = 'light'\npath = ['{SOURCE}']\n"
    )
    return folder


def linked(page: Path) -> list[bytes]:
    """Files that the page shows, in its order."""
    sources = re.findall(r'<img [^>]*src="([^"]*kerasarch-[^"]+\.svg)"', page.read_text("utf-8"))
    return [(page.parent / source).read_bytes() for source in sources]


def test_mkdocs(tmp_path: Path, entry_points_folder: Path, expected: list[str]) -> None:
    Tool("mkdocs", [entry_points_folder, ROOT]).build(markdown(tmp_path), "--strict")
    assert digests(linked(tmp_path / "site" / "index.html")) == expected


@pytest.mark.skipif(not OTHERS, reason="KERASARCH_TEST_TOOLS names no environment with Zensical")
def test_zensical(tmp_path: Path, entry_points_folder: Path, expected: list[str]) -> None:
    """In the page itself, where each figure begins its ids in its own way."""
    Tool("zensical", [entry_points_folder, ROOT]).build(markdown(tmp_path), "--strict")
    page = (tmp_path / "site" / "index.html").read_text("utf-8")
    inline = re.findall(r'<svg\b[^>]*\bviewBox[^>]*role="img".*?</svg>', page.partition("<article")[2], re.DOTALL)
    assert digests([(re.sub(r"\bka[0-9a-f]{6}-", "ka-", svg) + "\n").encode() for svg in inline]) == expected


def test_sphinx(tmp_path: Path, expected: list[str]) -> None:
    (tmp_path / "conf.py").write_text(f"extensions = ['sphinx_kerasarch']\nkerasarch_path = [{str(SOURCE)!r}]\n")
    blocks = []
    for target, view, options in FIGURES:
        lines = [f"   :{key}: {text}" for key, text in options.items()]
        blocks.append("\n".join([f".. keras-{view}:: {target}", "   :no-index:", *lines]))
    (tmp_path / "index.rst").write_text("Page\n====\n\n" + "\n\n".join(blocks) + "\n")
    command = [sys.executable, "-m", "sphinx", "-qW", str(tmp_path), str(tmp_path / "out")]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    assert digests(linked(tmp_path / "out" / "index.html")) == expected


def test_command_line(tmp_path: Path, specs: dict[str, ArchSpec], expected: list[str]) -> None:
    """One model straight, the others by way of the file of their architecture."""
    known = {MLP: [MLP, "--path", str(SOURCE)]}
    for target, name in ((LENET, "lenet.json"), (DEEP, "deep.json")):
        (tmp_path / name).write_text(codec.dumps(specs[target]), "utf-8")
        known[target] = [str(tmp_path / name)]
    files: list[bytes] = []
    for number, (target, view, options) in enumerate(FIGURES):
        out = tmp_path / f"{number}.svg"
        more = [text for name, value in options.items() for text in (f"--{name}", value)]
        done = CliRunner().invoke(main, ["render", *known[target], "--view", view, *more, "-o", str(out)])
        assert done.exit_code == 0, done.output
        files.append(out.read_bytes())
    assert digests(files) == expected
