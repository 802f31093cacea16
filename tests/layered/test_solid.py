"""Projection and faces of boxes and frustums."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sphinx_kerasarch.layout.solid import KX, KY, Solid, box, frustum, project

from .helpers import points

LENGTH = st.floats(4, 140).map(lambda v: round(v, 1))


def test_depth_moves_a_point_up_and_right() -> None:
    assert project(10, 5, 0, 100) == (10, 105)
    x, y = project(10, 5, 20, 100)
    assert (x, y) == pytest.approx((10 + 20 * KX, 105 - 20 * KY))


@given(LENGTH, LENGTH, LENGTH)
def test_silhouette_holds_every_face(w: float, h: float, d: float) -> None:
    solid = Solid(30, w, h, d)
    drawn = [point for path in box(solid, 50, "conv", band=2) for point in points(path)]
    assert min(x for x, _ in drawn) == pytest.approx(solid.left, abs=0.06)
    assert max(x for x, _ in drawn) == pytest.approx(solid.right, abs=0.06)
    assert min(y for _, y in drawn) == pytest.approx(50 + solid.top, abs=0.06)
    assert max(y for _, y in drawn) == pytest.approx(50 + solid.bottom, abs=0.06)


@given(LENGTH, LENGTH, LENGTH, LENGTH)
def test_frustum_stays_in_its_silhouette(h: float, d: float, h1: float, d1: float) -> None:
    solid = Solid(0, 7 + max(0, KX * (d - d1) / 2), h, d, h1, d1)
    paths = frustum(solid, 0, "pool")
    drawn = [point for path in paths for point in points(path)]
    assert min(x for x, _ in drawn) >= solid.left - 0.06
    assert max(x for x, _ in drawn) <= solid.right + 0.06
    fills = [path.fill for path in paths]
    assert fills[-1] == "pool.face" and "pool.front" in fills
    assert len(set(fills)) == len(fills)


def test_a_bevel_shows_its_top_and_a_flare_hides_its_flank() -> None:
    bevel = {path.fill for path in frustum(Solid(0, 7, 40, 40, 60, 60), 0, "pool")}
    flare = {path.fill for path in frustum(Solid(0, 12, 60, 60, 30, 30), 0, "up")}
    assert "pool.top" in bevel
    assert "up.flank" not in flare and "up.side" not in flare


def test_floor_follows_the_slanted_lower_right_edge() -> None:
    solid = Solid(0, 10, 40, 20)
    west, east = solid.front
    assert solid.floor(west, east) == pytest.approx(20 + KY * 10)
    far = solid.floor(solid.right - 0.01, solid.right + 5)
    assert far == pytest.approx(20 - KY * 10, abs=0.1)
    assert solid.floor(solid.right + 1, solid.right + 2) is None
    assert solid.floor(west - 9, west - 1) is None


def test_the_axis_meets_the_left_silhouette() -> None:
    tall, long = Solid(50, 4, 100, 20), Solid(50, 4, 8, 100)
    assert tall.axis_left == pytest.approx(tall.left)
    assert long.left < long.axis_left < 50


@given(LENGTH, LENGTH, LENGTH, LENGTH, st.floats(0, 1))
def test_floor_lies_under_every_painted_point(h: float, d: float, h1: float, d1: float, t: float) -> None:
    assume((h >= h1) == (d >= d1))  # pooling shrinks, upsampling grows: both sides alike
    solid = Solid(0, 7 + max(0, KX * (d - d1) / 2), h, d, h1, d1)
    x = solid.left + t * (solid.right - solid.left)
    floor = solid.floor(x - 1, x + 1)
    assert floor is not None
    for path in frustum(solid, 0, "up"):
        corners = points(path)
        for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
            for k in range(9):
                px, py = ax + (bx - ax) * k / 8, ay + (by - ay) * k / 8
                if abs(px - x) <= 0.9:
                    assert py <= floor + 0.2
