from __future__ import annotations

import math

import pytest

from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.options import Option, choice, flag, length, resolve, suggest, words

OPTIONS = (
    Option("width", length, 642.0, "Printed width."),
    Option("input-shape", str, "", "Shape."),
    Option("direction", choice("TB", "LR"), "TB", "Direction.", ("TB", "LR")),
)


@pytest.mark.parametrize(
    ("text", "px"),
    [
        ("85mm", 321.26),
        ("170 mm", 642.52),
        ("321px", 321),
        ("321", 321),
        ("240pt", 320),
        ("4in", 384),
        ("10cm", 377.95),
        ("narrow", 321),
        ("Wide", 642),
    ],
)
def test_length_in_css_px(text: str, px: float) -> None:
    assert math.isclose(length(text), px, abs_tol=0.01)


@pytest.mark.parametrize("text", ["", "85 parsec", "-3mm", "50%", "1px", "90m"])
def test_bad_length_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"85mm|between"):
        length(text)


def test_resolve_overlays_converted_values_on_defaults() -> None:
    assert resolve(OPTIONS, {"width": "85mm", "input-shape": "8,8"}, "x") == {
        "width": pytest.approx(321.26, abs=0.01),
        "input_shape": "8,8",
        "direction": "TB",
    }
    assert resolve(OPTIONS, {"width": 100.0}, "x")["width"] == 100.0


def test_unknown_option_suggests_the_near_one() -> None:
    with pytest.raises(OptionError, match="Did you mean 'width'") as caught:
        resolve(OPTIONS, {"widht": "85mm"}, "view 'graph'")
    assert caught.value.slug == "option"
    assert caught.value.data["option"] == "widht"


def test_bad_value_names_option_owner_and_choices() -> None:
    with pytest.raises(OptionError, match=r"'direction' of view 'graph'.*TB, LR"):
        resolve(OPTIONS, {"direction": "up"}, "view 'graph'")


def test_flag_and_words() -> None:
    assert flag("") is True
    assert flag("No") is False
    with pytest.raises(ValueError, match="neither"):
        flag("maybe")
    assert words(" a, b ,,c") == ("a", "b", "c")


def test_suggest_lists_all_when_nothing_is_near() -> None:
    assert suggest("zzz", ["graph", "layered"]) == "Known: graph, layered."


def test_choices_are_told_once() -> None:
    with pytest.raises(ValueError, match=r"one of TB, LR$"):
        choice("TB", "LR")("sideways")
    with pytest.raises(ValueError, match=r"one of auto, none. Did you mean 'auto'\?$"):
        choice("auto", "none")("auot")
