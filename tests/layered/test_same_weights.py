"""One set of weights that is used again is never taken for equal ones."""

from __future__ import annotations

import pytest

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.figure import Path, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.shared import shared_branches, with_shared

from .helpers import RECORDED, flat, recorded, texts


def drawn(name: str, **options: object) -> Scene:
    figure = draw(recorded(name), "layered", **options).figure
    assert isinstance(figure, Scene)
    return figure


@pytest.mark.parametrize("width", [642.0, 321.0])
@pytest.mark.parametrize("name", ["siamese", "folding/towers", "folding/refiner", "folding/tied"])
def test_figures_of_shared_weights_are_clean(name: str, width: float) -> None:
    scene = drawn(name, width=width)
    for theme in ("light", "dark"):
        assert lint(scene, width=width, theme=theme) == ()


@pytest.mark.parametrize(("name", "word"), [("siamese", "embed"), ("folding/towers", "shared layers")])
def test_the_second_branch_says_that_its_weights_are_those_of_the_first(name: str, word: str) -> None:
    titles = [text.text for text in texts(drawn(name)) if word in text.text]
    assert titles == [word, f"{word}, same weights"]


def test_a_dotted_line_leads_from_one_branch_to_the_other() -> None:
    (tether,) = [i for i in flat(drawn("siamese").items) if isinstance(i, Path) and i.role == "tether"]
    assert tether.dash
    (_, x0, y0), (_, x1, y1) = tether.commands
    assert x0 == x1 and float(y1) - float(y0) > 5


def test_closed_branches_say_so_too() -> None:
    assert {"embed", "embed, same weights"} <= {text.text for text in texts(drawn("siamese", fold="0"))}


@pytest.mark.parametrize(
    ("name", "title"),
    [("folding/refiner", "refine ×4, same weights"), ("folding/tied", "step ×4, same weights")],
)
def test_a_loop_is_drawn_once(name: str, title: str) -> None:
    assert [text.text for text in texts(drawn(name), "title")] == [title]
    assert not any("same weights" in text.text for text in texts(drawn("folding/copies")))


@pytest.mark.parametrize("name", RECORDED)
def test_only_branches_of_one_set_of_layers_are_shared(name: str) -> None:
    spec = recorded(name)
    layer_of = {call.id: call.layer for call in spec.calls}
    for branches in shared_branches(spec):
        assert len({tuple(layer_of[call] for call in branch) for branch in branches}) == 1
    told = with_shared(spec)
    assert [call.id for call in told.calls] == [call.id for call in spec.calls]
    assert told.edges == spec.edges and told.layers == spec.layers


def test_towers_are_found() -> None:
    ((left, right),) = shared_branches(recorded("folding/towers"))
    assert len(left) == len(right) == 4
    assert shared_branches(recorded("folding/refiner")) == shared_branches(recorded("folding/tied")) == ()
