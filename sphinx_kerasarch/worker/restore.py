"""A saved model loaded by Keras in safe mode, with classes of the user's own where they are given.

Weights are not read where the file says the architecture apart from them (``.keras``).
"""

from __future__ import annotations

import json
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import BuildError, ImportTargetError, KerasarchError, NotAModelError
from ..spec.target import Target, parse
from . import compat
from .frames import own_traceback, reason
from .locate import attribute_of, import_module

FORM = "Write mypkg.layers:MyLayer, several separated by commas."


def load(file: str, custom_objects: str = "") -> Any:
    """The model in a file. ``custom_objects``: as in :func:`custom`.

    Raises :class:`.KerasarchError` of the class that names the cause.
    """
    path = Path(file)
    if not path.exists():
        raise ImportTargetError(
            f"There is no file {file!r}.",
            advice="A relative path counts from the current folder.",
            data={"file": file},
        )
    if path.suffix == ".json":
        raise NotAModelError(f"{path.name} is not a saved model.", advice="Give a .keras or .h5 file.")
    known = custom(custom_objects)
    try:
        model = _from_configuration(path, known)
        if model is None or not getattr(model, "built", False):
            model = compat.keras().models.load_model(str(path), custom_objects=known, compile=False)
    except KerasarchError:
        raise
    except Exception as error:
        raise BuildError(
            f"{path.name} cannot be loaded: {reason(error)}.",
            advice="Name the classes of your own that are in it: custom-objects: mypkg.layers:MyLayer.",
            traceback=own_traceback(error),
        ) from error
    return model


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


def _from_configuration(path: Path, known: dict[str, Any]) -> Any:
    """The model of a ``.keras`` file without its weights; None for any other file, and where Keras needs more."""
    if not zipfile.is_zipfile(path):
        return None
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    config.pop("compile_config", None)
    return compat.keras().saving.deserialize_keras_object(config, custom_objects=known, safe_mode=True)
