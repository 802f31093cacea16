"""A virtual environment at the top of the checkout, made with nothing but Python and pip."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
ALSO = ENVIRONMENT / "also"
"""Further environments, each for what cannot live beside the others."""
CI = os.environ.get("CI", "").lower() in {"true", "1"}


def _project() -> dict[str, Any]:
    import tomllib  # an older Python has none, and must get as far as being told so

    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def group(name: str) -> list[str]:
    """Requirements of a dependency group; read here, because pip knows groups only since 25.1."""
    return list(_project()["dependency-groups"][name])


def extra(name: str) -> list[str]:
    """Requirements of an extra of this project."""
    return list(_project()["project"]["optional-dependencies"][name])


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


def python_of(environment: Path) -> Path:
    return environment / PYTHON.relative_to(ENVIRONMENT)


def create(environment: Path = ENVIRONMENT) -> None:
    """Make the environment unless it is there."""
    python = python_of(environment)
    if sys.version_info < (3, 11):  # noqa: UP036 - pip's check would come too late
        sys.exit(f"Python 3.11 or newer is needed, this is {platform.python_version()}.")
    if python.exists() and subprocess.run([python, "-c", ""], check=False).returncode == 0:
        return
    step(f"creating {environment.relative_to(ROOT)}")
    # Debian's Python cannot put pip into an environment without a further package; its own pip can serve it.
    venv.create(environment, clear=True, with_pip=importlib.util.find_spec("pip") is None)


PROJECT = ("-e", str(ROOT))


def pip(environment: Path, *arguments: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    """Let pip work on an environment: the environment's own, or that of the running Python."""
    python = str(python_of(environment))
    if importlib.util.find_spec("pip") is None:
        command = [python, "-m", "pip"]
    else:
        command = [sys.executable, "-m", "pip", "--python", python]
    # Some systems set this, and pip would then refuse an environment it does not run in.
    clean = {name: value for name, value in os.environ.items() if name != "PIP_REQUIRE_VIRTUALENV"}
    return subprocess.run(
        [*command, "--disable-pip-version-check", *arguments],
        env=clean,
        check=False,
        text=True,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.DEVNULL if quiet else None,
    )


def install(requirements: Iterable[str]) -> bool:
    """Install this project and ``requirements``; whether that went well."""
    return pip(ENVIRONMENT, "install", *PROJECT, *requirements).returncode == 0


class Unfit(Exception):  # noqa: N818 - no fault of anybody
    """What could be installed is too much."""


def also(
    name: str, what_for: str, requirements: Iterable[str], refused: str = "", bare: Iterable[str] = ()
) -> Path | None:
    """The interpreter of a further environment, made where it is missing; None, and said, where it cannot be had.

    ``refused``: beginning of the names of packages that are too much for a test (libraries for graphics cards);
    raises :class:`Unfit` where there is no way without them. ``bare``: packages without what they ask for.
    """
    environment, wanted, alone = ALSO / name, list(requirements), list(bare)
    stamp = environment / "requirements.txt"
    told = "\n".join([*wanted, *alone])
    if stamp.exists() and stamp.read_text(encoding="utf-8") == told:
        return python_of(environment)
    create(environment)
    step(f"installing {' '.join(wanted).replace(str(ROOT), '.')}: {what_for}")
    exact = wanted
    if refused and (heavy := too_much(environment, wanted, refused)):
        # A wheel that lies ready may be an older one without them, which pip would pass over for the newest.
        exact = [f"{name}=={version}" for name, version in brought(environment, "--no-index", "--no-deps", wanted[-1])]
        if not exact or too_much(environment, [*wanted, *exact], refused):
            print(f"left out: pip would bring {heavy[0]} and {len(heavy) - 1} more; give it an index without them")
            raise Unfit
    if pip(environment, "install", "--quiet", *wanted, *exact).returncode:
        print(f"left out: pip could not make {environment.relative_to(ROOT)}")
        return None
    if alone and not without_requirements(environment, *alone):
        print(f"left out: pip could not put {' and '.join(alone)} into {environment.relative_to(ROOT)}")
        return None
    stamp.write_text(told, encoding="utf-8")
    return python_of(environment)


def without_requirements(environment: Path, *packages: str, into: Path | None = None) -> bool:
    """Install packages alone: what they ask for is there under another name, or is not needed; whether it went well.

    ``into``: a folder of their own.
    """
    place = ["--target", str(into)] if into else []
    return pip(environment, "install", "--quiet", "--no-deps", *place, *packages).returncode == 0


def version_of(environment: Path, *packages: str) -> str:
    """Version of the first of these packages that an environment has; empty when it has none."""
    code = (
        "import sys, importlib.metadata as m\n"
        "there = {item.name.lower().replace('_', '-'): item.version for item in m.distributions()}\n"
        "print(next((there[name] for name in sys.argv[1:] if name in there), ''))"
    )
    python = str(python_of(environment))
    return subprocess.run([python, "-c", code, *packages], check=False, text=True, capture_output=True).stdout.strip()


def too_much(environment: Path, wanted: Iterable[str], refused: str) -> list[str]:
    """Names of the packages beginning with ``refused`` that an installation would bring."""
    return [name for name, _ in brought(environment, *wanted) if name.startswith(refused)]


def brought(environment: Path, *arguments: str) -> list[tuple[str, str]]:
    """Name and version of what an installation would bring; nothing when pip finds no way."""
    report = pip(environment, "install", "--quiet", "--dry-run", "--report", "-", *arguments, quiet=True).stdout
    try:
        return [(item["metadata"]["name"], item["metadata"]["version"]) for item in json.loads(report)["install"]]
    except (ValueError, KeyError):
        return []


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


def run(*command: str | Path, **variables: str) -> int:
    """Run a program of the environment in the checkout, with more environment variables; its status."""
    print("$", *(f"{name}={value}" for name, value in variables.items()), *command, flush=True)
    given = os.environ | variables
    return subprocess.run(list(map(str, command)), cwd=ROOT, env=given, check=False).returncode
