"""How the nodes hang together: chains, who runs beside whom, skips, joins. Independent of sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...layout.chains import disjoint
from .axis import LED_BY_FIRST, depths, main_input
from .folding import Panel
from .tensors import BLOCK, Net, Node

Edge = tuple[str, str]

SHORT_TAIL = 4
"""Outputs whose branches have at most so many boxes fan out around the trunk."""


@dataclass(slots=True)
class Chain:
    """Nodes on one axis, from left to right."""

    nodes: list[str]
    parent: int = -1
    """Chain that it leaves or joins; −1 for a root."""
    mode: str = "root"
    """``below`` and ``above`` the parent, ``tower`` (one of the inputs of the parent's first node) or ``output``."""
    fork: str = ""
    """Node that it leaves, empty when it starts with an input."""
    join: str = ""
    """Node of another chain that its last node feeds, empty when it ends with an output."""
    trunk: bool = False
    """True for what follows a merge of several inputs."""


@dataclass(frozen=True, slots=True)
class Structure:
    net: Net
    users: Mapping[str, tuple[str, ...]]
    chains: tuple[Chain, ...]
    chain_of: Mapping[str, int]
    along: frozenset[Edge]
    """Neighbours on one axis."""
    forks: frozenset[Edge]
    """To the first node of a chain of its own."""
    joins: frozenset[Edge]
    """From the last node of a chain into another chain."""
    skips: frozenset[Edge]
    """Over the heads of the same chain: arcs above."""
    wires: frozenset[Edge]
    """All others: each has a lane of its own."""
    skip_wires: frozenset[Edge]
    """Wires that are shortcuts of the main path."""
    entries: frozenset[str] = frozenset()
    """Nodes that a line from another storey reaches from below."""
    panels: tuple[Panel, ...] = ()
    panel_of: Mapping[str, int] = field(default_factory=dict)
    bracket_of: Mapping[str, str] = field(default_factory=dict)
    """Node → innermost block with a bracket; boxes of different ones stand apart."""

    def following(self, i: str) -> str:
        """Right neighbour on the axis, or empty."""
        return next((u for u in self.users[i] if (i, u) in self.along), "")

    def glued(self, p: Node, n: Node) -> bool:
        """Whether ``n`` stands directly on the right face of ``p``."""
        if (p.id, n.id) not in self.along or n.kind == "ball" or p.kind != "slab" or n.kind == "input":
            return False
        if not (p.volume and n.volume) or p.cat == "embed" or p.output or n.output or p.heads or n.heads:
            return False
        if any((p.id, u) not in self.skips for u in self.users[p.id] if u != n.id):
            return False
        if len(n.inputs) != 1 or self.panel_of.get(p.id) != self.panel_of.get(n.id):
            return False
        if self.bracket_of.get(p.id) != self.bracket_of.get(n.id) or BLOCK in {p.class_name, n.class_name}:
            return False
        if n.kind in {"pool", "up"}:
            return p.rank == n.rank
        return p.shape[:-1] == n.shape[:-1]


def rank_change(p: Node, n: Node) -> bool:
    """Flatten, global pooling, reshape: dashed corner lines instead of an arrow."""
    return (
        p.rank != n.rank
        and "ball" not in {p.kind, n.kind}
        and p.kind != "input"
        and n.cat != "embed"
        and len(n.inputs) == 1
    )


def _split_at_towers(
    paths: list[list[str]], net: Net, users: Mapping[str, Sequence[str]]
) -> list[tuple[list[str], bool]]:
    """A trunk that another input's chain joins starts anew at the merge, between the two: (path, is a trunk)."""
    tail_of = {path[-1]: path for path in paths if not net[path[0]].inputs}
    result = []
    for path in paths:
        rest, trunk = path, False
        if not net[path[0]].inputs:
            for i in path[1:]:
                if net[i].cat in LED_BY_FIRST:
                    continue
                feeding = [s for s in net[i].inputs if s in tail_of and tail_of[s] is not path]
                if any(users[s][0] == i for s in feeding):
                    k = rest.index(i)
                    if k:
                        result.append((rest[:k], trunk))
                        rest, trunk = rest[k:], True
        result.append((rest, trunk))
    return result


def _split_at_outputs(
    paths: list[tuple[list[str], bool]], net: Net, users: Mapping[str, Sequence[str]]
) -> list[tuple[list[str], bool]]:
    """A trunk that ends in several short outputs ends where they part."""
    bit = {i: 1 << k for k, i in enumerate(net)}
    reach: dict[str, int] = {}
    for i in reversed(list(net)):
        reach[i] = bit[i]
        for u in users[i]:
            reach[i] |= reach[u]
    result = []
    for path, trunk in paths:
        cut = len(path)
        for k in range(len(path) - 1):
            sets = [reach[u] for u in users[path[k]]]
            union = 0
            for s in sets:
                union |= s
            apart = union.bit_count() == sum(s.bit_count() for s in sets)
            if len(sets) > 1 and apart and max(s.bit_count() for s in sets) <= SHORT_TAIL:
                cut = k + 1
                break
        result.append((path[:cut], trunk))
        if cut < len(path):
            result.append((path[cut:], False))
    return result


def build(
    net: Net,
    panels: Sequence[Panel],
    entries: frozenset[str] = frozenset(),
    bracket_of: Mapping[str, str] | None = None,
) -> Structure:
    """The structure of a net. ``entries``: nodes that a line from another storey reaches from below. ``bracket_of``:
    node → innermost block with a bracket."""
    found: dict[str, list[str]] = {i: [] for i in net}
    for i, node in net.items():
        for source in node.inputs:
            found[source].append(i)
    users = {i: tuple(names) for i, names in found.items()}
    depth = depths(net)
    main = {i: main_input(node, depth) for i, node in net.items()}
    paths = _split_at_towers(disjoint(users, main), net, users)
    if sum(not users[i] for i in net) > 1:
        paths = _split_at_outputs(paths, net, users)
    chains = [Chain(path, trunk=trunk) for path, trunk in paths]
    chain_of = {i: k for k, chain in enumerate(chains) for i in chain.nodes}
    ancestors = _Ancestors(net)
    place = {i: k for chain in chains for k, i in enumerate(chain.nodes)}
    kinds: dict[str, set[Edge]] = {"along": set(), "fork": set(), "join": set(), "skip": set(), "wire": set()}
    skip_wires = set()
    for i, node in net.items():
        for source in node.inputs:
            kind = _kind(source, i, chains, chain_of, main, place)
            if kind == "across":
                shortcut = main[i] != source and ancestors.has(source, main[i])
                same = chain_of[source] == chain_of[i]
                kind = "skip" if shortcut and same else "wire"
                if shortcut and not same and node.cat not in LED_BY_FIRST:
                    skip_wires.add((source, i))
            kinds[kind].add((source, i))
    _attach(chains, chain_of, net, main, kinds)
    return Structure(
        net=net,
        users=users,
        chains=tuple(chains),
        chain_of=chain_of,
        along=frozenset(kinds["along"]),
        forks=frozenset(kinds["fork"]),
        joins=frozenset(kinds["join"]),
        skips=frozenset(kinds["skip"]),
        wires=frozenset(kinds["wire"]),
        skip_wires=frozenset(skip_wires),
        entries=entries,
        panels=tuple(panels),
        panel_of={i: k for k, panel in enumerate(panels) for i in panel.members},
        bracket_of=bracket_of or {},
    )


class _Ancestors:
    """Who comes before whom; sets as bits, made on the first question."""

    def __init__(self, net: Net) -> None:
        self.net = net
        self.bits: dict[str, int] = {}
        self.place = {i: k for k, i in enumerate(net)}

    def has(self, early: str, late: str) -> bool:
        if not self.bits:
            for i, node in self.net.items():
                mask = 1 << self.place[i]
                for s in node.inputs:
                    mask |= self.bits[s]
                self.bits[i] = mask
        return bool(self.bits[late] >> self.place[early] & 1)


def _kind(
    source: str,
    target: str,
    chains: Sequence[Chain],
    chain_of: Mapping[str, int],
    main: Mapping[str, str],
    place: Mapping[str, int],
) -> str:
    a, b = chains[chain_of[source]], chains[chain_of[target]]
    if a is b and place[target] == place[source] + 1:
        return "along"
    if a is not b and b.nodes[0] == target and main[target] == source and not b.fork:
        ends_here = a.nodes[-1] == source
        if not b.trunk:
            b.fork = source
            return "fork"
        if ends_here and not a.join:
            a.join = target
            return "join"
    if a is not b and a.nodes[-1] == source and not a.join:
        a.join = target
        return "join"
    return "across"


def _attach(
    chains: list[Chain],
    chain_of: Mapping[str, int],
    net: Net,
    main: Mapping[str, str],
    kinds: Mapping[str, set[Edge]],
) -> None:
    """Parents and modes."""
    place = {i: k for chain in chains for k, i in enumerate(chain.nodes)}

    def free_above(chain: Chain) -> bool:
        """Whether no skip leaves or lands between the ends of a branch, where its riser would cross the branch."""
        a, b = place[chain.fork], place[chain.join]
        return not any(
            chain_of[s] == chain_of[t] == chain.parent and (a <= place[s] < b or a < place[t] <= b)
            for s, t in kinds["skip"]
        )

    for k, chain in enumerate(chains):
        if chain.fork:
            chain.parent = chain_of[chain.fork]
            parent = chains[chain.parent]
            if parent.nodes[-1] == chain.fork and not parent.join:
                chain.mode = "output"
            else:
                chain.mode = "below"
                if chain.join and chain_of[chain.join] == chain.parent and free_above(chain):
                    inputs = net[chain.join].inputs
                    if inputs.index(chain.nodes[-1]) < inputs.index(main[chain.join]):
                        chain.mode = "above"
        elif chain.join:
            chain.parent = chain_of[chain.join]
            parent = chains[chain.parent]
            chain.mode = "tower" if parent.trunk and parent.nodes[0] == chain.join else "below"
        up = chain.parent
        while up not in {-1, k}:
            up = chains[up].parent
        if up == k:  # two chains that lead into each other: the first stands alone
            chain.parent, chain.mode = -1, "root"
