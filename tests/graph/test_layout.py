"""Facts of the layered layout that hold for every acyclic graph."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sphinx_kerasarch.layout.chains import rows
from sphinx_kerasarch.layout.flat import Node, Placed, Wire, arrange_rows, least
from sphinx_kerasarch.layout.order import crossings
from sphinx_kerasarch.layout.ranks import rank
from sphinx_kerasarch.layout.wires import Routed, route


def card(name: str, width: float = 100.0, height: float = 40.0) -> Node:
    return Node(name, width / 2, width / 2, height)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Wire]]:
    size = draw(st.integers(2, 16))
    widths = draw(st.lists(st.sampled_from([40.0, 100.0, 132.0, 220.0]), min_size=size, max_size=size))
    nodes = [card(f"n{i}", width) for i, width in enumerate(widths)]
    pairs = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
    edges = draw(st.lists(pairs, min_size=1, max_size=24, unique=True))
    wires = [
        Wire(f"n{a}", f"n{b}", f"n{a}", order, "28×28×64" if b % 3 else "", 50.0 if b % 3 else 0.0)
        for order, (a, b) in enumerate(edges)
    ]
    return nodes, wires


def boxes(placed: Placed, routed: Routed) -> dict[str, tuple[float, float, float, float]]:
    return {
        node.id: (x - node.left, top, x + node.right, top + node.height)
        for node, x, top in zip(placed.rows.nodes, placed.x, routed.tops, strict=True)
        if node
    }


@settings(max_examples=120, deadline=None)
@given(graphs())
def test_no_box_meets_another_and_no_wire_runs_through_a_box(graph: tuple[list[Node], list[Wire]]) -> None:
    nodes, wires = graph
    placed = arrange_rows(nodes, wires)
    routed = route(placed, wires)
    found = boxes(placed, routed)
    for (_, a), (_, b) in combinations(found.items(), 2):
        assert a[2] <= b[0] + 0.01 or b[2] <= a[0] + 0.01 or a[3] <= b[1] + 0.01 or b[3] <= a[1] + 0.01
    for wire, points in zip(wires, routed.routes, strict=True):
        for (x0, y0), (x1, y1) in pairwise(points):
            assert abs(x0 - x1) < 0.01 or abs(y0 - y1) < 0.01, "orthogonal"
            for name, (left, top, right, bottom) in found.items():
                if name in {wire.source, wire.target}:
                    continue
                outside = (
                    max(x0, x1) <= left + 0.01
                    or min(x0, x1) >= right - 0.01
                    or max(y0, y1) <= top + 0.01
                    or min(y0, y1) >= bottom - 0.01
                )
                assert outside, f"{wire} runs through {name}"


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_wires_run_from_the_bottom_of_the_source_to_the_top_of_the_target(
    graph: tuple[list[Node], list[Wire]],
) -> None:
    nodes, wires = graph
    placed = arrange_rows(nodes, wires)
    routed = route(placed, wires)
    found = boxes(placed, routed)
    for wire, points in zip(wires, routed.routes, strict=True):
        source, target = found[wire.source], found[wire.target]
        assert points[0][1] == pytest.approx(source[3], abs=0.01)
        assert source[0] <= points[0][0] <= source[2]
        assert points[-1][1] == pytest.approx(target[1], abs=0.01)
        assert target[0] <= points[-1][0] <= target[2]
        assert all(a[1] <= b[1] + 0.01 for a, b in pairwise(points)), "never upwards"


def test_ranks_grow_along_every_edge_and_a_source_stands_by_its_use() -> None:
    rows = rank("abcde", [("a", "b"), ("b", "c"), ("c", "d"), ("e", "d")])
    assert rows == {"a": 0, "b": 1, "c": 2, "d": 3, "e": 2}


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        rank("ab", [("a", "b"), ("b", "a")])


def test_a_planar_graph_is_drawn_without_crossings() -> None:
    # A complete binary tree, its nodes given in an order that crosses.
    nodes = [card(f"n{i}", 40.0) for i in (0, 2, 1, 6, 3, 5, 4)]
    wires = [Wire(f"n{(i - 1) // 2}", f"n{i}", f"n{(i - 1) // 2}", i) for i in range(1, 7)]
    placed = arrange_rows(nodes, wires)
    down: list[list[int]] = [[] for _ in placed.rows.nodes]
    for chain in placed.rows.chains:
        for upper, lower in pairwise(chain):
            down[upper].append(lower)
    assert crossings([list(row) for row in placed.rows.rows], down) == 0


def test_a_chain_of_different_widths_is_straight() -> None:
    nodes = [card(f"n{i}", width) for i, width in enumerate((40, 220, 90, 150))]
    placed = arrange_rows(nodes, [Wire(f"n{i}", f"n{i + 1}", f"n{i}") for i in range(3)])
    assert len(set(placed.x)) == 1


def test_a_skip_runs_right_of_the_cards_that_it_passes_and_the_main_path_stays_straight() -> None:
    nodes = [card("a"), card("b"), card("c"), Node("+", 11, 11, 22, "circle")]
    wires = [
        Wire("a", "b", "a"),
        Wire("b", "c", "b"),
        Wire("c", "+", "c"),
        Wire("a", "+", "a", 1, skip=True),
    ]
    placed = arrange_rows(nodes, wires)
    routed = route(placed, wires)
    x = {node.id: x for node, x in zip(placed.rows.nodes, placed.x, strict=True) if node}
    assert x["a"] == x["b"] == x["c"] == x["+"]
    lane = max(point[0] for point in routed.routes[3])
    assert lane == pytest.approx(x["b"] + 50 + 14)
    middle = routed.tops[3] + 11
    assert routed.routes[3][-1] == pytest.approx((x["+"] + 11, middle)), "into the side of the circle"
    assert routed.dots == (((x["a"], pytest.approx(routed.routes[3][1][1])), True),)


def test_four_branches_stand_symmetrically_in_the_order_of_the_merge() -> None:
    nodes = [card("split"), *(card(f"b{i}") for i in range(4)), Node("join", 11, 11, 22, "circle")]
    wires = [Wire("split", f"b{i}", "split") for i in (3, 1, 0, 2)]
    wires += [Wire(f"b{i}", "join", f"b{i}", i) for i in range(4)]
    placed = arrange_rows(nodes, wires)
    x = {node.id: x for node, x in zip(placed.rows.nodes, placed.x, strict=True) if node}
    assert x["b0"] < x["b1"] < x["b2"] < x["b3"]
    assert x["split"] == pytest.approx((x["b0"] + x["b3"]) / 2, abs=1)
    assert x["join"] == pytest.approx(x["split"], abs=1)


def test_a_short_branch_stands_right_of_the_main_path_whichever_input_it_is() -> None:
    nodes = [card("a"), card("short"), card("b"), card("c"), card("d"), Node("+", 11, 11, 22, "circle")]
    wires = [
        Wire("a", "short", "a"),
        Wire("short", "+", "short", 0),
        Wire("a", "b", "a"),
        Wire("b", "c", "b"),
        Wire("c", "d", "c"),
        Wire("d", "+", "d", 1),
    ]
    placed = arrange_rows(nodes, wires)
    x = {node.id: x for node, x in zip(placed.rows.nodes, placed.x, strict=True) if node}
    assert x["a"] == x["b"] == x["c"] == x["d"] == x["+"] < x["short"]


def test_wires_of_different_sources_do_not_lie_on_one_another() -> None:
    # Where one wire leaves its card another one arrives right below.
    nodes = [card(f"n{i}") for i in range(6)]
    edges = [(0, 4), (0, 5), (1, 3), (1, 4), (2, 5)]
    wires = [Wire(f"n{a}", f"n{b}", f"n{a}", order) for order, (a, b) in enumerate(edges)]
    placed = arrange_rows(nodes, wires)
    upright = [
        (wire.source, wire.target, x0, min(y0, y1), max(y0, y1))
        for wire, points in zip(wires, route(placed, wires).routes, strict=True)
        for (x0, y0), (x1, y1) in pairwise(points)
        if abs(x0 - x1) < 0.01
    ]
    for one, other in combinations(upright, 2):
        if one[0] != other[0] and one[1] != other[1] and abs(one[2] - other[2]) < 3:
            assert min(one[4], other[4]) <= max(one[3], other[3]) + 0.01, (one, other)


@given(graphs())
@settings(max_examples=60)
def test_no_row_is_narrower_than_said_in_advance(given_graph: tuple[list[Node], list[Wire]]) -> None:
    nodes, wires = given_graph
    placed = arrange_rows(nodes, wires)
    both = zip(placed.x, placed.rows.nodes, strict=True)
    at = [(x - node.left, x + node.right) if node else (x, x) for x, node in both]
    widths = [max(at[item][1] for item in row) - min(at[item][0] for item in row) for row in placed.rows.rows]
    assert max(widths) >= least(nodes, wires, 99)[0] - 0.01


def test_rows_between_which_much_passes_cannot_be_cut() -> None:
    nodes = [Node(f"n{i}", 50.0, 50.0, 40.0) for i in range(20)]
    chain = [Wire(f"n{i}", f"n{i + 1}", f"n{i}") for i in range(19)]
    skips = [Wire(f"n{i}", "n12", f"n{i}") for i in range(11)]
    assert least(nodes, chain, 4) == (100.0, 40.0)
    # The fifth tensor passes below the fifth row, the last of them above the thirteenth.
    assert least(nodes, chain + skips, 4)[1] == 9 * 40 + 8 * 18


def test_rows_end_at_branches_merges_and_what_is_not_as_the_first() -> None:
    inputs = {"a": (), "b": ("a",), "c": ("b",), "d": ("c",), "e": ("c",), "f": ("d", "e"), "g": ("f",), "h": ("g",)}
    assert rows(inputs, lambda *_: True) == dict(zip("abcdefgh", "aaadefff", strict=True))
    assert rows(inputs, lambda first, i: (first, i) != ("a", "b")) == dict(zip("abcdefgh", "abbdefff", strict=True))
    asked: list[tuple[str, str]] = []
    rows(inputs, lambda *pair: bool(asked.append(pair)) or True)
    assert asked == [("a", "b"), ("a", "c"), ("f", "g"), ("f", "h")]
