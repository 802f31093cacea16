"""``kerasarch_colors`` and ``kerasarch_roles``: the same in every figure, table and style sheet of a project."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sphinx.errors import ConfigError

from sphinx_kerasarch.theme import color

PAGE = """
.. keras-model:: shop.models:transformer_encoder
   :views: layered, graph, summary
"""
OWN = {"attn": "#0072b2", "layer:dense*": ("#d55e00", "#e69f00")}


def pictures(built: Any) -> str:
    return "".join(
        file.read_text("utf-8") for file in sorted((built.out / "_images").glob("kerasarch-*.svg"))
    )


def sheet(built: Any, name: str) -> str:
    return str((built.out / "_static" / name).read_text("utf-8"))


def test_pictures_and_tables_have_own_colours(page: Any) -> None:
    built = page(PAGE, kerasarch_colors=OWN)
    assert built.warnings == ""
    svg = pictures(built)
    assert svg.count("#0072b2") >= 4 and "#d55e00" in svg
    assert color("attn.front") not in svg
    assert "--ka-attn-solid:#0072b2" in sheet(built, "kerasarch.css")


def test_themed_figures_take_them_from_the_style_sheet(page: Any) -> None:
    built = page(PAGE, kerasarch_colors=OWN, kerasarch_theme="auto")
    assert built.warnings == ""
    css = sheet(built, "kerasarch-themed.css")
    used = set(re.findall(r'class="[fs]-([a-z0-9-]+)', built.read("index.html")))
    assert {"xd55e00xe69f00-front", "xd55e00xe69f00-tile"} <= used
    defined = set(re.findall(r"--ka-([a-z0-9-]+):", css))
    assert used <= defined
    assert "--ka-xd55e00xe69f00-tile:#d55e00" in css
    assert "--ka-xd55e00xe69f00-tile:#e69f00" in css.partition("@media")[2]


def test_changed_settings_change_the_figures(page: Any) -> None:
    plain = pictures(page(PAGE))
    colored = page(PAGE, kerasarch_colors=OWN)
    assert "#0072b2" in pictures(colored)
    assert "--ka-attn-solid:#0072b2" in sheet(colored, "kerasarch.css")
    again = page(PAGE)
    name = re.findall(r'src="_images/(kerasarch-[^"]*layered[^"]*)"', again.read("index.html"))
    assert (again.out / "_images" / name[0]).read_text("utf-8") in plain
    assert "--ka-attn-solid:#0072b2" not in sheet(again, "kerasarch.css")


def test_classes_have_the_category_that_the_project_gives(page: Any) -> None:
    plain = page(PAGE).read("index.html")
    built = page(PAGE, kerasarch_roles={"Positions": "embed"})
    assert built.warnings == ""
    html = built.read("index.html")
    assert html.count("kerasarch-is-embed") == plain.count("kerasarch-is-embed") + 1
    assert html.count("kerasarch-is-custom") == plain.count("kerasarch-is-custom") - 1


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"kerasarch_colors": {"cnov": "#fff"}}, "Did you mean 'conv'?"),
        ({"kerasarch_colors": {"conv": 7}}, "neither a colour nor a pair"),
        ({"kerasarch_roles": {"Positions": "embd"}}, "Did you mean 'embed'?"),
    ],
)
def test_settings_that_mean_nothing_are_refused(page: Any, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        page(PAGE, **settings)
    assert said in str(caught.value)


def test_layers_are_called_what_the_project_calls_them(page: Any) -> None:
    built = page(PAGE, kerasarch_labels={"positions": "where it stands", "dense*": "mixing"})
    assert built.warnings == ""
    assert "mixing" in built.read("index.html")
    assert pictures(built).count("mixing") >= 2
    with pytest.raises(ConfigError, match="cannot be 3"):
        page(PAGE, kerasarch_labels={"dense": 3})


DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


@pytest.mark.skipif(not DEJAVU.exists(), reason="needs DejaVu Sans")
def test_letters_that_inter_lacks_come_from_fonts_of_the_project(page: Any, site: Any) -> None:
    text = ".. keras-graph:: shop.models:lenet"
    labels = {"conv2d*": "שכבה"}
    site.src.joinpath("hebrew.ttf").write_bytes(DEJAVU.read_bytes())
    plain = page(text, builder="latex", kerasarch_labels=labels)
    without = {file.read_bytes() for file in plain.out.glob("kerasarch-*.pdf")}
    built = page(text, builder="latex", kerasarch_labels=labels, kerasarch_fonts=["hebrew.ttf"])
    assert built.warnings == plain.warnings == ""
    assert not any(b"DejaVu" in data for data in without)
    assert any(b"DejaVu" in file.read_bytes() for file in built.out.glob("kerasarch-*.pdf"))
    with pytest.raises(ConfigError, match="is no file"):
        page(text, kerasarch_fonts=["none.ttf"])
