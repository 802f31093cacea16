"""Every builder gets what it can show, and no other node than docutils' own."""

from __future__ import annotations

import pickle
import re
import zipfile
from pathlib import Path

import pytest
from docutils import nodes

from sphinx_kerasarch import api
from sphinx_kerasarch.errors import DrawError

ALL = """
.. keras-model:: shop.models:autoencoder
   :views: layered, graph, summary
   :name: shown

   The autoencoder.

   A legend.

See :numref:`shown` and :keras:model:`autoencoder`.
"""
SETTINGS = {"numfig": True, "version": "1", "epub_show_urls": "no"}


@pytest.mark.parametrize(
    ("builder", "file", "suffix"),
    [
        ("html", "index.html", "svg"),
        ("dirhtml", "index.html", "svg"),
        ("singlehtml", "index.html", "svg"),
        ("epub", "index.xhtml", "svg"),
        ("latex", "shop.tex", "pdf"),
        ("texinfo", "shop.texi", "png"),
    ],
)
def test_pictures_in_the_format_of_the_builder(page, builder, file, suffix):
    built = page(ALL, builder, **SETTINGS)
    assert built.warnings == ""
    text = built.read(file)
    names = set(re.findall(r"kerasarch-autoencoder-(?:layered|graph)-[0-9a-f]{8}", text))
    assert len(names) == 2
    for name in names:
        assert list(built.out.rglob(f"{name}.{suffix}"))
    assert "The autoencoder." in text
    assert "A legend." in text


@pytest.mark.parametrize(("builder", "file"), [("text", "index.txt"), ("man", "shop.1")])
def test_builders_without_pictures_show_words_and_table(page, builder, file):
    built = page(ALL, builder, **SETTINGS)
    assert "WARNING" not in built.warnings
    text = re.sub(r"\s+", " ", built.read(file).replace(r"\-", "-"))
    assert "Layered view of autoencoder: Keras model with" in text
    assert "Graph view of autoencoder: Keras model with" in text
    assert "kerasarch" not in text
    assert "encoder" in text
    assert "Total" in text


@pytest.mark.parametrize("builder", ["gettext", "xml", "pseudoxml", "linkcheck", "dummy"])
def test_other_builders_pass(page, builder):
    built = page(ALL, builder, **SETTINGS)
    assert built.warnings == ""


def test_layer_names_stay_out_of_translations(page):
    built = page(ALL, "gettext", **SETTINGS)
    text = built.read("index.pot")
    assert "The autoencoder." in text
    assert "global_max_pooling" not in text


def test_resolved_document_holds_docutils_nodes_only(page):
    built = page(ALL, **SETTINGS)
    classes = {type(node).__module__ for node in built.resolved().findall(nodes.Element)}
    assert not any("kerasarch" in name for name in classes)


def test_post_transform_may_run_several_times(page):
    built = page(ALL, **SETTINGS)
    assert built.resolved().pformat() == built.resolved().pformat()


def test_doctrees_stay_small(page):
    built = page(ALL, **SETTINGS)
    assert (built.app.doctreedir / "index.doctree").stat().st_size < 12_000


def test_style_sheet_only_where_needed(site):
    site.write(index="Shop\n====\n\n.. toctree::\n\n   a\n", a=f"A\n=\n{ALL}")
    built = site.build(**SETTINGS)
    assert "kerasarch.css" not in built.read("index.html")
    assert "kerasarch.css" in built.read("a.html")
    css = built.read("_static/kerasarch.css")
    assert "html[data-theme=dark] .kerasarch," in css
    assert "kerasarch-themed.css" not in built.read("a.html")
    assert css.count("{") == css.count("}")


def test_style_sheet_is_no_change_of_the_configuration(site):
    site.write(index=f"Shop\n====\n{ALL}")
    before = site.build(**SETTINGS).read("_static/kerasarch.css")
    again = site.build(**SETTINGS)
    assert "configuration has changed" not in again.status
    assert again.read("_static/kerasarch.css") == before

    colored = site.build(**SETTINGS, kerasarch_colors={"dense": "#123456"})
    assert "#123456" not in before
    assert "#123456" in colored.read("_static/kerasarch.css")


def test_style_sheet_of_the_project_comes_before_ours(site, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "kerasarch.css").write_text(".kerasarch { color: teal }\n")
    site.write(index=f"Shop\n====\n{ALL}")
    built = site.build(**SETTINGS, html_static_path=[str(tmp_path / "own")])
    assert built.read("_static/kerasarch.css") == ".kerasarch { color: teal }\n"


