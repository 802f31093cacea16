"""ArchSpec → cards, links and clusters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...figure import Card, Cluster, Link
from ...spec import ArchSpec, Block, Call, Edge, Layer, Weight
from ...spec.loops import class_text
from ...spec.query import consumers, hyper_parameters, layer_of, producers, shape_text, weight_size
from .fusing import activation_chip, fused, word
from .grouping import Group, around, closed, repeated
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
    open_groups: bool
    item_of: dict[str, str] = field(default_factory=dict)
    """Call id → card id."""
    dropped: set[str] = field(default_factory=set)
    """Calls of the copies that are not drawn."""


FOLDINGS = (("equal", True), ("equal", False), ("alike", False), ("cells", False))
"""Which copies are drawn once, see :func:`.repeated`, and whether that one is open; the most open first."""


def plans(spec: ArchSpec, *, fuse: bool, expand: Sequence[str], fold: bool) -> Iterator[Plan]:
    """From the most open drawing to the most folded one."""
    layers = layer_of(spec)
    into, out_of = producers(spec), consumers(spec)
    anchors = fused(spec, layers, into, out_of) if fuse else {}
    shut = closed(spec, expand)
    blocks = {block.id: block for block in spec.blocks}
    whole = Plan(spec, layers, into, out_of, _new(spec, layers), anchors, shut, (), True)
    yield _assigned(whole, blocks)
    if not fold:
        return
    known: dict[str, tuple[Group, ...]] = {}
    for how, open_groups in FOLDINGS:
        if how not in known:
            known[how] = repeated(spec, anchors, how)
        groups = tuple(
            group for group in known[how] if not shut.intersection(around(group.block, blocks))
        )
        yield _assigned(
            replace(whole, groups=groups, open_groups=open_groups, item_of={}, dropped=set()), blocks
        )


def _new(spec: ArchSpec, layers: Mapping[str, Layer]) -> dict[str, int]:
    seen: set[str] = set()
    new = {}
    for call in spec.calls:
        fresh: dict[str, Weight] = {w.id: w for w in layers[call.layer].weights if w.id not in seen}
        seen.update(fresh)
        new[call.id] = sum(weight_size(weight) for weight in fresh.values())
    return new


def _assigned(result: Plan, blocks: Mapping[str, Block]) -> Plan:
    stand_in: dict[str, str] = {}
    for group in result.groups:
        for copy in group.copies[1:]:
            stand_in.update(zip(copy, group.copies[0], strict=True))
            result.dropped.update(copy)
        if not result.open_groups:
            stand_in.update(dict.fromkeys((c for copy in group.copies for c in copy), group.id))
    for call in result.spec.calls:
        path = [block for block in around(call.block, blocks) if block in result.shut]
        item = result.anchors.get(call.id, call.id)
        item = stand_in.get(item, item)
        result.item_of[call.id] = path[0] if path else item
    return result


def cards(result: Plan) -> list[Card]:
    """Cards in the order of the first call that each stands for."""
    members: dict[str, list[Call]] = {}
    for call in result.spec.calls:
        if call.id not in result.dropped or not result.open_groups:
            members.setdefault(result.item_of[call.id], []).append(call)
    numbers = _numbers(result.spec)
    blocks = {block.id: block for block in result.spec.blocks}
    groups = {group.id: group for group in result.groups}
    found = []
    for item, calls in members.items():
        if item in blocks:
            card = _block_card(result, blocks[item], calls)
        elif item in groups:
            card = _group_card(result, groups[item], calls)
        else:
            head = next(call for call in calls if call.id == item)
            card = _call_card(result, head, calls, numbers[item])
        found.append(
            replace(card, calls=tuple(call.id for call in calls), parent=_parent(result, item, calls[0]))
        )
    return found + _ends(result)


def _parent(result: Plan, item: str, call: Call) -> str | None:
    blocks = {block.id: block for block in result.spec.blocks}
    if item in blocks:
        return blocks[item].parent
    for group in result.groups if result.open_groups else ():
        if call.id in group.copies[0]:
            return group.id
    return call.block


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
        auto = layer.auto_named and title == layer.name
        return Card(
            call.id, "input", "data", title, "Input", label=f"{title}, input, {shapes}", auto_named=auto
        )
    circle = sign(layer, len(result.into[call.id]))
    weighted = any(result.layers[c.layer].weights for c in calls)
    count = sum(result.new[c.id] for c in calls) if weighted else None
    # What a reshaping makes needs no keyword.
    parameters = tuple(re.sub(r"^(new_?)?shape ", "", text) for text in hyper_parameters(layer))
    chips = activation_chip(layer) + tuple(
        chip for c in calls if c.id != call.id for chip in _chips(result.layers[c.layer])
    )
    detail = ", ".join(parameters) or _operands(call, layer)
    told = [f"{layer.name}, {layer.class_name}", detail, *(chip.text for chip in chips), f"output {shapes}"]
    told.append(f"{count:,} weights" if count else "")
    if circle:
        return Card(
            call.id,
            "merge",
            "merge",
            layer.name,
            layer.class_name,
            sign=circle,
            label=", ".join(filter(None, told)),
        )
    return Card(
        call.id,
        "card",
        layer.role,
        layer.name,
        layer.class_name,
        detail,
        ", ".join(text for text in parameters if text not in PADDING),
        layer.auto_named,
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


def _operands(call: Call, layer: Layer) -> str:
    """Constants of a raw operation: ``× 0.5``, ``axis −1``."""
    texts = []
    for key, value in call.arguments.items():
        if isinstance(value, bool) or not isinstance(value, int | float | str):
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
    census = Counter(
        result.layers[call.layer].class_name
        for call in calls
        if call.id in group.copies[0] and call.id not in result.anchors
    )
    counted = [f"{number} {name}" for name, number in census.most_common(2)]
    detail = ", ".join(filter(None, (group.changes, *counted)))
    times = f", {len(group.copies)} times" if len(group.copies) > 1 else ""
    label = f"{group.title}{times}: {detail}, {count:,} weights"
    return Card(
        group.id,
        "block",
        "custom",
        group.title,
        f"{len(group.copies[0])} layers" + " each" * (len(group.copies) > 1),
        detail,
        detail,
        False,
        count or None,
        repeat=len(group.copies),
        label=label,
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
    return _with_skips(list(found.values()), [card.id for card in drawn])


def _between_copies(result: Plan, edge: Edge) -> bool:
    """Edges into copies that are not drawn; closed groups have none left."""
    return result.open_groups and edge.target.call in result.dropped


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
    for item in reversed(_topological(order, after)):
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


def _topological(order: Sequence[str], after: Mapping[str, Sequence[str]]) -> list[str]:
    missing = Counter(target for targets in after.values() for target in targets)
    ready = [item for item in order if not missing[item]]
    for item in ready:
        for target in after[item]:
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return ready


def clusters(result: Plan) -> list[Cluster]:
    """Open nested models, outer before inner, and open repeated blocks."""
    blocks = {block.id: block for block in result.spec.blocks}
    found = []
    for block in result.spec.blocks:
        if result.shut.intersection(around(block.id, blocks)):
            continue
        calls = [call for call in result.spec.calls if block.id in around(call.block, blocks)]
        if not calls:
            continue
        weights = sum(result.new[call.id] for call in calls)
        twins = [b.id for b in result.spec.blocks if block.model and b.model == block.model] or [block.id]
        number = (twins.index(block.id) + 1, len(twins))
        label = f"{block.label}, {class_text(block)}, {weights:,} weights"
        found.append(
            Cluster(
                block.id, block.label, class_text(block), weights or None, block.parent, 1, number, label=label
            )
        )
    for group in result.groups if result.open_groups else ():
        each = sum(result.new[call] for call in group.copies[0])
        label = f"{group.title}, {len(group.copies)} times, {each:,} weights each"
        found.append(
            Cluster(
                group.id,
                group.title,
                "",
                each or None,
                group.block,
                len(group.copies),
                each=True,
                label=label,
            )
        )
    return found
