"""MkDocs, ProperDocs and Zensical as a user runs them: the example project with live models, and what goes wrong."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from mkdocs_programs import CONFIG, GOOD, ROOT, Tool, site, tree

EXAMPLE = ROOT / "example_project"
pytestmark = pytest.mark.keras


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
        assert "danger kerasarch-failure" not in html and "/// keras" not in html
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


def test_the_script_of_the_example_builds_with_each_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """It installs what the program needs, and calls it as the test above does."""
    import runpy

    monkeypatch.setattr(sys, "path", [*sys.path])
    plan = runpy.run_path(str(ROOT / "example_project" / "build.py"), run_name="build")["plan"]
    for name, config in CONFIG.items():
        wanted, command, out = plan(name)
        assert command[:4] == ["-m", name, "build", "--strict"] and (EXAMPLE / config) == command[-1]
        assert any(item.startswith(name) for item in wanted) and any(item.startswith("pyyaml") for item in wanted)
        assert out.parent == EXAMPLE / "docs" / "_build"
    assert plan("html")[1][:3] == ["-m", "sphinx", "-nW"] and plan("html")[2].name == "html"


def test_a_model_that_fails_is_told_at_each_build_and_fails_a_strict_one(tool: Tool, tmp_path: Path) -> None:
    page = "---\ntitle: T\n---\n# Page\n\n/// keras-graph | shop:lenet\n///\n"
    place = site(tmp_path / "Größe 漢字", GOOD.replace("lenet", "lenett"), index="# Home\n", größe=page)
    said = "größe.md:6: keras-graph shop:lenet: shop has no 'lenet'. Did you mean 'lenett'?"
    if tool.name == "zensical":
        (place / tool.config).write_text((place / tool.config).read_text().replace('watch = ["src"]\n', ""))
        assert 'Zensical sees no change of a model: write watch = ["src"] below [project].' in tool.build(place)
        site(place, GOOD.replace("lenet", "lenett"))
    for _ in range(2 if tool.name == "zensical" else 1):  # it would not ask again for a page that has not changed
        assert said in tool.build(place)
        html = (place / "site" / "größe" / "index.html").read_text("utf-8")
        assert html.count("danger kerasarch-failure") == 1 and "Did you mean" in html
    assert said in tool.build(place, "--strict", status=1)
    (place / "src" / "shop.py").write_text(GOOD)
    assert said not in tool.build(place, "--strict")
    assert (place / "site" / "größe" / "index.html").read_text("utf-8").count("<svg") >= 1
