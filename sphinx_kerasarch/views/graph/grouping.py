"""Which calls are drawn as one: chips, closed nested models, copies of a repeated block."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...errors import OptionError
from ...options import suggest
from ...spec import ArchSpec, Block
from ...spec.cells import cells
from ...spec.fold import Repeat, common_prefix, repeats

MANY = 8
"""Equal layers in a row from which these are drawn as one where space is short."""


@dataclass(frozen=True, slots=True)
class Group:
    """A repeated block: drawn once, open or closed."""

    id: str
    title: str
    block: str | None
    """The block around it."""
    copies: tuple[tuple[str, ...], ...]
    changes: str = ""
    """How the copies differ."""


def repeated(spec: ArchSpec, anchors: Mapping[str, str], how: str = "equal") -> tuple[Group, ...]:
    """Repeats whose copies stand in one block, do not cut a card from its chips and are more than one card each.

    ``how``: ``equal``, ``alike`` (channels and rates may grow from copy to copy), or ``cells`` (as ``alike``, and
    every part that ends in a merge of several branches is closed, also when it stands alone).
    """
    block_of = {call.id: call.block for call in spec.calls}
    named = {layer.id: layer.auto_named for layer in spec.layers}
    auto = {call.id: named[call.layer] for call in spec.calls}
    found = list(repeats(spec, loose=how != "equal"))
    if how == "cells":
        found = sorted((*found, *cells(spec)), key=lambda repeat: -sum(map(len, repeat.copies)))
    groups = []
    taken: set[str] = set()
    for repeat in found:
        members = {call for copy in repeat.copies for call in copy}
        blocks = {block_of[call] for call in members}
        whole = all(
            frozenset(anchors.get(call, call) for call in copy) <= frozenset(copy) for copy in repeat.copies
        )
        shown = sum(call not in anchors for call in repeat.copies[0])
        if (
            repeat.same_weights
            or len(blocks) != 1
            or not whole
            or shown < (2 if how == "equal" or len(repeat.copies) < MANY else 1)
            or members & taken
            or _split(members, repeat, anchors)
        ):
            continue
        taken |= members
        title = _title(repeat.copies, auto)
        if title == "block" and not auto[repeat.exits[0]]:
            title = _span(repeat.exits[0], repeat.exits[-1])
        changes = _changes(spec, repeat) if how != "equal" else ""
        block = next(iter(blocks))
        groups.append(Group(f"repeat:{repeat.copies[0][0]}", title, block, repeat.copies, changes))
    return tuple(groups)


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


def _split(members: set[str], repeat: Repeat, anchors: Mapping[str, str]) -> bool:
    """Whether a chip of a copy hangs on a card of another copy, or outside."""
    copy_of = {call: number for number, copy in enumerate(repeat.copies) for call in copy}
    return any(
        copy_of.get(chip) != copy_of.get(card)
        for chip, card in anchors.items()
        if chip in members or card in members
    )


def _title(copies: Sequence[Sequence[str]], auto: Mapping[str, bool]) -> str:
    """``conv2_block2–3`` from the names of the members, ``block`` when Keras chose them."""
    prefixes = [common_prefix([name.rpartition("/")[2] for name in copy]) for copy in copies]
    prefixes = [re.sub(r"[^0-9A-Za-z]+$", "", prefix) for prefix in prefixes]
    first, last = prefixes[0], prefixes[-1]
    if not first or not last or all(auto.get(name, False) for name in copies[0]):
        return "block"
    return _span(first, last)


def _span(first: str, last: str) -> str:
    """``normal_2–5`` of the first and the last of a run; the word for a merge says nothing."""
    if first == last:
        return re.sub(r"_?concat(enate)?(?=_|$)", "", first) or first
    first, last = (re.sub(r"_?concat(enate)?(?=_|$)", "", name) or name for name in (first, last))
    tail = re.search(r"\D*$", first)
    if tail and tail[0].startswith("_") and last.endswith(tail[0]):
        first, last = first.removesuffix(tail[0]), last.removesuffix(tail[0])
    common = re.sub(r"\d+$", "", common_prefix([first, last]))
    start, end = first[len(common) :], last[len(common) :]
    if common and ((start.isdigit() and end.isdigit()) or len(start) == len(end) == 1):
        return f"{common}{start}–{end}"
    return first if first == last else f"{first} … {last}"


def closed(spec: ArchSpec, expand: Sequence[str]) -> frozenset[str]:
    """Ids of the blocks drawn as one card.

    ``expand``: ``all``, ``none``, or names of nested models. A later call of the same nested model is always closed:
    its layers are those of the first. Raises :class:`.OptionError` for a name that the model does not have.
    """
    known = {"all", "none", *(block.label for block in spec.blocks), *(block.id for block in spec.blocks)}
    for name in expand:
        if name not in known:
            raise OptionError(
                f"{spec.name} has no nested model {name!r} to expand.",
                advice=suggest(name, known),
                data={"option": "expand", "value": name},
            )
    seen: set[str] = set()
    shut = set()
    for block in spec.blocks:
        again = bool(block.model) and block.model in seen
        seen.add(block.model)
        wanted = "all" in expand or block.label in expand or block.id in expand
        if again or not wanted:
            shut.add(block.id)
    return frozenset(shut)


def around(block: str | None, blocks: Mapping[str, Block]) -> tuple[str, ...]:
    """Blocks around a call, outermost first."""
    path = []
    while block is not None:
        path.append(block)
        block = blocks[block].parent
    return tuple(reversed(path))
