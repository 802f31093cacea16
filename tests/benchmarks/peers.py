"""Model to picture: our graph and layered views beside ``keras.utils.plot_model`` and visualkeras.

    python tests/benchmarks/peers.py [MODEL …] [--runs 3] [--limit 8]

Needs Keras with a backend, ``pydot``, Graphviz' ``dot`` and ``visualkeras``. Each drawing has a process of its own,
see ``drawn.py``; the tools take turns, and the least of ``--runs`` processes is told. On Keras 3 visualkeras'
``layered_view`` works only with ``Layer.output_shape`` of Keras 2 put back, which is done here.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from drawn import TOOLS

MODELS = ("lenet", "vgg16", "resnet50", "inceptionv3", "efficientnetv2l", "nasnetlarge")
CHAIN = "5000"
TIME_LIMIT = 900
MB = 1024**2


def drawn(tool: str, model: str, limit: float) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).with_name("drawn.py")), tool, model, "--limit", str(limit)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        return {"failed": f"over {TIME_LIMIT} s"}
    if done.returncode < 0 and ("bad_alloc" in done.stderr or "MemoryError" in done.stderr):
        return {"failed": f"over {limit:g} GB, ended by it"}
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        raise SystemExit(f"{tool}, {model}: ended with {done.returncode}\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def least(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The least of several drawings, since other work on the machine only adds; a failed one is told as it is."""
    failed = next((one for one in found if one["failed"]), None)
    if failed:
        return dict(failed)
    return {key: min(one[key] for one in found) for key in ("cpu", "wall", "peak", "added")}


def show(model: str, found: Mapping[str, Mapping[str, Any]]) -> None:
    own = [name for name in found if name.startswith("ours")]
    slowest = max(found[name]["cpu"] for name in own)
    print(f"\n{model if not model.isdigit() else f'{model} equal layers'}")
    print(f"{'':24}{'cpu s':>9}{'× ours':>9}{'peak MB':>10}{'added MB':>10}")
    for name, one in found.items():
        if "cpu" not in one or one.get("failed"):
            print(
                f"{name:24}  {one['failed'][:80]}" + (f", after {one['cpu']:.1f} s" if "cpu" in one else "")
            )
            continue
        ratio = "" if name in own else f"{one['cpu'] / slowest:.1f}"
        print(f"{name:24}{one['cpu']:9.3f}{ratio:>9}{one['peak'] / MB:10.0f}{one['added'] / MB:10.0f}")
    peers = [one["cpu"] for name, one in found.items() if name not in own and not one.get("failed")]
    if peers:
        print(f"faster of the peers / slower of ours: {min(peers) / slowest:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=[*MODELS, CHAIN], help="of tests/specs/models.py")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=8.0, help="GB that one drawing may take")
    parser.add_argument("--only", default="", help="tools whose names begin so")
    parser.add_argument("--json", type=Path, help="where the figures are written as well")
    given = parser.parse_args()
    everything: dict[str, dict[str, Any]] = {}
    for model in given.models:
        tools = [name for name in TOOLS if name.startswith("ours" if model.isdigit() else given.only)]
        runs: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools}
        for _ in range(given.runs):
            for tool in tools:
                if not any(one["failed"] for one in runs[tool]):
                    runs[tool].append({"failed": "", **drawn(tool, model, given.limit)})
        everything[model] = {tool: least(found) for tool, found in runs.items()}
        show(model, everything[model])
        if given.json:
            given.json.write_text(json.dumps(everything, indent=1))
    print(
        "\n× ours: CPU seconds over the slower of our two views. Peak: of the process, with Keras for the peers."
    )


if __name__ == "__main__":
    main()
