"""Which calls of two models stand for each other."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from .kinds import call_keys
from .model import ArchSpec, Layer, Port
from .query import layer_of

Pairs = Mapping[str, str]
"""Call of the old model → call of the new one."""
Owners = Mapping[str, Layer]
"""Call → its layer."""


def matchings(old: ArchSpec, new: ArchSpec) -> tuple[dict[str, str], dict[str, str]]:
    """Two ways to match the calls of two models; which one tells less is the better one.

    First: calls that do the same in the same order (Ratcliff and Obershelp, as :mod:`difflib` has it); what is left
    between two matches is matched by name, then by class. So a layer put in between changes nothing but itself,
    although Keras counts the names of all behind it on.

    Second: among calls that do the same the names that their author chose decide, since the order in which branches are
    called says nothing.
    """
    said = [{call: json.dumps(key, default=str) for call, key in call_keys(spec).items()} for spec in (old, new)]
    sides = [[call.id for call in spec.calls] for spec in (old, new)]
    orders = [[keys[call] for call in side] for keys, side in zip(said, sides, strict=True)]
    before, after = owners(old), owners(new)
    pairs: dict[str, str] = {}
    for kind, a, b, c, d in SequenceMatcher(a=orders[0], b=orders[1], autojunk=False).get_opcodes():
        if kind == "equal":
            pairs.update(zip(sides[0][a:b], sides[1][c:d], strict=True))
        elif kind == "replace":
            pairs.update(_likely(before, after, sides[0][a:b], sides[1][c:d]))
    named = _called_alike(old, new, pairs, said)
    _elsewhere(old, new, named)
    return pairs, named


def owners(spec: ArchSpec) -> dict[str, Layer]:
    """Call → its layer."""
    layers = layer_of(spec)
    return {call.id: layers[call.layer] for call in spec.calls}


def _likely(before: Owners, after: Owners, left: Sequence[str], right: Sequence[str]) -> dict[str, str]:
    """Calls between two matches: those of one name, then those of one class in their order."""
    pairs = _in_order(
        ((call, (before[call].class_name, before[call].name)) for call in left if not before[call].auto_named),
        ((call, (after[call].class_name, after[call].name)) for call in right),
    )
    taken = set(pairs.values())
    rest = _in_order(
        ((call, before[call].class_name) for call in left if call not in pairs),
        ((call, after[call].class_name) for call in right if call not in taken),
    )
    return {**pairs, **rest}


def _in_order(wanted: Iterable[tuple[str, Hashable]], offered: Iterable[tuple[str, Hashable]]) -> dict[str, str]:
    """Each call with the first that is alike behind the last one taken: what stands before it cannot belong to a later
    one. Both are calls with what has to be the same."""
    calls = []
    places: dict[Hashable, list[int]] = {}
    for place, (call, alike) in enumerate(offered):
        calls.append(call)
        places.setdefault(alike, []).append(place)
    pairs: dict[str, str] = {}
    next_place = 0
    for call, alike in wanted:
        found = places.get(alike, [])
        at = bisect_left(found, next_place)
        if at < len(found):
            pairs[call] = calls[found[at]]
            next_place = found[at] + 1
    return pairs


def _same_name(a: Layer, b: Layer) -> bool:
    return a.class_name == b.class_name and a.name == b.name and not a.auto_named


Keys = Sequence[Mapping[str, str]]
"""Of both models, call → what it does."""


def _called_alike(old: ArchSpec, new: ArchSpec, pairs: Pairs, said: Keys) -> dict[str, str]:
    """``pairs``, but calls that do the same go with those of their own name; who loses its call takes one left over."""
    before, after = owners(old), owners(new)
    free: dict[tuple[str, str], list[str]] = {}
    for one in new.calls:
        free.setdefault((after[one.id].name, said[1][one.id]), []).append(one.id)
    found: dict[str, str] = {}
    for one in old.calls:
        alike = free.get((before[one.id].name, said[0][one.id]), [])
        if alike and _same_name(before[one.id], after[alike[0]]):
            found[one.id] = alike.pop(0)
    taken = set(found.values())
    lost: dict[str, list[str]] = {}
    for call, other in pairs.items():
        if call in found and other not in taken:
            lost.setdefault(said[1][other], []).append(other)
    for call, other in pairs.items():
        if call in found:
            continue
        if other in taken:
            spare = lost.get(said[0][call], [])
            if not spare:
                continue
            other = spare.pop(0)  # noqa: PLW2901
        elif other in lost.get(said[1][other], []):
            lost[said[1][other]].remove(other)
        found[call] = other
        taken.add(other)
    return found


def _elsewhere(old: ArchSpec, new: ArchSpec, pairs: dict[str, str]) -> None:
    """Match what has the same name and takes the same, but comes at another time or does something else."""
    before, after = owners(old), owners(new)
    sources = _sources(old), _sources(new)
    kept = set(pairs.values())
    free: dict[str, list[str]] = {}
    for call in new.calls:
        if call.id not in kept:
            free.setdefault(after[call.id].name, []).append(call.id)
    for call in old.calls:
        if call.id in pairs:
            continue
        taken = [Port(pairs.get(port.call, ""), port.index) for port in sources[0][call.id]]
        for other in free.get(before[call.id].name, []):
            if other not in kept and _same_name(before[call.id], after[other]) and taken == sources[1][other]:
                pairs[call.id] = other
                kept.add(other)
                break


def _sources(spec: ArchSpec) -> dict[str, list[Port]]:
    found: dict[str, list[Port]] = {call.id: [] for call in spec.calls}
    for edge in sorted(spec.edges, key=lambda edge: edge.target.index):
        found[edge.target.call].append(edge.source)
    return found
