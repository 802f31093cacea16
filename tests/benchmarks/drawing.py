"""ResNet50 (and others) from a recorded spec to SVG, beside ``plot_model`` on the live model."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from measure import alternate, table

SPECS = Path(__file__).parents[1] / "specs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="ResNet50", help="name in keras.applications")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()

    # With IPython there, plot_model raises on SVG after it has written it.
    sys.modules["IPython"] = None  # type: ignore[assignment]
    import keras

    from sphinx_kerasarch.api import draw, write
    from sphinx_kerasarch.spec.codec import loads

    spec = loads((SPECS / f"{given.model.lower()}.json").read_text("utf-8"))
    model = getattr(keras.applications, given.model)(weights=None)
    with tempfile.TemporaryDirectory() as folder:

        def plot(suffix: str) -> object:
            path = Path(folder) / f"model.{suffix}"
            return keras.utils.plot_model(model, str(path), show_shapes=True, show_layer_names=True)

        samples = alternate(
            {
                "ours: graph, SVG": lambda: write(draw(spec, "graph").figure, "svg"),
                "ours: layered, SVG": lambda: write(draw(spec, "layered").figure, "svg"),
                "plot_model, SVG": lambda: plot("svg"),
                "plot_model, PNG": lambda: plot("png"),
            },
            given.runs,
        )
    print(f"{given.model}, {len(spec.layers)} layers, {given.runs} runs")
    print(table(samples, "ours: graph, SVG"))


if __name__ == "__main__":
    main()
