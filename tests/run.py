"""Run all tests: ``python3 tests/run.py [PYTEST ARGUMENTS]``.

Needs nothing but Python 3.11 or newer and pip; makes the environment ``.venv`` at the top of the checkout. Tests
that need TeX, Poppler, Chromium or LibreOffice are skipped where these are not installed.

Without arguments, further environments are made below ``.venv/also``: the oldest Sphinx and MkDocs, with which the
tests of the hosts run once more, ProperDocs and Zensical, which build the example project as MkDocs does, Pelican, a
server that speaks S3 for the shared caches,
Keras on JAX and on PyTorch, whose specs are compared with TensorFlow's, and older versions of Keras. One that pip
cannot make is left out with a word, but fails a run with ``CI=true``; PyTorch is left out where its only wheels bring
gigabytes of libraries for graphics cards, and older Keras by a Python that its NumPy is too old for.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / ".ci"))

import environment  # noqa: E402 - found by the line above

OLD = ("sphinx==7.4.*", "docutils==0.20.*", "mkdocs==1.6.0", "markdown==3.6", "pymdown-extensions==10.8")
"""The oldest versions that pyproject.toml allows."""
OLD_TESTS = ("pytest", "html5lib", "hypothesis", "jsonschema", "pypdf", "lxml", "myst-parser")
"""Packages of the group ``test`` without which the host's tests do not run."""
BACKENDS = {"jax": ["keras>=3.0", "jax>=0.4.28"], "torch": ["keras>=3.0", "torch>=2.2"]}
HUB = ("regex", "tokenizers")
"""What importing KerasHub needs beside Keras; its tokenizers, and TensorFlow with them, are of no use to a figure."""
OLD_KERAS = ("keras==3.0.5", "jax>=0.4.28,<0.8", "numpy<2", "dm-tree", "optree", "packaging")
"""The oldest Keras, with what the other versions need that take its place."""
BESIDE = min(4, os.cpu_count() or 1)
"""Tests of several files run beside each other."""
VERSIONS = ("3.3.3", "3.6.0", "3.10.0")
"""Versions of Keras between the oldest and the newest."""


def oldest_sphinx() -> Path | None:
    """An interpreter with this project and the oldest Sphinx."""
    tests = [item for item in environment.group("test") if item.startswith(OLD_TESTS)]
    return environment.also("sphinx7", "the oldest Sphinx and MkDocs", [*environment.PROJECT, *OLD, *tests])


TOOLS = ("zensical>=0.0.73", "properdocs>=1.6.7", "properdocs-theme-mkdocs>=1.6.7", "keras>=3.0")
"""Keras without a backend is enough to describe the example. Zensical has no upper bound: where the package
``zensical-ui`` of newer versions cannot be had, pip goes back by itself to 0.0.73, the last that came in one piece."""


def other_tools() -> Path | None:
    """An interpreter with this project, ProperDocs and Zensical."""
    wanted = [f"{environment.PROJECT[1]}[mkdocs]", *TOOLS]
    return environment.also("tools", "ProperDocs and Zensical", [environment.PROJECT[0], *wanted])


def other_backends() -> dict[str, Path | None]:
    """Backend → interpreter that has Keras with it and nothing of this project; those left out are missing."""
    found: dict[str, Path | None] = {}
    for name, wanted in BACKENDS.items():
        with contextlib.suppress(environment.Unfit):
            hub = name == "jax"
            needs, bare = ([*wanted, *HUB], ["keras-hub>=0.20"]) if hub else (wanted, [])
            found[name] = environment.also(name, f"Keras on {name}", needs, refused="nvidia-", bare=bare)
            if hub:
                found["hub"] = found[name]
    return found


def pelican() -> Path | None:
    """An interpreter with this project and Pelican, which holds back packages that Sphinx shares with it."""
    return environment.also("pelican", "Pelican", [*environment.PROJECT, "pelican>=4.9"])


