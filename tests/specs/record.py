"""Write the recorded specs: ``python tests/specs/record.py [NAME …]`` (needs Keras and a backend)."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]


def main(names: list[str]) -> None:
    from sphinx_kerasarch.worker import compat

    compat.quiet_environment()
    compat.keras()
    compat.record_names()
    from models import MODELS
    from repeated import FOLDING

    from sphinx_kerasarch.spec.codec import dumps
    from sphinx_kerasarch.worker.describe import describe

    for name in names or [*MODELS, *FOLDING]:
        compat.GENERATED.clear()
        spec = describe((MODELS | FOLDING)[name]())
        folder = HERE / "folding" if name in FOLDING else HERE
        (folder / f"{name}.json").write_text(dumps(spec), encoding="utf-8")
        print(f"{name}: {len(spec.layers)} layers, {len(spec.calls)} calls, {len(spec.edges)} edges")


if __name__ == "__main__":
    main(sys.argv[1:])
