"""The directive: skeleton, names, captions, options."""

from __future__ import annotations

import dataclasses

import pytest
from docutils import nodes

from sphinx_kerasarch.errors import ImportTargetError

THREE = """
.. keras-model:: shop.models:lenet
   :views: layered, graph, summary
   :name: lenet
   :class: big
   :figclass: wide
   :align: left

   LeNet-5 as described by *LeCun* et al.

   The legend.
"""


def figures(built, docname="index"):
    return list(built.resolved(docname).findall(lambda n: isinstance(n, nodes.figure | nodes.table)))


def test_one_figure_per_drawn_view_and_a_table(page):
    built = page(THREE, numfig=True)
    assert built.warnings == ""
    layered, graph, summary = figures(built)
    assert isinstance(layered, nodes.figure)
    assert isinstance(graph, nodes.figure)
    assert isinstance(summary, nodes.table)
    assert [figure["names"] for figure in (layered, graph, summary)] == [
        ["lenet"],
        ["lenet-graph"],
        ["lenet-summary"],
    ]
    assert layered[1].astext() == "LeNet-5 as described by LeCun et al."
    assert isinstance(layered[1][1], nodes.emphasis)
    assert layered[2].astext() == "The legend."
    assert graph[1].astext() == "Graph of lenet"
    assert summary[0].astext() == "Layers of lenet"
    assert layered["align"] == "left"
    assert {"kerasarch", "kerasarch-layered", "wide"} <= set(layered["classes"])
    assert "big" in layered[0]["classes"]


def test_numbers_and_numref_in_html_and_latex(page):
    text = THREE + "\nSee :numref:`lenet`, :numref:`lenet-graph`, :numref:`lenet-summary` and :ref:`lenet`.\n"
    html = page(text, numfig=True).read("index.html")
    for word in ("Fig. 1", "Fig. 2", "Table 1"):
        assert word in html
    built = page(text, "latex", numfig=True)
    assert built.warnings == ""
    latex = built.read("shop.tex")
    for label in ("lenet", "lenet-graph", "lenet-summary"):
        assert rf"\label{{\detokenize{{index:{label}}}}}" in latex
        assert rf"\ref{{\detokenize{{index:{label}}}}}" in latex


def test_no_content_and_no_name_gives_no_caption_and_no_number(page):
    built = page(".. keras-model:: shop.models:lenet\n   :views: graph, summary\n", numfig=True)
    graph, summary = figures(built)
    assert [type(child) for child in graph] == [nodes.image]
    assert not list(summary.findall(nodes.title))
    assert "Fig. 1" not in built.read("index.html")


def test_empty_comment_means_a_legend_without_caption(page):
    built = page(".. keras-graph:: shop.models:lenet\n\n   ..\n\n   Only a legend.\n")
    (figure,) = figures(built)
    assert [type(child) for child in figure] == [nodes.image, nodes.legend]


def test_configured_views_are_the_default(page):
    built = page(".. keras-model:: shop.models:mlp\n", kerasarch_views=["summary"])
    assert [type(figure) for figure in figures(built)] == [nodes.table]


def test_alternative_text_is_written_from_the_architecture(page):
    html = page(".. keras-layered:: shop.models:lenet\n").read("index.html")
    assert 'alt="Layered view of lenet: Keras model with 2 convolutions' in html
    assert "1,256,080 parameters" in html


def test_given_alternative_text_wins_and_is_escaped(page):
    html = page('.. keras-layered:: shop.models:lenet\n   :alt: "A" <b> & more\n').read("index.html")
    assert 'alt="&quot;A&quot; &lt;b&gt; &amp; more"' in html


def image_of(built):
    return next(iter(built.resolved().findall(nodes.image)))


def test_image_has_natural_size_public_name_and_classes(page):
    built = page(".. keras-layered:: shop.models:lenet\n")
    image = image_of(built)
    assert float(image["width"]) > 100
    assert float(image["height"]) > 50
    assert "dark-light" in image["classes"]
    (file,) = (built.out / "_images").iterdir()
    assert file.name.startswith("kerasarch-lenet-layered-")
    assert file.suffix == ".svg"


