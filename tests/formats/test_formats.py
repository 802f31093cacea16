"""The same drawing as SVG, PDF and PNG: parsed by real parsers, the same bytes each time, hostile texts harmless."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path as FilePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image as Picture
from pypdf import PdfReader

from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.escape import xml as escape
from sphinx_kerasarch.figure import Circle, Group, Image, Path, Rect, Scene, Table, Text
from sphinx_kerasarch.formats.svg import number
from sphinx_kerasarch.layout.text import ellipsize, measure
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.theme import color

SPECS = FilePath(__file__).parents[1] / "specs"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    "<script>alert(1)</script>",
    "]]>",
    "a\"b'c",
    "&amp;&",
    "\x00\x1b[2J",
    "\u202eevil",
    "\ud800",
    "漢字 🙂 é ×",
]


def label(x: float, y: float, words: str, anchor: str = "start") -> Text:
    return Text(x, y, words, 12, 600, anchor=anchor, length=measure(words, 12, 600))


def picture() -> bytes:
    stream = io.BytesIO()
    Picture.new("RGB", (2, 2), (200, 30, 30)).save(stream, "PNG")
    return stream.getvalue()


def scene(*words: str) -> Scene:
    items = (
        Rect(10, 10, 120, 40, 6, "conv.tint", "conv.line"),
        Rect(10, 10, 24, 40, 6, "conv.solid", corners="left"),
        Path(
            (("M", 150.0, 10.0), ("L", 190.0, 10.0), ("Q", 198.0, 10.0, 198.0, 18.0), ("Z",)),
            "skip",
            "edge",
            1.7,
        ),
        Circle(160, 60, 11, "surface", "edge", 1.6),
        Image((30.0, -10.0, 0.0, 40.0, 180.0, 60.0), picture()),
        Group(tuple(label(40, 30 + 14 * i, word) for i, word in enumerate(words)), "a", "call", "a card"),
    )
    return Scene(321, 160, items, "Title <1>", "Words & more")


@pytest.mark.parametrize("flavour", ["static", "themed"])
def test_svg_is_xml_with_title_description_and_nothing_active(flavour: str) -> None:
    data = write(scene(*HOSTILE), "svg", flavour=flavour, prefix="x")
    root = etree.fromstring(data)
    role = "img" if flavour == "static" else "group"  # in a page the cards are told one by one
    assert (root.get("width"), root.get("height"), root.get("role")) == ("321", "160", role)
    assert root.findtext(f"{SVG}title") == "Title <1>"
    assert root.findtext(f"{SVG}desc") == "Words & more"
    tags = {etree.QName(element).localname for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "rect", "path", "circle", "text", "image"}
    references = [
        value for element in root.iter() for name, value in element.items() if name.endswith("href")
    ]
    assert all(value.startswith("data:image/png;base64,") for value in references)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert texts[:4] == HOSTILE[:4]
    assert texts[-1] == HOSTILE[-1]
    assert b"var(" not in data


def test_themed_svg_has_a_class_for_every_colour_and_light_attributes() -> None:
    root = etree.fromstring(write(scene("a"), "svg", flavour="themed", theme="dark"))
    painted = [e for e in root.iter() if (e.get("fill") or "none") != "none" or e.get("stroke")]
    assert len(painted) > 5
    for element in painted:
        classes = (element.get("class") or "").split()
        if element.get("fill", "none") != "none":
            assert any(name.startswith("f-") for name in classes)
        if element.get("stroke"):
            assert any(name.startswith("s-") for name in classes)
    card = next(root.iter(f"{SVG}rect").__iter__())
    assert card.get("fill") == color("bg", "light")


def test_ids_start_with_the_prefix() -> None:
    text = write(scene("a"), "svg", prefix="fig7").decode()
    ids = re.findall(r' id="([^"]+)"', text)
    assert ids and all(name.startswith("fig7-") for name in ids)


def test_text_carries_its_measured_length() -> None:
    root = etree.fromstring(write(scene("conv2d_1"), "svg"))
    (text,) = root.iter(f"{SVG}text")
    assert float(text.get("textLength")) == pytest.approx(measure("conv2d_1", 12, 600), abs=0.01)
    assert text.get("lengthAdjust") == "spacingAndGlyphs"


@given(st.text())
def test_escaped_text_is_always_xml(text: str) -> None:
    root = etree.fromstring(f'<a b="{escape(text)}">{escape(text)}</a>')
    assert len(root) == 0
    assert len(root.text or "") == len(text)


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1"), (-0.001, "0"), (2.346, "2.35"), (100.10, "100.1"), (0.5, "0.5")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_pdf_has_one_page_of_the_figure_with_selectable_text_and_only_embedded_fonts() -> None:
    reader = PdfReader(io.BytesIO(write(scene("conv2d_1", "3×3, 64 αβ"), "pdf")))
    (page,) = reader.pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((321 * 0.75, 120))
    assert "conv2d_1" in page.extract_text()
    assert "3×3, 64 αβ" in page.extract_text()
    fonts = page["/Resources"]["/Font"]
    for reference in fonts.values():
        font = reference.get_object()
        assert "Inter" in font["/BaseFont"]
        assert "/FontFile2" in font["/FontDescriptor"]
    assert reader.metadata is not None
    assert reader.metadata.title == "Title <1>"


def test_pdf_takes_hostile_texts_and_draws_a_box_for_what_inter_lacks() -> None:
    text = PdfReader(io.BytesIO(write(scene(*HOSTILE), "pdf"))).pages[0].extract_text()
    assert "<script>alert(1)</script>" in text
    assert "□" in text


def test_pdf_refuses_a_page_that_viewers_cannot_show() -> None:
    with pytest.raises(DrawError, match="fold"):
        write(Scene(100, 20_000), "pdf")


def test_pdf_names_a_font_file_that_it_cannot_read() -> None:
    with pytest.raises(OptionError, match=r"nofont\.ttf"):
        write(scene("漢"), "pdf", fonts="nofont.ttf")


@pytest.mark.parametrize("dpi", [96.0, 192.0, 300.0])
def test_png_has_the_size_and_resolution_asked_for(dpi: float) -> None:
    image = Picture.open(io.BytesIO(write(scene("a"), "png", dpi=dpi)))
    image.load()
    assert image.size == (round(321 * dpi / 96), round(160 * dpi / 96))
    assert image.info["dpi"][0] == pytest.approx(dpi, abs=0.1)


def test_png_has_the_colours_of_the_theme() -> None:
    for theme in ("light", "dark"):
        image = Picture.open(io.BytesIO(write(scene("a"), "png", theme=theme, dpi=96.0))).convert("RGB")
        assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((20, 15))) == color("conv.solid", theme)  # type: ignore[misc]


def test_png_over_25_megapixels_is_refused_with_what_fits() -> None:
    with pytest.raises(DrawError, match="dpi") as caught:
        write(Scene(4000, 4000), "png")
    fitting = caught.value.data["dpi"]
    assert (4000 * fitting / 96) ** 2 <= 25_000_000


def test_same_bytes_whatever_the_hash_seed_and_time_zone() -> None:
    code = (
        "import sys, hashlib; from sphinx_kerasarch.api import draw, write; "
        "from sphinx_kerasarch.spec.codec import loads; "
        "figure = draw(loads(open(sys.argv[1], encoding='utf-8').read()), 'layered').figure; "
        "print([hashlib.sha256(write(figure, f)).hexdigest() for f in ('svg', 'pdf', 'png', 'json', 'text')])"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, str(SPECS / "lenet.json")],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
        ).stdout
        for seed, zone in (("0", "UTC"), ("3", "Asia/Tokyo"))
    }
    assert len(outputs) == 1


def test_svg_pdf_and_png_do_not_change_between_two_calls() -> None:
    figure = draw(loads((SPECS / "resnet50.json").read_text("utf-8")), "layered").figure
    for name in ("svg", "pdf", "png"):
        digests = {hashlib.sha256(write(figure, name)).hexdigest() for _ in range(2)}
        assert len(digests) == 1, name


def test_a_table_is_not_a_drawing() -> None:
    with pytest.raises(OptionError, match="text, json"):
        write(Table("t", (), ()), "pdf")


@settings(max_examples=50)
@given(st.text(max_size=60), st.floats(10, 200))
def test_ellipsized_text_fits_and_keeps_both_ends(text: str, width: float) -> None:
    short = ellipsize(text, width, 12)
    if short != text:
        head, _, tail = short.partition("…")
        assert text.startswith(head) and text.endswith(tail)
        assert measure(short, 12) <= width or short == "…"


def test_advances_are_those_of_the_bundled_fonts() -> None:
    from reportlab.pdfbase import pdfmetrics

    write(scene("a"), "pdf")
    for weight, name in ((400, "Inter-Regular"), (500, "Inter-Medium"), (600, "Inter-SemiBold")):
        words = "3×3, 64, stride 2 – conv2d_1 … αβγ"
        assert measure(words, 10, weight) == pytest.approx(pdfmetrics.stringWidth(words, name, 10), abs=0.2)
