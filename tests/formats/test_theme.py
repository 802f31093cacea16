from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.figure import Group, Item, Scene
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.roles import ROLES as CATEGORIES
from sphinx_kerasarch.theme import THEMES, TILES, color, contrast, grey, mix, palette, restyled, tokens

SPECS = Path(__file__).parents[1] / "specs"


@pytest.fixture
def spec() -> ArchSpec:
    return loads((SPECS / "lenet.json").read_text("utf-8"))


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


@pytest.mark.parametrize(
    ("colors", "said"),
    [
        ({"cnov": "#0072b2"}, "Did you mean 'conv'?"),
        ({"conv": "blue"}, "Write #0072b2"),
        ({"conv": "#0072b2, #0072b2, #0072b2"}, "Write #0072b2"),
        ({"layer:stem": "#12345"}, "Write #0072b2"),
        ({"conv": ()}, "Write #0072b2"),
    ],
)
def test_bad_colours_are_refused_with_advice(colors: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError) as caught:
        palette("light", colors)
    assert said in caught.value.advice


def test_short_and_bare_colours() -> None:
    assert palette("light", {"conv": "#07b"}) == palette("light", {"conv": "0077BB"})


def colors_of(svg: str) -> set[str]:
    return set(re.findall('(?:fill|stroke)="(#[0-9a-f]{6})"', svg))


def test_one_mapping_colours_every_figure(spec: ArchSpec) -> None:
    own = {"conv": "#0072b2"}
    for view in ("layered", "graph"):
        drawing = draw(spec, view, colors=own)
        assert "#0072b2" in colors_of(drawing.svg())
        assert not colors_of(drawing.svg()) & {color("conv.front"), color("conv.solid"), color("conv.tint")}
        assert color("conv.tint", palette("light", own)) in colors_of(drawing.svg()) or view == "layered"
    dot = write(draw(spec, "graph").figure, "dot", colors=own).decode()
    assert color("conv.line", palette("light", own)) in dot


def test_a_layer_has_its_own_colour_and_its_chips_keep_theirs(spec: ArchSpec) -> None:
    own = {"layer:conv2d_1": "#d55e00"}
    for view, mine in (("layered", "front"), ("graph", "tile")):
        found = colors_of(draw(spec, view, colors=own).svg())
        assert {
            "#d55e00",
            color(f"conv.{mine}"),
            color("pool.top" if view == "layered" else "act.solid"),
        } <= found
    both = draw(spec, "graph", colors={"layer:conv*": "#d55e00", "layer:conv2d_1": "#0072b2"}).svg()
    assert {"#d55e00", "#0072b2"} <= colors_of(both)
    assert color("conv.tile") not in colors_of(both)
    dot = write(draw(spec, "graph").figure, "dot", colors=own).decode()
    assert dot.count(color("xd55e00xd55e00.line")) == 1 == dot.count(color("conv.line"))


def test_a_shared_layer_has_its_colour_at_each_call() -> None:
    siamese = loads((SPECS / "siamese.json").read_text("utf-8"))
    own = {"layer:conv2d": "#d55e00"}
    scene = draw(siamese, "layered").figure
    assert isinstance(scene, Scene)
    styled = restyled(scene, palette("light", own))
    recast = {group.ref for group in groups(styled.items) if "xd55e00" in repr(group.items[0])}
    assert recast == {"embed/conv2d", "embed@2/conv2d"}


def groups(items: Iterable[Item]) -> Iterator[Group]:
    for item in items:
        if isinstance(item, Group):
            yield item
            yield from groups(item.items)


def test_themed_svg_has_classes_for_own_layers(spec: ArchSpec) -> None:
    own = {"layer:conv2d_1": ("#d55e00", "#e69f00"), "dense": "#000"}
    chosen = palette("dark", own)
    svg = write(draw(spec, "layered").figure, "svg", theme=chosen, flavour="themed").decode()
    assert 'fill="#d55e00" class="f-xd55e00xe69f00-front"' in svg
    assert 'fill="#000000" class="f-dense-front"' in svg
    assert "xd55e00xe69f00.front" in tokens(chosen)
    assert color("xd55e00xe69f00.tile", chosen) == "#e69f00"


def test_without_own_colours_nothing_changes(spec: ArchSpec) -> None:
    assert draw(spec, "layered").svg() == draw(spec, "layered", colors={}, roles={}).svg()
