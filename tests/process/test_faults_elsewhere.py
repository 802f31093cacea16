"""Faults where the way to them is another: one process for all models, the command line, MkDocs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults_cases import FAULTS, MEMORY, Fault, module
from test_model_faults import HANG, MARK, left, site

from sphinx_kerasarch.errors import KerasarchError
from sphinx_kerasarch.inspector import Inspector, Request

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")]

SHARED = os.environ.get("KERASARCH_TEST_SHARED", "breeds,tampers,wanders,forks,leaves_a_thread")
"""Names of faults, or ``all``: most of them end the process, which takes its time to start again."""

TIME = 8.0 if SHARED == "all" else 100.0
"""Seconds for a model: few where some of them hang."""

IN_ONE = tuple(fault for fault in FAULTS if SHARED == "all" or fault.name in SHARED.split(","))


@pytest.fixture(scope="module")
def src(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = site(tmp_path_factory.mktemp("elsewhere"), FAULTS, "")
    for fault in FAULTS:
        (found / "faulty" / f"{fault.name}.py").write_text(module(fault))
    return found


# ---- one process for all models, as where the system cannot fork


@pytest.fixture(scope="module")
def shared(src: Path) -> Iterator[Inspector]:
    mark = uuid.uuid4().hex
    # What "evicts" deletes must be there to be deleted.
    env = {MARK: mark, "TMPDIR": str(src.parent / "tmp")}
    (src.parent / "tmp").mkdir()
    with Inspector((str(src),), env=env, timeout=TIME, backend="symbolic", fork=False, memory=MEMORY) as own:
        yield own
    assert left(mark) == []


@pytest.mark.parametrize("fault", IN_ONE, ids=lambda fault: fault.name)
def test_one_process_for_all(shared: Inspector, fault: Fault) -> None:
    slug = ""
    try:
        shared.describe(Request(f"faulty.{fault.name}:build"))
    except KerasarchError as error:
        slug = error.slug
    assert slug == fault.slug
    spec = shared.describe(Request("shop:good", str(len(fault.name)))).spec
    assert [layer.name for layer in spec.layers] == ["input_layer", "dense"]


def test_one_process_for_all_ends_with_its_parent(src: Path) -> None:
    """Also when it is in the middle of a model that never ends."""
    mark = uuid.uuid4().hex
    program = (
        "import threading\n"
        "from sphinx_kerasarch.inspector import Inspector, Request\n"
        f"own = Inspector(path=({str(src)!r},), timeout=600, backend='symbolic', fork=False)\n"
        "ask = lambda: own.describe(Request('faulty.loops:build'))\n"
        "threading.Thread(target=ask, daemon=True).start()\n"
        "begun = lambda: any(one.started for w in list(own._workers.values()) for one in list(w.pending.values()))\n"
        "import time\n"
        "while not begun(): time.sleep(0.01)\n"
        "print('begun', flush=True)\n"
        "threading.Event().wait()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, MARK: mark}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    process.kill()
    process.wait()
    process.stdout.close()
    assert left(mark) == []


# ---- the command line


def run(*command: str, cwd: Path, until: str = "", number: int = 0) -> tuple[int, str, str]:
    """Status, what was said, and processes that are left. A signal is sent when the file ``until`` is there."""
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=cwd,
        env={**os.environ, MARK: mark, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        while until and not (cwd / until).exists():
            assert process.poll() is None
            time.sleep(0.01)
        if until:
            os.killpg(process.pid, number)
        said, _ = process.communicate(timeout=300)
    finally:
        process.kill()
    return process.returncode, said, " ".join(left(mark))


def test_command_line_says_in_one_line_that_memory_was_not_enough(src: Path) -> None:
    told = ("--backend", "symbolic", "--memory", "400")
    code, said, rest = run("sphinx_kerasarch", "describe", "faulty.grows:build", *told, cwd=src)
    assert (code, rest, said.count("\n")) == (1, "", 1), said
    assert "faulty.grows:build takes more than 400 MB of memory." in said and "(--memory)" in said


def test_command_line_is_interrupted(src: Path) -> None:
    (src / "waits.py").write_text("import time\n\ndef build():\n    open('begun', 'w').close()\n    time.sleep(600)\n")
    told = ("describe", "waits:build", "--backend", "symbolic")
    code, said, rest = run("sphinx_kerasarch", *told, cwd=src, until="begun", number=signal.SIGINT)
    assert (code, rest) == (130, "")
    assert said.strip() == "kerasarch: Interrupted."


# ---- MkDocs


def test_mkdocs_shows_the_others(src: Path) -> None:
    names = ("raises", "exits", "sleeps", "closes", "babbles", "breeds")
    shown = [fault for fault in FAULTS if fault.name in names]
    assert any(fault in HANG for fault in shown)
    docs = src.parent / "docs"
    docs.mkdir()
    text = "# Shop\n"
    for fault in shown:
        text += f"\n/// keras-graph | faulty.{fault.name}:build\n///\n\n/// keras-graph | shop:good\n    args: 3\n///\n"
    (docs / "index.md").write_text(text)
    (src.parent / "mkdocs.yml").write_text(
        "site_name: Shop\nplugins:\n  - kerasarch:\n      path: [src]\n      backend: symbolic\n      timeout: 6\n"
        "      jobs: 4\n      pictures: files\n"
    )
    code, said, rest = run("mkdocs", "build", cwd=src.parent)
    assert (code, rest) == (0, ""), said
    lines = text.splitlines()
    for fault in shown:
        line = lines.index(f"/// keras-graph | faulty.{fault.name}:build") + 1
        assert (f"index.md:{line}" in said) is bool(fault.slug), said
        assert all(words in said for words in fault.said[:1]), said
    html = (src.parent / "site" / "index.html").read_text()
    assert html.count("kerasarch-failure") == sum(bool(fault.slug) for fault in shown)
    count = len(shown) + sum(not fault.slug for fault in shown)
    assert html.count("<img") == 2 * count  # a light and a dark one
