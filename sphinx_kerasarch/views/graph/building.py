"""ArchSpec → cards, links and clusters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ...figure import Card, Cluster, Link
from ...spec import ArchSpec, Block, Call, Edge, Layer, Weight
from ...spec.folding import Folding
from ...spec.groups import beside
from ...spec.loops import class_text
from ...spec.order import topological
from ...spec.patterns import name_groups
from ...spec.query import consumers, hyper_parameters, layer_of, producers, shape_text, weight_size
from ...spec.residual import residuals
from .fusing import ANCHORS, activation_chip, fused, is_padding, word
from .grouping import Group, around, closed, drawable, levels, loops, repeated, single
from .merging import SIGNS, letters, sign

PADDING = frozenset({"same", "valid", "causal"})


@dataclass(slots=True)
class Plan:
    """What is drawn as what."""

    spec: ArchSpec
    layers: Mapping[str, Layer]
    into: Mapping[str, tuple[Edge, ...]]
    out_of: Mapping[str, tuple[Edge, ...]]
    new: Mapping[str, int]
    """Call id → numbers in weights that no earlier call used."""
    anchors: Mapping[str, str]
    shut: frozenset[str]
    groups: tuple[Group, ...]
    opened: frozenset[str]
    """Groups that are drawn with their layers; the others are cards."""
    single: Mapping[str, str] = field(default_factory=dict)
    """Group of one card → the call whose card it is."""
    item_of: dict[str, str] = field(default_factory=dict)
    """Call id → card id."""
    dropped: set[str] = field(default_factory=set)
    """Calls of the copies that are not drawn."""


FOLDINGS = (("equal", True), ("equal", False), ("alike", False), ("cells", False))
"""Which copies are drawn once, see :func:`.repeated`, and whether that one is open; the most open first."""


def plans(spec: ArchSpec, *, fuse: bool, expand: Sequence[str], fold: Folding) -> Iterator[Plan]:
    """From the most open drawing to the most folded one; a single one when ``fold`` tells the depth or the parts."""
    layers = layer_of(spec)
    into, out_of = producers(spec), consumers(spec)
    anchors = fused(spec, layers, into, out_of) if fuse else {}
    shut = closed(spec, expand)
    whole = Plan(spec, layers, into, out_of, _new(spec, layers), anchors, shut, (), frozenset())
    if fold.how == "depth":
        yield _to_depth(whole, fold.depth, "alike")
        yield _to_depth(whole, fold.depth, "cells")
        return
    if fold.how == "names":
        found = drawable(name_groups(spec, fold.patterns), spec, anchors)
        yield grouped(whole, found, frozenset())
        return
    if fold.how == "none":
        yield grouped(whole, (), frozenset())
        return
    yield grouped(whole, again := loops(spec, anchors), frozenset(group.id for group in again))
    known: dict[str, tuple[Group, ...]] = {}
    for how, open_groups in FOLDINGS:
        if how not in known:
            known[how] = repeated(spec, anchors, how)
        found = known[how]
        yield grouped(whole, found, frozenset(group.id for group in found if open_groups))


def _to_depth(whole: Plan, depth: int, how: str) -> Plan:
    """``depth`` levels of nested models and repeats stay open, what is deeper is closed: also what repeats ``how``."""
    spec, anchors = whole.spec, whole.anchors
    found = repeated(spec, anchors)
    level = levels(spec, found)
    more = tuple(
        group
        for group in beside(repeated(spec, anchors, how), found)
        if len(around(group.block, _blocks(spec))) >= depth
    )
    opened = frozenset(group.id for group in found if level[group.id] < depth)
    shut = whole.shut | {block.id for block in spec.blocks if level[block.id] >= depth}
    return grouped(replace(whole, shut=shut), (*found, *more), opened)


def _blocks(spec: ArchSpec) -> dict[str, Block]:
    return {block.id: block for block in spec.blocks}


def grouped(whole: Plan, found: Iterable[Group], opened: frozenset[str]) -> Plan:
    """The plan with these groups, without those inside of what is closed."""
    blocks = _blocks(whole.spec)
    kept: list[Group] = []
    hidden: set[str] = set()
    for group in found:
        if whole.shut.intersection(around(group.block, blocks)) or group.outer in hidden:
            hidden.add(group.id)
            continue
        kept.append(group)
        if group.id not in opened or whole.shut.intersection(group.blocks[:1]):
            opened = opened - {group.id}
            hidden.add(group.id)
    single_of = {group.id: head for group in kept if (head := single(group, whole.spec, whole.anchors))}
    plan = replace(
        whole,
        groups=tuple(kept),
        opened=opened - set(single_of),
        single=single_of,
        item_of={},
        dropped=set(),
    )
    return _assigned(plan, blocks)


def _new(spec: ArchSpec, layers: Mapping[str, Layer]) -> dict[str, int]:
    seen: set[str] = set()
    new = {}
    for call in spec.calls:
        fresh: dict[str, Weight] = {w.id: w for w in layers[call.layer].weights if w.id not in seen}
        seen.update(fresh)
        new[call.id] = sum(weight_size(weight) for weight in fresh.values())
    return new


def _assigned(result: Plan, blocks: Mapping[str, Block]) -> Plan:
    """Every call on its card; the calls of copies that are not drawn on those of the copy that is."""
    at: dict[str, list[tuple[Group, int, int]]] = {}
    for group in result.groups:
        for number, copy in enumerate(group.copies):
            for place, member in enumerate(copy):
                at.setdefault(member, []).append((group, number, place))
    block_of = {call.id: call.block for call in result.spec.calls}
    for call in result.spec.calls:
        current = call.id
        known = at.get(current, [])
        while known:
            (group, number, place), *known = known
            if group.id not in result.opened:
                result.item_of[call.id] = result.single.get(group.id, group.id)
                break
            if number:
                result.dropped.add(call.id)
                current = group.copies[0][place]
                known = at[current][1 + at[current].index((group, 0, place)) :]
        else:
            shut = [step for step in around(block_of[current], blocks) if step in result.shut]
            result.item_of[call.id] = shut[0] if shut else result.anchors.get(current, current)
    return result


def cards(result: Plan) -> list[Card]:
    """Cards in the order of the first call that each stands for."""
    members: dict[str, list[Call]] = {}
    for call in result.spec.calls:
        if call.id not in result.dropped:
            members.setdefault(result.item_of[call.id], []).append(call)
    numbers = _numbers(result.spec)
    blocks = _blocks(result.spec)
    groups = {group.id: group for group in result.groups if group.id not in result.opened}
    alone = {head: groups[group] for group, head in result.single.items()}
    found = []
    for item, calls in members.items():
        if item in groups:
            card = _group_card(result, groups[item], calls)
        elif item in blocks:
            card = _block_card(result, blocks[item], calls)
        elif item in alone:
            card = _single_card(result, alone[item], item, calls)
        else:
            head = next(call for call in calls if call.id == item)
            card = _call_card(result, head, calls, numbers[item])
        found.append(
            replace(card, calls=tuple(call.id for call in calls), parent=_parent(result, item, calls[0]))
        )
    circles = {card.id for card in found if card.kind == "merge"}
    return [_small(result, card, circles) for card in found] + _ends(result)


def _small(result: Plan, card: Card, circles: Container[str]) -> Card:
    """An activation behind a merge circle says what it is and no more."""
    if card.kind != "card" or card.style != "act" or len(card.calls) != 1 or card.count is not None:
        return card
    arriving = result.into[card.calls[0]]
    layer = result.layers[next(call.layer for call in result.spec.calls if call.id == card.calls[0])]
    if {result.item_of[edge.source.call] in circles for edge in arriving} != {True}:
        return card
    if card.detail not in {"", layer.activation}:
        return card
    return replace(card, title=word(layer), subtitle="", detail="", short="", auto_named=False, small=True)


def _parent(result: Plan, item: str, call: Call) -> str | None:
    """The cluster around a card, a closed or an open part with this id and first call."""
    blocks = _blocks(result.spec)
    group = next((group for group in result.groups if group.id == item), None)
    block = blocks[item].parent if item in blocks else group.block if group else call.block
    inner = None
    for other in result.groups:
        if other.id == item:
            break
        if other.id in result.opened and not other.blocks and other.block == block and call.id in other.copies[0]:
            inner = other.id
    return inner or block


def _numbers(spec: ArchSpec) -> dict[str, tuple[int, int]]:
    """Call id → which call of its layer, of how many; in a shared nested model the model's own number tells it."""
    models = Counter(block.model for block in spec.blocks if block.model)
    shared = {block.id for block in spec.blocks if models[block.model] > 1}
    blocks = {block.id: block for block in spec.blocks}
    total = Counter(call.layer for call in spec.calls)
    seen: Counter[str] = Counter()
    numbers = {}
    for call in spec.calls:
        if shared.intersection(around(call.block, blocks)):
            numbers[call.id] = (1, 1)
            continue
        seen[call.layer] += 1
        numbers[call.id] = (seen[call.layer], total[call.layer])
    return numbers


