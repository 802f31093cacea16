from __future__ import annotations

import math

import pytest

from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.options import BadValueError, Option, choice, flag, length, resolve, suggest, words

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
    with pytest.raises(BadValueError, match=r"length\.$|between") as caught:
        length(text)
    assert "85mm" in caught.value.advice


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
    with pytest.raises(BadValueError, match=r"one of TB, LR\.$"):
        choice("TB", "LR")("sideways")
    with pytest.raises(BadValueError, match=r"one of auto, none\.$") as caught:
        choice("auto", "none")("auot")
    assert caught.value.advice == "Did you mean 'auto'?"


def test_every_refusal_is_a_sentence_with_advice() -> None:
    switch = Option("legend", flag, True, "Whether a legend is drawn.")
    with pytest.raises(OptionError) as caught:
        resolve([switch], {"legend": "maybe"}, "view 'graph'")
    assert caught.value.message == "Option 'legend' of view 'graph': 'maybe' is neither yes nor no."
    assert caught.value.advice.startswith("Write yes or no")
    count = Option("count", int, 1, "Number of things.")
    with pytest.raises(OptionError) as caught:
        resolve([count], {"count": "x"}, "view 'graph'")
    assert caught.value.message.endswith("'x'.")
    assert caught.value.advice == "It means: Number of things."
