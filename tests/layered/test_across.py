"""Skips that lead from one row to a later one."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Group, Path, Scene
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.spec.model import ArchSpec
from sphinx_kerasarch.views.layered import draw
from sphinx_kerasarch.views.layered.fit import choose

from .helpers import Model, bounds, flat


def backbone_and_decoder(levels: int = 4, residuals: int = 2) -> ArchSpec:
    """Strided convolutions, residual blocks of different widths, transposed convolutions over skips."""
    m = Model()
    side, width = 128, 16
    at = m.conv(m.input(side, side, 3), side, side, width)
    skips = []
    for level in range(levels):
        for k in range(residuals):
            made = m.conv(m.conv(at, side, side, width * 2 + 8 * k), side, side, width)
            at = m.merge("Add", [side, side, width], at, made)
        skips.append((at, side, width))
        side, width = side // 2, width * 2
        at = m.conv(at, side, side, width + level)
        at = m.conv(at, side, side, width)
    for skip, side, width in reversed(skips):
        at = m.add("Conv2DTranspose", "up", [side, side, width], at, weights=True)
        at = m.merge("Concatenate", [side, side, 2 * width], at, skip)
        at = m.conv(at, side, side, width)
    m.conv(at, side, side, 2)
    return m.spec()


def long_skips(scene: Scene) -> list[Path]:
    paths = [i for i in flat(scene.items) if isinstance(i, Path) and i.role == "skip" and "->" in i.ref]
    return [p for p in paths if sum(c[0] == "Q" for c in p.commands) >= 4]


@pytest.mark.parametrize("width", [642.0, 321.0])
@pytest.mark.parametrize("levels", [3, 4, 5])
def test_encoder_and_decoder_wrap_with_their_skips(width: float, levels: int) -> None:
    scene = draw(backbone_and_decoder(levels), width=width)
    assert scene.width <= width and bounds(scene)[2] <= scene.width
    for theme in ("light", "dark"):
        assert lint(scene, width=width, theme=theme) == ()
    assert long_skips(scene) or (width, levels) == (642.0, 3)


def test_every_edge_has_one_line_or_a_common_face() -> None:
    spec = backbone_and_decoder()
    scene = draw(spec, width=321.0)
    chosen = choose(spec, 321.0, "auto")
    structure = chosen.parts[0][1].structure
    refs = [g.ref for g in scene.items if isinstance(g, Group) and g.role in {"edge", "skip"}]
    assert len(refs) == len(set(refs))
    glued = {
        f"{s}->{i}" for i, n in chosen.net.items() for s in n.inputs if structure.glued(chosen.net[s], n)
    }
    assert {f"{s}->{i}" for i, n in chosen.net.items() for s in n.inputs} == set(refs) | glued


def test_ways_down_keep_apart_and_do_not_cross() -> None:
    scene = draw(backbone_and_decoder(), width=321.0)
    lines = []
    for path in long_skips(scene):
        corners = [(float(c[-2]), float(c[-1])) for c in path.commands if len(c) > 1]
        x, y0, y1 = max(
            (
                (a[0], min(a[1], b[1]), max(a[1], b[1]))
                for a, b in pairwise(corners)
                if abs(a[0] - b[0]) < 0.05
            ),
            key=lambda piece: piece[2] - piece[1],
        )
        lines.append((x, y0, y1))
    lines.sort()
    assert all(b[0] - a[0] >= 8.9 for a, b in pairwise(lines))


def test_too_many_skips_are_refused_with_a_width() -> None:
    m = Model()
    made = [m.dense(m.input(8), 30)]
    for k in range(22):
        made.append(m.dense(made[-1], 30 + k))
    at = made[-1]
    for k, skip in enumerate(reversed(made[:-1])):
        at = m.dense(m.merge("Concatenate", [60 + k], at, skip), 30 + k % 7)
    with pytest.raises(DrawError) as caught:
        draw(m.spec(), width=321.0)
    assert caught.value.advice
