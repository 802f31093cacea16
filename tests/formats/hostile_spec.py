"""A model whose every text is hostile: names, ids, classes, modules, settings, dtypes, blocks, notes, inputs."""

from __future__ import annotations

from collections.abc import Sequence

from sphinx_kerasarch.spec import codec
from sphinx_kerasarch.spec.model import (
    ArchSpec,
    Block,
    Call,
    Edge,
    Layer,
    Note,
    Port,
    Provenance,
    Slot,
    Tensor,
    Weight,
)

ROLES = ("data", "conv", "pool", "norm", "act", "dense", "recur", "attn", "embed", "merge", "reshape", "reg", "custom")


def hostile_spec(names: Sequence[str], *, dense: bool = False) -> ArchSpec:
    """A chain of a layer for each name; checked as a spec from elsewhere is. ``dense``: of layers that have neurons."""
    block = Block(f"b {names[0]}", names[-1], None, names[0], names[1], "model")
    layers, calls, edges = [], [], []
    for number, name in enumerate(names):
        given = names[(number + 1) % len(names)]
        layers.append(
            Layer(
                f"{number} {name}",
                name,
                "Dense" if dense else given,
                "keras.layers" if dense else given,
                "dense" if dense else ROLES[number % len(ROLES)],
                (Weight(f"{number} {name}", "kernel" if dense else name, (4, 4), given, True),),
                config={"units": 4, "rate": 0.5, "padding": given, "kernel_size": [5, 5], given: name, "axis": [name]},
                activation=given,
                dtype=given,
                label=name if number % 7 == 3 else "",
            )
        )
        shape = (None, 4) if dense else (None, 8, 8, 4)
        calls.append(
            Call(
                f"{number} {name}@1",
                f"{number} {name}",
                block.id if 2 < number < len(names) - 2 else None,
                (Tensor(shape, given),) if number else (),
                (Tensor(shape, given),),
                {given: name},
            )
        )
        if number:
            edges.append(Edge(Port(calls[-2].id), Port(calls[-1].id), given))
    spec = ArchSpec(
        names[0],
        names[1],
        tuple(layers),
        tuple(calls),
        tuple(edges),
        (Slot(names[0], Port(calls[0].id)),),
        (Slot(names[-1], Port(calls[-1].id)),),
        (block,),
        notes=tuple(Note(name, layers[0].id, name) for name in names[:3]),
        provenance=Provenance(names[0], names[1], names[2], {"keras": names[0], names[1]: names[2]}),
    )
    return codec.loads(codec.dumps(spec))
