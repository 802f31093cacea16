"""Branches beside each other that call the same layers: the towers of a siamese network."""

from __future__ import annotations

from dataclasses import replace

from .model import ArchSpec, Block

MOST = 4
"""Branches that are told."""
LABEL = "shared layers"


def shared_branches(spec: ArchSpec) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """For each set of layers that several branches call: the calls of each branch, in corresponding order.

    Two layers at least, one of them with weights, called equally often; no branch feeds another.
    """
    calls_of: dict[str, list[str]] = {}
    block_of = {call.id: call.block for call in spec.calls}
    for call in spec.calls:
        calls_of.setdefault(call.layer, []).append(call.id)
    weighted = {layer.id for layer in spec.layers if layer.weights}
    near: dict[str, set[str]] = {call.id: set() for call in spec.calls}
    for edge in spec.edges:
        near[edge.source.call].add(edge.target.call)
        near[edge.target.call].add(edge.source.call)
    wanted = {
        layer: found
        for layer, found in calls_of.items()
        if 2 <= len(found) <= MOST and len({block_of[name] for name in found}) == 1
    }
    first = {found[0]: layer for layer, found in wanted.items()}
    result = []
    seen: set[str] = set()
    for start in first:
        if start in seen:
            continue
        group, stack = [], [start]
        seen.add(start)
        while stack:
            at = stack.pop()
            group.append(at)
            same = len(wanted[first[at]])
            for other in near[at]:
                if other in first and other not in seen and len(wanted[first[other]]) == same:
                    seen.add(other)
                    stack.append(other)
        group.sort(key=list(first).index)
        branches = tuple(zip(*(wanted[first[name]] for name in group), strict=True))
        branch_of = {name: number for number, branch in enumerate(branches) for name in branch}
        ends = ((branch_of.get(e.source.call), branch_of.get(e.target.call)) for e in spec.edges)
        apart = all(a is None or b is None or a == b for a, b in ends)
        if apart and len(group) > 1 and any(first[name] in weighted for name in group):
            result.append(branches)
    return tuple(result)


def with_shared(spec: ArchSpec) -> ArchSpec:
    """The model with such branches as blocks of the kind ``stage`` that call one model."""
    blocks = list(spec.blocks)
    block_of = {call.id: call.block for call in spec.calls}
    for branches in shared_branches(spec):
        if len({block_of[name] for branch in branches for name in branch}) > 1:
            continue
        for number, branch in enumerate(branches):
            stage = f"shared:{branches[0][0]}" + f"@{number + 1}" * bool(number)
            parent = block_of[branch[0]]
            blocks.append(Block(stage, LABEL, parent, "Stage", f"shared:{branches[0][0]}", "stage"))
            block_of |= dict.fromkeys(branch, stage)
    if len(blocks) == len(spec.blocks):
        return spec
    calls = tuple(replace(call, block=block_of[call.id]) for call in spec.calls)
    return replace(spec, blocks=tuple(blocks), calls=calls)