def test_latex_takes_natural_size_and_named_columns(page):
    latex = page(ALL, "latex", **SETTINGS).read("shop.tex")
    assert re.search(r"\\sphinxincludegraphics\{\{kerasarch-autoencoder-graph-[0-9a-f]{8}\}\.pdf\}", latex)
    assert r"\begin{tabulary}{\linewidth}[t]{LLLRCL}" in latex
    assert r"\sphinxtoprule" in latex


def test_long_table_breaks_across_pages_in_latex(page):
    latex = page(".. keras-summary:: shop.models:resnet50\n", "latex").read("shop.tex")
    assert r"\begin{longtable}" in latex
    assert r"\raggedleft\arraybackslash}\X{" in latex


def test_theme_auto_is_inline_in_pages_and_a_file_elsewhere(page):
    first = ".. keras-graph:: shop.models:mlp\n   :theme: auto\n   :alt: Two layers\n\n   Caption.\n"
    text = first + "\n.. keras-graph:: shop.models:mlp\n   :no-index:\n   :theme: auto\n"
    html = page(text).read("index.html")
    assert "<img" not in html.partition("<figure")[2].partition("</figure>")[0]
    assert html.count("<svg") == 2
    assert "Two layers</desc>" in html
    assert "kerasarch-themed.css" in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert list((page(text, "epub", version="1", epub_show_urls="no").out / "_images").glob("*.svg"))


def test_literal_themes_differ(page):
    found = set()
    for theme in ("light", "dark", "print", "grey"):
        built = page(f".. keras-graph:: shop.models:mlp\n   :theme: {theme}\n")
        image = next(iter(built.resolved().findall(nodes.image)))
        found.add(image["uri"])
    assert len(found) >= 3  # paper may look like the light page


def test_candidates_are_told_for_all_builders_and_drawn_for_one(page):
    built = page(".. keras-graph:: shop.models:mlp\n")
    folder = built.app.doctreedir / "kerasarch-images"
    image = next(iter(built.resolved().findall(nodes.image)))
    assert set(image["candidates"]) == {"image/svg+xml", "application/pdf", "image/png"}
    assert [path.suffix for path in folder.iterdir()] == [".svg"]
    copied = image.deepcopy()["candidates"]
    found = dict(copied)
    assert {media: path.rpartition(".")[2] for media, path in found.items()} == {
        "image/svg+xml": "svg",
        "application/pdf": "pdf",
        "image/png": "png",
    }
    for media, start in (("application/pdf", b"%PDF-"), ("image/png", b"\x89PNG"), ("image/svg+xml", b"<svg")):
        assert Path(found[media]).read_bytes().startswith(start)
        assert found[media] in built.app.env.images
    assert pickle.loads(pickle.dumps(image["candidates"])) == found
    assert copied.get("image/gif") is None


def test_format_in_which_a_figure_cannot_be_drawn_is_no_candidate(page, monkeypatch):
    built = page(".. keras-graph:: shop.models:mlp\n")
    image = next(iter(built.resolved().findall(nodes.image)))

    def fails(*_, **__):
        raise DrawError("Too long for a page.")

    monkeypatch.setattr(api, "write", fails)
    assert image["candidates"].get("application/pdf", "none") == "none"
    assert "application/pdf" not in image["candidates"]
    assert [path.rpartition(".")[2] for path in image["candidates"].values()] == ["svg"]


@pytest.mark.parametrize("builder", ["html", "epub"])
def test_what_is_kept_stays_out_of_the_output(site, builder):
    """Without a place for the doctrees, which Sphinx then puts into its output."""
    site.write(index=f"Shop\n====\n{ALL}")
    out = site.src.parent / "plain"
    built = site.build(builder, trees=out / ".doctrees", out=out, **SETTINGS)
    assert "json" not in built.warnings
    assert [path.name for path in out.iterdir() if path.name.startswith(".ke")] == []
    assert list((out / ".doctrees" / "kerasarch").iterdir())
    if builder == "epub":
        with zipfile.ZipFile(out / "Shop.epub") as book:
            names = book.namelist()
        assert [name for name in names if ".doctrees/kerasarch" in name] == []
        assert len([name for name in names if name.endswith(".svg")]) == 2