def _call_card(result: Plan, call: Call, calls: Sequence[Call], number: tuple[int, int]) -> Card:
    layer = result.layers[call.layer]
    shapes = ", ".join(dict.fromkeys(shape_text(tensor) for tensor in calls[-1].outputs))
    if layer.class_name == "InputLayer":
        # The key of a dict says more than the name that Keras gave to the layer.
        slots = [slot.name for slot in result.spec.inputs if slot.port.call == call.id]
        title = slots[0] if layer.auto_named and slots and not slots[0].isdigit() else layer.name
        title = layer.label or title
        auto = layer.auto_named and title == layer.name
        return Card(
            call.id, "input", "data", title, "Input", label=f"{title}, input, {shapes}", auto_named=auto
        )
    circle = sign(layer, len(result.into[call.id]))
    weighted = any(result.layers[c.layer].weights for c in calls)
    count = sum(result.new[c.id] for c in calls) if weighted else None
    # What a reshaping makes needs no keyword.
    parameters = tuple(re.sub(r"^(new_?)?shape ", "", text) for text in hyper_parameters(layer))
    others = [result.layers[c.layer] for c in calls if c.id != call.id]
    chips = activation_chip(layer) + tuple(
        chip for other in others if not is_padding(other) for chip in _chips(other)
    )
    padding = [f"pad {', '.join(hyper_parameters(other))}" for other in others if is_padding(other)]
    detail = ", ".join((*parameters, *padding)) or _operands(call, layer)
    told = [f"{layer.shown}, {layer.class_name}", detail, *(chip.text for chip in chips), f"output {shapes}"]
    told.append(f"{count:,} weights" if count else "")
    if circle:
        return Card(
            call.id,
            "merge",
            "merge",
            layer.shown,
            layer.class_name,
            sign=circle,
            label=", ".join(filter(None, told)),
        )
    return Card(
        call.id,
        "card",
        layer.role,
        layer.shown,
        layer.class_name,
        detail,
        ", ".join(text for text in parameters if text not in PADDING),
        layer.auto_named and not layer.label,
        count,
        chips=chips,
        sign=SIGNS.get(layer.class_name, "") if layer.role == "merge" else "",
        call=number if weighted else (1, 1),
        frozen=bool(layer.weights) and not any(weight.trainable for weight in layer.weights),
        label=", ".join(filter(None, told)),
    )


