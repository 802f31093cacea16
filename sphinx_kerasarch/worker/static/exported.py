"""A SavedModel without layers → ArchSpec: signatures with their ends, variables by the paths of their names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...spec.model import ArchSpec, Call, Edge, Layer, Note, Port, Provenance, Slot, Tensor, Weight
from .saved_model import Exported, Signature, Stored, Told

SEEDS = "seed_generator"
"""Part of the path of a variable that is the state of a random generator, not a weight."""

UNKNOWN_RANK = (None, None)


def describe(folder: Path, found: Exported, versions: dict[str, str], target: str) -> ArchSpec:
    """The spec of what ``found`` holds. Connections inside of a signature are not in it; a note says so."""
    spec = _Spec()
    for signature in found.signatures:
        spec.signature(signature)
    weights = [one for one in found.variables if SEEDS not in one.path]
    spec.variables(weights)
    said = (
        f"A SavedModel holds traced functions ({found.functions}) and variables, but no layers: what "
        f"{_names(found.signatures)} takes and gives is shown, and the variables by the names they have."
    )
    notes = [Note("no-graph", "", said), *spec.notes]
    if any(one.trainable is None for one in weights):
        notes.append(Note("trainable", "", "The folder does not say which variables are trainable."))
    return ArchSpec(
        name=folder.name,
        class_name="SavedModel",
        layers=tuple(spec.layers),
        calls=tuple(spec.calls),
        edges=tuple(spec.edges),
        inputs=tuple(spec.inputs),
        outputs=tuple(spec.outputs),
        notes=tuple(notes),
        provenance=Provenance(target, "static", "", versions),
    )


def _names(signatures: Iterable[Signature]) -> str:
    told = " and ".join(" = ".join(one.names) for one in signatures)
    return told or "no signature"


class _Spec:
    """The spec while it grows."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.calls: list[Call] = []
        self.edges: list[Edge] = []
        self.inputs: list[Slot] = []
        self.outputs: list[Slot] = []
        self.notes: list[Note] = []
        self._taken: set[str] = set()

    def signature(self, signature: Signature) -> None:
        name = self._fresh(signature.names[-1])  # serving_default, the better known of the two that Keras writes
        taken = tuple(self._tensor(one) for one in signature.inputs)
        sources = [self._input(one, tensor) for one, tensor in zip(signature.inputs, taken, strict=True)]
        self.layers.append(Layer(name, name, "Signature", "tensorflow", "custom"))
        outputs = tuple(self._tensor(one) for one in signature.outputs)
        self.calls.append(Call(name, name, None, taken, outputs))
        for index, source in enumerate(sources):
            self.edges.append(Edge(Port(source), Port(name, index), "" if not index else signature.inputs[index].name))
        self.outputs += [Slot(one.name, Port(name, index)) for index, one in enumerate(signature.outputs)]

    def variables(self, variables: list[Stored]) -> None:
        """A layer for all that have the same path above their names."""
        start = _common([one.path.split("/")[:-1] for one in variables])
        groups: dict[str, list[Stored]] = {}
        for one in variables:
            groups.setdefault("/".join(one.path.split("/")[start:-1]), []).append(one)
        for path, members in groups.items():
            place = self._fresh(path or "variables")
            weights = tuple(_weight(place, one) for one in members)
            trained = any(weight.trainable for weight in weights)
            self.layers.append(Layer(place, place, "Variables", "tensorflow", "custom", weights, trained))
            self.calls.append(Call(place, place))

    def _input(self, told: Told, tensor: Tensor) -> str:
        name = self._fresh(told.name)
        self.layers.append(Layer(name, told.name, "InputLayer", "tensorflow", "data", dtype=tensor.dtype))
        self.calls.append(Call(name, name, outputs=(tensor,)))
        self.inputs.append(Slot(told.name, Port(name)))
        return name

    def _tensor(self, told: Told) -> Tensor:
        if told.shape is None:
            self.notes.append(Note("shape", "", f"The number of axes of {told.name} is not in the folder."))
        return Tensor(UNKNOWN_RANK if told.shape is None else told.shape, told.dtype)

    def _fresh(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}@{number}"
        self._taken.add(name)
        return name


def _weight(place: str, one: Stored) -> Weight:
    name = one.path.rpartition("/")[2]
    return Weight(f"{place}/{name}", name, one.shape, one.dtype, one.trainable is not False)


def _common(paths: list[list[str]]) -> int:
    """How many parts all paths begin with alike, as with the name of the model; the last part of none counts."""
    if not paths:
        return 0
    shared = 0
    while all(len(path) > shared + 1 and path[shared] == paths[0][shared] for path in paths):
        shared += 1
    return shared
