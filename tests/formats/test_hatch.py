"""Patterns of prints without colour."""

from __future__ import annotations

from pathlib import Path as File

import pytest

from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.figure import Group, Path, Rect, Scene
from sphinx_kerasarch.layout.hatch import PATTERNS, hatched
from sphinx_kerasarch.layout.solid import Solid, box, frustum
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.theme import FACES, color, palette

SPECS = File(__file__).parents[1] / "specs"


def marks(*items: Path | Rect) -> list[Path]:
    """What ``hatched`` adds."""
    after = hatched(Scene(200, 200, items)).items
    assert tuple(item for item in after if item in items) == items
    return [item for item in after if isinstance(item, Path) and item not in items]


def ends(path: Path) -> list[tuple[float, float]]:
    return [(float(command[1]), float(command[2])) for command in path.commands]


@pytest.mark.parametrize("category", FACES)
def test_a_box_of_each_category(category: str) -> None:
    found = marks(*box(Solid(60, 30, 80, 80), 100, category, band=6, ref="a"))
    assert len(found) == (2 if category in PATTERNS else 0)  # front and right face
    assert all(item.stroke == f"{category}.outline" and item.ref == "a" for item in found)


def test_patterns_differ() -> None:
    found = [marks(*box(Solid(60, 30, 80, 80), 100, category))[0].commands for category in PATTERNS]
    assert len(set(found)) == len(PATTERNS) == len(set(PATTERNS.values()))


def test_marks_stay_inside_their_face() -> None:
    square = Rect(20, 30, 40, 25, fill="embed.front")
    (dots,) = marks(square)
    assert all(20 <= x <= 60 and 30 <= y <= 55 for x, y in ends(dots))
    for category in PATTERNS:
        face = Path((("M", 50, 50), ("L", 80, 26), ("L", 80, 90), ("L", 50, 114), ("Z",)), f"{category}.side")
        (lines,) = marks(face)
        for x, y in ends(lines):
            edge = 50 - 0.8 * (x - 50)  # the upper edge falls by 24 on 30
            assert 49.9 <= x <= 80.1 and edge - 0.2 <= y <= edge + 64.2, category


def test_what_tells_itself_stays_plain() -> None:
    assert marks(*frustum(Solid(60, 30, 40, 40, 80, 80), 100, "pool")) == []
    assert marks(*frustum(Solid(60, 30, 80, 80, 40, 40), 100, "up")) != []
    assert marks(Rect(0, 0, 2, 50, fill="norm.front")) == []  # no room
    curve = Path((("M", 0, 0), ("Q", 50, 0, 50, 50), ("Z",)), "norm.front")
    assert marks(curve) == []


def test_only_grey_has_patterns_in_every_format() -> None:
    spec = loads((SPECS / "transformer_encoder.json").read_text("utf-8"))
    figure = draw(spec, "layered").figure
    assert isinstance(figure, Scene)
    assert hatched(figure) != figure
    for format in ("svg", "pdf", "png"):
        assert write(figure, format, theme="grey") != write(figure, format, theme="print")
        assert write(figure, format, theme="grey") == write(figure, format, theme="grey")
    assert write(figure, "svg", theme="print") == write(figure, "svg", theme="light")
    svg = write(figure, "svg", theme="grey", colors={"attn": "#f0e442"}).decode()
    assert color("attn.front", palette("grey", {"attn": "#f0e442"})) in svg
    assert "<pattern" not in svg
    assert lint(hatched(figure), theme="grey") == ()


def test_groups_keep_what_they_stand_for() -> None:
    group = Group(box(Solid(60, 30, 80, 80), 100, "norm"), "a", "call", "a: one.")
    (after,) = hatched(Scene(200, 200, (group,))).items
    assert isinstance(after, Group)
    assert (after.ref, after.role, after.label) == ("a", "call", "a: one.")
    assert len(after.items) == len(group.items) + 2
