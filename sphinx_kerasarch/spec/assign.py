"""What the user knows better: the categories of custom layers, and what single layers are called in figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

from ..errors import OptionError
from .model import ArchSpec, Layer
from .roles import ROLES


def with_roles(spec: ArchSpec, roles: Mapping[str, str]) -> ArchSpec:
    """``spec`` with the roles of ``roles``: class → role.

    A class is written ``MyBlock`` or ``mypkg.layers:MyBlock``; both may hold ``*``. The most exact key wins: with
    module before without, without ``*`` before with it. Raises :class:`.OptionError` for an unknown role.
    """
    for key, role in roles.items():
        if role not in ROLES:
            near = get_close_matches(str(role), ROLES, n=1, cutoff=0.5)
            raise OptionError(
                f"{key!r} cannot be {role!r}: there is no such category.",
                advice=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(ROLES)}.",
                data={"class": key, "role": role},
            )
    if not roles:
        return spec
    ordered = sorted(roles, key=lambda key: ("*" in key, ":" not in key, -len(key), key))
    return replace(spec, layers=tuple(_assigned(layer, ordered, roles) for layer in spec.layers))


def with_labels(spec: ArchSpec, labels: Mapping[str, str]) -> ArchSpec:
    """``spec`` with the labels of ``labels``: layer or nested model → what figures call it.

    A key is a name or a path (``encoder/conv2d``) and may hold ``*``; the last key that fits wins. Raises
    :class:`.OptionError` for a label that is no text.
    """
    for key, label in labels.items():
        if not isinstance(label, str) or not label.strip():
            raise OptionError(
                f"The label of {key!r} is no text: {label!r}.",
                advice="Write what the figures shall say instead of the name.",
                data={"layer": key},
            )
    if not labels:
        return spec

    def told(name: str, path: str) -> str:
        fitting = [label for key, label in labels.items() if fnmatchcase(name, key) or fnmatchcase(path, key)]
        return fitting[-1].strip() if fitting else ""

    layers = [replace(layer, label=told(layer.name, layer.id)) for layer in spec.layers]
    blocks = []
    for block in spec.blocks:
        path = re.sub(r"@\d+", "", block.id)  # the second call of a model is the model as well
        label = told(block.label, path)
        blocks.append(replace(block, label=label, auto_named=False) if label else block)
    return replace(spec, layers=tuple(layers), blocks=tuple(blocks))


def _assigned(layer: Layer, keys: list[str], roles: Mapping[str, str]) -> Layer:
    for key in keys:
        if fnmatchcase(f"{layer.module}:{layer.class_name}" if ":" in key else layer.class_name, key):
            return replace(layer, role=roles[key])
    return layer
