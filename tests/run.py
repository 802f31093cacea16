"""Run all tests: ``python3 tests/run.py [PYTEST ARGUMENTS]``.

Needs nothing but Python 3.11 or newer and pip; makes the environment ``.venv`` at the top of the checkout. Tests
that need TeX, Poppler or Chromium are skipped where these are not installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / ".ci"))

import environment  # noqa: E402 - found by the line above


def main(arguments: list[str]) -> int:
    environment.prepare(environment.group("test"))
    python = environment.PYTHON
    checks = {
        "ruff": (python, "-m", "ruff", "check"),
        "mypy": (python, "-m", "mypy"),
        "import-linter": (environment.BIN / "lint-imports",),
        "pytest": (python, "-m", "pytest", *arguments),
    }
    failed = []
    # Tests last, so that their count is what one sees.
    for name, command in checks.items():
        environment.step(name)
        if environment.run(*command):
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