def s3() -> Path | None:
    """An interpreter with this project and a server that speaks S3."""
    tests = [item for item in environment.group("test") if item.startswith(("pytest", "hypothesis"))]
    wanted = [f"{environment.PROJECT[1]}[remote]", "s3fs>=2024.6", "moto[server]>=5.0", *tests]
    return environment.also("s3", "a server that speaks S3", [environment.PROJECT[0], *wanted])


def other_versions() -> tuple[Path | None, dict[str, Path]]:
    """An interpreter with the oldest Keras, and version → folder of another Keras to be put before it."""
    if sys.version_info >= (3, 13):
        return None, {}
    python = environment.also("keras30", "the oldest Keras", OLD_KERAS)
    folders = {version: environment.ALSO / f"keras-{version}" for version in VERSIONS}
    for version, folder in folders.items():
        if python and not (folder / "keras").is_dir():
            environment.without_requirements(environment.ALSO / "keras30", f"keras=={version}", into=folder)
    return python, {version: folder for version, folder in folders.items() if (folder / "keras").is_dir()}


def keras_2() -> bool:
    """``tf_keras`` beside the TensorFlow that is there, which it would ask for by another name; whether it is there.

    Without TensorFlow there is nothing to put it beside: that is no failure.
    """
    found = environment.version_of(environment.ENVIRONMENT, "tensorflow-cpu", "tensorflow")
    if not found:
        return True
    wanted = f"tf-keras~={'.'.join(found.split('.')[:2])}.0"
    if environment.version_of(environment.ENVIRONMENT, "tf-keras").startswith(wanted[10:-2]):
        return True
    environment.step(f"installing {wanted}: models of Keras 2")
    return environment.without_requirements(environment.ENVIRONMENT, wanted)


def main(arguments: list[str]) -> int:
    environment.prepare(environment.group("test"))
    python = environment.PYTHON
    has_keras_2 = keras_2()
    old, others = (None, {}) if arguments else (oldest_sphinx(), other_backends())
    tools, store = (None, None) if arguments else (other_tools(), s3())
    oldest, versions = (None, {}) if arguments else other_versions()
    if oldest:
        others["keras30"] = oldest
    if not arguments:
        others["pelican"] = pelican()
    pythons = os.pathsep.join(f"{name}={path}" for name, path in others.items() if path)
    variables = {
        "KERASARCH_TEST_PYTHONS": pythons,
        "KERASARCH_TEST_TOOLS": str(tools or ""),
        "KERASARCH_TEST_KERAS": os.pathsep.join(f"{version}={path}" for version, path in versions.items()),
    }
    failed = []
    if environment.CI and not arguments:
        failed += [] if has_keras_2 else ["installation of tf_keras"]
        if sys.version_info < (3, 13) and (oldest is None or len(versions) < len(VERSIONS)):
            failed.append("other versions of Keras")
        made = {"sphinx7": old, "tools": tools, "s3": store, **others}
        failed += [f"environment {name}" for name, path in made.items() if path is None]
    checks: dict[str, tuple[str | Path, ...]] = {
        "ruff": (python, "-m", "ruff", "check"),
        "mypy": (python, "-m", "mypy"),
        "import-linter": (environment.BIN / "lint-imports",),
    }
    if old:
        fast = "not keras and not tex and not browser and not office"
        hosts = ("tests/sphinx", "tests/markdown", "tests/mkdocs")
        checks[f"pytest of the hosts with {OLD[0]} and {OLD[2]}"] = (old, "-m", "pytest", "-q", "-m", fast, *hosts)
    if store:
        checks["pytest of shared caches on S3"] = (store, "-m", "pytest", "-q", "tests/cache/test_cache_remote.py")
    checks["pytest"] = (python, "-m", "pytest", "-n", str(BESIDE), "--dist", "loadfile", *arguments)
    # Tests last, so that their count is what one sees.
    for name, command in checks.items():
        environment.step(name)
        if environment.run(*command, **({key: value for key, value in variables.items() if value})):
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
