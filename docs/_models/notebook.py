"""Models of the notebook, word for word as its cells have them: its tutorial shows what the cells show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CELLS = {"convnet": ("model", "image = keras.Input"), "residual": ("residual", "class Residual")}


def cell(start: str) -> str:
    """The code of the cell in which ``start`` stands, up to its last model."""
    notebook = json.loads((Path(__file__).parents[1] / "notebook.ipynb").read_text("utf-8"))
    code = ["".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code"]
    found = next(text for text in code if start in text)
    return "\n".join(line for line in found.splitlines() if not line.startswith(("from sphinx", "draw(")))


def model(name: str) -> Any:
    variable, start = CELLS[name]
    known: dict[str, Any] = {"__name__": __name__}
    exec("import keras\nfrom keras import layers\n" + cell(start), known)
    return known[variable]
