"""The example from its lock, where neither Keras nor a backend is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from barren import HEAVY, link_packages

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "howto" / "lock.rst"
ZENSICAL = os.environ.get("KERASARCH_TEST_TOOLS", "")
FILES = ROOT / "docs" / "howto" / "lock"
"""Examples that the guide shows."""
pytestmark = pytest.mark.keras


@dataclass(frozen=True)
class Done:
    status: int
    output: str
    seen: dict[str, list[str]]


@dataclass(frozen=True)
class Bare:
    """The example and an environment without Keras."""

    folder: Path
    packages: Path

    @property
    def python(self) -> Path:
        """An interpreter for workers that has none either."""
        path = self.folder / "python-without-keras"
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n', "utf-8")
        path.chmod(0o755)
        return path

    def live(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A program where Keras is."""
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
            capture_output=True,
            check=False,
        )

    def run(self, module: str, *arguments: str, by: str = sys.executable, **env: str) -> Done:
        """``by``: an interpreter with other packages."""
        log = self.folder / "log.json"
        packages = self.packages if by == sys.executable else linked(self.packages.with_name("others"), by)
        program = [str(Path(__file__).with_name("bare.py")), str(packages), str(ROOT)]
        sources = str(self.folder / "src")
        done = subprocess.run(
            [by, "-I", "-S", *program, sources, str(log), module, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NO_MKDOCS_2_WARNING": "1", **env},
            text=True,
            capture_output=True,
            check=False,
        )
        return Done(done.returncode, done.stdout + done.stderr, json.loads(log.read_text("utf-8") or "{}"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    folder = tmp_path_factory.mktemp("frozen")
    made = shutil.ignore_patterns("_build", "__pycache__", ".kerasarch")
    shutil.copytree(ROOT / "example_project", folder / "example", ignore=made)
    return Bare(folder / "example", linked(folder / "packages", sys.executable))


def linked(folder: Path, python: str) -> Path:
    if not folder.is_dir():
        link_packages(folder, python)
        write_entry_points(folder)
    return folder


def write_entry_points(packages: Path) -> None:
    """Those of this checkout, for MkDocs."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    place = packages / "sphinx_kerasarch-0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: sphinx-kerasarch\nVersion: 0\n")
    lines = []
    for group, names in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {where}" for name, where in names.items())]
    (place / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def frozen(bare: Bare) -> Bare:
    """Both locks are written; that of the Markdown pages is the same for the two programs that have a configuration."""
    for docs, place in (("docs", "docs/kerasarch.lock"), ("mkdocs.yml", "kerasarch.lock"), ("zensical.toml", "")):
        done = bare.live("sphinx_kerasarch", "freeze", docs)
        assert done.returncode == 0, done.stderr
        new = rf"{place}: 1\d models, \d+ described\n"
        same = r"kerasarch\.lock: 1\d models, 0 described, unchanged\n"
        assert re.fullmatch(new if place else same, done.stdout), done.stdout
    return bare


def outputs() -> dict[str, str]:
    """Command → output, from the consoles of the guide."""
    found: dict[str, str] = {}
    for block in re.findall(r"\.\. code-block:: console\n\n((?:   .*\n|\n)+)", GUIDE.read_text("utf-8")):
        for line in textwrap.dedent(block).strip().splitlines():
            if line.startswith("$ "):
                command = line.removeprefix("$ ")
                found.setdefault(command, "")
            else:
                found[command] += f"{line}\n"
    return found


def nothing_happened(done: Done) -> None:
    assert done.seen == {"started": [], "imported": [], "opened": []}, done.seen


def test_the_environment_has_no_keras_and_the_log_would_tell(bare: Bare) -> None:
    (bare.folder / "probe.py").write_text(
        "import importlib.util as u, subprocess, sys\n"
        "assert u.find_spec('sphinx') and u.find_spec('sphinx_kerasarch')\n"
        "print([n for n in ('keras', 'tensorflow', 'jax', 'torch', 'numpy', 'tf_keras') if u.find_spec(n)])\n"
        "subprocess.run([sys.executable, '-c', ''])\n"
        "try: import keras\nexcept ImportError: print('no keras')\n"
        "sys.path.insert(0, 'src'); import menagerie; open('src/menagerie/blocks.py').close()\n"
    )
    (bare.packages / "probe.py").symlink_to(bare.folder / "probe.py")
    done = bare.run("probe")
    assert done.output == "[]\nno keras\n"
    assert any("subprocess.Popen" in item for item in done.seen["started"])
    assert {"keras", "menagerie"} <= set(done.seen["imported"])
    assert any(item.endswith("menagerie/__init__.py") for item in done.seen["opened"])
    assert any(item.endswith("menagerie/blocks.py") for item in done.seen["opened"])


def test_sphinx_builds_the_example_from_its_lock_and_runs_nothing(frozen: Bare) -> None:
    done = frozen.run("sphinx", "-nW", "--keep-going", "-D", "kerasarch_mode=frozen", "docs", "out/frozen")
    assert done.status == 0, done.output
    assert re.search(r"kerasarch: 1\d models from kerasarch.lock, nothing was imported", done.output)
    nothing_happened(done)
    live = frozen.live("sphinx", "-nW", "-q", "-D", "kerasarch_mode=live", "docs", "out/live")
    assert live.returncode == 0, live.stderr
    # The same site, to the byte: pages, pictures, inventory.
    out = frozen.folder / "out"
    built, alive = (
        {
            path.relative_to(out / name).as_posix(): path.read_bytes()
            for path in sorted((out / name).rglob("*"))
            if path.is_file() and not {".doctrees", ".buildinfo"} & set(path.parts)
        }
        for name in ("frozen", "live")
    )
    assert built.keys() == alive.keys()
    assert [name for name in built if built[name] != alive[name]] == []
    assert len([name for name in built if name.startswith("_images/kerasarch")]) > 10


def test_mkdocs_builds_the_example_from_its_lock_and_runs_nothing(frozen: Bare) -> None:
    config = frozen.folder / "mkdocs.yml"
    text = config.read_text("utf-8")
    config.write_text(text.replace("      path: [src]\n", "      path: [src]\n      mode: frozen\n"), "utf-8")
    try:
        done = frozen.run("mkdocs", "build", "--strict", "-d", "out/mkdocs")
    finally:
        config.write_text(text, "utf-8")
    assert done.status == 0, done.output
    nothing_happened(done)
    page = (frozen.folder / "out" / "mkdocs" / "tutorials" / "index.html").read_text("utf-8")
    assert "1,256,080" in page and page.count("<svg") >= 8 and "kerasarch-failure" not in page


@pytest.mark.skipif(not ZENSICAL, reason="KERASARCH_TEST_TOOLS names no environment with Zensical")
def test_zensical_builds_the_example_from_its_lock_and_runs_nothing(frozen: Bare) -> None:
    config = frozen.folder / "zensical.toml"
    text = config.read_text("utf-8")
    watching = text.replace('watch = ["src"]', 'watch = ["src", "kerasarch.lock"]')
    config.write_text(watching.replace('path = ["src"]', 'path = ["src"]\nmode = "frozen"'), "utf-8")
    try:
        done = frozen.run("zensical", "build", "--strict", "-f", "zensical.toml", by=ZENSICAL)
    finally:
        config.write_text(text, "utf-8")
    assert done.status == 0 and "kerasarch" not in done.output, done.output
    nothing_happened(done)
    page = (frozen.folder / "docs" / "_build" / "zensical" / "tutorials" / "index.html").read_text("utf-8")
    assert "1,256,080" in page and page.count("kerasarch-svg") >= 8 and "danger kerasarch-failure" not in page


def test_auto_takes_the_lock_where_keras_is_not(frozen: Bare) -> None:
    """Sources are compared, which takes reading them; nothing of them is run."""
    done = frozen.run("sphinx", "-nW", "docs", "out/auto")
    assert done.status == 0, done.output
    assert re.search(r"kerasarch: 1\d models from kerasarch.lock, nothing was imported", done.output)
    assert done.seen["started"] == done.seen["imported"] == []
    assert done.seen["opened"] and all(item.startswith("open ") for item in done.seen["opened"])


def test_check_tells_the_difference_and_no_old_picture_is_shown(frozen: Bare) -> None:
    assert frozen.live("sphinx_kerasarch", "check", "docs").stdout.endswith(" models, current\n")
    path = frozen.folder / "src" / "menagerie" / "digits" / "models.py"
    source = path.read_text("utf-8")
    path.write_text(source.replace("layers.Dense(500),", "layers.Dense(500), layers.Dense(30),", 1), "utf-8")
    try:
        done = frozen.live("sphinx_kerasarch", "check", "docs")
        assert done.returncode == 1
        assert "  + dense_1 Dense(30)\n" in done.stdout
        assert "  params 1,256,080 → 1,266,410 (+10,330)\n" in done.stdout
        assert done.stdout == outputs()["kerasarch check docs"]  # as the guide shows it
        bare = frozen.run("sphinx_kerasarch", "check", "docs", "-D", f"kerasarch_python={frozen.python}")
        assert bare.status == 1 and "build_lenet cannot be described\n  Describing" in bare.output, bare.output
        # Never an old picture in place of an error.
        stale = frozen.run("sphinx", "-q", "-b", "text", "-D", f"kerasarch_python={frozen.python}", "docs", "out/stale")
        said = r"models.py is not as kerasarch.lock says\. .*'keras', which is not installed.* Or: Run kerasarch freeze"
        assert len(re.findall(rf"{said} docs .*\[kerasarch.missing-package\]", stale.output)) >= 5, stale.output
        assert "1,256,080" not in (frozen.folder / "out" / "stale" / "tutorials.txt").read_text("utf-8")
    finally:
        path.write_text(source, "utf-8")


def test_check_without_keras_compares_the_sources(frozen: Bare) -> None:
    done = frozen.run("sphinx_kerasarch", "check", "docs")
    assert done.status == 0 and done.output.endswith(" models, current\n"), done.output
    assert done.seen["started"] == done.seen["imported"] == []


# ---- the guide


def commands(step: Any) -> list[str]:
    """What the pipelines of the guide run."""
    if isinstance(step, dict):
        told = [step["run"]] if "run" in step else step.get("script", [])
        return [*told, *(command for value in step.values() for command in commands(value))]
    return [command for item in step for command in commands(item)] if isinstance(step, list) else []


def test_the_pipelines_of_the_guide_run(frozen: Bare) -> None:
    asked = []
    for name in ("github.yml", "gitlab.yml"):
        asked += commands(yaml.safe_load((FILES / name).read_text("utf-8")))
    assert {command.split()[0] for command in asked} == {"pip", "kerasarch", "sphinx-build"}
    assert {command.split()[1] for command in asked if command.startswith("pip")} == {"install"}
    builds = {command for command in asked if command.startswith("sphinx-build")}
    assert [command.rpartition(" ")[0] for command in builds] == ["sphinx-build -W --keep-going -b html docs"] * 2
    assert {command for command in asked if command.startswith("kerasarch")} == {"kerasarch check docs"}
    conf = frozen.folder / "docs" / "conf.py"
    text = conf.read_text("utf-8")
    conf.write_text(f"{text}\n{(FILES / 'conf.txt').read_text('utf-8')}", "utf-8")
    try:
        checked = frozen.live("sphinx_kerasarch", "check", "docs")
        done = frozen.run("sphinx", *builds.pop().split()[1:], CI="true")
    finally:
        conf.write_text(text, "utf-8")
    assert checked.returncode == 0, checked.stdout
    assert done.status == 0 and "models from kerasarch.lock, nothing was imported" in done.output, done.output
    nothing_happened(done)


def test_read_the_docs_finds_what_the_guide_names(frozen: Bare) -> None:
    config = yaml.safe_load((FILES / "readthedocs.yaml").read_text("utf-8"))
    assert config["version"] == 2 and (frozen.folder / config["sphinx"]["configuration"]).is_file()
    (install,) = config["python"]["install"]
    assert f"``{install['requirements']}``" in GUIDE.read_text("utf-8")
    needed = (FILES / "requirements.txt").read_text("utf-8").split()
    assert "sphinx-kerasarch" in needed and not [name for name in needed if HEAVY.fullmatch(name)]
    conf = (frozen.folder / "docs" / "conf.py").read_text("utf-8")
    themes = {"furo", "myst_parser"}
    assert {name.replace("-", "_") for name in needed} - {"sphinx_kerasarch"} == {x for x in themes if x in conf}


def test_every_command_of_the_guide_is_real(frozen: Bare) -> None:
    told = outputs()
    programs = {command.split()[0] for command in told}
    assert programs == {"kerasarch", "git", "sphinx-build", "zensical"}
    assert {command for command in told if command.startswith("kerasarch")} == {
        "kerasarch freeze docs",  # run by the fixture, with the output that the guide shows
        "kerasarch check docs",  # by the test of differences
        "kerasarch freeze zensical.toml",  # by the fixture
    }
    assert re.fullmatch(r"docs/kerasarch.lock: 1\d models, 1\d described\n", told["kerasarch freeze docs"])
    assert "sphinx-build -D kerasarch_mode=frozen docs docs/_build/html" in told
    lock = frozen.folder / "docs" / "kerasarch.lock"
    for line in re.findall(r"git \w+ (?:--theirs )?(\S+)", "\n".join(told)):
        assert (frozen.folder / line) == lock
