"""Which calls are drawn as one: chips, closed nested models, copies of a repeated block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...errors import OptionError
from ...options import suggest
from ...spec import ArchSpec
from ...spec.groups import Group, around, groups, levels
from ...spec.query import hyper_parameters

__all__ = ["Group", "around", "closed", "drawable", "levels", "repeated", "single"]

MANY = 8
"""Equal layers in a row from which these are drawn as one where space is short."""
LOOP = 3
"""Calls of the same weights in a row from which these are drawn as one, also where there is space."""


def repeated(spec: ArchSpec, anchors: Mapping[str, str], how: str = "equal") -> tuple[Group, ...]:
    """Repeats that do not cut a card from its chips and are more than one card each, see :func:`.groups`."""
    return drawable(groups(spec, how), spec, anchors, 2 if how == "equal" else 1)


def loops(spec: ArchSpec, anchors: Mapping[str, str]) -> tuple[Group, ...]:
    """The same weights called again and again, often enough to be drawn once in any case."""
    calls: dict[str, int] = {}
    for call in spec.calls:
        calls[call.layer] = calls.get(call.layer, 0) + 1
    if max(calls.values(), default=0) < LOOP:
        return ()  # to find repeats takes time
    return tuple(group for group in repeated(spec, anchors) if group.same and len(group.copies) >= LOOP)


def drawable(
    found: Iterable[Group], spec: ArchSpec, anchors: Mapping[str, str], least: int = 1
) -> tuple[Group, ...]:
    """Groups that do not cut a card from its chips.

    ``least``: cards of each copy; one is enough for many copies or for calls of the same weights.
    """
    result = []
    gone: set[str] = set()
    for group in found:
        shown = sum(call not in anchors for call in group.copies[0])
        many = group.same or (len(group.copies) >= MANY and least == 1)
        if shown < (1 if many else least) or not shown or group.outer in gone or _split(group, anchors):
            gone.add(group.id)
        else:
            result.append(group)
    return tuple(result)


def _split(group: Group, anchors: Mapping[str, str]) -> bool:
    """Whether a chip of a copy hangs on a card of another copy, or outside."""
    copy_of = {call: number for number, copy in enumerate(group.copies) for call in copy}
    return any(
        copy_of.get(chip) != copy_of.get(card)
        for chip, card in anchors.items()
        if chip in copy_of or card in copy_of
    )


def single(group: Group, spec: ArchSpec, anchors: Mapping[str, str]) -> str:
    """The call on whose own card a group stands: copies of one card that say the same. Empty for others."""
    heads = [[call for call in copy if call not in anchors] for copy in group.copies]
    if len(heads[0]) > 1 or group.blocks:
        return ""
    layers = {layer.id: layer for layer in spec.layers}
    layer_of = {call.id: layers[call.layer] for call in spec.calls}
    told = {hyper_parameters(layer_of[head[0]]) for head in heads}
    return heads[0][0] if len(told) == 1 else ""


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
