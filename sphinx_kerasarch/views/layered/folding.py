"""Repeated stretches of nodes drawn once, in a panel with ×N."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ...layout.text import ellipsize
from ...spec.fold import Segment, chains, common_prefix, listing, runs
from ...spec.model import ArchSpec, Layer
from .axis import side_inputs
from .tensors import Net, Node

TITLE = (9.5, 600)
"""Font size in px and weight of the titles of panels and brackets."""
LONGEST_TITLE = 140.0
"""px."""


@dataclass(frozen=True, slots=True)
class Panel:
    members: tuple[str, ...]
    """Nodes inside."""
    count: int
    title: str
    """``conv2_block ×3``."""


def _users(net: Net) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {i: [] for i in net}
    for i, node in net.items():
        for source in node.inputs:
            users[source].append(i)
    return users


def _projection(net: Net, users: Mapping[str, Sequence[str]], segment: Segment) -> str:
    """The one convolution on the shortcut of a residual block whose shape changes; empty when there is none."""
    end = net[segment.exit]
    if end.kind != "ball" or end.sign != "add" or len(end.inputs) != 2:
        return ""
    for source in end.inputs:
        side = net[source]
        alone = side.cat == "conv" and side.inputs == (segment.entry,) and users[source] == [segment.exit]
        if alone and source in segment.members and len(segment.members) > 2:
            return source
    return ""


def _key(node: Node, single: bool) -> Hashable:
    """Equal for nodes that one box may stand for. Channels may differ inside a longer stretch."""
    channels = node.shape[-1:] if single else ()
    act = node.act
    return (
        node.cat,
        node.kind,
        node.class_name,
        node.sign,
        act,
        node.heads,
        node.rank,
        node.shape[:-1],
        channels,
    )


def _title(copies: Sequence[Sequence[str]], auto: bool, shared: bool) -> str:
    """What the names of all copies begin with, and the count: ``conv2_block ×3``, ``block_4–5 ×2``.

    ``shared``: one set of weights, used again and again.
    """
    names = [name for copy in copies for name in copy]
    common = common_prefix(names)
    word = "" if auto else common.rpartition("/")[2]
    if re.search(r"\d$", word) and any(re.match(r"\d", name[len(common) :]) for name in names):
        word = re.sub(r"\d+$", "", word)  # block_11 and block_12 are not two of block_1
    if word.endswith(("_", "-")):
        start = len(common.rpartition("/")[0]) + ("/" in common) + len(word)
        ends = [re.match(r"\d+", copy[0][start:]) for copy in copies]
        numbers = [int(m[0]) for m in ends if m]
        if len(numbers) == len(copies) and numbers == list(range(numbers[0], numbers[0] + len(copies))):
            word += f"{numbers[0]}–{numbers[-1]}"
    word = re.sub(r"[\W_]+$", "", word)
    if len(word) < 3:
        parents = {name.rpartition("/")[0] for name in names}
        word = re.sub(r"[\W_\d]+$", "", common_prefix(sorted(parents)).rpartition("/")[2])
    word = ellipsize(word, LONGEST_TITLE, *TITLE)
    count = f"×{len(copies)}, same weights" if shared else f"×{len(copies)}"
    return f"{word} {count}" if len(word) >= 3 else count


def fold(
    net: Net, spec: ArchSpec, least: int = 1, parts: Mapping[str, Hashable] | None = None
) -> tuple[Net, tuple[Panel, ...], tuple[str, ...]]:
    """Net with repeats folded, their panels, and sentences about what the panels do not show.

    ``least``: repeats of fewer boxes stay as they are. ``parts``: call → the part that it belongs to, when the author
    tells what a copy is; nothing else is folded then.
    """
    users = _users(net)
    layers = {layer.id: layer for layer in spec.layers}
    auto = {layer.id: layer.auto_named for layer in spec.layers}
    layer_of = {call.id: call.layer for call in spec.calls}
    weighted = {layer.id for layer in spec.layers if layer.weights}
    strides = {call.id: _stride(layers[call.layer]) for call in spec.calls}
    auto_call = {call.id: auto[call.layer] for call in spec.calls}
    result = dict(net)
    panels: list[Panel] = []
    notes: list[str] = []
    renamed: dict[str, str] = {}
    numbers: dict[Hashable, int] = {}
    taken: set[str] = set()
    sides_of = side_inputs(net)
    inner = {i: tuple(s for s in node.inputs if s not in sides_of.get(i, ())) for i, node in net.items()}
    for chain in chains(list(net), inner):
        projections = [_projection(net, users, segment) for segment in chain]
        listed = []
        for segment, side in zip(chain, projections, strict=True):

            def sources(i: str, side: str = side, entry: str = segment.entry) -> list[tuple[str, Hashable]]:
                return [(entry if s == side else s, 0) for s in inner[i]]

            listed.append(listing(segment, sources))
        keys = [
            numbers.setdefault(
                (tuple((_key(net[i], len(names) == 1), sides_of.get(i)) for i in names), rows), len(numbers)
            )
            for names, rows in listed
        ]
        for spans in _stretches(keys, [[net[i] for i in names] for names, _ in listed], parts):
            count = len(spans)
            copies = [tuple(i for s in span for i in listed[s][0]) for span in spans]
            members = {i for copy in copies for i in copy}
            sides = [[projections[s] for s in span if projections[s]] for span in spans]
            within = members | {side for found in sides for side in found}
            last = copies[-1][-1]
            if any(u not in within for i in members if i != last for u in users[i]):
                continue  # another line takes something from the middle
            if (
                members & taken
                or len(copies[0]) < least
                or (len(copies[0]) == 1 and count < 3 and parts is None)
            ):
                continue
            drawn = next((k for k in range(count) if not sides[k]), 0)
            used = [{layer_of[c] for i in copy for c in net[i].calls} & weighted for copy in copies]
            if any(a & b and a != b for a, b in pairwise(used)):
                continue  # copies that share some weights and not others cannot be told by one picture
            shared = bool(used[0]) and used[0] == used[1]
            title = _title(copies, all(auto_call.get(i, True) for i in copies[drawn]), shared)
            taken |= members
            notes += _differences(title, sides, drawn)
            entry = {chain[span[0]].entry for span in spans}
            balls = {
                chain[s].exit: tuple(k + 1 for k in range(count) if projections[spans[k][j]])
                for j, s in enumerate(spans[drawn])
                if not projections[s]
            }
            shortcuts = {
                chain[s].exit: _shortcut([projections[span[j]] for span in spans], net, strides)
                for j, s in enumerate(spans[drawn])
                if not projections[s]
            }
            for place, i in enumerate(copies[drawn]):
                others = tuple(net[c[place]].calls for k, c in enumerate(copies) if k != drawn)
                if place == len(copies[drawn]) - 1:
                    others += tuple(net[side].calls for k, s in enumerate(sides) if k != drawn for side in s)
                inputs = tuple(chain[spans[0][0]].entry if s in entry else s for s in net[i].inputs)
                result[i] = replace(
                    net[i],
                    inputs=inputs,
                    copies=others,
                    channels=_channels([net[c[place]] for c in copies]),
                    projected=balls.get(i, ()),
                    shortcut=shortcuts.get(i, ""),
                )
            for k, copy in enumerate(copies):
                if k != drawn:
                    for i in (*copy, *sides[k]):
                        del result[i]
            if drawn != count - 1:
                renamed[copies[-1][-1]] = copies[drawn][-1]
            panels.append(Panel((*copies[drawn], *sides[drawn]), count, title))
    for i, node in result.items():
        if any(s in renamed for s in node.inputs):
            result[i] = replace(node, inputs=tuple(dict.fromkeys(renamed.get(s, s) for s in node.inputs)))
    return in_order(result), tuple(panels), tuple(notes)


def _stretches(
    keys: Sequence[Hashable], boxes: Sequence[Sequence[Node]], parts: Mapping[str, Hashable] | None
) -> list[list[range]]:
    """Copies that follow each other, each a range of segments: as they repeat, or as ``parts`` says."""
    if parts is None:
        return [
            [range(start + k * period, start + (k + 1) * period) for k in range(count)]
            for start, period, count in runs(keys)
        ]
    steps: list[tuple[range, Hashable]] = []
    for number, nodes in enumerate(boxes):
        told = {parts.get(node.calls[0]) for node in nodes}
        part = next(iter(told)) if len(told) == 1 else None
        if part is not None and steps and steps[-1][1] == part:
            steps[-1] = (range(steps[-1][0].start, number + 1), part)
        else:
            steps.append((range(number, number + 1), part))
    found: list[list[range]] = []
    for span, part in steps:
        key = [keys[k] for k in span]
        if part is None:
            found.append([])
        elif found and found[-1] and [keys[k] for k in found[-1][-1]] == key:
            found[-1].append(span)
        else:
            found.append([span])
    return [spans for spans in found if len(spans) > 1]


def _differences(title: str, sides: Sequence[Sequence[str]], drawn: int) -> list[str]:
    with_side = [k + 1 for k, side in enumerate(sides) if side]
    if not with_side or sides[drawn]:
        return []
    which = "the first block" if with_side == [1] else "block " + ", ".join(map(str, with_side))
    return [f"{title}: {which} has a convolution on its shortcut."]


def _stride(layer: Layer) -> int:
    """Longest stride of a convolution."""
    given = layer.config.get("strides", 1)
    steps = given if isinstance(given, list | tuple) else [given]
    return max((step for step in steps if isinstance(step, int)), default=1)


def _shortcut(sides: Sequence[str], net: Net, strides: Mapping[str, int]) -> str:
    """Words for the convolutions that only some copies have on their shortcut: ``512, /2``; and which copies have
    them, unless it is the first alone."""
    having = [k + 1 for k, side in enumerate(sides) if side]
    made = [net[side] for side in sides if side]
    known = sorted({node.shape[-1] for node in made if node.shape and node.shape[-1] is not None})
    if not known:
        return ""
    text = "–".join(f"{c}" for c in dict.fromkeys((known[0], known[-1])))
    steps = {strides[side] for side in sides if side}
    if steps != {1}:
        text += f", /{max(steps)}"
    return text if having == [1] else f"{text} in {', '.join(map(str, having))}"


def _channels(nodes: Sequence[Node]) -> tuple[int, int] | None:
    last = {node.shape[-1] if node.shape else None for node in nodes}
    known = sorted(c for c in last if c is not None)
    return (known[0], known[-1]) if len(known) > 1 else None


def in_order(net: Mapping[str, Node]) -> Net:
    """Topological order again: what stood before the drawn copy may now depend on it. Stable."""
    order: dict[str, Node] = {}
    waiting = list(net)
    for start in waiting:
        stack = [start]
        while stack:
            i = stack[-1]
            missing = [s for s in net[i].inputs if s not in order]
            if i in order:
                stack.pop()
            elif missing:
                stack += reversed(missing)
            else:
                order[i] = net[i]
                stack.pop()
    return order
