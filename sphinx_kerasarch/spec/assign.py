"""Categories that the user gives to layers: custom layers that are attention, convolutions, … of their own kind."""

from __future__ import annotations

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


def _assigned(layer: Layer, keys: list[str], roles: Mapping[str, str]) -> Layer:
    for key in keys:
        if fnmatchcase(f"{layer.module}:{layer.class_name}" if ":" in key else layer.class_name, key):
            return replace(layer, role=roles[key])
    return layer
