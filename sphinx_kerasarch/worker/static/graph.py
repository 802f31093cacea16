"""Configuration of a saved model → stand-ins with the graph of its calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import compat
from . import shapes
from .files import Group
from .stand_in import (
    Arguments,
    Array,
    Functional,
    Layer,
    Model,
    Node,
    Operation,
    Sequential,
    Symbol,
    class_for,
    classes,
    policy,
)
from .weights import variables_of

Told = tuple[tuple[int | None, ...], str]
Key = tuple[str, int, int]
UNTOLD = (None, None)
"""Shape of a tensor of which the file tells nothing: shown as a question mark, with a note."""

KERAS = ("keras.", "tf_keras.", "tensorflow.")


class Reader:
    """Reads the models of one file. ``open_ends``: layers whose output shapes the file does not tell."""

    def __init__(self, named: bool) -> None:
        self.named = named
        self.open_ends: list[str] = []
        self.foreign: dict[str, str] = {}
        """Layer → class that is not of Keras."""

    # ---- operations -------------------------------------------------------------------------------------------------

    def operation(self, told: Mapping[str, Any], group: Group) -> Any:
        """The stand-in of one saved layer, operation or nested model."""
        class_name = str(told["class_name"])
        config = told.get("config")
        config = dict(config) if isinstance(config, Mapping) else {}
        name = str(config.get("name") or told.get("name") or compat.snake(class_name))
        if isinstance(config.get("layers"), list):
            return self.model(told, group)
        module = str(told.get("module") or "")
        table = classes()
        own = bool(module) and not (module == "keras" or module.startswith(KERAS))
        raw = not own and (
            ".ops." in module or (class_name not in table["layers"] and class_name in table["operations"])
        )
        if not module and "activity_regularizer" not in config and "trainable" not in config:
            # .h5 files leave the modules of Keras out; an operation has neither of the two.
            raw = class_name in table["operations"]
        if raw:
            module = module or table["operations"][class_name]["module"]
            return class_for(class_name, module, True)(name, config)
        if own or class_name not in table["layers"]:
            self.foreign[name] = class_name
        layer = class_for(class_name, module or "unknown", False)(name, config)
        layer.weights = variables_of(name, class_name, config, group, self.named)
        inner = config.get("layer")
        if hasattr(type(layer), "layer") and isinstance(inner, Mapping):
            layer.layer = self._wrapped(layer, inner, group)
        return layer

    def _wrapped(self, layer: Any, told: Mapping[str, Any], group: Group) -> Any:
        """The layer inside a wrapper; a model there has the weights, as it is opened."""
        if not _is_model(told):
            return self.operation(told, Group())
        inner = self.model(told, group if self.named else group.groups.get("layer", Group()))
        layer.weights = list(inner.weights)
        return inner

    # ---- models -----------------------------------------------------------------------------------------------------

    def model(self, told: Mapping[str, Any], group: Group) -> Model:
        """A model with its layers. One of a class of its own, without a graph, gets the parts that have weights."""
        class_name = str(told["class_name"])
        config = dict(told.get("config") or {})
        name = str(config.get("name") or told.get("name") or compat.snake(class_name))
        listed = config.get("layers")
        if not isinstance(listed, list):
            return self._parts(class_name, str(told.get("module") or ""), name, config, group)
        sequential = not any("inbound_nodes" in item for item in listed)
        base: Any = Sequential if sequential else Functional
        made: Any = type(class_name, (base,), {"__module__": str(told.get("module") or "keras")})(
            name, config
        )
        operations = self._layers(listed, group)
        made.layers = [
            item for item in operations if not (sequential and type(item).__name__ == "InputLayer")
        ]
        made.inputs, made.outputs = [], []
        if sequential:
            self._chain(made, operations, listed, told)
        else:
            self._connect(made, operations, listed, config)
        made.weights = [variable for item in operations for variable in getattr(item, "weights", ())]
        return made  # type: ignore[no-any-return]

    def _layers(self, listed: list[Any], group: Group) -> list[Any]:
        """Stand-ins in the order of the file, each with its group of weights."""
        groups = group.groups.get("layers", group) if not self.named else group
        used: dict[str, int] = {}
        found = []
        for told in listed:
            name = str((told.get("config") or {}).get("name") or told.get("name"))
            if self.named:
                inner = _among(group, name)
                if not inner.variables and _wraps_a_model(told):
                    inner = group  # the paths of the variables go without the wrapper's name
            else:
                # keras/src/saving/saving_lib.py, ``_save_container_state``: a stem for the class, then a number.
                stem = compat.snake(str(told["class_name"]))
                number = used.get(stem, 0)
                if ".ops." not in str(told.get("module") or ""):
                    used[stem] = number + 1
                inner = groups.groups.get(f"{stem}_{number}" if number else stem, Group())
            found.append(self.operation(told, inner))
        return found

    def _parts(self, class_name: str, module: str, name: str, config: dict[str, Any], group: Group) -> Model:
        made: Any = type(class_name, (Model,), {"__module__": module or "unknown"})(name, config)
        made.layers = []
        groups = {**group.groups, **group.groups.get("layers", Group()).groups}
        groups.pop("layers", None)
        for key, part in groups.items():
            layer = Layer(part.name or key, {})
            layer.weights = variables_of(layer.name, "", {}, part, self.named)
            if layer.weights:
                made.layers.append(layer)
        own = Layer(name, {})
        own.weights = variables_of(name, "", {}, Group(name, group.variables), self.named)
        made.weights = [variable for part in (*made.layers, own) for variable in part.weights]
        return made  # type: ignore[no-any-return]

    # ---- graphs -----------------------------------------------------------------------------------------------------

    def _chain(self, model: Any, operations: list[Any], listed: list[Any], told: Mapping[str, Any]) -> None:
        config = told["config"]
        if operations and type(operations[0]).__name__ == "InputLayer":
            first, *rest = operations
            listed = listed[1:]
            tensor = _input(first)
        else:
            shape = config.get("build_input_shape") or (told.get("build_config") or {}).get("input_shape")
            if not isinstance(shape, list) or not operations:
                return
            first, rest = class_for("InputLayer", "keras.layers", False)("input_layer", {}), operations
            tensor = _input(first, shape)
        model.inputs = [tensor]
        for index, operation in enumerate(rest):
            following = listed[index + 1] if index + 1 < len(listed) else {}
            ahead = (following.get("build_config") or {}).get("input_shape")
            outputs = self._call(operation, (tensor,), {}, {}, 0, ahead)
            tensor = outputs[0]
        model.outputs = [tensor]
        model._inputs_struct, model._outputs_struct = [model.inputs[0]], model.outputs[0]

    def _connect(
        self, model: Any, operations: list[Any], listed: list[Any], config: Mapping[str, Any]
    ) -> None:
        known = _told_tensors(listed)
        tensors: dict[Key, Symbol] = {}
        waiting: list[tuple[Any, int, Any]] = []
        for operation, told in zip(operations, listed, strict=True):
            if type(operation).__name__ == "InputLayer":
                tensors[operation.name, 0, 0] = _input(operation)
            for number, node in enumerate(told.get("inbound_nodes") or []):
                waiting.append((operation, number, _modern(node)))
        while waiting:
            later = []
            for operation, number, node in waiting:
                # Nodes of one layer keep their order, since edges name them by number.
                ready = len(operation._inbound_nodes) == number or isinstance(operation, Functional)
                if not ready or any(key not in tensors for key in _keys(node)):
                    later.append((operation, number, node))
                    continue
                args = _filled(node.get("args") or [], tensors)
                kwargs = _filled(node.get("kwargs") or {}, tensors)
                outputs = self._call(operation, tuple(args), kwargs, known, number)
                for index, tensor in enumerate(outputs):
                    tensors[operation.name, number, index] = tensor
            if len(later) == len(waiting):
                raise KeyError(f"the connections of {later[0][0].name} lead nowhere")
            waiting = later
        model._inputs_struct = _ends(config.get("input_layers"), tensors)
        model._outputs_struct = _ends(config.get("output_layers"), tensors)
        model.inputs, model.outputs = _symbols(model._inputs_struct), _symbols(model._outputs_struct)

    def _call(
        self,
        operation: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        known: Mapping[Key, Told],
        number: int,
        ahead: Any = None,
    ) -> list[Symbol]:
        """One call: its node and what comes out of it."""
        given = _symbols([args, kwargs])
        inferred = self._outputs(operation, given)
        count = 1 + max((key[2] for key in known if key[:2] == (operation.name, number)), default=-1)
        made = []
        for index in range(max(count, len(inferred or ()))):
            told = known.get((operation.name, number, index))
            if told is None and inferred is not None and index < len(inferred):
                told = inferred[index]
            if told is None:
                break
            made.append(Symbol(*told))
        if not made and _is_shape(ahead):
            made = [Symbol(ahead, self._dtype(operation, given))]
        if inferred is None and count == 0:
            if not made:
                made = [Symbol(UNTOLD, self._dtype(operation, given))]
            if not _is_shape(ahead):
                self.open_ends.append(operation.name)
        node_number = len(operation._inbound_nodes)
        for index, tensor in enumerate(made):
            tensor._keras_history = (operation, node_number, index)
        _hide_mask(given, kwargs)
        operation._inbound_nodes.append(Node(operation, Arguments(args, kwargs, given), made))
        return made

    def _dtype(self, operation: Any, given: list[Symbol]) -> str:
        first = given[0].dtype if given else "float32"
        if not isinstance(operation, Layer):
            return first
        return shapes.dtype_of(type(operation).__name__, policy(operation.config), first)

    def _outputs(self, operation: Any, given: list[Symbol]) -> list[Told] | None:
        if isinstance(operation, Functional):
            if [tensor.shape for tensor in operation.inputs] == [tensor.shape for tensor in given]:
                return [(tensor.shape, tensor.dtype) for tensor in operation.outputs]
            return None
        if operation.name in self.foreign:
            return None
        inner = getattr(operation, "layer", None)
        if isinstance(inner, Functional) and given and len(given[0].shape) > 1:
            steps = given[0].shape[1]
            return [((one.shape[0], steps, *one.shape[1:]), one.dtype) for one in inner.outputs]
        raw = not isinstance(operation, Layer)
        found = shapes.shapes_of(
            type(operation).__name__, operation.config, [tensor.shape for tensor in given], raw
        )
        if found is None:
            return None
        return [(shape, self._dtype(operation, given)) for shape in found]


def _is_model(told: Any) -> bool:
    return isinstance(told, Mapping) and isinstance((told.get("config") or {}).get("layers"), list)


def _wraps_a_model(told: Mapping[str, Any]) -> bool:
    return told.get("class_name") == "TimeDistributed" and _is_model((told.get("config") or {}).get("layer"))


def _input(operation: Any, shape: Any = None) -> Symbol:
    config = operation.config
    axes = shape if shape is not None else config.get("batch_shape") or config.get("batch_input_shape") or ()
    dtype = policy(config)
    tensor = Symbol(axes, dtype, operation.name)
    tensor._keras_history = (operation, 0, 0)
    operation._inbound_nodes = [Node(operation, Arguments((), {}, []), [tensor], is_input=True)]
    return tensor


def _among(group: Group, name: str) -> Group:
    """In an ``.h5`` file: the layer's own group, or its part of the group of the model that it is nested in."""
    if name in group.groups:
        return group.groups[name]
    return Group(name, [item for item in group.variables if name in item[0].split("/")[:-1]])


