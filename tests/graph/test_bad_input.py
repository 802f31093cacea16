"""Models that nobody draws by hand: a figure or advice, quickly, never an exception."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from speed import slowness

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Graph, Scene
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.lint import lint, lint_graph
from sphinx_kerasarch.spec import ArchSpec, Block, Call, Edge, Layer, Port, Slot, Tensor

FORMS = ({}, {"width": "narrow"}, {"direction": "lr"}, {"height": "740px"}, {"fold": "none"})


def model(
    names: list[str],
    edges: list[tuple[str, str, int]],
    inputs: list[str],
    *,
    inner: str = "Dense",
    shape: tuple[int | None, ...] = (None, 8),
    different: bool = False,
) -> ArchSpec:
    """Inputs, and layers of one class ``inner``; ``different`` gives each its own number of units."""
    role = "merge" if inner == "Add" else "dense"
    layers = []
    for number, name in enumerate(names):
        kind = ("InputLayer", "data") if name in inputs else (inner, role)
        config = {"units": number + 1} if different else {}
        layers.append(Layer(name, name, kind[0], "keras.src.layers", kind[1], config=config))
    calls = tuple(Call(name, name, outputs=(Tensor(shape, "float32"),)) for name in names)
    ports = tuple(Edge(Port(a), Port(b, index)) for a, b, index in edges)
    ends = (Slot(names[-1], Port(names[-1])),) if names else ()
    slots = tuple(Slot(name, Port(name)) for name in inputs)
    return ArchSpec("odd", layers=tuple(layers), calls=calls, edges=ports, inputs=slots, outputs=ends)


def chain(length: int, **more: object) -> ArchSpec:
    names = [f"l{number}" for number in range(length)]
    edges = [(a, b, 0) for a, b in pairwise(names)]
    return model(names, edges, names[:1], **more)  # type: ignore[arg-type]


def full(size: int) -> ArchSpec:
    """Every layer adds all before it."""
    names = [f"l{number}" for number in range(size)]
    edges = [(names[a], names[b], a) for b in range(size) for a in range(b)]
    return model(names, edges, names[:1], inner="Add")


def fan_in(size: int) -> ArchSpec:
    names = [f"i{number}" for number in range(size)]
    return model([*names, "sum"], [(name, "sum", k) for k, name in enumerate(names)], names, inner="Add")


def called_on_itself(times: int, nested: bool) -> ArchSpec:
    """A layer, or a nested model of two, called again and again on its own output."""
    names = [f"{name}@{k + 1}" for k in range(times) for name in (("a", "b") if nested else ("a",))]
    edges = [(one, other, 0) for one, other in pairwise(["x", *names])]
    plain = model(["x", *names], edges, ["x"])
    kinds = [("x", "InputLayer", "data"), ("a", "Dense", "dense"), ("b", "Dense", "dense")][: 2 + nested]
    calls = [
        replace(call, layer=call.id[0], block=f"m{call.id[1:]}" if nested and call.id != "x" else None)
        for call in plain.calls
    ]
    blocks = [Block(f"m@{k + 1}", "m", model="m") for k in range(times)] if nested else []
    layers = tuple(Layer(name, name, kind, "keras.src.layers", role) for name, kind, role in kinds)
    return replace(plain, layers=layers, calls=tuple(calls), blocks=tuple(blocks))


LONG = "layer_" * 50
FIGURES = {
    "single layer": model(["x"], [], ["x"]),
    "nothing": model([], [], []),
    "1×1×1": chain(3, shape=(None, 1, 1, 1)),
    "long names": model([LONG + "a", LONG + "b"], [(LONG + "a", LONG + "b", 0)], [LONG + "a"]),
    "dims of ten millions": chain(4, shape=(None, 10**7, 10**7, 10**7)),
    "unknown dims": chain(4, shape=(None, None, None, None)),
    "scalars": chain(3, shape=()),
    "two inputs": fan_in(2),
    "a layer on its own output": called_on_itself(5, nested=False),
    "a model on its own output": called_on_itself(5, nested=True),
    "twice on its own output": called_on_itself(2, nested=True),
}
REFUSED = {"full": full(60), "inputs": fan_in(1000), "different": chain(5000, different=True)}


@pytest.mark.parametrize("options", FORMS, ids=str)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure(name: str, options: dict[str, str]) -> None:
    graph = draw(FIGURES[name], "graph", **options).figure
    assert isinstance(graph, Graph)
    scene = arrange(graph)
    assert lint_graph(graph, FIGURES[name]) == ()
    assert lint(scene, width=graph.width, graph=graph) == ()


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, form) for name in ("inputs", "different") for form in FORMS]
    + [("full", form) for form in FORMS],
    ids=str,
)
def test_advice(name: str, options: dict[str, str]) -> None:
    start = time.process_time()
    with pytest.raises(DrawError) as caught:
        arrange(draw(REFUSED[name], "graph", **options).figure)  # type: ignore[arg-type]
    assert ("summary" if name == "full" else "layered view") in caught.value.advice
    assert "expand" not in caught.value.advice, "there is no nested model to close"
    assert ("fold" in caught.value.advice) == ("fold" in options and name != "full"), "folding unties no tangle"
    assert time.process_time() - start < slowness(), "0.1 s on an idle machine"


def test_five_thousand_equal_layers_are_folded_in_time() -> None:
    spec = chain(5000)
    start = time.process_time()
    graph = draw(spec, "graph").figure
    assert isinstance(graph, Graph)
    scene = arrange(graph)
    assert time.process_time() - start < 6 * slowness(), "2 s on an idle machine"
    assert [card.repeat for card in graph.cards if card.repeat > 1] == [4999]
    assert lint_graph(graph, spec) == () == lint(scene, graph=graph)


@pytest.mark.parametrize("width", ("wide", "narrow"))
@pytest.mark.parametrize("name", FIGURES | REFUSED)
def test_layered(name: str, width: str) -> None:
    """The same models in the other view."""
    spec = (FIGURES | REFUSED)[name]
    start = time.process_time()
    try:
        scene = draw(spec, "layered", width=width).figure
    except DrawError as error:
        assert name in {"nothing", "full"}
        assert "view 'summary'" in error.advice, "the graph view refuses them as well"
    else:
        assert isinstance(scene, Scene)
        assert lint(scene, width=642 if width == "wide" else 321) == ()
    assert time.process_time() - start < 4 * slowness(), "1 s on an idle machine"
