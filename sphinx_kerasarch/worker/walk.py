"""The graph of a live Keras model: its nodes in running order, with named tensors and constants.

Reads ``_keras_history``, ``_inbound_nodes`` and ``node.arguments``, which have kept their form from Keras 3.0 to 3.15.
Nothing here recurses over the depth of the graph.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import compat, legacy


@dataclass(frozen=True, slots=True)
class Argument:
    tensor: Any
    name: str
    """Empty for the first argument of ``call``."""


@dataclass(frozen=True, slots=True)
class Use:
    """One call of an operation on symbolic tensors."""

    node: Any
    operation: Any
    arguments: tuple[Argument, ...]
    constants: dict[str, Any]
    """Arguments that are no tensors, by name, without those that have their default."""
    variables: tuple[Any, ...]
    """Variables that an operation is given directly, as in ``x * self.scale``."""
    outputs: tuple[Any, ...]
    masked: bool
    """Whether Keras hands it a mask that the author did not write."""


@dataclass(frozen=True, slots=True)
class LiveGraph:
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    input_structure: Any
    output_structure: Any
    uses: tuple[Use, ...]
    """In the order in which Keras runs them; uses of InputLayer are left out."""


def leaves(structure: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Leaves of nested dicts, lists and tuples with their paths."""
    if isinstance(structure, dict):
        for key in sorted(structure, key=str):
            yield from leaves(structure[key], (*path, str(key)))
    elif isinstance(structure, list | tuple):
        for index, part in enumerate(structure):
            yield from leaves(part, (*path, str(index)))
    else:
        yield path, structure


def tensors_in(structure: Any) -> list[Any]:
    return [leaf for _, leaf in leaves(structure) if compat.is_symbolic(leaf)]


def node_of(tensor: Any) -> Any | None:
    """The node that made a symbolic tensor."""
    history = getattr(tensor, "_keras_history", None)
    if history is None or history[0] is None:
        return None
    return legacy.node(history[0]._inbound_nodes[history[1]])


class Several:
    """Default of a parameter that takes any number of arguments."""


OPERANDS = "operands"
"""Name of all arguments of ``call(self, *operands)``."""

PLAIN_ARGUMENT = re.compile(r"x\d*|xs|a|b|inputs?|tensors?|arrays?")


@functools.cache
def _parameters_of(cls: Any) -> dict[str, Any]:
    try:
        parameters = list(inspect.signature(cls.call).parameters.values())
    except (AttributeError, TypeError, ValueError):
        return {}
    return {
        item.name: Several if item.kind is item.VAR_POSITIONAL else item.default
        for item in parameters[1:]
        if item.kind is not item.VAR_KEYWORD
    }


def parameters_of_call(operation: Any) -> dict[str, Any]:
    """Parameters of ``call`` → their defaults."""
    cls: Any = type(operation)
    return _parameters_of(cls)


def _bound(node: Any, parameters: dict[str, Any]) -> list[tuple[str, Any]]:
    """Arguments of a node with the names of its ``call``; those of ``*operands`` have one name."""
    names = tuple(parameters)
    if not names or parameters[names[0]] is Several:
        names = (OPERANDS,) * len(node.arguments.args)
    bound = [
        (names[i] if i < len(names) else f"argument {i + 1}", value)
        for i, value in enumerate(node.arguments.args)
    ]
    return bound + list(node.arguments.kwargs.items())


def _same(value: Any, default: Any) -> bool:
    return isinstance(value, bool | int | float | str) and value == default


def read(node: Any) -> Use:
    """The arguments of a node sorted into tensors and constants.

    A mask that Keras computes by itself (``Embedding(mask_zero=True)`` → ``LSTM``) arrives like an argument; it is told
    from an explicit one because it is the ``_keras_mask`` of another argument.
    """
    parameters = parameters_of_call(node.operation)
    bound = _bound(node, parameters)
    masks = {
        id(mask)
        for tensor in node.arguments.keras_tensors
        if (mask := getattr(tensor, "_keras_mask", None)) is not None
    }
    arguments: list[Argument] = []
    constants: dict[str, Any] = {}
    masked = False
    first = next(iter(parameters), None)
    for name, value in bound:
        label = "" if name in {first, OPERANDS} or PLAIN_ARGUMENT.fullmatch(name) else name
        for path, leaf in leaves(value):
            if compat.is_symbolic(leaf):
                if id(leaf) in masks and name.endswith("mask"):
                    masked = True
                else:
                    arguments.append(Argument(leaf, label))
            elif path and leaf is not None and tensors_in(value):
                constants[f"{name}[{'.'.join(path)}]"] = leaf
        if value is not None and not tensors_in(value) and not _same(value, parameters.get(name)):
            constants[name] = value
    variables = tuple(leaf for _, value in bound for _, leaf in leaves(value) if compat.is_variable(leaf))
    return Use(node, node.operation, tuple(arguments), constants, variables, tuple(node.outputs), masked)


def _reach(outputs: list[Any], stop: set[int]) -> list[Use]:
    """Uses from which ``outputs`` follow, producers first."""
    order: list[Use] = []
    seen: dict[int, Use] = {}
    stack: list[tuple[Any, bool]] = [(tensor, False) for tensor in reversed(outputs)]
    while stack:
        item, done = stack.pop()
        if done:
            order.append(item)
            continue
        node = None if id(item) in stop else node_of(item)
        if node is None or node.is_input or id(node) in seen:
            continue
        use = seen[id(node)] = read(node)
        stack.append((use, True))
        stack.extend((argument.tensor, False) for argument in reversed(use.arguments))
    return order


def _by_depth(order: list[Use]) -> list[Use]:
    """Keras runs the nodes that are farthest from the outputs first; ties in the order of discovery."""
    depth: dict[int, int] = {}
    for use in reversed(order):
        own = depth.setdefault(id(use.node), 0)
        for argument in use.arguments:
            node = node_of(argument.tensor)
            if node is not None:
                depth[id(node)] = max(depth.get(id(node), 0), own + 1)
    return sorted(order, key=lambda use: -depth[id(use.node)])


def graph_of(model: Any) -> LiveGraph | None:
    """The graph of a built Sequential or Functional model; None for a subclassed or unbuilt one."""
    functional = compat.functional_of(model)
    if functional is None:
        return None
    taken, given = compat.structures(functional)
    return live_graph(tensors_in(taken), tensors_in(given), taken, given)


def live_graph(inputs: list[Any], outputs: list[Any], input_structure: Any, output_structure: Any) -> LiveGraph:
    """The graph between ``inputs`` and ``outputs``."""
    distinct = list({id(tensor): tensor for tensor in inputs}.values())
    uses = _by_depth(_reach(outputs, {id(tensor) for tensor in distinct}))
    return LiveGraph(tuple(distinct), tuple(outputs), input_structure, output_structure, tuple(uses))


def pair(inner: Any, outer: Any) -> list[tuple[Any, Any]]:
    """(tensor of a nested model's inputs, tensor it is called on), by dict key or position as Keras pairs them."""
    if isinstance(inner, dict) and isinstance(outer, dict):
        return [match for key in inner if key in outer for match in pair(inner[key], outer[key])]
    if isinstance(outer, dict):
        flat = tensors_in(inner)
        if all(tensor.name in outer for tensor in flat):
            return [(tensor, outer[tensor.name]) for tensor in flat]
    return [
        (a, b) for a, (_, b) in zip(tensors_in(inner), leaves(outer), strict=False) if compat.is_symbolic(b)
    ]
