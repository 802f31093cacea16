"""What a configuration names that is not a part of a model: modules to import, functions to call, files to read.

Keras 3.15 refuses most of them in safe mode. The older ones that can be installed import any module that a file
names, and call any function of Keras as if it were a layer, also one that fetches files or leaves safe mode.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

PACKAGES = frozenset({"keras", "keras_hub", "keras_cv", "keras_nlp", "tf_keras", "builtins"})
"""Whose classes a file may name: the packages that Keras itself allows."""

FUNCTIONS = frozenset(
    {"activations", "constraints", "initializers", "losses", "metrics", "nn", "ops", "random", "regularizers"}
)
"""Modules of Keras with functions that compute. What is not written like a class is taken from them only."""

FILES = ("vocabulary", "merges")
"""Settings that are paths where they are texts; Keras writes what stood in the files."""


def named(config: Any, known: Collection[str]) -> tuple[Any, tuple[str, ...]]:
    """A configuration in which nothing of that stands, and what stood there. ``known``: classes and functions that the
    user has named, also as they are registered."""
    found: list[str] = []

    def clean(part: Any) -> Any:
        if isinstance(part, list):
            return [clean(item) for item in part]
        if not isinstance(part, Mapping):
            return part
        result = {key: clean(value) for key, value in part.items()}
        if "module" in part and "class_name" in part and (said := _foreign(part, known)):
            found.append(said)
            result["module"] = None
        for key in FILES:
            if isinstance(part.get(key), str) and part[key]:
                found.append(f"the file {part[key][:60]!r}")
                result[key] = None
        return result

    return clean(config), tuple(found)


def _foreign(part: Mapping[str, Any], known: Collection[str]) -> str:
    module, kind = part["module"], part["class_name"]
    name = part.get("config") if kind == "function" else kind
    if module is None or name in known or part.get("registered_name") in known:
        return ""
    if not isinstance(module, str) or not isinstance(name, str):
        return f"the module {str(module)[:60]!r}"
    package, _, rest = module.partition(".")
    if package not in PACKAGES:
        return f"the module {module[:60]!r}"
    computes = package == "builtins" or rest.partition(".")[0] in FUNCTIONS
    # A class is one to Keras, which asks it for from_config; a function is called with what the file says.
    return "" if computes or name[:1].isupper() else f"the function {f'{module}.{name}'[:60]!r}"