def _chips(layer: Layer) -> tuple:  # type: ignore[type-arg]
    from ...figure import Chip

    return (Chip(layer.role, word(layer)),)


NOTHING_AT_ZERO = frozenset({"negative_slope", "threshold"})
"""Arguments of ``relu`` that change nothing when they are 0."""


def _operands(call: Call, layer: Layer) -> str:
    """Constants of a raw operation: ``× 0.5``, ``axis −1``."""
    texts = []
    for key, value in call.arguments.items():
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        if key in NOTHING_AT_ZERO and not value:
            continue
        text = f"{value:.4g}" if isinstance(value, float) else str(value)
        texts.append(f"{SIGNS.get(layer.class_name, key)} {text}" if key in {"x1", "x2"} else f"{key} {text}")
    return ", ".join(texts).replace("-", "−")


def _block_card(result: Plan, block: Block, calls: Sequence[Call]) -> Card:
    twins = [b.id for b in result.spec.blocks if block.model and b.model == block.model] or [block.id]
    number = (twins.index(block.id) + 1, len(twins))
    weighted = any(result.layers[call.layer].weights for call in calls)
    count = sum(result.new[call.id] for call in calls) if weighted else None
    layers = len({call.layer for call in calls})
    detail = f"{layers} layer{'s' * (layers != 1)}"
    label = f"{block.label}, {class_text(block)}, {detail}" + (f", {count:,} weights" if count else "")
    return Card(
        block.id,
        "block",
        "custom",
        block.label,
        class_text(block),
        detail,
        detail,
        False,
        count,
        call=number,
        label=label,
    )