def _is_tensor(thing: Any) -> bool:
    return isinstance(thing, Mapping) and thing.get("class_name") == "__keras_tensor__"


def _tensors_told(thing: Any) -> list[Mapping[str, Any]]:
    if _is_tensor(thing):
        return [thing["config"]]
    if isinstance(thing, Mapping):
        return [found for part in thing.values() for found in _tensors_told(part)]
    if isinstance(thing, list):
        return [found for part in thing for found in _tensors_told(part)]
    return []


def _told_tensors(listed: list[Any]) -> dict[Key, Told]:
    """Shape and dtype of every tensor that a layer of the model takes."""
    found: dict[Key, Told] = {}
    for told in listed:
        for node in told.get("inbound_nodes") or []:
            for tensor in _tensors_told(node):
                if "shape" in tensor:
                    found[_key(tensor["keras_history"])] = (tuple(tensor["shape"]), str(tensor["dtype"]))
    return found


def _key(history: Any) -> Key:
    return str(history[0]), int(history[1]), int(history[2])


def _modern(node: Any) -> Mapping[str, Any]:
    """A node of Keras 2, ``[[name, node, tensor, arguments], …]``, in the form of Keras 3."""
    if isinstance(node, Mapping):
        return node
    entries = [node] if node and isinstance(node[0], str) else node
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"keras_history": entry[:3]}} for entry in entries
    ]
    kwargs = entries[0][3] if entries and len(entries[0]) > 3 else {}
    kwargs = {
        key: {"class_name": "__keras_tensor__", "config": {"keras_history": value}}
        if _is_history(value)
        else value
        for key, value in kwargs.items()
    }
    return {"args": tensors if len(tensors) == 1 else [tensors], "kwargs": kwargs}


