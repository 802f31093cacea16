"""CPU time and peak memory of one description in a fresh worker, tier beside tier.

``python tests/benchmarks/tiers.py [--backend jax] [--python venv/bin/python] [TARGET …]``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from measure import run

ROOT = Path(__file__).resolve().parents[2]
TARGETS = (
    "giants:lenet",
    "keras.applications:VGG16(weights=None)",
    "keras.applications:ResNet152(weights=None)",
    "giants:decoder",
)
ONE = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec.query import totals
with Inspector(path=(sys.argv[1] + "/tests/worker",), backend=sys.argv[2], python=sys.argv[3]) as inspector:
    spec = inspector.describe(Request(sys.argv[4])).spec
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(totals(spec).params, spec.provenance.tier, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--backend", default="tensorflow")
    parser.add_argument("--python", default="")
    parser.add_argument("targets", nargs="*", default=TARGETS)
    given = parser.parse_args()
    print(f"{'target':46}{'parameters':>16}  {'tier':10}{'CPU s':>8}{'peak MiB':>10}")
    for target in given.targets:
        for backend in ("symbolic", given.backend):
            said = run([sys.executable, "-c", ONE, str(ROOT), backend, given.python, target]).split()
            params, tier, seconds, size = int(said[0]), said[1], float(said[2]), float(said[3])
            print(f"{target:46}{params:16,}  {tier:10}{seconds:8.2f}{size:10.0f}")


if __name__ == "__main__":
    main()
