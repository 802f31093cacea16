"""Layer names full of markup come out as themselves, in every builder."""

from __future__ import annotations

import dataclasses
import html
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from sphinx_kerasarch import errors
from sphinx_kerasarch.hosts.docutils.latex import plain
from sphinx_kerasarch.hosts.sphinx.latex import fit

sys.path.insert(0, str(Path(__file__).parents[1] / "formats"))

from hostile_cases import CASES
from hostile_names import seen, words
from hostile_readers import plain as seen_plain
from hostile_readers import safe_html, svg
from hostile_spec import hostile_spec

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
        def describe(request):
            found = old(request)
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


# ---- every case in every builder

EVERY = [case.name for case in CASES if case.name.strip() and len(case.name) < 300]
WHOLE = """
.. keras-model:: shop.models:cnn
   :views: graph, summary

   Caption.

.. keras-graph:: shop.models:gone
"""


@pytest.fixture
def every(site, recorded, monkeypatch):
    """A page with a model of all cases, and one that fails with all of them in its words."""
    old = recorded.describe

    def describe(request):
        if "gone" in request.target:
            raise errors.BuildError("\n".join(EVERY), advice=EVERY[0], traceback="\n".join(EVERY))
        return dataclasses.replace(old(request), spec=hostile_spec(EVERY))

    monkeypatch.setattr(recorded, "describe", describe)
    site.write(index=f"Shop\n====\n\n{WHOLE}\n")
    return lambda builder, **settings: site.build(builder, kerasarch_mode="live", version="1", **settings)


@pytest.mark.parametrize("theme", ["auto", "light"])
def test_a_page_with_every_case(every, theme) -> None:
    built = every("html", kerasarch_theme=theme)
    seen_plain(built.warnings)
    page = built.read("index.html")
    figures = re.findall(r"<figure.*?</figure>|<table.*?</table>|<div class=.kerasarch-failure.*", page, re.DOTALL)
    assert len(figures) >= 2
    for markup in figures[:2]:
        safe_html(markup)
    (table,) = (markup for markup in figures if markup.startswith("<table"))
    rows = words("".join(safe_html(table).itertext()))
    assert [name for name in EVERY if words(seen(name)) not in rows] == []
    assert not re.search(r"<script>alert|onerror=alert\(1\)>|<svg onload", page)
    for picture in (built.out / "_images").glob("*.svg"):
        svg(picture.read_bytes())


def test_a_book_with_every_case(every) -> None:
    built = every("epub", epub_show_urls="no")
    with zipfile.ZipFile(next(built.out.glob("*.epub"))) as book:
        etree.fromstring(book.read("index.xhtml"))  # a reader refuses what is no XML
    seen_plain(every("text").read("index.txt"))
    for builder, file in {"man": "shop.1", "texinfo": "shop.texi", "latex": "shop.tex"}.items():
        text = every(builder).read(file)
        seen_plain(text.replace("\x0c", "").replace("\t", ""))
        if builder == "man":
            assert not re.search(r"^[.'](so|sy|pso|open|pi)\b", text, re.MULTILINE)
        if builder == "texinfo":
            assert not re.search(r"(?<!@)@(include|verbatiminclude|image\{/)", text.replace("@@", ""))
        if builder == "latex":
            assert r"\write18" not in text and r"\input{/etc" not in text and r"\directlua" not in text


@pytest.mark.tex
def test_tex_sets_every_case(every) -> None:
    built = every("latex")
    status = compiled("pdflatex", built.out, "shop.tex")
    assert status == 0, (built.out / "shop.log").read_text("utf-8", "replace")[-3000:]


def compiled(engine: str, folder: Path, name: str) -> int:
    return subprocess.run(
        [engine, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", name],
        cwd=folder,
        capture_output=True,
        check=False,
    ).returncode
