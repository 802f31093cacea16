"""Equal layers in a row as one picture with a count, where a model is too long otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..layered.tensors import Net, Node
from .words import Words


def fold(net: Net, words: Mapping[str, Words]) -> tuple[dict[str, Node], dict[str, int]]:
    """The shorter net and node → layers that it stands for. Folded are layers that follow each other with nothing
    between them, do the same and make tensors of one size."""
    users: dict[str, list[str]] = {i: [] for i in net}
    for i, node in net.items():
        for source in node.inputs:
            users[source].append(i)
    home: dict[str, str] = {}
    result: dict[str, Node] = {}
    count: dict[str, int] = {}
    for i, node in net.items():
        source = home.get(node.inputs[0], "") if len(node.inputs) == 1 else ""
        before = result.get(source)
        if (
            before is not None
            and node.kind == before.kind == "slab"
            and node.cat != "data"
            and users[node.inputs[0]] == [i]
            and net[node.inputs[0]].output is False
            and node.shape == before.shape
            and words[i] == words[source]
            and node.block == before.block
        ):
            home[i] = source
            count[source] += 1
            result[source] = replace(
                before,
                calls=(*before.calls, *node.calls),
                output=node.output,
                caption=node.caption or before.caption,
            )
            continue
        home[i], count[i] = i, 1
        inputs = tuple(dict.fromkeys(home[s] for s in node.inputs))
        result[i] = replace(node, inputs=inputs)
    return result, count
