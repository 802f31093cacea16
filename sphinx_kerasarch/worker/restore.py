"""A saved model loaded by Keras in safe mode, with classes of the user's own where they are given.

Weights are not read where the file says the architecture apart from them (``.keras``). There, classes that nobody has
named are boxes with what the file tells of them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import BuildError, ImportTargetError, KerasarchError, NotAModelError
from ..spec import shallow
from ..spec.misspelt import colon
from ..spec.model import Note
from ..spec.target import Target, parse
from . import compat
from .frames import own_traceback, reason
from .locate import attribute_of, import_module
from .static.files import check_weights, text_in
from .static.files import read as saved_config
from .static.named import named

FORM = "Write mypkg.layers:MyLayer, several separated by commas."


def load(file: str, custom_objects: str = "", values: bool = False) -> tuple[Any, list[Note]]:
    """The model in a file, and what is not known in it. ``custom_objects``: as in :func:`custom`. ``values``: with its
    weights.

    Raises :class:`.KerasarchError` of the class that names the cause.
    """
    path = Path(file)
    if not path.exists():
        raise ImportTargetError(
            f"There is no file {file!r}.",
            advice=f"{colon(file)} A relative path counts from the current folder.".strip(),
            data={"file": file},
        )
    if path.suffix == ".json":
        raise NotAModelError(f"{path.name} is not a saved model.", advice="Give a .keras or .h5 file.")
    if (path / "saved_model.pb").is_file():
        said = f"Keras makes no model of {path.name}, which is a SavedModel."
        raise NotAModelError(said, advice="Leave input-shape out: the folder is then read without Keras.")
    if path.is_dir():
        said = f"The folder {path.name} holds no saved_model.pb."
        raise NotAModelError(said, advice="Give a SavedModel folder, or a .keras or .h5 file in it.")
    if not path.is_file():
        raise NotAModelError(f"{path.name} is no file.", advice="Give a .keras or .h5 file.")
    known = custom(custom_objects)
    notes: list[Note] = []
    try:
        model = None if values else _from_configuration(path, known, notes)
        if model is None or not getattr(model, "built", False):
            notes.clear()
            if _holds_code(path):
                said = f"{path.name} has a Lambda in it, whose byte code is not run."
                raise BuildError(said, advice="Save the model with a layer class of your own in its place.")
            _check(path, known)
            model = compat.keras().models.load_model(str(path), custom_objects=known, compile=False)
    except KerasarchError:
        raise
    except Exception as error:
        raise BuildError(
            f"{path.name} cannot be loaded: {_cause(error)}.",
            advice="Name the classes of your own that are in it: custom-objects: mypkg.layers:MyLayer.",
            traceback=own_traceback(error),
        ) from error
    return model, notes


def _holds_code(path: Path) -> bool:
    """Whether an HDF5 file has byte code of Python in it, which not every Keras refuses to run in safe mode."""
    if zipfile.is_zipfile(path):
        return False  # there every Keras does
    try:
        left: list[Any] = [saved_config(path).config]
    except BuildError:
        return False  # Keras says what is wrong with it
    while left:
        part = left.pop()
        if isinstance(part, Mapping):
            told = part.get("config")
            if part.get("class_name") == "Lambda" and isinstance(told, Mapping):
                function = told.get("function")
                if told.get("function_type") == "lambda" or not (function is None or isinstance(function, str)):
                    return True
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)
    return False


def _check(path: Path, known: Collection[str]) -> None:
    """Raises for a file by which Keras would be led to others, or to code."""
    check_weights(path)
    try:
        config = saved_config(path).config
    except BuildError:
        return  # Keras says what is wrong with it
    if found := named(config, known)[1]:
        advice = "Name the classes of your own that are in it: custom-objects: mypkg.layers:MyLayer."
        raise BuildError(f"{path.name} names {found[0]}, which is not looked at.", advice=advice)


def _cause(error: Exception) -> str:
    """The class that Keras could not find, which it hides in a long message, else what it says."""
    missing = re.search(r"Could not locate (?:class|function) '([^']+)'|Unknown \w+: '?([^'. ]+)", str(error))
    return f"the class {missing[1] or missing[2]} is not known" if missing else reason(error)


def custom(text: str) -> dict[str, Any]:
    """``mypkg.layers:MyLayer, mypkg.losses:focal`` → name → class or function.

    A name that the file knows by another one is written ``Old=mypkg.layers:New``. Raises :class:`.KerasarchError`.
    """
    found: dict[str, Any] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, rest = part.partition("=")
        target = parse(rest if equals else part)
        if target.file or target.called:
            raise ImportTargetError(f"{part!r} is not the name of a class.", advice=FORM, data={"target": part})
        thing = _thing(target)
        if not callable(thing):
            raise ImportTargetError(f"{part!r} is neither a class nor a function.", advice=FORM, data={"target": part})
        own = str(getattr(thing, "__name__", target.attribute))
        found[name.strip() if equals else own] = thing
        # A class that is registered is saved by its package and name.
        with suppress(Exception):
            found.setdefault(str(compat.keras().saving.get_registered_name(thing)), thing)
    return found


def _thing(target: Target) -> Any:
    return attribute_of(import_module(target.module), target)


def _from_configuration(path: Path, known: dict[str, Any], notes: list[Note]) -> Any:
    """The model of a ``.keras`` file without its weights; None for any other file, and where Keras needs more."""
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        config = shallow.loads(text_in(archive, "config.json"))
    config.pop("compile_config", None)
    objects = {**_boxes(path, known, notes), **known}
    config, _ = named(config, objects)
    return compat.keras().saving.deserialize_keras_object(config, custom_objects=objects, safe_mode=True)


def _boxes(path: Path, known: dict[str, Any], notes: list[Note]) -> dict[str, Any]:
    """Classes in place of those that are neither of Keras nor ``known``: with the weights and shapes in the file."""
    from .static.describe import foreign_layers

    found: dict[str, dict[str, Any]] = {}
    for name, layer in foreign_layers(path).items():
        kind = type(layer).__name__
        if kind in known or compat.keras().saving.get_registered_object(kind) is not None:
            continue
        found.setdefault(kind, {})[name] = layer
        said = f"{name} is of the class {kind}, which is not known: a box with what the file tells of it."
        notes.append(Note("foreign", name, said))
    return {kind: _box(kind, told) for kind, told in found.items()}


def _box(kind: str, told: dict[str, Any]) -> type:
    """A layer class that answers from ``told``: name → what the file says of that layer. It computes nothing."""
    base = compat.keras().layers.Layer

    def __init__(self: Any, **config: Any) -> None:  # noqa: N807 - the method of the class
        own = {key: config[key] for key in ("name", "trainable", "dtype") if key in config}
        base.__init__(self, **own)
        self._told = told[self.name]
        self._calls = 0

    def build(self: Any, *shapes: Any) -> None:
        for variable in self._told.weights:
            name, trainable = variable.name, variable.trainable
            self.add_weight(shape=variable.shape, dtype=variable.dtype, name=name, trainable=trainable)
        self.built = True

    def compute_output_spec(self: Any, *args: Any, **kwargs: Any) -> Any:
        nodes = self._told._inbound_nodes
        outputs = nodes[min(self._calls, len(nodes) - 1)].outputs
        self._calls += 1
        made = [compat.keras().KerasTensor(one.shape, dtype=one.dtype) for one in outputs]
        return made[0] if len(made) == 1 else made

    def get_config(self: Any) -> Any:
        return dict(self._told.config)

    def from_config(cls: Any, config: Any) -> Any:
        return cls(**config)

    methods = (__init__, build, compute_output_spec, get_config)
    parts: dict[str, Any] = {method.__name__: method for method in methods}
    module = type(next(iter(told.values()))).__module__
    return type(kind, (base,), {**parts, "from_config": classmethod(from_config), "__module__": module})
