"""Parts of a model that one picture or one row may stand for: repeats with a name, in the nesting of the model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .cells import cells
from .fold import Repeat, common_prefix, repeats
from .loops import class_text
from .model import ArchSpec, Block


@dataclass(frozen=True, slots=True)
class Group:
    """A part that is drawn once, open or closed."""

    id: str
    """Of the nested model that each copy is, if it is one; else ``repeat:`` and the first call."""
    title: str
    block: str | None
    """The block around it."""
    copies: tuple[tuple[str, ...], ...]
    """Call ids in corresponding order; one copy for a part that stands alone."""
    changes: str = ""
    """How the copies differ: ``channels 64 → 256``."""
    same: bool = False
    """All copies call the same layers: one set of weights."""
    blocks: tuple[str, ...] = ()
    """The nested model that each copy is; none when copies are no nested models of their own."""
    outer: str = ""
    """Id of the group in whose first copy this one stands."""


def groups(spec: ArchSpec, how: str = "equal", *, nested: bool = True) -> tuple[Group, ...]:
    """Repeats whose copies stand side by side in the nesting of the model, outer ones before inner ones.

    ``how``: ``equal``, ``alike`` (channels and rates may grow from copy to copy), or ``cells`` (as ``alike``, and
    every part that ends in a merge of several branches is one, also when it stands alone). ``nested``: also what
    repeats inside of a copy.
    """
    found: list[Repeat] = list(repeats(spec, loose=how != "equal"))
    if how == "cells":
        found = sorted((*found, *cells(spec)), key=lambda repeat: -sum(map(len, repeat.copies)))
    home = Home(spec)
    result: list[Group] = []
    taken: set[str] = set()
    for repeat in found:
        members = {call for copy in repeat.copies for call in copy}
        group = None if members & taken else named(spec, home, repeat, loose=how != "equal")
        if group:
            taken |= members
            result.append(group)
            if nested and how == "equal" and len(group.copies[0]) > 3:
                inner = groups(_alone(spec, repeat), how)
                result += [
                    replace(g, outer=g.outer or group.id) for g in inner if not set(g.blocks) & {group.id}
                ]
    return tuple(result)


def _alone(spec: ArchSpec, repeat: Repeat) -> ArchSpec:
    """The first copy of a repeat with what feeds it."""
    inside = set(repeat.copies[0])
    edges = tuple(edge for edge in spec.edges if edge.target.call in inside)
    kept = inside | {edge.source.call for edge in edges}
    calls = tuple(call for call in spec.calls if call.id in kept)
    used = {call.layer for call in calls}
    layers = tuple(layer for layer in spec.layers if layer.id in used)
    return replace(spec, layers=layers, calls=calls, edges=edges, outputs=())


class Home:
    """Where the calls of a model stand."""

    def __init__(self, spec: ArchSpec) -> None:
        self.blocks: Mapping[str, Block] = {block.id: block for block in spec.blocks}
        self.path: dict[str, tuple[str, ...]] = {}
        """Call → blocks around it, outermost first."""
        self.inside: dict[str, set[str]] = {block: set() for block in self.blocks}
        """Block → all calls in it."""
        for call in spec.calls:
            self.path[call.id] = around(call.block, self.blocks)
            for block in self.path[call.id]:
                self.inside[block].add(call.id)

    def around(self, block: str | None) -> tuple[str, ...]:
        """A block and those around it, outermost first."""
        return around(block, self.blocks)


def around(block: str | None, blocks: Mapping[str, Block]) -> tuple[str, ...]:
    """Blocks around a call, outermost first."""
    path = []
    while block is not None:
        path.append(block)
        block = blocks[block].parent
    return tuple(reversed(path))


def _level(home: Home, copies: Sequence[Sequence[str]]) -> int | None:
    """Number of blocks around all copies; None when a block is cut, or one copy is nested otherwise than another."""
    paths = [home.path[call] for copy in copies for call in copy]
    level = 0
    while all(len(path) > level and path[level] == paths[0][level] for path in paths):
        level += 1
    while (
        level
        and home.inside[paths[0][level - 1]] == {call for copy in copies for call in copy}
        and len(copies) == 1
    ):
        level -= 1  # the whole of a nested model
    first = copies[0]
    for copy in copies:
        own = set(copy)
        names: dict[str, str] = {}
        for a, b in zip(first, copy, strict=True):
            steps_a, steps_b = home.path[a][level:], home.path[b][level:]
            if len(steps_a) != len(steps_b):
                return None
            for step_a, step_b in zip(steps_a, steps_b, strict=True):
                same_class = class_text(home.blocks[step_a]) == class_text(home.blocks[step_b])
                if (
                    names.setdefault(step_b, step_a) != step_a
                    or not same_class
                    or not home.inside[step_b] <= own
                ):
                    return None
    return level


def named(
    spec: ArchSpec, home: Home, repeat: Repeat, *, loose: bool = False, title: str = ""
) -> Group | None:
    """A repeat with its name and its place in the nesting; None when it cuts a nested model."""
    level = _level(home, repeat.copies)
    if level is None:
        return None
    path = home.path[repeat.copies[0][0]]
    wholes: list[str] = []
    for copy in repeat.copies:
        steps = {home.path[call][level : level + 1] for call in copy}
        step = next(iter(steps))
        if len(steps) == 1 and step and home.inside[step[0]] == set(copy):
            wholes.append(step[0])
    whole = len(wholes) == repeat.count
    changes = _changes(spec, repeat) if loose else ""
    return Group(
        wholes[0] if whole else f"repeat:{repeat.copies[0][0]}",
        title or (_block_title(home, wholes) if whole else _title(spec, repeat)),
        path[level - 1] if level else None,
        repeat.copies,
        changes,
        repeat.same_weights,
        tuple(wholes) if whole else (),
    )


def _block_title(home: Home, blocks: Sequence[str]) -> str:
    first, last = home.blocks[blocks[0]], home.blocks[blocks[-1]]
    if first.auto_named:
        return first.class_name
    return first.label if first.label == last.label else span(first.label, last.label)


def _changes(spec: ArchSpec, repeat: Repeat) -> str:
    """What grows from copy to copy: ``channels 96 → 256``, ``rate 0.01 → 0.06``."""
    calls = {call.id: call for call in spec.calls}
    rates = {layer.id: layer.config.get("rate") for layer in spec.layers if layer.role == "reg"}
    texts = []
    ends = [calls[copy].outputs[0].shape for copy in (repeat.exits[0], repeat.exit)]
    if ends[0][-1:] != ends[1][-1:]:
        texts.append(f"channels {ends[0][-1]} → {ends[1][-1]}")
    seen = [[rates.get(calls[call].layer) for call in copy] for copy in (repeat.copies[0], repeat.copies[-1])]
    changed = [(a, b) for a, b in zip(*seen, strict=True) if a != b]
    if changed and all(isinstance(value, float | int) for value in changed[0]):
        texts.append(f"rate {changed[0][0]:.3g} → {changed[0][1]:.3g}")
    return ", ".join(texts)


def _title(spec: ArchSpec, repeat: Repeat) -> str:
    """``conv2_block2–3`` from the names of the members, ``block`` when Keras chose them."""
    named = {layer.id: layer.auto_named for layer in spec.layers}
    auto = {call.id: named[call.layer] for call in spec.calls}
    title = "block"
    if repeat.same_weights:
        # One set of layers has one name; their calls have numbers.
        one = replace(repeat, copies=repeat.copies[:1] * 2, exits=repeat.exits[:1] * 2, same_weights=False)
        return re.sub(r"@\d+$", "", _title(spec, one))
    prefixes = [common_prefix([name.rpartition("/")[2] for name in copy]) for copy in repeat.copies]
    prefixes = [re.sub(r"[^0-9A-Za-z]+$", "", prefix) for prefix in prefixes]
    if prefixes[0] and prefixes[-1] and not all(auto[name] for name in repeat.copies[0]):
        title = span(prefixes[0], prefixes[-1])
    if title == "block" and not auto[repeat.exits[0]]:
        title = span(repeat.exits[0], repeat.exit)
    return title


def span(first: str, last: str) -> str:
    """``normal_2–5`` of the first and the last of a run; the word for a merge says nothing."""
    if first == last:
        return re.sub(r"_?concat(enate)?(?=_|$)", "", first) or first
    first, last = (re.sub(r"_?concat(enate)?(?=_|$)", "", name) or name for name in (first, last))
    tail = re.search(r"\D*$", first)
    if tail and tail[0].startswith("_") and last.endswith(tail[0]):
        first, last = first.removesuffix(tail[0]), last.removesuffix(tail[0])
    common = common_prefix([first, last])
    if not (len(first) == len(last) == len(common) + 1 and first[-1].isalpha()):
        common = re.sub(r"\d+$", "", common)
    start, end = first[len(common) :], last[len(common) :]
    if common and ((start.isdigit() and end.isdigit()) or len(start) == len(end) == 1):
        return f"{common}{start}–{end}"
    return first if first == last else f"{first} … {last}"


def levels(spec: ArchSpec, found: Sequence[Group]) -> dict[str, int]:
    """Block or group → number of nested models and groups around it."""
    blocks = {block.id: block for block in spec.blocks}
    inside: dict[str, frozenset[str]] = {}
    for block in spec.blocks:
        calls = frozenset(c.id for c in spec.calls if block.id in around(c.block, blocks))
        inside[block.id] = calls
    for group in found:
        if not group.blocks:
            inside[group.id] = frozenset(group.copies[0])
    level: dict[str, int] = {}
    order = list(inside)
    for number, name in enumerate(order):
        own = inside[name]
        level[name] = sum(
            own < other or (own == other and _holds(other_name, name, blocks, order, number))
            for other_name, other in inside.items()
            if other_name != name
        )
    return level


def _holds(outer: str, inner: str, blocks: Mapping[str, object], order: Sequence[str], number: int) -> bool:
    """Which of two that hold the same calls is the outer one: the nested model, or the first."""
    if (outer in blocks) != (inner in blocks):
        return outer in blocks
    return order.index(outer) < number


def beside(more: Iterable[Group], found: Iterable[Group]) -> tuple[Group, ...]:
    """Those of ``more`` that have no call in common with ``found``."""
    taken = {call for group in found for copy in group.copies for call in copy}
    return tuple(group for group in more if all(taken.isdisjoint(copy) for copy in group.copies))


def with_stages(spec: ArchSpec, found: Sequence[Group]) -> ArchSpec:
    """The model with parts that stand alone as blocks of the kind ``stage``."""
    blocks = list(spec.blocks)
    block_of = {call.id: call.block for call in spec.calls}
    for group in found:
        if group.blocks:
            continue
        own = set(group.copies[0])
        stage = f"stage:{group.copies[0][0]}"
        inner = [
            replace(block, parent=stage)
            if block.parent == group.block
            and own.issuperset(c for c, at in block_of.items() if at == block.id)
            and any(at == block.id and c in own for c, at in block_of.items())
            else block
            for block in blocks
        ]
        blocks = [Block(stage, group.title, group.block, "Stage", kind="stage"), *inner]
        block_of |= {call: stage for call in own if block_of[call] == group.block}
    calls = tuple(replace(call, block=block_of[call.id]) for call in spec.calls)
    return replace(spec, blocks=tuple(blocks), calls=calls)