def test_width_is_a_target_for_the_view_or_a_percentage_of_the_page(page):
    wide = image_of(page(".. keras-graph:: shop.models:mlp\n"))
    narrow = image_of(page(".. keras-graph:: shop.models:mlp\n   :width: 50%\n"))
    assert narrow["width"] == "50%"
    assert wide["candidates"] == narrow["candidates"]
    natural = image_of(page(".. keras-layered:: shop.models:vgg16\n"))
    small = image_of(page(".. keras-layered:: shop.models:vgg16\n   :width: 125mm\n"))
    assert float(small["width"]) <= 473 < float(natural["width"])


def test_prefixed_option_reaches_its_view_only(page):
    text = ".. keras-model:: shop.models:vgg16\n   :views: layered, graph\n   :layered-width: 125mm\n"
    built = page(text)
    assert built.warnings == ""
    layered, _graph = built.resolved().findall(nodes.image)
    assert float(layered["width"]) <= 473


def test_option_of_another_view_is_passed_over(page):
    built = page(".. keras-model:: shop.models:mlp\n   :views: graph\n   :columns: layer, params\n")
    assert built.warnings == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (":views: layerd", "There is no view 'layerd'. Did you mean 'layered'?"),
        (
            ":views: graph\n   :fuze: none",
            "keras-model has no option 'fuze'. Did you mean 'fuse'?",
        ),
        (":views: graph\n   :fuse: UP", "Option 'fuse' of view 'graph': 'UP' is not one of"),
        (":views: graph\n   :width: 3 parsec", "Option 'width' of view 'graph'"),
        (":views: summary\n   :columns: layer, prams", "no column 'prams'. Did you mean 'params'?"),
        (":align: middle", "Option 'align': 'middle' is not one of"),
        (":theme: pink", "Option 'theme': 'pink' is not one of"),
        (":no-index: perhaps", "Option 'no-index'"),
        (":class: §", "Option 'class'"),
    ],
)
def test_bad_option_is_a_typed_warning_at_the_line_and_a_box(page, text, said):
    built = page(f".. keras-model:: shop.models:mlp\n   {text}\n   :name: m\n\n   Caption.\n", numfig=True)
    assert said in built.warnings
    assert "[kerasarch.option]" in built.warnings
    assert "index.rst:4: WARNING: keras-model shop.models:mlp: " in built.warnings
    html = built.read("index.html")
    assert "kerasarch-failure" in html
    assert "Caption." in html
    assert "1</span>" in html or "1 </span>" in html


def test_shorthand_refuses_views_and_options_of_other_views(page):
    built = page(".. keras-graph:: shop.models:mlp\n   :views: summary\n")
    assert "keras-graph has no option 'views'" in built.warnings
    built = page(".. keras-graph:: shop.models:mlp\n   :columns: layer\n")
    assert "keras-graph has no option 'columns'" in built.warnings


def test_missing_target_and_bad_content(page):
    built = page(".. keras-graph::\n")
    assert "No model is named. Write .. keras-graph:: pkg.module:factory [kerasarch.target]" in built.warnings
    built = page(".. keras-graph:: shop.models:mlp\n\n   * a list\n")
    assert "The content must begin with the caption." in built.warnings


def test_arguments_and_shape_reach_the_worker(page, recorded, monkeypatch):
    page(
        ".. keras-summary:: shop.models:mlp\n   :args: units=3,\n      name='x'\n   :input-shape: 8, 8\n",
        kerasarch_backend="jax",
    )
    (asked,) = recorded.requests
    assert asked.arguments.split() == ["units=3,", "name='x'"]
    assert asked.input_shape == "8, 8"
    assert asked.backend == "jax"


def test_saved_model_is_found_from_the_document(site, recorded, monkeypatch):
    (site.src / "part").mkdir()
    asked = []
    old = recorded.describe

    def describe(request):
        asked.append(request.target)
        return old(dataclasses.replace(request, target="shop.models:mlp"))

    monkeypatch.setattr(recorded, "describe", describe)
    (site.src / "part" / "page.rst").write_text(
        "P\n=\n\n.. keras-summary:: saved/net.keras\n\n.. keras-graph:: /top.keras\n\n:keras:model:`saved/net.keras`\n"
    )
    built = site.write(index="A\n=\n\n.. toctree::\n\n   part/page\n").build()
    assert asked == [str(site.src / "part" / "saved" / "net.keras"), str(site.src / "top.keras")]
    assert built.warnings == ""
    assert "kerasarch-top-keras-graph-" in built.read("part/page.html")