def _is_history(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    )


def _keys(node: Mapping[str, Any]) -> list[Key]:
    return [_key(tensor["keras_history"]) for tensor in _tensors_told(node)]


def _filled(thing: Any, tensors: Mapping[Key, Symbol]) -> Any:
    """Arguments with tensors in place of their names; serialized values as far as they are plain."""
    if _is_tensor(thing):
        return tensors[_key(thing["config"]["keras_history"])]
    if isinstance(thing, list):
        return [_filled(part, tensors) for part in thing]
    if not isinstance(thing, Mapping):
        return thing
    kind, config = thing.get("class_name"), thing.get("config")
    if kind == "__tuple__":
        items = config if isinstance(config, list) else thing.get("items", [])
        return tuple(_filled(part, tensors) for part in items)
    if kind == "__slice__" and isinstance(config, Mapping):
        return slice(config.get("start"), config.get("stop"), config.get("step"))
    if kind == "__ellipsis__":
        return Ellipsis
    if kind in {"__tensor__", "__numpy__"} and isinstance(config, Mapping):
        value = config.get("value")
        return Array(_extent(value), str(config.get("dtype"))) if isinstance(value, list) else value
    return {key: _filled(part, tensors) for key, part in thing.items()}


def _extent(value: Any) -> tuple[int, ...]:
    return (len(value), *(_extent(value[0]) if value else ())) if isinstance(value, list) else ()


def _ends(told: Any, tensors: Mapping[Key, Symbol]) -> Any:
    if _is_history(told):
        return tensors[_key(told)]
    if isinstance(told, Mapping):
        return {key: _ends(part, tensors) for key, part in told.items()}
    if isinstance(told, list):
        return [_ends(part, tensors) for part in told]
    raise KeyError(f"its ends are not understood: {told!r}")


def _symbols(thing: Any) -> list[Symbol]:
    if isinstance(thing, Symbol):
        return [thing]
    if isinstance(thing, Mapping):
        return [found for key in sorted(thing, key=str) for found in _symbols(thing[key])]
    if isinstance(thing, list | tuple):
        return [found for part in thing for found in _symbols(part)]
    return []


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and all(axis is None or isinstance(axis, int) for axis in value)


def _hide_mask(given: list[Symbol], kwargs: Mapping[str, Any]) -> None:
    """A mask that Keras computed by itself is written like an argument; it is told by the operation it comes from."""
    mask = kwargs.get("mask")
    if isinstance(mask, Symbol) and given and given[0] is not mask:
        maker: Any = mask._keras_history[0]
        if isinstance(maker, Operation) and not isinstance(maker, Layer):
            given[0]._keras_mask = mask
