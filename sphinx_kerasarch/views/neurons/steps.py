"""What is drawn: a column of circles for each vector, a ball for each merge of vectors, a box for all the rest.

Everything that is no vector and hangs together is one box. What lies on a way out of such a box and back into it
(the two dense layers of a squeeze-and-excitation) belongs to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ...layout.chains import rows, users
from ...spec.model import ArchSpec
from ...spec.order import topological
from ...spec.sample import ALL, FIRST, LAST
from ..layered.legend import class_words
from ..layered.tensors import Net, Node, nodes, slot_names
from ..layered.words import number
from ..maps.words import NAMES, title, words

SAID = 3
"""Kinds of layers told under a box."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing of the figure."""

    id: str
    kind: str
    """``column``, ``ball`` or ``box``."""
    style: str
    inputs: tuple[str, ...]
    calls: tuple[str, ...]
    units: int | None = 0
    value: str = ""
    """First line under it: the units."""
    lines: tuple[str, ...] = ()
    """Further lines: name, activation."""
    inside: tuple[str, ...] = ()
    """Lines in a box."""
    sign: str = ""
    link: str = "all"
    """How the units hang on those before: ``all``, ``each`` (one on one) or ``some``."""
    values: tuple[tuple[float | None, ...], ...] = ()
    """Weights of the lines from the circles of the column before, by their circle and by ours; empty where they are
    not known."""
    times: int = 1
    """Equal layers that follow each other and are drawn once."""

    @property
    def shown(self) -> int:
        """Circles of a column."""
        return FIRST + LAST if self.dots else max(1, self.units or 0)

    @property
    def dots(self) -> bool:
        return self.units is None or self.units > ALL


Steps = Mapping[str, Step]
"""In topological order."""


def _is_vector(node: Node) -> bool:
    return node.rank <= 1


class _Groups:
    """Which nodes are one step, found by joining (union–find)."""

    def __init__(self, net: Net) -> None:
        self.home = {i: i for i in net}

    def find(self, i: str) -> str:
        while self.home[i] != i:
            self.home[i] = i = self.home[self.home[i]]
        return i

    def join(self, names: Iterable[str]) -> None:
        first, *rest = names
        for other in rest:
            self.home[self.find(other)] = self.find(first)


def _homes(net: Net) -> dict[str, str]:
    """Node → the step that it belongs to, by the name of one of its nodes."""
    groups = _Groups(net)
    feeds = users({i: node.inputs for i, node in net.items()})
    for i, node in net.items():
        for s in node.inputs:
            if not _is_vector(node) and not _is_vector(net[s]):
                groups.join((s, i))
    for i, node in net.items():
        # Numbers that are looked up in a table are no neurons.
        looked_up = feeds[i] and all(not _is_vector(net[u]) for u in feeds[i])
        if node.kind == "input" and _is_vector(node) and looked_up:
            groups.join((*feeds[i], i))
    while around := _around(net, groups):
        groups.join(around)
    return {i: groups.find(i) for i in net}


def _around(net: Net, groups: _Groups) -> list[str]:
    """What lies on a way from a box back into it, with the box; nothing when there is no such way."""
    before: dict[str, set[str]] = {}
    after: dict[str, set[str]] = {}
    for i, node in net.items():
        for s in node.inputs:
            if groups.find(s) != groups.find(i):
                before.setdefault(groups.find(i), set()).add(groups.find(s))
                after.setdefault(groups.find(s), set()).add(groups.find(i))
    for box in dict.fromkeys(groups.find(i) for i, node in net.items() if not _is_vector(node)):
        between = _reach(box, before) & _reach(box, after)
        if between:
            return [box, *(i for i in net if groups.find(i) in between)]
    return []


def _reach(start: str, near: Mapping[str, set[str]]) -> set[str]:
    """All that can be reached from ``start``, without it."""
    seen: set[str] = set()
    stack = [start]
    while stack:
        for other in near.get(stack.pop(), ()):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen - {start}


