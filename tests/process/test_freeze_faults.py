"""``kerasarch freeze`` that is cut off, and programs with less around them than usual."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from build_faults_cases import FREEZES, Case

from sphinx_kerasarch.cache import lock
from sphinx_kerasarch.inspector import Inspector, Request

pytestmark = [
    pytest.mark.keras,
    pytest.mark.skipif(os.name != "posix", reason="signals and shells"),
]

MODELS = """import pathlib, time
import keras

def slow():
    pathlib.Path(__file__).with_name("began").touch()
    time.sleep(600)

def quick():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="quick")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    (tmp_path / "slowshop.py").write_text(MODELS)
    (docs / "conf.py").write_text("extensions = ['sphinx_kerasarch']\nkerasarch_path = ['..']\n")
    (docs / "index.rst").write_text("Title\n=====\n\n.. keras-summary:: slowshop:slow\n")
    (docs / "kerasarch.lock").write_text(lock.dumps(lock.Lock(made_by={"sphinx_kerasarch": "0.0.0"})))
    return tmp_path


def processes(site: Path) -> list[str]:
    """Command lines of those whose current folder or whose model is of the site."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if os.readlink(entry) == str(site):  # noqa: PTH115 - a link that leads into another process
                found.append((entry.parent / "cmdline").read_text())
        except OSError:
            continue
    return found


@pytest.mark.parametrize("case", FREEZES, ids=lambda case: case.name)
def test_freeze_is_cut_off(case: Case, site: Path) -> None:
    before = {path.name: path.read_bytes() for path in (site / "docs").iterdir()}
    # Where tests run in the background, programs are started with Ctrl-C ignored.
    run = "import signal, runpy; signal.signal(signal.SIGINT, signal.default_int_handler)"
    run += "; runpy.run_module('sphinx_kerasarch', run_name='__main__')"
    command = [sys.executable, "-c", run, "freeze", "docs"]
    with subprocess.Popen(
        command,
        cwd=site,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        began = time.monotonic()
        while not (site / "began").exists() and time.monotonic() - began < 120:
            time.sleep(0.05)
        signals = [signal.SIGTERM] if case.name == "terminated" else [signal.SIGINT] * 3
        for one in signals:
            running.send_signal(one)
            time.sleep(0.05)
        _, said = running.communicate(timeout=60)
    assert "Traceback" not in said
    assert running.returncode == case.code if case.code else running.returncode != 0
    assert {path.name: path.read_bytes() for path in (site / "docs").iterdir()} == before
    deadline = time.monotonic() + 20
    while processes(site) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes(site) == []


def test_bare_surroundings(site: Path) -> None:
    """No standard streams, no home, no folder for temporary files, an interpreter that talks before it starts."""
    python = site / "python"
    python.write_text(f"#!/bin/sh\necho hello\necho hello >&2\nexec {shlex.quote(sys.executable)} \"$@\"\n")
    python.chmod(0o755)
    kerasarch = f"{shlex.quote(sys.executable)} -m sphinx_kerasarch"
    environment = {**os.environ, "TMPDIR": str(site / "none"), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment.pop("HOME", None)
    done = subprocess.run(
        ["/bin/sh", "-c", f"{kerasarch} summary slowshop:quick --python ./python -o quick.txt <&- >&- 2>&-"],
        cwd=site,
        env=environment,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0
    assert "15" in (site / "quick.txt").read_text("utf-8")


def test_an_interpreter_that_answers_with_a_flood(tmp_path: Path) -> None:
    """What it says is no answer, however much it is."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nhead -c 100000000 /dev/zero\nexit 0\n")
    python.chmod(0o755)
    with Inspector(python=str(python), timeout=100.0) as inspector:
        ((_, error),) = inspector.describe_many([Request("mypkg:build")])
    assert "could not start" in str(error)
    assert len(str(error)) < 2000
