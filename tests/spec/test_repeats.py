"""Repeated blocks in graphs that are no plain chain: sources from aside, shared weights, branches of one structure."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.fold import expanded, repeats
from sphinx_kerasarch.spec.groups import groups
from sphinx_kerasarch.spec.model import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor, Weight
from sphinx_kerasarch.spec.patterns import families, name_groups

SPECS = Path(__file__).parents[1] / "specs"
ALL = sorted(str(path.relative_to(SPECS).with_suffix("")) for path in SPECS.rglob("*.json"))


@cache
def recorded(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


def true_edges(spec: ArchSpec, calls: set[str]) -> set[Edge]:
    return {edge for edge in spec.edges if edge.target.call in calls}


def check(spec: ArchSpec, *, loose: bool) -> None:
    seen: set[str] = set()
    for repeat in repeats(spec, loose=loose):
        inside = {call for copy in repeat.copies for call in copy}
        assert not seen & inside
        seen |= inside
        assert len(inside) == repeat.count * len(repeat.copies[0])
        assert expanded(spec, repeat) == true_edges(spec, inside)
        assert not inside & set(repeat.sides)
        ends = {slot.port.call for slot in spec.outputs}
        assert not (inside - {repeat.exit}) & ends
        for number, copy in enumerate(repeat.copies):
            after = set(repeat.copies[number + 1]) if number + 1 < repeat.count else None
            for edge in spec.edges:
                if edge.source.call in copy and edge.target.call not in copy:
                    assert edge.source.call == repeat.exits[number]
                    assert after is None or edge.target.call in after


@pytest.mark.parametrize("loose", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_every_repeat_is_verified_by_writing_it_out(name: str, loose: bool) -> None:
    check(recorded(name), loose=loose)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("folding/translator", [(6, ("encoder_6_out",)), (6, ())]),
        ("folding/masked", [(4, ("mask",))]),
        ("folding/diffusion", [(3, ("time_embedding",))]),
        ("folding/copies", [(4, ())]),
        ("folding/subclassed", [(6, ())]),
    ],
)
def test_a_source_from_aside_is_shared_by_all_copies(
    name: str, found: list[tuple[int, tuple[str, ...]]]
) -> None:
    assert [(repeat.count, repeat.sides) for repeat in repeats(recorded(name))] == found
    assert not any(repeat.same_weights for repeat in repeats(recorded(name)))


@pytest.mark.parametrize("name", ["folding/refiner", "folding/tied"])
def test_the_same_weights_are_told_from_equal_ones(name: str) -> None:
    (loop,) = repeats(recorded(name))
    assert (loop.count, loop.same_weights) == (4, True)


class Line:
    """A spec made of layers in a line, with sources from aside."""

    def __init__(self) -> None:
        self.layers: dict[str, Layer] = {}
        self.calls: list[Call] = []
        self.edges: list[Edge] = []

    def call(self, kind: str, *sources: str, layer: str = "") -> str:
        name = f"{kind}_{len(self.calls)}"
        weights = (Weight(f"{name}/w", "w", (2,), "float32", True),) if kind in "ABC" else ()
        made = Layer(name, name, kind, "tests", "custom", weights, config={"kind": kind}, auto_named=True)
        self.layers.setdefault(layer or name, made)
        call = Call(name, layer or name, outputs=(Tensor((None, 4), "float32"),))
        self.calls.append(call)
        self.edges += [Edge(Port(source), Port(name, k)) for k, source in enumerate(sources)]
        return name

    def block(self, form: str, entry: str, aside: str, shared: dict[int, str] | None) -> str:
        """Of each letter a call in the line; ``+`` joins the entry, ``m`` takes from aside, ``p`` by a projection."""
        at = entry
        for place, letter in enumerate(form):
            known = (shared or {}).get(place, "")
            if letter == "+":
                at = self.call("Add", at, entry)
            elif letter == "m":
                at = self.call("A", at, aside, layer=known)
            elif letter == "p":
                at = self.call("Join", at, self.call("C", aside))
            else:
                at = self.call(letter, at, layer=known)
            if shared is not None and letter in "ABm":
                shared.setdefault(place, at)
        return at

    def spec(self, end: str) -> ArchSpec:
        return ArchSpec(
            "line", "Functional", tuple(self.layers.values()), tuple(self.calls), tuple(self.edges),
            (Slot("x", Port(self.calls[0].id)),), (Slot("y", Port(end)),),
        )  # fmt: skip


@given(
    form=st.text("AB+mpD", min_size=2, max_size=6),
    count=st.integers(2, 6),
    before=st.text("ABD+", max_size=3),
    after=st.text("ABD", max_size=2),
    loop=st.booleans(),
)
def test_copies_of_any_form_are_found(form: str, count: int, before: str, after: str, loop: bool) -> None:
    line = Line()
    at, aside = line.call("Input"), line.call("Memory", line.call("Input"))
    for letter in before:
        at = line.block(letter, at, aside, None)
    at = line.call("Border", at)
    shared: dict[int, str] | None = {} if loop and "p" not in form and set(form) & set("ABm") else None
    first = len(line.calls)
    for _ in range(count):
        at = line.block(form, at, aside, shared)
    inside = {call.id for call in line.calls[first:]}
    at = line.call("Border", at)
    for letter in after:
        at = line.block(letter, at, aside, None)
    spec = line.spec(at)
    check(spec, loose=False)
    # All copies are told by repeats: as one, or as several shorter ones where the form repeats in itself.
    told = {call for repeat in repeats(spec) for copy in repeat.copies for call in copy}
    assert inside <= told
    loops = [r for r in repeats(spec) if set(r.copies[0]) & inside and set(r.copies[0]) & weighted(spec)]
    assert bool(loops) == bool(set(form) & set("ABmp"))
    assert shared is None or all(r.same_weights for r in loops if r.count == count)


def weighted(spec: ArchSpec) -> set[str]:
    having = {layer.id for layer in spec.layers if layer.weights}
    return {call.id for call in spec.calls if call.layer in having}


@given(st.integers(0, 10**6))
def test_whatever_is_called_a_repeat_is_one(seed: int) -> None:
    chance = random.Random(seed)
    line = Line()
    names = [line.call("Input")]
    for _ in range(chance.randint(3, 30)):
        sources = [names[max(0, len(names) - 1 - chance.choice((0, 0, 0, 1, 2, 5)))]]
        if chance.random() < 0.3:
            sources.append(chance.choice(names[: 1 + len(names) // 3]))
        names.append(line.call(chance.choice("AD") if len(sources) == 1 else "Add", *sources))
    spec = line.spec(names[-1])
    for loose in (False, True):
        check(spec, loose=loose)


@pytest.mark.parametrize("name", ALL)
def test_parts_by_name_are_disjoint_and_keep_every_edge(name: str) -> None:
    spec = recorded(name)
    for pattern in families(spec):
        try:
            found = name_groups(spec, [pattern])
        except OptionError as error:
            # The cells of a searched network take from two others: ways leave a part and come back.
            assert name == "nasnetlarge" and error.advice
            continue
        calls = [call for group in found for copy in group.copies for call in copy]
        assert len(calls) == len(set(calls)) > 0
        for group in found:
            own = [set(copy) for copy in group.copies]
            assert len({len(copy) for copy in own}) == 1
            place = [{call: k for k, call in enumerate(copy)} for copy in group.copies]
            # The edges inside of each copy are those of the first one.
            inner = [
                {
                    (at[e.source.call], at[e.target.call], e.source.index, e.target.index)
                    for e in spec.edges
                    if e.source.call in at and e.target.call in at
                }
                for at in place
            ]
            assert all(edges == inner[0] for edges in inner)
            # Only the next copy takes something from one that is not the last.
            for number, copy in enumerate(own[:-1]):
                users = {e.target.call for e in spec.edges if e.source.call in copy} - copy
                assert users <= own[number + 1]


@pytest.mark.parametrize("name", ALL)
def test_groups_cut_no_nested_model(name: str) -> None:
    spec = recorded(name)
    for group in groups(spec):
        for copy in group.copies:
            inside = {call.block for call in spec.calls if call.id in copy} - {group.block}
            for block in inside:
                assert {call.id for call in spec.calls if call.block == block} <= set(copy)
