"""Layer names full of markup come out as themselves, in every builder."""

from __future__ import annotations

import dataclasses
import html
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from sphinx_kerasarch.hosts.docutils.latex import plain
from sphinx_kerasarch.hosts.sphinx.latex import fit

NAMES = [
    "a<b>c",
    "d&e;amp",
    'q"q',
    "s's",
    "{brace}",
    "back\\slash",
    "$dollar$",
    "100%_of",
    "#hash",
    "**bold** `x`_",
]
EMOJI = "🙂 層"
TEXT = """
.. keras-model:: shop.models:cnn
   :views: graph, summary
   :fuse: none

   Hostile names.
"""


@pytest.fixture
def hostile(page, recorded, monkeypatch):
    """Build a page whose model has the names above; ``extra`` is one more."""
    old = recorded.describe

    def build(builder: str, extra: str = NAMES[0], **settings):
        def describe(self, request):
            found = old(self, request)
            layers = tuple(
                dataclasses.replace(layer, name=name, auto_named=False)
                for layer, name in zip(found.spec.layers, [*NAMES[:-1], extra], strict=True)
            )
            return dataclasses.replace(found, spec=dataclasses.replace(found.spec, layers=layers, name=extra))

        monkeypatch.setattr(recorded, "describe", describe)
        return page(TEXT, builder, epub_show_urls="no", version="1", kerasarch_mode="live", **settings)

    return build


def cells_of(markup: str) -> list[str]:
    return [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<p>(.*?)</p>", markup)]


@pytest.mark.parametrize("extra", [NAMES[-1], EMOJI])
def test_html_and_epub(hostile, extra):
    built = hostile("html", extra)
    assert built.warnings == ""
    cells = cells_of(built.read("index.html"))
    assert {*NAMES[:-1], extra} <= set(cells)
    (picture,) = (built.out / "_images").glob("*.svg")
    drawn = html.unescape(picture.read_text("utf-8"))
    assert "<b>c<" not in picture.read_text("utf-8")
    for name in ("d&e;amp", "100%_of", "back\\slash"):
        assert name in drawn
    built = hostile("epub", extra)
    with zipfile.ZipFile(next(built.out.glob("*.epub"))) as book:
        assert {*NAMES[:-1], extra} <= set(cells_of(book.read("index.xhtml").decode()))


def test_text_and_man(hostile):
    text = hostile("text", EMOJI).read("index.txt")
    for name in [*NAMES[:-1], EMOJI]:
        assert name in text
    assert "Hostile names" in hostile("man", EMOJI).read("shop.1")


def test_latex_escapes_and_guards_signs(hostile):
    tex = hostile("latex", EMOJI).read("shop.tex")
    assert r"\{brace\}" in tex
    assert r"\$dollar\$" in tex
    assert r"100\%\_\allowbreak{}of" in tex
    assert r"\kerasarchsign{🙂}{1F642}{FEFFD83DDE42} \kerasarchsign{層}{5C64}{FEFF5C64}" in tex
    assert r"\providecommand\kerasarchsign" in tex
    assert r"\kerasarchsign" not in hostile("latex", "plain×").read("shop.tex")


def test_plain_text_for_verbatim():
    assert plain("naïve – 🙂 {x}") == r"naïve – \U0001f642 {x}"


def test_columns_are_shortened_from_the_widest():
    assert fit([20, 30, 10], [True, True, False]) == [20, 30, 10]
    assert fit([60, 60, 20], [True, True, False]) == [42, 42, 20]
    assert fit([90, 60], [False, False]) == [90, 60]


@pytest.mark.tex
@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_tex_sets_every_name(hostile, engine):
    """A real run without a single error; the names are found in the text of the PDF."""
    # Sphinx's default fonts for LuaTeX are not part of a small TeX installation.
    fonts = {} if engine == "pdflatex" else {"fontpkg": r"\usepackage{fontspec}"}
    built = hostile("latex", EMOJI, latex_engine=engine, latex_elements=fonts)
    run = subprocess.run(
        [engine, "-interaction=nonstopmode", "-halt-on-error", "shop.tex"],
        cwd=built.out,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:]
    log = (built.out / "shop.log").read_text("utf-8", "replace")
    assert "Overfull \\hbox" not in log
    from pypdf import PdfReader

    text = "\n".join(page.extract_text() for page in PdfReader(Path(built.out, "shop.pdf")).pages)
    for name in NAMES[:-1]:
        assert name in text.replace("’", "'").replace("”", '"'), name
