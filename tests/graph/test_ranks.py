"""Rows with the shortest wires."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch.layout.ranks import rank
from sphinx_kerasarch.layout.simplex import length, shorten


@st.composite
def trees_and_more(draw: st.DrawFn) -> tuple[list[int], list[tuple[int, int, int, int]]]:
    """A connected acyclic graph with feasible ranks, rows apart more than they must be."""
    size = draw(st.integers(2, 5))
    pairs = [(draw(st.integers(0, node - 1)), node) for node in range(1, size)]
    more = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda pair: pair[0] < pair[1])
    pairs += draw(st.lists(more, max_size=4))
    weights = draw(st.lists(st.integers(0, 3), min_size=len(pairs), max_size=len(pairs)))
    edges = [(tail, head, 1, weight) for (tail, head), weight in zip(pairs, weights, strict=True)]
    steps = draw(st.lists(st.integers(1, 3), min_size=size, max_size=size))
    return [sum(steps[: node + 1]) for node in range(size)], edges


@given(trees_and_more())
def test_no_ranks_are_shorter(given_graph: tuple[list[int], list[tuple[int, int, int, int]]]) -> None:
    ranks, edges = given_graph
    found = shorten(ranks, edges)
    assert all(found[head] - found[tail] >= least for tail, head, least, _ in edges)
    every = product(range(len(ranks)), repeat=len(ranks))
    shortest = min(
        length(tried, edges) for tried in every if all(tried[b] - tried[a] >= least for a, b, least, _ in edges)
    )
    assert length(found, edges) == shortest


def test_best_ranks_stay() -> None:
    edges = [(0, 1, 1, 1), (1, 3, 1, 1), (0, 2, 1, 1), (2, 3, 1, 1), (0, 3, 1, 1)]
    assert shorten([0, 1, 1, 2], edges) == [0, 1, 1, 2]
    free = [(0, 1, 1, 1), (1, 2, 1, 1), (2, 4, 1, 1), (0, 3, 1, 1), (3, 4, 1, 1)]
    assert shorten([0, 1, 2, 2, 3], free) == [0, 1, 2, 2, 3]
    assert shorten([0, 1, 2, 1, 3], free) == [0, 1, 2, 1, 3]


def test_a_node_stands_where_its_wires_are_short() -> None:
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("x", "b"), ("p", "x"), ("q", "x"), ("x", "e")]
    rows = rank(list("abcdexpq"), edges)
    assert all(rows[b] > rows[a] for a, b in edges)
    # Two wires into x and two out of it: wherever it stands, they are as long; but p and q follow it.
    assert rows["p"] == rows["q"] == rows["x"] - 1


def test_two_inputs_pull_more_than_one_output() -> None:
    chain = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    rows = rank(list("abcdexy"), [*chain, ("a", "y"), ("a", "x"), ("y", "x"), ("x", "e")])
    assert (rows["y"], rows["x"], rows["e"]) == (1, 2, 4)


def test_inputs_stay_on_top_and_outputs_below_all() -> None:
    edges = [("i", "a"), ("a", "b"), ("b", "c"), ("c", "o"), ("j", "c"), ("a", "p")]
    rows = rank(list("ijabcop"), edges, frozenset("ij"), frozenset("op"))
    assert rows["i"] == rows["j"] == 0
    assert rows["o"] == rows["p"] == max(rows.values()) > rows["c"]
