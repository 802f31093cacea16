"""A virtual environment at the top of the checkout, made with nothing but Python and pip."""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")


def group(name: str) -> list[str]:
    """Requirements of a dependency group; read here, because pip knows groups only since 25.1."""
    import tomllib  # an older Python has none, and must get as far as being told so

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(project["dependency-groups"][name])


def backends() -> list[list[str]]:
    """Keras with a backend, the preferred one first.

    TensorFlow's wheel without GPU code is a third of the size, where there is one; for the newest Python there may be
    none of either yet, but one of JAX.
    """
    slim = sys.platform == "linux" and platform.machine() == "x86_64"
    return [
        ["keras>=3.0", "tensorflow-cpu>=2.16" if slim else "tensorflow>=2.16"],
        ["keras>=3.0", "jax>=0.4.28"],
    ]


def step(text: str) -> None:
    print(f"\n==> {text}", flush=True)


def create() -> None:
    """Make the environment unless it is there."""
    if sys.version_info < (3, 11):  # noqa: UP036 - pip's check would come too late
        sys.exit(f"Python 3.11 or newer is needed, this is {platform.python_version()}.")
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0:
        return
    step(f"creating {ENVIRONMENT.relative_to(ROOT)}")
    # Debian's Python cannot put pip into an environment without a further package; its own pip can serve it.
    venv.create(ENVIRONMENT, clear=True, with_pip=importlib.util.find_spec("pip") is None)


def install(requirements: Iterable[str]) -> bool:
    """Install this project and ``requirements``; whether that went well."""
    arguments = ["install", "--disable-pip-version-check", "-e", str(ROOT), *requirements]
    if importlib.util.find_spec("pip") is None:
        command = [str(PYTHON), "-m", "pip", *arguments]
    else:
        command = [sys.executable, "-m", "pip", "--python", str(PYTHON), *arguments]
    # Some systems set this, and pip would then refuse an environment it does not run in.
    clean = {name: value for name, value in os.environ.items() if name != "PIP_REQUIRE_VIRTUALENV"}
    return subprocess.run(command, env=clean, check=False).returncode == 0


def prepare(requirements: Iterable[str]) -> None:
    """Make the environment and fill it; ends the program when pip fails."""
    create()
    wanted = list(requirements)
    for backend in backends():
        step(
            f"installing {' and '.join(backend)} with what else is needed (at first a few hundred megabytes)"
        )
        if install([*wanted, *backend]):
            return
    sys.exit("pip could not install what is needed; its message is above.")


def run(*command: str | Path) -> int:
    """Run a program of the environment in the checkout; its status."""
    print("$", *command, flush=True)
    return subprocess.run(list(map(str, command)), cwd=ROOT, check=False).returncode
