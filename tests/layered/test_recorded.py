"""What must hold for every figure of every recorded model, in two widths."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path as File

import pytest

from sphinx_kerasarch.figure import Group, Path, Rect, Scene
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.cells import collapse
from sphinx_kerasarch.views.layered.folding import fold
from sphinx_kerasarch.views.layered.structure import build
from sphinx_kerasarch.views.layered.tensors import nodes
from sphinx_kerasarch.views.layered.words import runs

from .helpers import RECORDED, bounds, faces, flat, meets, overlap, points, recorded, text_box, texts

WIDTHS = (642.0, 321.0)
CASES = [(name, width) for name in RECORDED for width in WIDTHS]


@cache
def figure(name: str, width: float) -> Scene:
    return draw(recorded(name), width=width)


@pytest.mark.parametrize(("name", "width"), CASES)
class TestFigure:
    def test_keeps_to_its_width(self, name: str, width: float) -> None:
        scene = figure(name, width)
        x0, y0, x1, y1 = bounds(scene)
        assert scene.width <= width
        assert x0 >= 2 and y0 >= 2
        assert x1 <= scene.width - 2 and y1 <= scene.height - 2

    def test_labels_touch_neither_labels_nor_boxes(self, name: str, width: float) -> None:
        scene = figure(name, width)
        boxes = [(text.text, text_box(text)) for text in texts(scene)]
        assert [(a, b) for (a, r), (b, q) in combinations(boxes, 2) if overlap(r, q)] == []
        solid = [(face.ref, points(face)) for face in faces(scene)]
        labels = [(text.text, text_box(text)) for text in texts(scene, "label", "title")]
        assert [(t, ref) for t, box in labels for ref, polygon in solid if meets(polygon, box)] == []

    def test_labels_touch_no_line(self, name: str, width: float) -> None:
        scene = figure(name, width)
        lines = [i for i in flat(scene.items) if isinstance(i, Path) and i.role in {"edge", "skip"}]
        labels = [(text.text, text_box(text)) for text in texts(scene, "label", "title")]
        hits = []
        for line in lines:
            corners = points(line)
            for a, b in pairwise(corners):
                stroke = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]) + 0.1, max(a[1], b[1]) + 0.1)
                hits += [(text, line.ref) for text, box in labels if overlap(stroke, box)]
        assert hits == []

    def test_text_is_legible_and_strokes_are_visible(self, name: str, width: float) -> None:
        scene = figure(name, width)
        assert min(text.size for text in texts(scene)) >= 8.7
        assert all(i.width >= 0.5 for i in flat(scene.items) if isinstance(i, Path) and i.stroke)
        assert all(abs(text.length) > 0 for text in texts(scene))

    def test_panels_hold_what_they_name(self, name: str, width: float) -> None:
        scene = figure(name, width)
        rects = [i for i in flat(scene.items) if isinstance(i, Rect) and i.role == "panel"]
        for a, b in combinations(rects, 2):
            assert not overlap((a.x, a.y, a.x + a.w, a.y + a.h), (b.x, b.y, b.x + b.w, b.y + b.h))
        for text in texts(scene, "label"):
            x0, y0, x1, y1 = text_box(text)
            for r in rects:
                across = x0 < r.x < x1 or x0 < r.x + r.w < x1
                assert not (across and r.y < y1 and y0 < r.y + r.h), text.text

    def test_coordinates_are_rounded(self, name: str, width: float) -> None:
        for item in flat(figure(name, width).items):
            if isinstance(item, Path):
                for command in item.commands:
                    for value in command[1:]:
                        assert value == round(float(value), 2)

    def test_same_model_same_figure(self, name: str, width: float) -> None:
        assert figure(name, width) == draw(recorded(name), width=width)


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("folded", [False, True])
def test_every_call_is_drawn_once_and_every_edge_told(name: str, folded: bool) -> None:
    spec = recorded(name)
    net = nodes(spec)
    if folded:
        net, _, _ = fold(net, spec)
    home: dict[str, str] = {}
    seen: list[str] = []
    for i, node in net.items():
        seen += [*node.calls, *(call for copy in node.copies for call in copy)]
        home |= dict.fromkeys([*node.calls, *(call for copy in node.copies for call in copy)], i)
    assert sorted(seen) == sorted(call.id for call in spec.calls)
    drawn = {(source, i) for i, node in net.items() for source in node.inputs}
    spec_edges = {(home[e.source.call], home[e.target.call]) for e in spec.edges}
    told = {(a, b) for a, b in spec_edges if a != b}
    if not folded:
        assert told == drawn
    else:
        # From the last copy back to the first: the edge that the panel's count stands for.
        assert drawn <= told
        order = list(net)
        assert all(order.index(a) > order.index(b) for a, b in told - drawn)


@pytest.mark.parametrize(("name", "width"), CASES)
def test_each_edge_has_one_line_or_a_common_face(name: str, width: float) -> None:
    scene = figure(name, width)
    refs = [g.ref for g in scene.items if isinstance(g, Group) and g.role in {"edge", "skip"}]
    assert len(refs) == len(set(refs))
    shown = {g.ref for g in scene.items if isinstance(g, Group) and g.role == "call"}
    for ref in refs:
        source, _, target = ref.partition("->")
        assert {source, target} <= shown


@pytest.mark.parametrize("name", RECORDED)
def test_no_line_runs_through_a_box_it_does_not_belong_to(name: str) -> None:
    scene = figure(name, 642.0)
    net = nodes(recorded(name))
    shown = {g.ref for g in scene.items if isinstance(g, Group) and g.role == "call"}
    if not shown <= set(net) or any(i.role == "panel" for i in flat(scene.items) if isinstance(i, Rect)):
        net, panels, _ = collapse(net) if name == "nasnetlarge" else fold(net, recorded(name))
    else:
        panels = ()
    run_of = {i: run.nodes for run in runs(build(net, panels)) for i in run.nodes}
    solid = [(face.ref, points(face)) for face in faces(scene)]
    hits = []
    for item in flat(scene.items):
        if isinstance(item, Path) and item.role in {"edge", "skip"}:
            source, _, target = item.ref.partition("->")
            own = {source, target, *run_of.get(source, ()), *run_of.get(target, ())}
            corners = points(item)
            for a, b in pairwise(corners):
                box = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]) + 0.5, max(a[1], b[1]) + 0.5)
                hits += [(item.ref, ref) for ref, face in solid if ref not in own and meets(face, box)]
    assert hits == []


def test_figures_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import hashlib; from sphinx_kerasarch.views.layered import draw; "
        "from tests.layered.helpers import recorded; "
        "print([hashlib.sha256(repr(draw(recorded(n))).encode()).hexdigest() "
        "for n in ('resnet50', 'inceptionv3', 'two_io', 'siamese', 'lstm_seq2seq', 'efficientnetv2l')])"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=File(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(seen) == 1
