"""Colours: every token in every theme, and contrasts that make figures legible."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.theme import (
    FACES,
    THEMES,
    TILES,
    color,
    contrast,
    grey,
    luminance,
    mix,
    palette,
    rgb,
    tokens,
)

SPECS = Path(__file__).parents[1] / "specs"

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
    ("{}.ontile", "{}.tile", 6.1, 3.6),
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


# ---- own colours

OWN = st.dictionaries(st.sampled_from(sorted({*TILES, *FACES})), COLORS, min_size=1, max_size=3)


@given(OWN, st.sampled_from(["light", "dark", "print"]))
def test_own_colours_stay_legible(own: dict[str, str], theme: str) -> None:
    chosen = palette(theme, own)

    def ratio(first: str, second: str) -> float:
        return contrast(color(first, chosen), color(second, chosen))

    for category, given_color in own.items():
        assert color(f"{category}.tile", chosen) == given_color
        # Of two inks one reaches the root of their own contrast: √18 for the two in use.
        assert ratio(f"{category}.ontile", f"{category}.tile") >= 4.2
        assert ratio(f"{category}.solid", "cl2") >= 3.0
        assert ratio(f"{category}.solid", f"{category}.tint") >= 2.9
        assert ratio(f"{category}.outline", "bg") >= 5.0
        assert ratio(f"{category}.line", "surface") >= 2.0
        for words, least in (("ink", 9.0), ("ink2", 7.0), ("muted", 4.5)):
            assert ratio(words, f"{category}.tint") >= least, words


def test_an_own_colour_is_taken_as_it_is() -> None:
    chosen = palette("light", {"conv": "#f0e442", "pool": ("#0072b2", "#56b4e9")})
    assert color("conv.front", chosen) == color("conv.tile", chosen) == "#f0e442"
    assert color("conv.ontile", chosen) == "#12171d"
    assert color("pool.ontile", chosen) == "#ffffff"
    dark = palette("dark", {"conv": "#f0e442", "pool": "#0072b2, #56b4e9"})
    assert color("pool.tile", dark) == "#56b4e9"
    assert color("dense.front", chosen) == color("dense.front")
    assert color("conv.front", palette("grey", {"conv": "#f0e442"})) == grey("#f0e442")


def test_own_colour_of_the_rest_holds_for_all_that_share_it() -> None:
    chosen = palette("light", {"other": "#cc79a7", "merge": "#000000"})
    assert color("reshape.front", chosen) == "#cc79a7"
    assert color("merge.front", chosen) == "#000000"
    assert color("conv.front", chosen) == color("conv.front")


# ---- colour-vision deficiency

MACHADO = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
"""Severity 1.0, in linear sRGB: Machado, Oliveira, Fernandes, A Physiologically-based Model for Simulation of Color
Vision Deficiency, IEEE TVCG 15 (2009)."""

WHITE_POINT = (0.95047, 1.0, 1.08883)
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
"""Linear sRGB → CIE XYZ under D65 (IEC 61966-2-1)."""


def times(matrix: tuple[tuple[float, ...], ...], vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(shade: str, sight: str = "") -> tuple[float, float, float]:
    """CIE L*a*b* of a colour as it is seen."""
    linear = [b / 255 / 12.92 if b <= 10 else ((b / 255 + 0.055) / 1.055) ** 2.4 for b in rgb(shade)]
    if sight:
        linear = [min(1.0, max(0.0, value)) for value in times(MACHADO[sight], linear)]

    def root(t: float) -> float:
        return t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116

    x, y, z = (root(v / w) for v, w in zip(times(TO_XYZ, linear), WHITE_POINT, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def nearest(theme: str, sight: str, tone: str, pairs: set[frozenset[str]]) -> tuple[float, str]:
    """Smallest distance (CIE76) among pairs of categories."""
    return min(
        (math.dist(*(lab(color(f"{name}.{tone}", theme), sight) for name in pair)), "/".join(sorted(pair)))
        for pair in pairs
    )


def beside_each_other() -> set[frozenset[str]]:
    """Pairs of categories with a box of their own that follow each other in a recorded model."""
    pairs = set()
    for file in sorted(SPECS.glob("*.json")):
        spec = loads(file.read_text("utf-8"))
        layers = {layer.id: layer.role for layer in spec.layers}
        roles = {call.id: layers[call.layer] for call in spec.calls}
        producers: dict[str, list[str]] = {}
        for edge in spec.edges:
            producers.setdefault(edge.target.call, []).append(edge.source.call)
        for call, role in roles.items():
            seen: set[str] = set()
            todo = list(producers.get(call, ()))
            while todo and role in FACES:
                source = todo.pop()
                if source in seen:
                    continue
                seen.add(source)
                if roles[source] in FACES:
                    pairs.add(frozenset((role, roles[source])))
                else:
                    todo += producers.get(source, ())
    return {pair for pair in pairs if len(pair) == 2}


def test_lab_of_known_colours() -> None:
    assert lab("#ffffff") == pytest.approx((100, 0, 0), abs=0.02)
    assert lab("#ff0000") == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    assert lab("#808080", "protan") == pytest.approx(lab("#808080"), abs=0.02)  # grey is grey to everybody
    assert math.dist(lab("#ff0000", "deutan"), lab("#808000", "deutan")) < math.dist(
        lab("#ff0000"), lab("#808000")
    )


NEIGHBOURS = {
    # sight: light, dark
    "": (22.7, 24.7),
    "protan": (10.3, 9.8),
    "deutan": (13.5, 10.9),
    "tritan": (11.2, 14.4),
}


@pytest.mark.parametrize("sight", NEIGHBOURS)
def test_neighbours_are_told_apart_by_everybody(sight: str) -> None:
    pairs = beside_each_other()
    assert {frozenset(("conv", "pool")), frozenset(("embed", "norm")), frozenset(("conv", "up"))} <= pairs
    for theme, expected in zip(("light", "dark"), NEIGHBOURS[sight], strict=True):
        distance, _ = nearest(theme, sight, "front", pairs)
        assert distance == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("sight", ["", *MACHADO])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_any_two_categories_keep_a_distance(theme: str, sight: str) -> None:
    boxes = [name for name in FACES if name not in {"data", "other"}]
    cards = ["conv", "pool", "up", "norm", "act", "dense", "recur", "attn", "embed"]
    for tone, names in (("front", boxes), ("solid", cards)):
        distance, pair = nearest(theme, sight, tone, set(map(frozenset, combinations(names, 2))))
        assert distance >= (22 if not sight else 9.3), (tone, pair)
