"""Colours: every token in every theme, and contrasts that make figures legible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch.theme import FACES, THEMES, TILES, color, contrast, grey, luminance, mix, tokens

BYTES = st.integers(0, 255)
COLORS = st.builds("#{:02x}{:02x}{:02x}".format, BYTES, BYTES, BYTES)


def test_grey_is_grey_and_print_is_white() -> None:
    for token in tokens():
        shade = color(token, "grey")
        assert shade[1:3] == shade[3:5] == shade[5:7]
    assert color("bg", "print") == "#ffffff"


@given(COLORS)
def test_grey_keeps_the_luminance(shade: str) -> None:
    assert abs(luminance(grey(shade)) - luminance(shade)) < 0.005


@given(COLORS, COLORS)
def test_mixing_ends_at_both_colours(first: str, second: str) -> None:
    assert mix(first, second, 0) == first
    assert mix(first, second, 1) == second


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the grey that just fails WCAG AA


LEGIBLE = [
    # text on its ground: at least 4.5 for any size (WCAG 2.2, 1.4.3), held with a margin
    ("ink", "{}.tint", 9.5, 12.7),
    ("ink2", "{}.tint", 7.4, 8.1),
    ("muted", "{}.tint", 5.1, 5.5),
    # signs and lines: at least 3 (WCAG 2.2, 1.4.11)
    ("{}.solid", "cl2", 4.9, 3.0),
    ("onsolid", "{}.solid", 6.1, 3.6),
]


@pytest.mark.parametrize(("first", "second", "dark", "light"), LEGIBLE)
def test_cards_are_legible(first: str, second: str, dark: float, light: float) -> None:
    for category in TILES:
        for theme, least in (("dark", dark), ("light", light)):
            ratio = contrast(color(first.format(category), theme), color(second.format(category), theme))
            assert ratio >= least, (category, theme)


@pytest.mark.parametrize("theme", THEMES)
def test_lines_and_words_are_legible(theme: str) -> None:
    def ratio(first: str, second: str) -> float:
        return contrast(color(first, theme), color(second, theme))

    for ground in ("bg", "surface", "panel", "cl", "cl2"):
        for words in ("ink", "ink2", "muted"):
            assert ratio(words, ground) >= 5.4, (words, ground)
        for line in ("edge", "skip"):
            assert ratio(line, ground) >= 5.3, (line, ground)
    assert ratio("rule", "panel") >= 3.3
    assert ratio("onbadge", "badge") >= 12
    assert ratio("accent", "bg") >= 6.3
    for category in FACES:
        assert ratio(f"{category}.outline", "bg") >= 5.0, category


def test_dark_outlines_are_lighter_than_their_faces() -> None:
    for category in FACES:
        assert luminance(color(f"{category}.outline", "dark")) > luminance(color(f"{category}.front", "dark"))
        assert luminance(color(f"{category}.outline")) < luminance(color(f"{category}.front"))
