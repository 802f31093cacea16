"""Parts of a model by the names of its layers, for authors who know better than any rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import OptionError
from .fold import Repeat, Segment, listing
from .groups import Group, Home, named, span
from .kinds import call_keys
from .model import ArchSpec, Edge, Port

Key = tuple[int, tuple[str, ...], str]
"""Number of the pattern, what its stars stand for, and which call of a shared layer or model."""

Wire = tuple[str, Port, Hashable]
"""``own``, ``before`` or ``aside``; the place (as text) or the call it comes from; where it arrives."""

FAMILIES = 4
"""Patterns that are proposed when one matches nothing."""


def name_groups(spec: ArchSpec, patterns: Sequence[str]) -> tuple[Group, ...]:
    """Parts of a model by name: ``block_*``, ``conv*_block*``, ``encoder``.

    A pattern stands for the beginning of the name of a layer, or of a nested model, up to its end or to a character
    that is no letter and no digit; of a number also up to a letter that counts on (``block2`` and ``block2a``). A star
    stands for letters and digits. Layers that match with the same text for the stars are one part. Layers that Keras
    named belong to a part when they lie between its layers, join its end with its entry, or lead only from its entry
    into it. Neighbours that are equal and feed each other are one group.

    Raises :class:`.OptionError` for a pattern that matches nothing, and for a part that cannot be one card: a way
    leaves it and comes back, or it cuts a nested model.
    """
    facts = _facts(spec)
    part_of = _matched(spec, patterns)
    _absorb(spec, facts, part_of)
    inside: dict[Key, list[str]] = {}
    for call in spec.calls:
        if call.id in part_of:
            inside.setdefault(part_of[call.id], []).append(call.id)
    order = _ordered(spec, facts.into, part_of, patterns)
    home, result = Home(spec), []
    for run in _runs(facts, [_part(facts, key, inside[key]) for key in order]):
        titles = [_told(patterns[part.key[0]], part.key[1]) for part in run]
        first = run[0]
        feeding = (e.source.call for call in first.calls for e in facts.into[call])
        entry = next((source for source in feeding if source not in first.calls), "")
        same = len(run) > 1 and bool(first.weights) and first.weights == run[1].weights
        repeat = Repeat(tuple(part.calls for part in run), entry, tuple(part.calls[-1] for part in run), same)
        group = named(spec, home, repeat, loose=True, title=span(titles[0], titles[-1]))
        if group is None:
            raise _refused(
                patterns[first.key[0]], f"{titles[0]} cuts a nested model", "Name the nested model itself."
            )
        result.append(group)
    result.sort(key=lambda group: part_of[group.copies[0][0]][0])
    return tuple(result)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is asked of a model again and again."""

    into: Mapping[str, Sequence[Edge]]
    users: Mapping[str, Sequence[str]]
    kinds: Mapping[str, Hashable]
    layer_of: Mapping[str, str]
    weighted: frozenset[str]
    outputs: frozenset[str]


def _facts(spec: ArchSpec) -> Facts:
    into: dict[str, list[Edge]] = {call.id: [] for call in spec.calls}
    users: dict[str, list[str]] = {call.id: [] for call in spec.calls}
    for edge in spec.edges:
        into[edge.target.call].append(edge)
        users[edge.source.call].append(edge.target.call)
    for edges in into.values():
        edges.sort(key=lambda e: e.target.index)
    return Facts(
        into,
        users,
        call_keys(spec, loose=True),
        {call.id: call.layer for call in spec.calls},
        frozenset(layer.id for layer in spec.layers if layer.weights),
        frozenset(slot.port.call for slot in spec.outputs),
    )


def _expression(pattern: str) -> re.Pattern[str]:
    text = "".join("([A-Za-z0-9]+)" if char == "*" else re.escape(char) for char in pattern)
    # After a number one letter may count on: block2 stands for block2a, block2b.
    more = "(?=[a-z](?![A-Za-z0-9]))" if pattern[-1:].isdigit() else "(?!)"
    return re.compile(f"{text}(?:(?![A-Za-z0-9])|{more})")


def _told(pattern: str, stars: Sequence[str]) -> str:
    texts = iter(stars)
    return "".join(next(texts) if char == "*" else char for char in pattern)


def _refused(pattern: str, reason: str, advice: str) -> OptionError:
    return OptionError(
        f"The pattern {pattern!r} cannot be folded: {reason}.",
        advice=advice,
        data={"option": "fold", "value": pattern},
    )


