"""The table: real docutils nodes in every builder."""

from __future__ import annotations

import re

import pytest
from docutils import nodes

SUMMARY = """
.. keras-summary:: shop.models:lenet
   :name: lenet

   LeNet layer by layer.

   After LeCun et al.

See :numref:`lenet` and :keras:model:`lenet`.
"""


def test_table_has_title_rows_totals_and_note(page):
    built = page(SUMMARY, numfig=True)
    assert built.warnings == ""
    table = next(iter(built.resolved().findall(nodes.table)))
    assert table[0].astext() == "LeNet layer by layer."
    cells = [[entry.astext() for entry in row] for row in table.findall(nodes.row)]
    assert cells[0][:4] == ["Layer", "Type", "Output shape", "Params"]
    assert cells[2][:4] == ["conv2d", "Conv2D", "28×28×20", "520"]
    assert cells[-1][0] == "Total"
    assert cells[-1][3] == "1,256,080"
    html = built.read("index.html")
    assert "Table 1" in html
    assert "After LeCun et al." in html
    assert "1,256,080 trainable, 0 non-trainable" in html


def test_text_builder_shows_the_same_cells_unbroken(page):
    text = page(SUMMARY, "text").read("index.txt")
    for word in ("conv2d", "28×28×20", "1,256,080", "LeNet layer by layer.", "MaxPooling2D"):
        assert word in text


def test_width_and_classes_are_those_of_the_table(page):
    built = page(".. keras-summary:: shop.models:mlp\n   :width: 50%\n   :class: big\n")
    assert built.warnings == ""
    table = next(iter(built.resolved().findall(nodes.table)))
    assert table["width"] == "50%"
    assert "big" in table["classes"]
    assert 'style="width: 50%"' in built.read("index.html")


def test_alternative_text_and_printed_width_are_refused(page):
    built = page(".. keras-summary:: shop.models:mlp\n   :width: 85mm\n   :alt: Two\n")
    assert "'85mm' is not a percentage. A table has no other width: write 80 %. [kerasarch.option]" in built.warnings
    assert "keras-summary has no option 'alt' for a table." in built.warnings
    assert page(".. keras-model:: shop.models:mlp\n   :views: graph, summary\n   :alt: Two\n").warnings == ""


@pytest.mark.parametrize("theme", ["furo", "pydata_sphinx_theme", "sphinx_rtd_theme"])
def test_no_theme_gives_an_anchor_twice(page, theme):
    pytest.importorskip(theme)
    text = ".. keras-summary:: shop.models:lenet\n   :name: cells\n\n   Cells.\n"
    html = page(text, html_theme=theme).read("index.html")
    assert len(re.findall(r'id="cells"', html)) == 1
