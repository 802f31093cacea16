"""What makes two calls equal: class, hyper-parameters, shapes, but no name."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from .model import ArchSpec, Layer, Weight

_NOT_STRUCTURE = frozenset({"name", "seed", "dtype", "batch_shape", "trainable"})
"""Config keys that do not make two layers different."""


def _plain(value: object) -> object:
    """Config without names, which differ between equal layers."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items() if key not in _NOT_STRUCTURE}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


_VARIED = frozenset({"rate", "drop_rate", "drop_prob"})
"""Config keys of regularization that may differ between copies of a loose repeat."""


def _own_name(weight: Weight) -> str:
    """Without the path, and without the number that Keras gives to variables that have no name."""
    return re.sub(r"^(variable)_\d+$", r"\1", weight.name.rpartition("/")[2])


def _layer_key(layer: Layer, loose: bool = False) -> str:
    if loose:
        plain = _plain(layer.config)
        assert isinstance(plain, dict)
        config = json.dumps(
            {key: item for key, item in plain.items() if layer.role != "reg" or key not in _VARIED},
            sort_keys=True,
            default=str,
        )
        ranks = [(_own_name(w), len(w.shape), w.dtype, w.trainable) for w in layer.weights]
        return f"{layer.module}.{layer.class_name} {layer.activation} {layer.trainable} {ranks} {config}"
    weights = [(_own_name(w), w.shape, w.dtype, w.trainable) for w in layer.weights]
    config = json.dumps(_plain(layer.config), sort_keys=True, default=str)
    return f"{layer.module}.{layer.class_name} {layer.activation} {layer.trainable} {weights} {config}"


def _depths(spec: ArchSpec) -> dict[str | None, int]:
    parents = {block.id: block.parent for block in spec.blocks}
    depth: dict[str | None, int] = {None: 0}
    for block in parents:
        path = []
        at: str | None = block
        while at not in depth:
            path.append(at)
            at = parents.get(at) if at is not None else None
        for step in reversed(path):
            depth[step] = depth[at] + 1
            at = step
    return depth


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """A spec as the key of a cache: by identity, since its hash would read all of it."""

    spec: ArchSpec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.spec is self.spec

    def __hash__(self) -> int:
        return id(self.spec)


def call_keys(spec: ArchSpec, *, loose: bool = False) -> Mapping[str, Hashable]:
    """Call → what it does: two calls with equal keys can stand for each other.

    ``loose``: as for :func:`.repeats`.
    """
    return _call_keys(Same(spec), loose)


@lru_cache(maxsize=4)
def _call_keys(same: Same, loose: bool) -> Mapping[str, Hashable]:
    spec = same.spec
    layer_keys = {layer.id: _layer_key(layer, loose) for layer in spec.layers}
    depths = _depths(spec)
    keys: dict[str, Hashable] = {}
    for call in spec.calls:
        shapes = tuple((t.shape[1:-1] if loose else t.shape, len(t.shape), t.dtype) for t in call.outputs)
        arguments = json.dumps(call.arguments, sort_keys=True, default=str)
        keys[call.id] = (layer_keys[call.layer], shapes, arguments, depths[call.block])
    return keys