def _matched(spec: ArchSpec, patterns: Sequence[str]) -> dict[str, Key]:
    """Call → its part. The first pattern that matches counts, of a call the outermost nested model before the layer."""
    home = Home(spec)
    layers = {layer.id: layer for layer in spec.layers}
    expressions = [_expression(pattern) for pattern in patterns]
    seen: Counter[tuple[str, str | None]] = Counter()
    found: dict[str, Key] = {}
    for call in spec.calls:
        seen[call.layer, call.block] += 1
        names = [(home.blocks[block].label, block) for block in home.path[call.id]]
        layer = layers[call.layer]
        names.append((layer.name, f"{call.block or ''}@{seen[call.layer, call.block]}"))
        for number, expression in enumerate(expressions):
            found_names = ((expression.match(name), name, again) for name, again in names)
            match = next(
                (
                    (m, again)
                    for m, name, again in found_names
                    # The letter of conv2d is none that counts on.
                    if m and not (layer.auto_named and name[m.end() : m.end() + 1].isalpha())
                ),
                None,
            )
            if match:
                found[call.id] = (number, match[0].groups(), match[1])
                break
    for number, pattern in enumerate(patterns):
        if not any(key[0] == number for key in found.values()):
            known = ", ".join(families(spec)) or "none that repeats"
            raise OptionError(
                f"No layer of {spec.name} has a name that begins with {pattern!r}.",
                advice=f"Names of this model: {known}. A star stands for letters and digits. Or take auto or none.",
                data={"option": "fold", "value": pattern},
            )
    return found


def families(spec: ArchSpec) -> tuple[str, ...]:
    """Patterns that match several parts of a model, the most frequent first."""
    names = [layer.name for layer in spec.layers if not layer.auto_named]
    names += [block.label for block in spec.blocks if not block.auto_named]
    values: dict[str, set[str]] = {}
    for name in names:
        for match in re.finditer(r"\d+[a-z]?(?![A-Za-z0-9])", name):
            start = re.sub(r"\d+[a-z]?(?![A-Za-z0-9])", "*", name[: match.start()])
            values.setdefault(f"{start}*", set()).add(name[: match.end()])
            break
    ranked = sorted(
        (pattern for pattern in values if len(values[pattern]) > 1), key=lambda p: -len(values[p])
    )
    return tuple(ranked[:FAMILIES])


def _absorb(spec: ArchSpec, facts: Facts, part_of: dict[str, Key]) -> None:
    """Give layers without a name of their own to the part that they belong to."""
    auto = {layer.id for layer in spec.layers if layer.auto_named}
    free = {call.id for call in spec.calls if call.layer in auto and call.id not in part_of}
    roles = {layer.id: layer.role for layer in spec.layers}
    merges = {call.id for call in spec.calls if roles[call.layer] == "merge"}
    into, users = facts.into, facts.users
    order = [call.id for call in spec.calls]
    feeding: dict[Key, set[str]] = {}
    """Part → what its layers take from outside."""
    for call, own in part_of.items():
        feeding.setdefault(own, set()).update(
            edge.source.call for edge in into[call] if part_of.get(edge.source.call) != own
        )
    before: dict[str, set[Key]] = {}
    """Free call → parts from which free calls alone lead to it."""
    key: Key | None
    for call in order:
        sources = [edge.source.call for edge in into[call]]
        if call in free:
            before[call] = set().union(
                *({part_of[s]} if s in part_of else before.get(s, set()) for s in sources)
            )
            if call in merges and len(set(sources)) > 1:
                joined = dict.fromkeys(part_of[s] for s in sources if s in part_of)
                for key in joined:
                    if all(part_of.get(s) == key or s in feeding[key] for s in sources):
                        part_of[call] = key
    # Between the layers of a part, and from its entry alone into it: told from the end.
    for call in reversed(order):
        if call in free and call not in part_of and users[call]:
            keys = {part_of.get(user) for user in users[call]}
            key = next(iter(keys), None)
            if len(keys) == 1 and key:
                chain = _free_ancestors(call, into, free, part_of)
                outer = {e.source.call for c in chain for e in into[c]} - chain
                lead = all(part_of.get(user) == key or user in chain for c in chain for user in users[c])
                if key in before[call] or (lead and outer and outer <= feeding[key]):
                    part_of[call] = key


def _free_ancestors(
    call: str, into: Mapping[str, Sequence[Edge]], free: set[str], part_of: Mapping[str, Key]
) -> set[str]:
    chain, stack = {call}, [call]
    while stack:
        for edge in into[stack.pop()]:
            source = edge.source.call
            if source in free and source not in part_of and source not in chain:
                chain.add(source)
                stack.append(source)
    return chain


