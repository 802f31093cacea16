"""Equal layers in a row as one picture with a count, where a model is too long otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from ...layout.chains import rows
from ..layered.tensors import Net, Node
from .words import Words


def fold(net: Net, words: Mapping[str, Words]) -> tuple[dict[str, Node], dict[str, int]]:
    """The shorter net and node → layers that it stands for. Folded are layers that follow each other with nothing
    between them, do the same and make tensors of one size."""

    def same(first: str, i: str) -> bool:
        node, before = net[i], net[first]
        return (
            node.kind == before.kind == "slab"
            and node.cat != "data"
            and net[node.inputs[0]].output is False
            and node.shape == before.shape
            and words[i] == words[first]
            and node.block == before.block
        )

    home = rows({i: node.inputs for i, node in net.items()}, same)
    result: dict[str, Node] = {}
    for i, node in net.items():
        if (first := home[i]) == i:
            result[i] = replace(node, inputs=tuple(dict.fromkeys(home[s] for s in node.inputs)))
        else:
            before = result[first]
            result[first] = replace(
                before,
                calls=(*before.calls, *node.calls),
                output=node.output,
                caption=node.caption or before.caption,
            )
    count = Counter(home.values())
    return result, count
