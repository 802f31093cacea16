from __future__ import annotations

import re

import pytest

from sphinx_kerasarch.spec.roles import ROLES as CATEGORIES
from sphinx_kerasarch.theme import THEMES, TILES, color, contrast, grey, mix, tokens


@pytest.mark.parametrize("theme", THEMES)
def test_every_token_has_a_colour(theme: str) -> None:
    assert all(re.fullmatch("#[0-9a-f]{6}", color(token, theme)) for token in tokens())


def test_every_category_has_tiles() -> None:
    assert set(CATEGORIES) <= set(TILES)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_are_readable(theme: str) -> None:
    for category in TILES:
        ground = color(f"{category}.tint", theme)
        assert contrast(color("ink", theme), ground) >= 9
        assert contrast(color("muted", theme), ground) >= 5
        assert contrast(color("onsolid", theme), color(f"{category}.solid", theme)) >= 3.5
        assert contrast(color(f"{category}.outline", theme), color("bg", theme)) >= 4
    for role in ("ink", "ink2", "muted"):
        assert contrast(color(role, theme), color("bg", theme)) >= 6
    for role in ("edge", "skip"):
        assert contrast(color(role, theme), color("cl2", theme)) >= 5


def test_known_colours_and_mixtures() -> None:
    assert color("conv.solid") == "#1b43a8"
    assert color("conv.front") == "#8fb3dc"
    assert color("conv.top") == mix("#8fb3dc", "#ffffff", 0.42)
    assert color("conv.front", "dark") == mix("#4c80c0", "#12171d", 0.18)
    assert color("merge.front") == color("other.front")
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


def test_grey_keeps_the_luminance() -> None:
    for token in ("conv.front", "pool.front", "dense.solid"):
        assert contrast(color(token), grey(color(token))) < 1.03
        value = color(token, "grey")
        assert value[1:3] == value[3:5] == value[5:7]


def test_unknown_tokens_are_refused() -> None:
    with pytest.raises(KeyError):
        color("nothing")
    with pytest.raises(KeyError):
        color("ink", "sepia")
