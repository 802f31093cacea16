"""One drawing by one tool, measured in this process: what ``peers.py`` starts a child for.

    python tests/benchmarks/drawn.py TOOL MODEL [--save FILE] [--limit GB]

Prints one line of JSON. What is drawn from exists before the clock starts: the live model for the peers, the recorded
spec for us. Before that another, small model is drawn once, so that no tool pays for its imports; nothing of the
measured model has been seen when the clock starts, so that no cache helps either.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

SPECS = Path(__file__).parents[1] / "specs"
sys.path[:0] = [str(SPECS), str(SPECS.parents[1])]

GB = 1024**3
FIRST = "encoder"
"""Drawn before the clock starts."""
Drawer = Callable[[Path], object]
"""Draws one thing to a file."""


def ours(view: str, model: str) -> Drawer:
    from sphinx_kerasarch.api import draw, write
    from sphinx_kerasarch.spec.codec import loads

    spec = chain(int(model)) if model.isdigit() else loads((SPECS / f"{model}.json").read_text("utf-8"))
    return lambda path: path.write_bytes(write(draw(spec, view).figure, "svg"))


def chain(length: int) -> Any:
    """A model of ``length`` equal layers, one after the other."""
    from sphinx_kerasarch.spec import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor

    names = [f"dense_{number}" for number in range(length)]
    layers = [Layer("input", "input", "InputLayer", "keras.src.layers", "data")]
    layers += [Layer(name, name, "Dense", "keras.src.layers", "dense", config={"units": 8}) for name in names]
    calls = tuple(Call(one.id, one.id, outputs=(Tensor((None, 8), "float32"),)) for one in layers)
    edges = tuple(Edge(Port(a), Port(b)) for a, b in pairwise(("input", *names)))
    ends = {
        "inputs": (Slot("input", Port("input")),),
        "outputs": (Slot(names[-1], Port(names[-1])),),
    }
    return ArchSpec("chain", layers=tuple(layers), calls=calls, edges=edges, **ends)


def live(model: str) -> Any:
    """The Keras model, without the weights that no picture shows."""
    import keras
    from models import MODELS

    with keras.StatelessScope(initialize_variables=False):
        return MODELS[model]()


def plot_model(suffix: str, model: str) -> Drawer:
    sys.modules["IPython"] = None  # type: ignore[assignment]  # with it, SVG raises after it has been written
    import keras

    built = live(model)

    def draw(path: Path) -> object:
        to = path.with_suffix(f".{suffix}")
        return keras.utils.plot_model(built, str(to), show_shapes=True, show_layer_names=True)

    return draw


def output_shape(layer: Any) -> Any:
    """``Layer.output_shape`` as Keras 2 had it: visualkeras reads it, Keras 3 has it no more."""
    shapes = [tuple(tensor.shape) for tensor in layer._inbound_nodes[0].output_tensors]
    return shapes[0] if len(shapes) == 1 else shapes


def visualkeras(view: str, model: str) -> Drawer:
    import keras
    import visualkeras as peer

    keras.Layer.output_shape = property(output_shape)
    built = live(model)
    if view == "graph":
        return lambda path: peer.graph_view(built, to_file=str(path.with_suffix(".png")))
    return lambda path: peer.layered_view(built, to_file=str(path.with_suffix(".png")), legend=True)


TOOLS: dict[str, Callable[[str], Drawer]] = {
    "ours: graph": partial(ours, "graph"),
    "ours: layered": partial(ours, "layered"),
    "plot_model, SVG": partial(plot_model, "svg"),
    "plot_model, PNG": partial(plot_model, "png"),
    "visualkeras: graph": partial(visualkeras, "graph"),
    "visualkeras: layered": partial(visualkeras, "layered"),
}


def status(key: str) -> float:
    """A figure of ``/proc/self/status`` in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024.0 * int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))


def cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def measured(draw: Drawer, path: Path, limit: float) -> dict[str, Any]:
    """``limit``: GB that the drawing may take on top of what the process has. ``dot``'s own memory is not counted."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak so far is forgotten (proc(5))
    before = status("VmRSS")
    room = int(status("VmSize") + limit * GB)
    resource.setrlimit(resource.RLIMIT_AS, (room, resource.RLIM_INFINITY))
    start, clock = cpu_seconds(), time.perf_counter()
    failed = ""
    try:
        draw(path)
    except MemoryError:
        failed = f"over {limit:g} GB"
    except Exception as error:
        failed = f"{type(error).__name__}: {error}"
    result = {"cpu": cpu_seconds() - start, "wall": time.perf_counter() - clock, "failed": failed}
    peak = status("VmHWM")
    return result | {"peak": peak, "added": peak - before}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", choices=TOOLS)
    parser.add_argument(
        "model", help="a model of tests/specs/models.py, or a number of equal layers (ours only)"
    )
    parser.add_argument(
        "--save", type=Path, help="keep the picture under this name, suffix as the tool wants it"
    )
    parser.add_argument("--limit", type=float, default=8.0, help="GB")
    given = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "picture.svg"
        TOOLS[given.tool](FIRST)(picture)
        found = measured(TOOLS[given.tool](given.model), given.save or picture, given.limit)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
