"""All that a model's code can do wrong, as the models of one site that ``sphinx-build`` builds twice."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import faults_cases
import pytest
from faults_cases import FAULTS, MEMORY, TIME, Fault

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")]

SHOP = """import keras

def good(units=3):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)], name="good")
"""
CONF = f"""extensions = ["sphinx_kerasarch"]
kerasarch_path = ["."]
kerasarch_cache_dir = "../cache"
kerasarch_backend = "symbolic"
kerasarch_jobs = 12
kerasarch_timeout = {TIME}
kerasarch_memory = {MEMORY}
"""
MARK = "KERASARCH_TEST_MARK"


@dataclass(frozen=True)
class Run:
    src: Path
    code: int
    said: str
    warnings: dict[int, str]
    """Line of the page → what was said of it."""
    left: list[str]
    """Processes that are still there."""
    pictures: dict[str, bytes]
    """Name of the picture as the page has it → its bytes."""
    html: str


def run(src: Path) -> Run:
    mark = uuid.uuid4().hex
    temporary = src.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "--keep-going", str(src), str(src.parent / "out")],
        env={**os.environ, MARK: mark, "TMPDIR": str(temporary), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    warnings = {}
    for part in re.split(r"(?m)^(?=/)", done.stderr):
        if place := re.match(re.escape(f"{src / 'index.rst'}:") + r"(\d+): WARNING: ", part):
            warnings[int(place[1])] = part[place.end() :]
    html = (src.parent / "out" / "index.html").read_text()
    names = re.findall(r'src="_images/(kerasarch-[^"]+)"', html)
    pictures = {name: (src.parent / "out" / "_images" / name).read_bytes() for name in names}
    return Run(src, done.returncode, done.stdout + done.stderr, warnings, left(mark), pictures, html)


def left(mark: str) -> list[str]:
    """Processes with a mark in their environment, wherever they have gone; a moment is given to those that end."""
    until = time.monotonic() + 2
    while found := sorted(marked(mark)):
        if time.monotonic() > until:
            break
        time.sleep(0.02)
    return found


def marked(mark: str) -> set[str]:
    found = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (place / "environ").read_bytes():
                found.add((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def site(folder: Path) -> Path:
    """A page with all the faults, a good model after each."""
    src = folder / "src"
    (src / "faulty").mkdir(parents=True)
    (src / "faulty" / "__init__.py").touch()
    (src / "faulty" / "fuel.py").touch()
    (src / "shop.py").write_text(SHOP)
    (src / "conf.py").write_text(CONF)
    text = "Shop\n====\n"
    for number, fault in enumerate(FAULTS):
        text += f"\n.. keras-graph:: faulty.{fault.name}:build\n\n   {fault.name}\n"
        text += f"\n.. keras-graph:: shop:good\n   :args: {number + 1}\n"
    (src / "index.rst").write_text(text)
    return src


def line_of(run: Run, fault: Fault) -> int:
    return (run.src / "index.rst").read_text().splitlines().index(f".. keras-graph:: faulty.{fault.name}:build") + 1


def mended(src: Path) -> None:
    """Each factory gives a good model, as it should have from the beginning."""
    for number, fault in enumerate(FAULTS):
        text = f"from shop import good\n\ndef build():\n    return good({number + 100})\n"
        (src / "faulty" / f"{fault.name}.py").write_text(text)
    (src / "faulty" / "fuel.py").touch()


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Run:
    src = site(tmp_path_factory.mktemp("broken"))
    for fault in FAULTS:
        (src / "faulty" / f"{fault.name}.py").write_text(faults_cases.module(fault))
    return run(src)


@pytest.fixture(scope="module")
def after(broken: Run) -> Run:
    mended(broken.src)
    return run(broken.src)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    src = site(tmp_path_factory.mktemp("healthy"))
    mended(src)
    return run(src)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(broken: Run, fault: Fault) -> None:
    said = broken.warnings.get(line_of(broken, fault), "")
    if not fault.slug:
        assert not said
        return
    assert said.rstrip().endswith(f"[kerasarch.{fault.slug}]"), said or broken.said
    assert all(words in said for words in fault.said), said
    # One sentence what, one what to do; then lines of the user's own code and no others.
    sentence = said.splitlines()[0].removesuffix(f" [kerasarch.{fault.slug}]")
    assert len(re.findall(r"[.?](?= |$)", sentence)) >= 2
    assert "site-packages" not in said and "sphinx_kerasarch/" not in said
    assert len(said) < 4000


def test_all_others_are_as_without_faults(broken: Run, healthy: Run) -> None:
    """The bytes of every picture."""
    assert broken.code == 0, broken.said
    assert not healthy.warnings, healthy.said
    faults = {line_of(broken, fault) for fault in FAULTS if fault.slug}
    assert set(broken.warnings) == faults
    assert broken.html.count("kerasarch-failure") == len(faults)
    good = {name: data for name, data in healthy.pictures.items() if name.startswith("kerasarch-good")}
    assert len(good) == len(FAULTS)
    assert {name: broken.pictures.get(name) for name in good} == good


def test_the_next_build_is_complete_and_right(broken: Run, after: Run, healthy: Run) -> None:
    assert after.code == 0
    assert not after.warnings, after.said
    assert "kerasarch-failure" not in after.html
    assert after.pictures == healthy.pictures
    # What was described beside the faults was not lost, except to the one that deletes the cache.
    assert f" {len(FAULTS)} described" in after.said, after.said


def test_no_process_is_left(broken: Run, after: Run, healthy: Run) -> None:
    assert broken.left == after.left == healthy.left == []


def test_files_of_the_user_are_not_written_to(broken: Run) -> None:
    own = list((broken.src / "faulty").glob("mine*"))
    assert own and not any(file.stat().st_size for file in own)


def test_nothing_is_left_in_the_folder_for_temporary_files(broken: Run, after: Run) -> None:
    assert list((after.src.parent / "tmp").iterdir()) == []
