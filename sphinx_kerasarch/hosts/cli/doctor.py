"""``kerasarch doctor``: what is installed, what is missing and how to get it."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

import click

from ... import __version__
from ...errors import MissingPackageError
from .completing import paths
from .flags import FlaggedCommand
from .main import traceback_option
from .say import echo


@dataclass(frozen=True, slots=True)
class Need:
    """A distribution that something of ours uses."""

    package: str
    purpose: str
    get: str
    """What to install when it is missing."""


OWN = (
    Need("sphinx", "documentation host", "sphinx"),
    Need("docutils", "documentation host", "docutils"),
    Need("reportlab", "PDF", "reportlab"),
    Need("resvg-py", "PNG", "resvg-py"),
    Need("pillow", "pictures that you give", "pillow"),
    Need("pydot", "DOT", "pydot"),
    Need("click", "this command", "click"),
    Need("psutil", "limit on memory", "psutil"),
)
"""Needed by the interpreter that draws."""

KERAS = Need("keras", "building models", "sphinx-kerasarch[tensorflow]")

BACKENDS = (
    Need("tensorflow", "backend of Keras", "sphinx-kerasarch[tensorflow]"),
    Need("tensorflow-cpu", "backend of Keras", "tensorflow-cpu"),
    Need("jax", "backend of Keras", "sphinx-kerasarch[jax]"),
    Need("torch", "backend of Keras", "sphinx-kerasarch[torch]"),
)
"""One of them is needed by the interpreter that builds models."""

ASK = """
import json, platform, sys
from importlib import metadata
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps([platform.python_version(), found]))
"""
"""Run by another interpreter, which need not have this package."""


def versions_here(needs: tuple[Need, ...]) -> dict[str, str]:
    found = {}
    for need in needs:
        try:
            found[need.package] = metadata.version(need.package)
        except metadata.PackageNotFoundError:
            continue
    return found


def versions_in(python: str, needs: tuple[Need, ...]) -> tuple[str, dict[str, str]]:
    """Python version and packages of another interpreter. Raises :class:`.MissingPackageError`."""
    try:
        run = subprocess.run(
            [python, "-c", ASK, *(need.package for need in needs)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        version, found = json.loads(run.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise MissingPackageError(
            f"{python} is not a Python interpreter that runs.",
            advice="Name one with --python, as .venv/bin/python.",
            data={"python": python, "error": str(error)},
        ) from None
    return str(version), dict(found)


EXAMPLES = """
kerasarch doctor
kerasarch doctor --python ~/gpu/bin/python
"""


@click.command("doctor", cls=FlaggedCommand, examples=EXAMPLES)
@click.option(
    "--python",
    default="",
    metavar="FILE",
    shell_complete=paths("file"),
    help="Interpreter that builds the models.",
    show_default="this one",
)
@traceback_option
@click.pass_context
def command(context: click.Context, python: str) -> None:
    """Tell what is installed, what is missing and how to get it.

    Ends with status 1 when models cannot be built or figures not be drawn.
    """
    builders = (KERAS, *BACKENDS)
    # Asked first: an interpreter that does not run is the only thing to say.
    version, found = (
        versions_in(python, builders) if python else (platform.python_version(), versions_here(builders))
    )
    echo(f"kerasarch {__version__}, Python {platform.python_version()} ({sys.executable})")
    here = [need.get for need in OWN if not report(need, versions_here(OWN))]
    there: list[str] = []
    echo(f"\nModels are built by Python {version} ({python or 'this one'})")
    if not report(KERAS, found):
        # An interpreter that builds models for another one needs no more than Keras.
        there.append(KERAS.package if python else KERAS.get)
    for backend in BACKENDS:
        if backend.package in found:
            report(backend, found)
    if not any(backend.package in found for backend in BACKENDS):
        echo("  missing  a backend of Keras: tensorflow, jax or torch")
        there.append(BACKENDS[0].package if python else BACKENDS[0].get)
    if not here and not there:
        echo("\nEverything that is needed is there.")
        return
    echo()
    asked = ((sys.executable, here), (python, there)) if python else ((sys.executable, here + there),)
    for interpreter, wanted in asked:
        if wanted:
            packages = " ".join(dict.fromkeys(f'"{name}"' for name in wanted))
            echo(f"Get what is missing: {interpreter} -m pip install {packages}")
    context.exit(1)


def report(need: Need, found: Mapping[str, str]) -> bool:
    """Print the line of a package; tells whether it is there."""
    version = found.get(need.package)
    state = "ok     " if version else "missing"
    echo(f"  {state}  {need.package:<16}{version or '':<12}{need.purpose}")
    return version is not None
