"""The maps and the neurons view in pages: formats, captions, words for those who do not see, refusals."""

from __future__ import annotations

import re

import pytest

BOTH = """
.. keras-model:: shop.models:lenet
   :views: maps, neurons
   :name: shown

   Feature maps.

.. keras-maps:: shop.models:autoencoder
   :width: narrow

.. keras-neurons:: shop.models:mlp

   A perceptron.

See :numref:`shown` and :numref:`shown-neurons`.
"""
SETTINGS = {"numfig": True, "version": "1", "epub_show_urls": "no"}


@pytest.mark.parametrize(
    ("builder", "file", "suffix"),
    [("html", "index.html", "svg"), ("epub", "index.xhtml", "svg"), ("latex", "shop.tex", "pdf")],
)
def test_pictures_in_the_format_of_the_builder(page, builder, file, suffix):
    built = page(BOTH, builder, **SETTINGS)
    assert built.warnings == ""
    names = set(
        re.findall(r"kerasarch-(?:lenet|autoencoder|mlp)-(?:maps|neurons)-[0-9a-f]{8}", built.read(file))
    )
    assert sorted(name.rpartition("-")[0] for name in names) == [
        "kerasarch-autoencoder-maps",
        "kerasarch-lenet-maps",
        "kerasarch-lenet-neurons",
        "kerasarch-mlp-neurons",
    ]
    assert all(list(built.out.rglob(f"{name}.{suffix}")) for name in names)


def test_captions_and_words(page):
    text = page(BOTH, **SETTINGS).read("index.html")
    plain = re.sub(r"<[^>]+>", "", text)
    assert "Feature maps." in plain and "Neurons of lenet" in plain and "A perceptron." in plain
    assert "view of lenet: Keras model with" in text


def test_pages_switch_themes(page):
    text = page(
        ".. keras-maps:: shop.models:lenet\n\n.. keras-neurons:: shop.models:mlp\n", kerasarch_theme="auto"
    ).read("index.html")
    assert text.count("<svg") >= 2
    assert "f-conv-map" in text and "f-dense-base" in text


def test_nothing_is_drawn_again(site):
    site.write(index=f"Shop\n====\n\n{BOTH}")
    assert site.build(**SETTINGS).warnings == ""
    again = site.build(**SETTINGS)
    assert again.warnings == "" and "nothing was imported" in again.status


@pytest.mark.parametrize(
    ("directive", "said"),
    [("keras-maps", "too many layers"), ("keras-neurons", "Nothing in the model is a vector")],
)
def test_what_cannot_be_drawn_is_said_where_it_stands(page, directive, said):
    model = "resnet50" if directive == "keras-maps" else "unet"
    built = page(f".. {directive}:: shop.models:{model}\n")
    assert re.search(
        rf"index\.rst:4: WARNING: {directive}.*{said}.*Take the view .*\[kerasarch\.draw\]", built.warnings
    )


def test_a_picture_on_an_input(site):
    from PIL import Image

    Image.new("L", (28, 28), 90).save(site.src / "seven.png")
    site.write(index="A\n=\n\n.. keras-maps:: shop.models:lenet\n   :image: seven.png\n")
    built = site.build()
    assert built.warnings == ""
    (drawn,) = built.out.rglob("kerasarch-lenet-maps-*.svg")
    assert "data:image/png;base64," in drawn.read_text("utf-8")
