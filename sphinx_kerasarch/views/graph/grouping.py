"""Which calls are drawn as one: chips, closed nested models, copies of a repeated block."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...errors import OptionError
from ...options import suggest
from ...spec import ArchSpec, Block
from ...spec.fold import Repeat, common_prefix, repeats


@dataclass(frozen=True, slots=True)
class Group:
    """A repeated block: drawn once, open or closed."""

    id: str
    title: str
    block: str | None
    """The block around it."""
    copies: tuple[tuple[str, ...], ...]


def repeated(spec: ArchSpec, anchors: Mapping[str, str]) -> tuple[Group, ...]:
    """Repeats whose copies stand in one block, do not cut a card from its chips and are more than one card each."""
    block_of = {call.id: call.block for call in spec.calls}
    named = {layer.id: layer.auto_named for layer in spec.layers}
    auto = {call.id: named[call.layer] for call in spec.calls}
    groups = []
    for repeat in repeats(spec):
        members = {call for copy in repeat.copies for call in copy}
        blocks = {block_of[call] for call in members}
        whole = all(
            frozenset(anchors.get(call, call) for call in copy) <= frozenset(copy) for copy in repeat.copies
        )
        cards = sum(call not in anchors for call in repeat.copies[0])
        if (
            repeat.same_weights
            or len(blocks) != 1
            or not whole
            or cards < 2
            or _split(members, repeat, anchors)
        ):
            continue
        title = _title(repeat.copies, auto)
        groups.append(Group(f"repeat:{repeat.copies[0][0]}", title, next(iter(blocks)), repeat.copies))
    return tuple(groups)


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
    common = re.sub(r"\d+$", "", common_prefix([first, last]))
    start, end = first[len(common) :], last[len(common) :]
    if start.isdigit() and end.isdigit() and common:
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