def _ordered(
    spec: ArchSpec, into: Mapping[str, Sequence[Edge]], part_of: Mapping[str, Key], patterns: Sequence[str]
) -> list[Key]:
    """Parts in the order of flow. Raises :class:`.OptionError` when a way leaves one and comes back to it."""
    after: dict[Hashable, dict[Hashable, None]] = {}
    missing: Counter[Hashable] = Counter()
    for call in spec.calls:
        here: Hashable = part_of.get(call.id, call.id)
        after.setdefault(here, {})
        for edge in into[call.id]:
            source: Hashable = part_of.get(edge.source.call, edge.source.call)
            if source != here and here not in after[source]:
                after[source][here] = None
                missing[here] += 1
    ready = [item for item in after if not missing[item]]
    for item in ready:
        for target in after[item]:
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    if len(ready) < len(after):
        stuck = [item for item in after if missing[item]]
        keys = [item for item in stuck if isinstance(item, tuple)]
        between = [
            item for item in stuck if isinstance(item, str) and any(item in after[key] for key in keys)
        ]
        key = keys[0]
        title = _told(patterns[key[0]], key[1])
        way = f" through {between[0]}" if between else ""
        raise _refused(
            patterns[key[0]],
            f"a way leaves {title}{way} and comes back",
            "Take a pattern that covers the layers between too, or one of longer names for smaller parts.",
        )
    return [item for item in ready if isinstance(item, tuple)]


@dataclass(frozen=True, slots=True)
class _Part:
    key: Key
    calls: tuple[str, ...]
    """In an order that is the same for equal parts."""
    kind: Hashable
    """Equal for parts that one picture may stand for, whatever feeds them."""
    weights: frozenset[str]
    """Layers with weights."""
    ends: tuple[str, ...]
    """Calls of which others take something, or nobody does."""


def _part(spec: Facts, key: Key, calls: Sequence[str]) -> _Part:
    own = set(calls)
    ends = tuple(call for call in calls if not spec.users[call] or not own.issuperset(spec.users[call]))

    def sources(call: str) -> Sequence[tuple[str, Hashable]]:
        if not call:
            return [(end, 0) for end in ends]
        return [
            (e.source.call if e.source.call in own else "<", (e.source.index, e.target.index, e.argument))
            for e in spec.into[call]
        ]

    names, rows = listing(Segment("<", "", tuple(calls)), sources)
    kind = (key[0], tuple(spec.kinds[call] for call in names[:-1]), rows)
    weights = frozenset(spec.layer_of[call] for call in calls) & spec.weighted
    return _Part(key, names[:-1], kind, weights, ends)


def _runs(spec: Facts, parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """Parts that one picture may stand for: equal, each fed by the one before it."""
    part_of = {call: number for number, part in enumerate(parts) for call in part.calls}
    told: set[int] = set()
    for number, part in enumerate(parts):
        if number in told:
            continue
        run = [number]
        while True:
            after = {
                part_of[user] for end in parts[run[-1]].ends for user in spec.users[end] if user in part_of
            }
            after -= {run[-1]}
            following = next(iter(after), -1)
            if len(after) != 1 or following in told or parts[following].kind != part.kind:
                break
            if not _goes_on(spec, [parts[k] for k in (*run, following)]):
                break
            run.append(following)
        told.update(run)
        yield [parts[k] for k in run]


def _goes_on(spec: Facts, run: Sequence[_Part]) -> bool:
    """Whether the last part of ``run`` is fed by the one before it, as that one is, and by nothing else of them."""
    before, last = run[-2], run[-1]
    own = {*before.calls, *last.calls}
    if any(call in spec.outputs or not own.issuperset(spec.users[call]) for call in before.calls):
        return False
    wires = _wires(spec, last, before)
    if any(kind == "aside" and source.call in part.calls for kind, source, _ in wires for part in run):
        return False
    if len(run) > 2:
        if wires != _wires(spec, before, run[-3]):
            return False
    elif not _begins(_wires(spec, before, None), wires):
        return False
    shared = run[0].weights == last.weights
    if len(run) > 2 and shared != (run[0].weights == before.weights) and last.weights:
        return False
    return shared or not any(part.weights & last.weights for part in run[:-1])


def _begins(first: Sequence[Wire], second: Sequence[Wire]) -> bool:
    """Whether a part is fed as the next one, with an entry in the place of the part before it."""
    entries: dict[Hashable, Hashable] = {}
    if len(first) != len(second) or not any(kind == "before" for kind, _, _ in second):
        return False
    for a, b in zip(first, second, strict=True):
        if b[0] != "before":
            if a != b:
                return False
        elif a[0] != "aside" or a[2] != b[2] or entries.setdefault(b[1], a[1]) != a[1]:
            return False
    return True


def _wires(spec: Facts, part: _Part, before: _Part | None) -> list[Wire]:
    """What arrives at the calls of a part: from itself, from the part before, from aside."""
    own = {call: place for place, call in enumerate(part.calls)}
    last = {call: place for place, call in enumerate(before.calls)} if before else {}
    found: list[Wire] = []
    for call in part.calls:
        for e in spec.into[call]:
            mark = (own[call], e.target.index, e.argument)
            source = e.source
            if source.call in own:
                found.append(("own", Port(str(own[source.call]), source.index), mark))
            elif source.call in last:
                found.append(("before", Port(str(last[source.call]), source.index), mark))
            else:
                found.append(("aside", source, mark))
    return found
