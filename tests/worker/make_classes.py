"""Write ``worker/static/classes.json``: what a saved file leaves to the installed Keras.

``python tests/worker/make_classes.py`` with the newest Keras: class → module, and the parameters of its ``call``.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
OPERATIONS = ("numpy", "nn", "core", "math", "image", "linalg")


def row(cls: Any) -> dict[str, Any]:
    from sphinx_kerasarch.worker.layers import plain

    parameters = list(inspect.signature(cls.call).parameters.values())[1:]
    named = [item for item in parameters if item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)]
    return {
        "module": cls.__module__,
        "call": [
            [item.name, None if item.default is inspect.Parameter.empty else plain(item.default)]
            for item in named
        ],
    }


def table() -> dict[str, dict[str, Any]]:
    import keras
    from keras.src.ops.operation import Operation

    layers = {
        cls.__name__: row(cls)
        for cls in vars(keras.layers).values()
        if isinstance(cls, type) and issubclass(cls, keras.layers.Layer)
    }
    operations = {}
    for name in OPERATIONS:
        module = importlib.import_module(f"keras.src.ops.{name}")
        for cls in vars(module).values():
            if isinstance(cls, type) and issubclass(cls, Operation) and cls.__module__ == module.__name__:
                operations[cls.__name__] = row(cls)
    return {"layers": dict(sorted(layers.items())), "operations": dict(sorted(operations.items()))}


if __name__ == "__main__":
    lines = [
        f'"{group}": {{\n' + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in rows.items()) + "\n}"
        for group, rows in table().items()
    ]
    target = ROOT / "sphinx_kerasarch" / "worker" / "static" / "classes.json"
    target.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
