"""The advance tables against the bundled font files, and texts cut to a width."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.ttfonts import TTFont

from sphinx_kerasarch.formats.fonts import FILES, MISSING, font_file
from sphinx_kerasarch.layout.text import WEIGHTS, ellipsize, known, measure, nearest_weight

NAMES = st.text(max_size=40)
WEIGHT = st.sampled_from(WEIGHTS)


@pytest.mark.parametrize("weight", WEIGHTS)
def test_tables_are_those_of_the_files(weight: int) -> None:
    face = TTFont(f"probe-{weight}", io.BytesIO(font_file(weight).read_bytes())).face
    for code in sorted(set(face.charToGlyph) - {0xFFFF}):  # which ends the character map
        char = chr(code)
        assert known(char), f"U+{code:04X} is drawn but not measured"
        assert measure(char, 1000, weight) == pytest.approx(face.charWidths[code], abs=0.6), char


def test_signs_of_the_figures_are_in_the_fonts() -> None:
    for char in f"×−·‖→?…{MISSING}éßñøΩαµ²≤":
        assert known(char), char


def test_files_are_small_and_licensed() -> None:
    assert set(FILES) == set(WEIGHTS)
    for weight in FILES:
        assert len(font_file(weight).read_bytes()) < 100_000
    assert "SIL OPEN FONT LICENSE" in font_file(400).parent.joinpath("OFL.txt").read_text("utf-8").upper()  # type: ignore[attr-defined]


def test_known_widths() -> None:
    assert measure("卷积", 10) == 20.0  # full-width signs take one em
    assert measure("e\u0301", 10) == measure("e", 10)  # combining marks take no room
    assert measure("\u200bx", 10) == measure("x", 10)
    assert measure("conv", 12, 600) > measure("conv", 12, 400) > 0
    assert measure("", 12) == 0
    assert measure("😀", 10) > 10


def test_bolder_takes_the_nearest_weight() -> None:
    assert [nearest_weight(weight) for weight in (100, 400, 500, 600, 700, 900)] == [
        400,
        400,
        500,
        600,
        600,
        600,
    ]


@given(NAMES, NAMES, WEIGHT)
def test_width_adds_up_and_scales(first: str, second: str, weight: int) -> None:
    both = measure(first + second, 10, weight)
    assert both == pytest.approx(measure(first, 10, weight) + measure(second, 10, weight))
    assert measure(first, 20, weight) == pytest.approx(2 * measure(first, 10, weight))


def test_the_middle_goes() -> None:
    assert ellipsize("block_12_expand_relu", 80, 12) == "block_…_relu"
    assert ellipsize("short", 80, 12) == "short"