@pytest.mark.parametrize(
    "directive",
    [
        ".. keras-model:: shop.models:lenett\n   :views: layered, graph, summary\n",
        ".. keras-model:: shop.models:lenet\n   :views: layered, graph, summary\n   :fuze: no\n",
        ".. keras-model:: shop.models:lenet\n   :views: layered, graph, summary\n   :align: up\n",
    ],
    ids=["model", "figures", "directive"],
)
def test_several_figures_that_fail_alike_tell_the_reason_once(page, directive):
    built = page(directive + "   :name: it\n", numfig=True)
    assert built.warnings.count("WARNING") == 1
    boxes = list(built.resolved().findall(nodes.error))
    assert len(boxes) == 3
    assert "Did you mean" in boxes[0].astext() or "Take one" in boxes[0].astext()
    assert "not shown" not in boxes[0].astext().lower()
    for box in boxes[1:]:
        assert box.astext().endswith("Not shown either, for the reason given at the layered view.")
    html = built.read("index.html")
    assert html.count("kerasarch-failure") == 3
    assert "Table 1" in html and "Fig. 2" in html
    latex = page(directive, "latex", numfig=True).read("shop.tex")
    assert latex.count(r"{\raggedright") >= 2
    assert latex.count("Not shown either") == 2


def test_figures_that_fail_for_reasons_of_their_own_tell_them(page):
    text = ".. keras-model:: shop.models:lenet\n   :views: graph, layered, summary\n   :columns: nothing\n"
    built = page(text + "   :graph-width: 3 parsec\n")
    assert built.warnings.count("WARNING") == 2
    said = " ".join(box.astext() for box in built.resolved().findall(nodes.error))
    assert "parsec" in said and "nothing" in said and "Not shown either" not in said


def test_saved_model_that_is_not_there_tells_from_where_its_path_counts(page, site):
    missing = ImportTargetError("There is no file.", advice="Hm.")
    site.recorded.failing[str(site.src / "models" / "nothere.keras")] = missing
    built = page(".. keras-graph:: models/nothere.keras\n")
    assert (
        "keras-graph: There is no file 'models/nothere.keras'. The path counts from the folder of this page; "
        "with a leading slash, from the source directory. [kerasarch.import]" in built.warnings
    )


def test_layers_to_open_and_custom_objects_reach_the_worker(site, recorded, monkeypatch):
    asked = []
    old = recorded.describe

    def describe(request):
        asked.append((request.open, request.custom_objects))
        return old(request)

    monkeypatch.setattr(recorded, "describe", describe)
    head = ".. keras-summary:: shop.models:lenet\n"
    site.write(index=f"A\n=\n\n{head}   :open: LSTM, att*\n   :custom-objects: shop.layers:Mine\n\n{head}")
    assert site.build().warnings == ""
    assert sorted(asked) == [("", ""), ("LSTM, att*", "shop.layers:Mine")]
    asked.clear()
    assert site.build().warnings == "" and not asked
    built = site.build(kerasarch_custom_objects=["shop.layers:All"])
    assert built.warnings == ""
    assert sorted(asked) == [("", "shop.layers:All"), ("LSTM, att*", "shop.layers:All, shop.layers:Mine")]


def test_weights_are_asked_for_where_a_directive_says_so(site, recorded, monkeypatch):
    asked = []
    old = recorded.describe

    def describe(request):
        asked.append(request.weights)
        return old(request)

    monkeypatch.setattr(recorded, "describe", describe)
    head = ".. keras-neurons:: shop.models:mlp\n"
    site.write(index=f"A\n=\n\n{head}   :weights:\n   :no-index:\n\n{head}")
    assert site.build().warnings == ""
    assert sorted(asked) == [False, True]
    asked.clear()
    assert site.build().warnings == "" and not asked
