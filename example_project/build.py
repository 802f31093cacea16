"""Build the documentation of the example: ``python3 example_project/build.py [BUILDER]``.

Needs nothing but Python 3.11 or newer and pip; makes the environment ``.venv`` at the top of the checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / ".ci"))

import environment  # noqa: E402 - found by the line above


def main(builder: str = "html") -> int:
    environment.prepare(environment.group("docs"))
    output = HERE / "docs" / "_build" / builder
    environment.step("building the documentation from live models")
    status = environment.run(
        *(environment.PYTHON, "-m", "sphinx", "-nW", "--keep-going", "-b", builder),
        *("-d", HERE / "docs" / "_build" / "doctrees", HERE / "docs", output),
    )
    if status == 0:
        page = output / "index.html"
        environment.step(f"ready: {page if page.exists() else output}")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