def steps(spec: ArchSpec) -> dict[str, Step]:
    """The steps of a model, in topological order. Every call is in exactly one of them."""
    net = nodes(spec, keep_flatten=len(spec.calls))
    home = _homes(net)
    groups: dict[str, list[Node]] = {}
    for i, node in net.items():
        groups.setdefault(home[i], []).append(node)
    boxes = {g for g, members in groups.items() if any(not _is_vector(n) for n in members)}
    step_id = {g: (f"{members[0].id}…" if g in boxes else g) for g, members in groups.items()}
    layers = {layer.id: layer for layer in spec.layers}
    owner = {call.id: layers[call.layer] for call in spec.calls}
    said, names = words(spec, net), slot_names(spec)
    made: dict[str, Step] = {}
    for g, members in groups.items():
        inputs = tuple(dict.fromkeys(step_id[home[s]] for n in members for s in n.inputs if home[s] != g))
        calls = tuple(call for n in members for call in n.calls)
        if g in boxes:
            made[step_id[g]] = _box(step_id[g], members, inputs, calls, net)
            continue
        node, layer = members[0], owner[members[0].id]
        own = next((names[call] for call in node.calls if call in names), "")
        name = layer.label or ("" if layer.auto_named and node.kind != "ball" else layer.name)
        name = own if node.kind == "input" else name
        if node.kind == "ball" or not name:
            name = "Input" if node.kind == "input" else said[g].name
        extra = tuple(line.rstrip(",") for line in said[g].lines if line.rstrip(",") != title(node))
        if own and node.kind != "input" and own not in {name, layer.name}:
            extra = (*extra, own)
        made[g] = Step(
            id=g,
            kind="ball" if node.kind == "ball" else "column",
            style="data" if node.kind == "input" else node.cat,
            inputs=inputs,
            calls=calls,
            units=node.shape[0] if node.shape else 1,
            value=title(node),
            lines=(name, *extra),
            sign=node.sign,
            link=_link(node, net),
            values=tuple(tuple(row) for row in spec.values.get(layer.id, ())),
        )
    return _sorted(made)


def _link(node: Node, net: Net) -> str:
    if node.cat == "dense":
        return "all"
    same = len(node.inputs) == 1 and net[node.inputs[0]].shape == node.shape
    apart = node.cat in {"reg", "act", "reshape"} or node.class_name == "BatchNormalization"
    if node.class_name in {"Activation", "ReLU", "LeakyReLU", "ELU", "PReLU"}:
        apart = "softmax" not in node.word
    return "each" if same and apart and node.class_name != "Softmax" else "some"


def _box(
    step: str,
    members: list[Node],
    inputs: tuple[str, ...],
    calls: tuple[str, ...],
    net: Net,
) -> Step:
    """What a box says: its first and last tensors, how many layers, of which kinds."""
    inner = {n.id for n in members}
    starts = [n for n in members if n.kind == "input"] or [
        n for n in members if any(s not in inner for s in n.inputs)
    ]
    used = {s for n in net.values() for s in n.inputs if n.id not in inner}
    ends = [n for n in members if n.id in used or n.output]
    layers = [call for call in calls if call not in {n.id for n in members if n.kind == "input"}]
    kinds = Counter(NAMES.get(n.class_name, class_words(n.class_name)) for n in members if n.kind != "input")
    told = [f"{name} ×{count}" if count > 1 else name for name, count in kinds.most_common(SAID)]
    if len(kinds) > SAID:
        told.append("…")
    first, last = _shapes(starts), _shapes(ends)
    middle = f"{len(layers)} layer{'s' * (len(layers) != 1)}"
    inside = (first, middle, last) if last != first else (first, middle)
    return Step(
        id=step, kind="box", style="other", inputs=inputs, calls=calls, lines=tuple(told), inside=inside
    )


def _shapes(members: list[Node]) -> str:
    texts = dict.fromkeys("×".join(map(number, n.shape)) or "1" for n in members)
    return ", ".join(list(texts)[:2]) + (", …" if len(texts) > 2 else "")


def _sorted(made: dict[str, Step]) -> dict[str, Step]:
    """Topological order, which contraction may have disturbed."""
    feeds = users({i: step.inputs for i, step in made.items()})
    return {i: made[i] for i in topological(made, feeds)}


def fold(found: Steps) -> dict[str, Step]:
    """Equal columns that follow each other as one, with their count."""

    def same(first: str, i: str) -> bool:
        step, before = found[i], found[first]
        return (
            step.kind == before.kind == "column"
            and (step.value, step.style, step.link) == (before.value, before.style, before.link)
            and step.style != "data"
            and step.lines[1:] == before.lines[1:]
        )

    home = rows({i: step.inputs for i, step in found.items()}, same)
    result: dict[str, Step] = {}
    for i, step in found.items():
        if (first := home[i]) == i:
            result[i] = replace(step, inputs=tuple(dict.fromkeys(home[s] for s in step.inputs)))
        else:
            before = result[first]
            calls = (*before.calls, *step.calls)
            result[first] = replace(before, calls=calls, times=before.times + 1, values=())
    return result
