"""Light and dark in the themes of MkDocs, Material and Zensical, as a browser computes them."""

from __future__ import annotations

import functools
import http.server
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import pytest

from sphinx_kerasarch.theme import color

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not chromium.PROGRAM, reason="no Chromium")]

TOOLS = os.environ.get("KERASARCH_TEST_TOOLS", "")
SOURCE = Path(__file__).parents[2] / "example_project" / "src"
PALETTE = [
    {"media": "(prefers-color-scheme: light)", "scheme": "default"},
    {"media": "(prefers-color-scheme: dark)", "scheme": "slate"},
]
THEMES = {
    "mkdocs": {"name": "mkdocs", "color_mode": "auto"},
    "readthedocs": {"name": "readthedocs"},
    "material": {"name": "material", "palette": PALETTE, "font": False},
}
PALE_BY_THEME = {"readthedocs": {"lenet", "Error"}}
"""All code and all titles of admonitions are like this there: words of the theme, not ours."""
LIGHT_ONLY = {"readthedocs"}
PAGE = """# Page

/// keras-model | shop:lenet
    views: graph, layered, maps, neurons, summary
    name: lenet

The *caption*.
///

/// keras-graph | shop:nope
///
"""
LEAST = 4.5
"""Contrast of text that WCAG asks for at level AA."""

MEASURE = (Path(__file__).parent / "measure.js").read_text("utf-8")


def rgb(token: str, mode: str) -> str:
    code = color(token, mode)
    return f"rgb({int(code[1:3], 16)}, {int(code[3:5], 16)}, {int(code[5:7], 16)})"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium.launched() as started:
        yield started


SHOWN = """() => [...document.querySelectorAll("img.kerasarch-image")].every(
  image => image.complete || !image.getClientRects().length)"""


def measured(browser: Any, url: str, mode: str) -> dict[str, Any]:
    page = chromium.opened(browser, color_scheme=mode, viewport={"width": 1200, "height": 4000})
    try:
        page.goto(url)
        page.wait_for_function(SHOWN)
        found: dict[str, Any] = page.evaluate(MEASURE)
        page.set_viewport_size({"width": 360, "height": 4000})
        page.wait_for_function("innerWidth == 360")
        found["fits"] &= page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.close()
    return found


def check(found: dict[str, Any], theme: str, mode: str) -> None:
    assert found["mark"] == rgb("conv.solid", mode)
    assert found["figures"] == 4 and len(found["words"]) > 60 and found["fits"]
    pale = [word for word, contrast in found["words"] + found["letters"] if contrast < LEAST]
    assert set(pale) <= PALE_BY_THEME.get(theme, set())
    if found["letters"]:
        assert found["backgrounds"][0] == rgb("bg", mode) and len(found["letters"]) > 40


@pytest.mark.parametrize(
    ("theme", "pictures"),
    [*((theme, how) for theme in ("mkdocs", "material") for how in ("inline", "files")), ("readthedocs", "files")],
)
def test_figures_tables_and_boxes_can_be_read(mksite, address, browser, theme, pictures, monkeypatch):
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    more = {"theme": THEMES[theme], "markdown_extensions": ["admonition"]}
    mksite.write(index=PAGE).build(pictures=pictures, more=more)
    for asked in ("light", "dark"):
        found = measured(browser, f"{address}/site/index.html", asked)
        mode = "light" if theme in LIGHT_ONLY else asked
        check(found, theme, mode)
        assert bool(found["letters"]) == (pictures == "inline")
        if pictures == "inline":
            continue
        assert len(found["shown"]) == 4 and all(loaded for _, loaded in found["shown"])
        for source, _ in found["shown"]:
            assert color("bg", mode) in (mksite.out / source).read_text("utf-8")
        assert mode == "dark" or found["hidden"] == [0] * 4  # the others are not even fetched


ZENSICAL = """[project]
site_name = "S"
[project.theme]
font = false
palette = [
  {{ media = "(prefers-color-scheme: light)", scheme = "default" }},
  {{ media = "(prefers-color-scheme: dark)", scheme = "slate" }},
]
[project.markdown_extensions.admonition]
[project.markdown_extensions.kerasarch]
path = ["{}"]
"""


@pytest.mark.keras
@pytest.mark.skipif(not TOOLS, reason="KERASARCH_TEST_TOOLS names no environment with Zensical")
def test_figures_of_zensical_can_be_read(tmp_path, address, browser, entry_points_folder):
    (tmp_path / "docs").mkdir()
    page = PAGE.replace("shop:lenet", "menagerie.digits.models:build_cnn")
    (tmp_path / "docs" / "index.md").write_text(page)
    places = os.pathsep.join([str(entry_points_folder), str(SOURCE.parents[1])])
    (tmp_path / "zensical.toml").write_text(ZENSICAL.format(SOURCE.as_posix()))
    command = [TOOLS, "-m", "zensical", "build"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": places}, check=True, capture_output=True)
    for mode in ("light", "dark"):
        check(measured(browser, f"{address}/site/index.html", mode), "zensical", mode)
