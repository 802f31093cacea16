"""What the user calls layers, in every view; and categories that look alike in every view."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.figure import Group, Item, Scene
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.assign import with_labels
from sphinx_kerasarch.spec.codec import dumps, loads
from sphinx_kerasarch.theme import FACES

SPECS = Path(__file__).parents[1] / "specs"


def spec_of(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("view", ["graph", "layered"])
def test_labels_stand_in_the_figure(view: str) -> None:
    drawing = draw(spec_of("lenet"), view, labels={"conv2d_1": "second look", "dense*": "head"})
    words = re.findall(">([^<>]+)</text>", drawing.svg())
    assert any("second look" in text for text in words)
    assert any("head" in text for text in words)
    if view == "graph":
        assert "conv2d_1" not in words and "conv2d" in words
    scene = arrange(drawing.figure) if view == "graph" else drawing.figure  # type: ignore[arg-type]
    assert isinstance(scene, Scene)
    assert lint(scene) == ()


def test_labels_stand_in_the_table() -> None:
    table = draw(spec_of("lenet"), "summary", labels={"conv2d_1": "second look"}).text()
    assert "second look" in table and "conv2d_1" not in table


def test_circles_where_lines_meet_have_no_room_for_labels() -> None:
    scene = draw(spec_of("two_io"), "layered", labels={"concatenate": "join", "dense_2": "fusion"}).figure
    assert isinstance(scene, Scene)
    assert "fusion" in repr(scene) and "join" not in repr(scene)
    assert lint(scene) == ()


def test_labels_of_nested_models_and_of_layers_in_them() -> None:
    labelled = with_labels(spec_of("siamese"), {"embed": "tower", "embed/conv2d": "stem"})
    assert {block.label for block in labelled.blocks} == {"tower"}
    assert [layer.label for layer in labelled.layers if layer.name == "conv2d"] == ["stem"]
    for view in ("graph", "layered", "summary"):
        text = write(draw(labelled, view).figure, "text" if view == "summary" else "svg").decode()
        assert "tower" in text and "stem" in text, view


def test_the_last_key_that_fits_wins() -> None:
    labelled = with_labels(spec_of("lenet"), {"conv*": "a", "conv2d_1": "b"})
    assert [layer.label for layer in labelled.layers if layer.name.startswith("conv")] == ["a", "b"]


def test_labels_are_kept_in_json_and_nothing_is_written_without() -> None:
    spec = spec_of("lenet")
    assert '"label": "stem"' in dumps(with_labels(spec, {"conv2d": "stem"}))
    assert loads(dumps(with_labels(spec, {"conv2d": "stem"}))) == with_labels(spec, {"conv2d": "stem"})
    layers = [line for line in dumps(spec).splitlines() if '"weights"' in line]
    assert layers and not any('"label"' in line for line in layers)


def test_long_and_foreign_labels_stay_in_their_place() -> None:
    labels = {"conv2d": "卷积层 🙂 " * 12, "dense": "שכבה צפופה", "conv2d_1": "α×β " * 40}
    for view in ("graph", "layered"):
        figure = draw(spec_of("lenet"), view, labels=labels).figure
        scene = figure if isinstance(figure, Scene) else arrange(figure)  # type: ignore[arg-type]
        assert lint(scene) == ()
        for theme in ("light", "dark"):
            assert write(scene, "pdf", theme=theme) and write(scene, "png", theme=theme)


@pytest.mark.parametrize("label", ["", "  ", 7, None])
def test_what_is_no_text_is_refused(label: object) -> None:
    with pytest.raises(OptionError, match="is no text"):
        with_labels(spec_of("lenet"), {"conv2d": label})  # type: ignore[dict-item]


# ---- one category, one colour


def styles(items: tuple[Item, ...]) -> dict[str, set[str]]:
    """Call → categories of the tokens in its group that colour a large part of it."""
    found: dict[str, set[str]] = {}
    for item in items:
        if isinstance(item, Group):
            if item.role == "call" and item.ref:
                for part in item.items:
                    category, _, tone = str(getattr(part, "fill", "") or "").partition(".")
                    if tone in {"front", "tile"}:
                        found.setdefault(item.ref, set()).add(category)
            for call, seen in styles(item.items).items():
                found.setdefault(call, set()).update(seen)
    return found


def test_a_category_has_one_colour_in_all_figures() -> None:
    """The box, the card and the mark in the table of a layer are of the category that the spec gives to it."""
    checked = 0
    for path in sorted(SPECS.glob("*.json")):
        spec = loads(path.read_text("utf-8"))
        roles = {layer.id: layer.role for layer in spec.layers}
        role_of = {call.id: roles[call.layer] for call in spec.calls}
        for view in ("layered", "graph"):
            try:
                figure = draw(spec, view).figure
            except DrawError:
                continue
            scene = figure if isinstance(figure, Scene) else arrange(figure)  # type: ignore[arg-type]
            for call, seen in styles(scene.items).items():
                if call not in role_of:
                    continue  # a closed block, or a box for a whole cell
                role = role_of[call]
                if (role, *seen) in {("reshape", "embed"), ("merge", "custom")}:
                    continue  # the patches that a convolution makes, and a cell that ends in a merge, as one box
                assert seen <= ({role} if role in FACES else {role, "other"}), (path.name, view, call)
                checked += 1
        for row in draw(spec, "summary").figure.rows:  # type: ignore[union-attr]
            if row.ref in role_of:
                assert row.style.partition(".")[0] == role_of[row.ref], (path.name, row.ref)
                checked += 1
    assert checked > 1500
