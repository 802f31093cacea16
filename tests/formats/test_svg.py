"""SVG: what converters, pages and readers need of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sphinx_kerasarch import escape
from sphinx_kerasarch.figure import Group, Image, Rect, Scene, Text
from sphinx_kerasarch.formats import svg
from sphinx_kerasarch.theme import THEMES, color, tokens

SVG = "{http://www.w3.org/2000/svg}"


def parsed(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def elements(data: bytes, name: str = "*") -> Iterator[etree._Element]:
    return parsed(data).iter(SVG + name)


@pytest.mark.parametrize("theme", THEMES)
def test_static_colours_are_those_of_the_theme(sample: Scene, theme: str) -> None:
    data = svg.write(sample, theme=theme)
    used = {e.get(name) for e in elements(data) for name in ("fill", "stroke")} - {None, "none"}
    assert used <= {color(token, theme) for token in tokens()}
    assert color("conv.solid", theme) in used
    assert b"class=" not in data


def test_themed_names_every_token_and_is_light_without_a_sheet(sample: Scene) -> None:
    rects = tuple(Rect(0, 0, 1, 1, fill=token, stroke=token) for token in tokens())
    data = svg.write(replace(sample, items=rects), theme="dark", flavour="themed")
    drawn = list(elements(data, "rect"))[1:]
    assert len(drawn) == len(tokens())
    for token, element in zip(tokens(), drawn, strict=True):
        name = token.replace(".", "-")
        assert (element.get("class") or "").split() == [f"f-{name}", f"s-{name}"]
        assert (element.get("fill"), element.get("stroke")) == (color(token), color(token))


def test_flavours_differ_in_classes_and_the_role_only(sample: Scene) -> None:
    static, themed = svg.write(sample), svg.write(sample, flavour="themed")
    plain = re.sub(rb' class="[^"]*"', b"", themed)
    assert plain.replace(b' role="group"', b' role="img"', 1) == static


def test_cards_are_named_and_edges_are_not_read(sample: Scene) -> None:
    root = parsed(svg.write(sample))
    card = root.find(f".//{SVG}g[@data-ref='conv']")
    assert card is not None
    assert card.findtext(f"{SVG}title") == "stem: a convolution & its <weights>"
    edge = root.find(f".//{SVG}g[@data-ref='conv->add']")
    assert edge is not None
    assert edge.get("aria-hidden") == "true"


def test_pictures_are_embedded(sample: Scene) -> None:
    (picture,) = [item for item in sample.items if isinstance(item, Image)]
    (element,) = elements(svg.write(sample), "image")
    kind, _, data = element.get("href", "").partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(data) == picture.data


def test_coordinates_are_short(sample: Scene) -> None:
    item = Rect(1 / 3, 2 / 3, 10.1049, 1e-9, fill="ink")
    data = svg.write(replace(sample, items=(item,))).decode()
    assert 'x="0.33" y="0.67" width="10.1" height="0"' in data


@given(st.floats(-1e6, 1e6))
def test_numbers(value: float) -> None:
    text = svg.number(value)
    assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d?[1-9])?", text)
    assert text != "-0"
    assert abs(float(text) - value) <= 0.00501


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_survives_xml(text: str) -> None:
    """lxml reads back what was written, but for characters that XML 1.0 does not allow or that turn the direction."""
    item = Group((Text(0, 0, text, 10),), ref=text, role="call", label=text)
    data = svg.write(Scene(9, 9, (item,), text, text), prefix="p")
    root = parsed(data)
    read = root.findtext(f".//{SVG}text") or ""
    group = root.find(f"{SVG}g")
    assert group is not None
    assert (group.get("data-ref") or "") == read
    assert (root.findtext(f"{SVG}title") or "") == read
    assert len(read) == len(text)
    for before, after in zip(text, read, strict=True):
        assert after in (before, " ", "\ufffd")
        if before.isprintable() and not escape.HIDDEN.match(before):
            assert after == before


@pytest.mark.parametrize(
    "char", ["\x00", "\x1b", "\x7f", "\ud800", "\ufffe", "\U0001ffff", "\u202e", "\u2066"]
)
def test_forbidden_characters_are_replaced(char: str) -> None:
    assert escape.xml(f"a{char}b") == "a\ufffdb"


def test_line_breaks_become_spaces() -> None:
    assert escape.xml("a\tb\nc\rd") == "a b c d"


def test_markup_is_text() -> None:
    hostile = "</text><script>alert('1')</script>\"&amp;]]><!--"
    root = parsed(svg.write(Scene(9, 9, (Text(0, 0, hostile, 10),), hostile, hostile), prefix='a" onload="x'))
    assert [etree.QName(element).localname for element in root] == ["title", "desc", "rect", "text"]
    assert root.findtext(f"{SVG}text") == hostile
    assert root.get("onload") is None
