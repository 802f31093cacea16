"""The page's dark mode reaches inline figures and table marks, in a real browser."""

from __future__ import annotations

import re

import chromium
import pytest

from sphinx_kerasarch.theme import color

FLAGS = ("--window-size=1280,900", "--virtual-time-budget=3000", "--dump-dom")
PAGE = """
.. keras-model:: shop.models:lenet
   :views: layered, summary
   :theme: auto

   LeNet.

.. raw:: html

   <script>addEventListener("load", () => setTimeout(() => {
     const fill = element => getComputedStyle(element).fill;
     const mark = document.querySelector(".kerasarch-is-conv .kerasarch-layer > p");
     document.title = "found " + [fill(document.querySelector(".kerasarch-svg rect")),
       getComputedStyle(mark, "::before").backgroundColor,
       document.documentElement.scrollWidth <= innerWidth].join("|") + " end";
   }, 300));</script>
"""


def rgb(token: str, mode: str) -> str:
    code = color(token, mode)
    return f"rgb({int(code[1:3], 16)}, {int(code[3:5], 16)}, {int(code[5:7], 16)})"


@pytest.mark.browser
@pytest.mark.skipif(not chromium.PROGRAM, reason="no Chromium")
@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("theme", ["furo", "pydata_sphinx_theme", "sphinx_rtd_theme"])
def test_figures_follow_the_page(page, tmp_path, theme, mode):
    if theme == "sphinx_rtd_theme" and mode == "dark":
        mode = "light"  # it has no dark mode, whatever the system prefers
        system = ["--blink-settings=preferredColorScheme=0"]
    else:
        system = [f"--blink-settings=preferredColorScheme={0 if mode == 'dark' else 1}"]
    built = page(PAGE, html_theme=theme)
    shown = chromium.run(tmp_path / "profile", *FLAGS, *system, str(built.out / "index.html"))
    found = re.search(r"<title>found (.*?) end</title>", shown)
    assert found, shown[:500]
    background, mark, fits = found[1].split("|")
    assert background == rgb("bg", mode)
    assert mark == rgb("conv.solid", mode)
    assert fits == "true"
