"""The directives in plain docutils: figures, tables, labels, failures, in every writer."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import html5lib
import pytest
from docutils import core, nodes, writers

from sphinx_kerasarch import api, errors
from sphinx_kerasarch.spec import codec

SPECS = Path(__file__).parents[1] / "specs"
PAGE = """\
See lenet_ and `lenet-summary`_.

.. keras-model:: shop:lenet
   :views: graph, summary
   :name: lenet
   :align: center
   :class: own

   The *caption*.

   A legend.

- item

  .. keras-layered:: shop:mlp
     :width: 50 %
"""
GRAPH = ".. keras-graph:: shop:mlp\n"


def bare(page: str) -> str:
    return re.sub(r"<(svg|style)\b.*?</\1>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("writer", ["html5", "html4"])
def test_figures_tables_captions_and_labels(publish, writer):
    page, warnings = publish(PAGE, writer)
    assert warnings == "" and page.count("<svg") == 2 and page.count("<style>\n") == 1
    plain = re.sub(r">\s+", ">", bare(page))
    start = "<figure" if writer == "html5" else "<div"
    assert re.search(rf'{start} class="[^"]*kerasarch kerasarch-graph[^"]*" id="lenet">', plain)
    assert "The <em>caption</em>." in plain and "A legend." in plain
    assert '<a class="reference internal" href="#lenet-summary">' in plain
    assert 'id="lenet-summary"' in plain and 'style="width: 50%; margin-inline: auto"' in plain
    assert re.search('<abbr title="[^"]+">●</abbr>', plain)
    assert plain.count('<p class="kerasarch-cell') > 12 and "1,256,080 trainable" in plain
    if writer == "html5":
        html5lib.HTMLParser(strict=True).parse(page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_one_batch_for_a_document_and_none_for_the_next(publish, recorded):
    first, _ = publish(PAGE)
    assert publish(PAGE)[0] == first
    assert recorded.batches == [["shop:lenet", "shop:mlp"]]


@pytest.mark.parametrize("view", ["graph", "layered", "maps", "neurons"])
def test_a_figure_has_the_bytes_that_python_writes(publish, view):
    figure = api.draw(codec.loads((SPECS / "mlp.json").read_text("utf-8")), view).figure
    for theme, options in (("auto", {"flavour": "themed"}), ("dark", {"theme": "dark"})):
        page, _ = publish(f".. keras-{view}:: shop:mlp\n", theme=theme)
        (found,) = re.findall("<svg.*?</svg>", page, re.DOTALL)
        assert re.sub("ka[0-9a-f]{6}-", "ka-", found) + "\n" == api.write(figure, "svg", **options).decode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (".. keras-graph:: shop:lenett\n", "shop has no 'lenett'. Did you mean 'lenet'?"),
        (".. keras-graph::\n", "No model is named. Write .. keras-graph:: pkg.module:factory"),
        (".. keras-graph:: shop:lenet\n   :directoin: lr\n", "no option 'directoin'. Did you mean 'direction'?"),
        (".. keras-graph:: shop:lenet\n   :align: up\n", "Option 'align': 'up' is not one of"),
        (".. keras-summary:: shop:lenet\n   :width: 3cm\n", "A table has no other width: write 80 %."),
        (".. keras-graph:: shop:lenet\n\n   * list\n", "The content must begin with the caption."),
        (".. keras-layered:: shop:lenet\n   :image: input=nowhere.png\n", "there is no file 'nowhere.png'"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_in_the_log(publish, text, said, caplog):
    page, warnings = publish(f"Title\n=====\n\n{text}")
    assert page.count("kerasarch-failure") - page.count(".kerasarch-failure") == 1
    assert said in re.sub(r"\s+", " ", warnings) and "page.rst:4: (WARNING/2) keras-" in warnings
    assert warnings.count("WARNING") == 1 and "WARNING/2" not in page
    with pytest.raises((errors.KerasarchError, SystemExit)):
        publish(f"Title\n=====\n\n{text}", on_error="raise")
    page, warnings = publish(text, on_error="ignore")
    assert warnings == "" and ("<figure" in page or "<table" in page)
    # Where a warning of docutils would stop all, as in Pelican, the log has it.
    caplog.clear()
    page, warnings = publish(f"Title\n=====\n\n{text}", halt=2)
    assert warnings == "" and said in caplog.text


def test_a_failure_is_told_once_for_all_views(publish):
    page, warnings = publish(".. keras-model:: shop:nope\n   :views: graph, layered, summary\n")
    assert warnings.count("WARNING") == 1
    assert page.count("Not shown either, for the reason given at the graph view.") == 2


def test_settings(publish, recorded):
    assert "Not drawn: mode is &#x27;off&#x27;." in publish(GRAPH, mode="off")[0].replace("'", "&#x27;")
    assert recorded.batches == []
    assert "<style>" not in publish(GRAPH, styles=False)[0].partition("<body")[2]
    assert publish(GRAPH, options={"direction": "lr"})[0] != publish(GRAPH)[0]
    with pytest.raises(errors.OptionError, match="Did you mean 'views'"):
        publish(GRAPH, veiws="graph")


def test_files_count_from_the_page_and_from_the_folder_of_all(publish, recorded, tmp_path):
    publish(".. keras-graph:: nets/a.keras\n\n.. keras-graph:: /b.keras\n")
    assert recorded.batches == [[str(tmp_path / "nets" / "a.keras"), str(tmp_path / "b.keras")]]


def test_latex_includes_files(publish, tmp_path):
    page, warnings = publish(PAGE, "latex", to=tmp_path / "out" / "page.tex")
    assert warnings == ""
    names = re.findall(r"\\includegraphics(?:\[[^]]*\])?\{([^}]+)\}", page)
    assert len(names) == 2 and all((tmp_path / "out" / name).read_bytes()[:5] == b"%PDF-" for name in names)
    assert "●" not in page and r"\allowbreak" in page
    page, warnings = publish(GRAPH, "latex")
    assert "There is no folder for the PDF file" in re.sub(r"\s+", " ", warnings)
    page, warnings = publish(GRAPH, "latex", files=str(tmp_path / "figures"))
    assert warnings == "" and f"{{{(tmp_path / 'figures').as_posix()}/kerasarch-mlp-graph-" in page


@pytest.mark.tex
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="needs TeX")
def test_latex_sets_it(publish, tmp_path):
    page, _ = publish(PAGE + "\n.. keras-graph:: shop:nope\n", "latex", to=tmp_path / "page.tex")
    (tmp_path / "page.tex").write_text(page, "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]


@pytest.mark.parametrize("writer", ["manpage", "xml"])
def test_writers_without_pictures_have_words(publish, writer):
    page, _ = publish(PAGE, writer)
    assert "<svg" not in page and "Graph view of" in page and "conv2d_1" in page.replace(r"\_", "_")


def test_a_tree_is_for_html(publish, tmp_path):
    publish(GRAPH)
    tree = core.publish_doctree(GRAPH, settings_overrides={"_disable_config": True})
    assert [node["format"] for node in tree.findall(nodes.raw)] == ["html", "html"]
    writer = writers.get_writer_class("html5")()
    page = core.publish_from_doctree(tree, writer=writer, settings_overrides={"_disable_config": True})
    assert b"<svg" in page
