"""Many equal branches beside each other, drawn as one with their number."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from .folding import Panel
from .tensors import Net, Node

LEAST = 13
"""So many equal branches are drawn as one."""


def siblings(net: Net) -> tuple[Net, tuple[Panel, ...], tuple[str, ...]]:
    """Net with equal branches from one node (or from inputs) into one node (or to outputs) as one branch each."""
    users: dict[str, list[str]] = {i: [] for i in net}
    for i, node in net.items():
        for s in node.inputs:
            users[s].append(i)
    groups: dict[Hashable, list[list[str]]] = {}
    for i, node in net.items():
        if len(node.inputs) > 1 or (node.inputs and len(users[node.inputs[0]]) == 1):
            continue
        path = [i]
        while len(users[path[-1]]) == 1 and len(net[users[path[-1]][0]].inputs) == 1:
            path.append(users[path[-1]][0])
        if len(users[path[-1]]) <= 1:
            key = (node.inputs, tuple(users[path[-1]]), tuple(_key(net[k]) for k in path))
            groups.setdefault(key, []).append(path)
    found = [paths for paths in groups.values() if len(paths) >= LEAST and len(paths[0]) < len(net) - 1]
    if not found:
        return net, (), ()
    gone = {i for paths in found for path in paths[1:] for i in path}
    result = {
        i: replace(node, inputs=tuple(s for s in node.inputs if s not in gone))
        for i, node in net.items()
        if i not in gone
    }
    panels, notes = [], []
    for paths in found:
        first, count = paths[0], len(paths)
        for place, i in enumerate(first):
            copies = tuple(net[path[place]].calls for path in paths[1:])
            result[i] = replace(result[i], copies=copies, caption="" if place == 0 else net[i].caption)
        panels.append(Panel(tuple(first), count, f"{count} in parallel"))
        notes.append(f"{count} equal branches are drawn as one: {first[0]} to {paths[-1][0]}.")
    return result, tuple(panels), tuple(notes)


def _key(node: Node) -> Hashable:
    return (
        node.cat,
        node.kind,
        node.class_name,
        node.sign,
        node.act,
        node.heads,
        node.shape,
        node.word,
        node.output,
    )