def _group_card(result: Plan, group: Group, calls: Sequence[Call]) -> Card:
    count = sum(result.new[call.id] for call in calls)
    first = set(group.copies[0])
    counted = residuals(group.copies[0], result.into, result.layers, result.spec)
    counted = counted or _census(result, [c for c in calls if c.id in first and c.id not in result.anchors])
    detail = ", ".join([*filter(None, (group.changes, *counted))][:2])  # what still has room on a card
    copies = len(group.copies)
    layers = f"{len(first)} layers" + " each" * (copies > 1 and not group.same)
    weights = f", {count:,} weights" if count else ""
    label = f"{group.title}{_times(group)}: {detail}{weights}"
    return Card(
        group.id,
        "block",
        "custom",
        group.title,
        layers,
        detail,
        detail,
        False,
        count if count or group.same else None,
        repeat=1 if group.same else copies,
        call=_twin(result, group.blocks[0]) if group.same and group.blocks else (1, 1),
        called=copies if group.same else 1,
        label=label,
    )


def _census(result: Plan, calls: Sequence[Call]) -> list[str]:
    """The two kinds of layers that tell most of a part: those that compute before those that only join."""
    layers = [result.layers[call.layer] for call in calls]
    counts = Counter(layer.class_name for layer in layers)
    telling = {layer.class_name for layer in layers if layer.role in ANCHORS}
    ranked = sorted(counts, key=lambda name: (name not in telling, -counts[name]))
    return [f"{counts[name]} {name}" for name in ranked[:2]]


def _times(group: Group) -> str:
    copies = len(group.copies)
    if copies == 1:
        return ""
    return f", called {copies} times with the same weights" if group.same else f", {copies} times"


def _twin(result: Plan, block: str) -> tuple[int, int]:
    """Which call of its nested model a block is, of how many; (1, 1) for the first: its pill tells the calls."""
    model = _blocks(result.spec)[block].model
    twins = [other.id for other in result.spec.blocks if model and other.model == model]
    number = twins.index(block) + 1 if block in twins else 1
    return (number, len(twins)) if number > 1 else (1, 1)


def _single_card(result: Plan, group: Group, item: str, calls: Sequence[Call]) -> Card:
    """The card of one layer that stands for equal ones in a row, or for all calls of its weights."""
    first = [call for call in calls if call.id in group.copies[0]]
    head = next(call for call in first if call.id == item)
    card = _call_card(result, head, first, (1, 1))
    weighted = card.count is not None
    count = sum(result.new[call.id] for call in calls)
    return replace(
        card,
        repeat=1 if group.same else len(group.copies),
        called=len(group.copies) if group.same else 1,
        count=count if weighted else None,
        label=f"{card.label}{_times(group)}",
    )


def _ends(result: Plan) -> list[Card]:
    """A bare arrow for an output that is just the last layer, a card for one that has a name of its own."""
    found = []
    for index, slot in enumerate(result.spec.outputs):
        layer = result.layers[next(c.layer for c in result.spec.calls if c.id == slot.port.call)]
        own = slot.name in {"", layer.name} or slot.name.isdigit()
        kind = "tail" if own else "output"
        title = slot.name or layer.name
        found.append(Card(f"output:{index}", kind, "data", title, "Output", label=f"output {title}"))
    return found


def links(result: Plan, drawn: Sequence[Card]) -> list[Link]:
    """One link per tensor and use, without those inside a card or a copy that is not drawn."""
    shapes = _shapes(result)
    found: dict[tuple[str, str, int], Link] = {}
    for call in result.spec.calls:
        arriving = result.into[call.id]
        names = letters(result.layers[call.layer], arriving)
        for edge, letter in zip(arriving, names, strict=True):
            source, target = result.item_of[edge.source.call], result.item_of[call.id]
            if source == target or _between_copies(result, edge):
                continue
            order = edge.target.index
            key = (source, target, -1 if target != call.id else order)
            found.setdefault(
                key,
                Link(
                    source, target, shapes.get(source, ""), letter if target == call.id else "", order=order
                ),
            )
    for index, slot in enumerate(result.spec.outputs):
        source = result.item_of[slot.port.call]
        found[source, f"output:{index}", 0] = Link(source, f"output:{index}", shapes.get(source, ""))
    return [*_with_skips(list(found.values()), [card.id for card in drawn]), *_tethers(result, drawn)]


