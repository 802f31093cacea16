"""A saved file → ArchSpec, without Keras."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import BuildError, KerasarchError, NotAModelError
from ...spec.model import ArchSpec, Note
from ...spec.sound import MOST_CALLS
from ..describe import describe as describe_live
from ..facts import BuildFacts
from . import exported, saved_model
from .files import Group, Saved, read
from .graph import Reader
from .stand_in import Model, Sequential, in_place_of_keras


def describe(file: str) -> tuple[ArchSpec, bool]:
    """The architecture of a saved model, and whether the file tells all of it.

    Nothing of the file is run. Where it is not told everything, Keras may know the rest (output shapes of its own
    rarer classes); a class of the user's own never becomes known by asking Keras. Raises :class:`.BuildError` for a
    damaged or missing file, :class:`.NotAModelError` for one that holds no model.
    """
    path = Path(file)
    if not path.exists():
        raise BuildError(f"There is no file {path.name!r}.", advice="Is the path right?")
    if path.is_dir():
        return _describe_folder(path, file), True
    return _describe_saved(read(path), path, file)


def _describe_folder(path: Path, file: str) -> ArchSpec:
    """A SavedModel: with the layers that Keras 2 wrote beside it, or of signatures and variables alone."""
    if not (path / saved_model.GRAPH).is_file():
        raise NotAModelError(
            f"The folder {path.name} holds no {saved_model.GRAPH}.",
            advice="Give a SavedModel folder, or a .keras or .h5 file in it.",
        )
    found = saved_model.read(path)
    versions = {"python": platform.python_version()}
    versions |= {"tensorflow": found.tensorflow} if found.tensorflow else {}
    if found.keras is not None and isinstance(found.keras.get("config"), dict):
        version = str(found.keras.get("keras_version", ""))
        spec, _ = _describe_saved(Saved(found.keras, _by_owner(found), named=True, version=version), path, file)
        return replace(spec, provenance=replace(spec.provenance, versions={**spec.provenance.versions, **versions}))
    return exported.describe(path, found, versions, file)


def _by_owner(found: saved_model.Exported) -> Group:
    """Variables by the layer in their path; all together for a model whose layers are told, which look for theirs."""
    assert found.keras is not None
    weights = Group()
    layered = isinstance(found.keras["config"].get("layers"), list)
    for one in found.variables:
        owner = one.path.rpartition("/")[0].rpartition("/")[2] or "variables"
        group = weights.groups.setdefault(owner, Group(owner))
        for part in (group, weights) if layered else (group,):
            part.variables.append((one.path, one.shape, one.dtype))
    return weights


def _describe_saved(saved: Saved, path: Path, file: str) -> tuple[ArchSpec, bool]:
    reader = Reader(saved.named)
    if not isinstance(saved.config, dict) or "class_name" not in saved.config:
        raise NotAModelError(f"{path.name} holds no model.", advice="Save a model with model.save.")
    if (count := _layers_in(saved.config)) > MOST_CALLS:
        raise BuildError(f"{count:,} layers in {path.name} are more than {MOST_CALLS:,}.", advice="Save a part of it.")
    with in_place_of_keras():
        try:
            model = reader.model(saved.config, saved.weights)
            facts = BuildFacts(
                target=file, tier="static", versions=_versions(saved.version), notes=_notes(reader)
            )
            spec = describe_live(model, facts)
        except KerasarchError:
            raise
        except Exception as error:  # settings of other types and sizes than Keras writes, as zero strides
            raise BuildError(
                f"The configuration in {path.name} is not understood: {type(error).__name__}: {error}.",
                advice="Load it with Keras in a factory of your own, and give that as the target.",
                data={"cause": "unknown"},  # Keras may understand it
            ) from error
    known = [name for name in reader.open_ends if name not in reader.foreign]
    unbuilt = isinstance(model, Sequential) and not model.outputs
    return spec, not known and not unbuilt


def _layers_in(config: Any) -> int:
    count, left = 0, [config]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            listed = part.get("layers")
            count += len(listed) if isinstance(listed, list) else 0
            left.extend(part.values())
        elif isinstance(part, list):
            left.extend(part)
    return count


def foreign_layers(path: Path) -> dict[str, Any]:
    """Name → stand-in of each layer of a ``.keras`` file whose class is not of Keras; none where that is not told."""
    saved = read(path)
    reader = Reader(saved.named)
    with in_place_of_keras():
        try:
            model = reader.model(saved.config, saved.weights)
        except Exception:  # Keras says what is wrong with it
            return {}
    return {layer.name: layer for layer in _all_layers(model) if layer.name in reader.foreign}


def _all_layers(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield layer
        inner = layer if isinstance(layer, Model) else getattr(layer, "layer", None)
        if isinstance(inner, Model):
            yield from _all_layers(inner)


def _versions(written: str) -> dict[str, str]:
    versions = {"python": platform.python_version()}
    return versions | ({"keras": written} if re.match(r"\d", written) else {})


def _notes(reader: Reader) -> tuple[Note, ...]:
    notes = [
        Note(
            "foreign",
            name,
            f"{name} is of the class {kind}, which is not of Keras: a box with what the file tells of it.",
        )
        for name, kind in reader.foreign.items()
    ]
    notes += [
        Note("shape", name, f"The file does not tell what comes out of {name}.")
        for name in dict.fromkeys(reader.open_ends)
    ]
    return tuple(notes)
