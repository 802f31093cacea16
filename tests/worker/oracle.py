"""What Keras itself says of a graph, in a form that can be compared with a spec edge by edge.

A call is told by its *term*: the name of its layer and the terms of the tensors it is given, so two graphs are the same
when their calls have the same terms. Nested models are opened by calling them by name: nothing of the worker is used.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import keras

from sphinx_kerasarch.spec import ArchSpec

Terms = Counter[str]


def _graph(model: Any) -> Any:
    return getattr(model, "_functional", None) or model


def _tensors(structure: Any) -> list[Any]:
    return [leaf for leaf in keras.tree.flatten(structure) if isinstance(leaf, keras.KerasTensor)]


class Expected:
    """Terms of all calls of a Functional or Sequential model, and of its outputs.

    ``names``: id of an operation → its name.
    """

    def __init__(self, model: Any, names: dict[int, str]) -> None:
        graph = _graph(model)
        self.calls: Terms = Counter()
        self._names = names
        known: dict[int, str] = {}
        for tensor in _tensors(graph._inputs_struct):
            if id(tensor) not in known:
                term = f"{names[id(tensor._keras_history[0])]}()"
                self.calls[term] += 1
                known[id(tensor)] = f"{term}:0"
        self.outputs = self._results(graph, known)
        self.shapes = [tuple(tensor.shape) for tensor in _tensors(graph._outputs_struct)]

    def _results(self, graph: Any, known: dict[int, str]) -> list[str]:
        """Terms of the outputs of ``graph``, given those of its inputs in ``known``, which is filled."""
        return [self._term(tensor, known) for tensor in _tensors(graph._outputs_struct)]

    def _term(self, tensor: Any, known: dict[int, str]) -> str:
        if id(tensor) in known:
            return known[id(tensor)]
        operation, index, _ = tensor._keras_history
        node = operation._inbound_nodes[index]
        given = [self._term(one, known) for one in _given(node)]
        if isinstance(operation, keras.Model):
            inner = _graph(operation)
            outer = dict(zip(map(id, _tensors(inner._inputs_struct)), given, strict=True))
            results = self._results(inner, outer)
        else:
            term = f"{self._names[id(operation)]}({', '.join(given)})"
            self.calls[term] += 1
            results = [f"{term}:{number}" for number in range(len(node.outputs))]
        known.update(zip(map(id, node.outputs), results, strict=True))
        return known[id(tensor)]


def _given(node: Any) -> list[Any]:
    """Tensors that the author handed over: not the masks that Keras adds."""
    masks = {id(getattr(tensor, "_keras_mask", None)) for tensor in node.arguments.keras_tensors}
    named = node.arguments.kwargs.items()
    kept = [value for name, value in named if not (name.endswith("mask") and id(value) in masks)]
    return _tensors([node.arguments.args, kept])


def terms(spec: ArchSpec) -> tuple[Terms, list[str]]:
    """Terms of the calls of a spec and of its outputs."""
    names = {layer.id: layer.name for layer in spec.layers}
    arriving: dict[str, list[Any]] = {call.id: [] for call in spec.calls}
    for edge in spec.edges:
        arriving[edge.target.call].append(edge)
    found: dict[str, str] = {}
    for call in spec.calls:
        edges = sorted(arriving[call.id], key=lambda edge: edge.target.index)
        assert [edge.target.index for edge in edges] == list(range(len(edges))), call.id
        assert len(call.inputs) == len(edges), call.id
        given = (f"{found[edge.source.call]}:{edge.source.index}" for edge in edges)
        found[call.id] = f"{names[call.layer]}({', '.join(given)})"
    outputs = [f"{found[slot.port.call]}:{slot.port.index}" for slot in spec.outputs]
    return Counter(found.values()), outputs