def _tethers(result: Plan, drawn: Sequence[Card]) -> list[Link]:
    """From each call of some weights to the next one."""
    blocks = _blocks(result.spec)
    layer_of = {call.id: call.layer for call in result.spec.calls}
    known: dict[tuple[str, str], list[str]] = {}
    seen: set[str] = set()
    for card in drawn:
        at = card.parent
        while at is not None and at not in seen:
            seen.add(at)
            if at in blocks and blocks[at].model:
                known.setdefault(("model", blocks[at].model), []).append(at)
            at = blocks[at].parent if at in blocks else None
        if card.id in blocks and blocks[card.id].model:
            known.setdefault(("model", blocks[card.id].model), []).append(card.id)
        elif card.call[1] > 1 and card.id in layer_of:
            known.setdefault(("layer", layer_of[card.id]), []).append(card.id)
    return [Link(a, b, tether=True) for items in known.values() for a, b in pairwise(items)]


def _between_copies(result: Plan, edge: Edge) -> bool:
    """Edges into copies that are not drawn; closed groups have none left."""
    return edge.target.call in result.dropped


def _shapes(result: Plan) -> dict[str, str]:
    """Card → shape text beside it; a shape is told where it changes."""
    tensors: dict[str, str] = {}
    before: dict[str, set[str]] = {}
    outputs = {call.id: call.outputs for call in result.spec.calls}
    ports = [(edge.source.call, edge.source.index, edge.target.call) for edge in result.spec.edges]
    ports += [(slot.port.call, slot.port.index, "") for slot in result.spec.outputs]
    for source, index, target in ports:
        item = result.item_of[source]
        if target and result.item_of[target] == item:
            continue
        text = shape_text(outputs[source][index]) if index < len(outputs[source]) else ""
        text = "1" if text == "scalar" else text
        if item not in tensors:
            tensors[item] = text
        if target:
            before.setdefault(result.item_of[target], set()).add(text)
    return {item: text if before.get(item) != {text} else "" for item, text in tensors.items()}


def _with_skips(found: list[Link], order: Sequence[str]) -> list[Link]:
    """Mark each link whose target can also be reached from its source over another card."""
    number = {item: index for index, item in enumerate(order)}
    after: dict[str, list[str]] = {item: [] for item in order}
    for link in found:
        after[link.source].append(link.target)
    arriving: dict[str, list[str]] = {}
    for link in found:
        arriving.setdefault(link.target, []).append(link.source)
    reach: dict[str, int] = {}
    for item in reversed(topological(order, after)):
        bits = 1 << number[item]
        for target in after[item]:
            bits |= reach[target]
        reach[item] = bits
    return [
        replace(
            link,
            skip=any(s != link.source and reach[link.source] >> number[s] & 1 for s in arriving[link.target]),
        )
        for link in found
    ]


def clusters(result: Plan, drawn: Sequence[Card]) -> list[Cluster]:
    """What is around the cards: open nested models and open repeated blocks."""
    blocks = _blocks(result.spec)
    groups = {group.id: group for group in result.groups if group.id in result.opened}
    first = {card.parent: card.calls[0] for card in reversed(drawn) if card.parent and card.calls}
    calls = {call.id: call for call in result.spec.calls}
    parent: dict[str, str | None] = {}
    for start, call in first.items():
        at: str | None = start
        while at is not None and at not in parent:
            parent[at] = _parent(result, at, calls[call])
            at = parent[at]
    order = [block.id for block in result.spec.blocks if block.id in parent]
    order += [group for group in groups if group in parent and group not in blocks]
    return [
        replace(_group_cluster(result, groups[name]), parent=parent[name])
        if name in groups
        else _block_cluster(result, blocks[name], parent[name])
        for name in order
    ]


def _block_cluster(result: Plan, block: Block, parent: str | None) -> Cluster:
    blocks = _blocks(result.spec)
    inside = [call for call in result.spec.calls if block.id in around(call.block, blocks)]
    weights = sum(result.new[call.id] for call in inside)
    twins = [b.id for b in result.spec.blocks if block.model and b.model == block.model] or [block.id]
    number = (twins.index(block.id) + 1, len(twins))
    label = f"{block.label}, {class_text(block)}, {weights:,} weights"
    return Cluster(block.id, block.label, class_text(block), weights or None, parent, 1, number, label=label)


def _group_cluster(result: Plan, group: Group) -> Cluster:
    each = sum(result.new[call] for call in group.copies[0])
    copies = 1 if group.same else len(group.copies)
    subtitle = class_text(_blocks(result.spec)[group.blocks[0]]) if group.blocks else ""
    return Cluster(
        group.id,
        group.title,
        subtitle if subtitle != group.title else "",
        each or None,
        group.block,
        copies,
        each=copies > 1,
        called=len(group.copies) if group.same else 1,
        label=f"{group.title}{_times(group)}, {each:,} weights" + " each" * (copies > 1),
    )
