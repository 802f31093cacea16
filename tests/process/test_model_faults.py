"""All that a model's code can do wrong, as models of sites that ``sphinx-build`` builds twice."""

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
CONF = """extensions = ["sphinx_kerasarch"]
kerasarch_path = ["."]
kerasarch_cache_dir = "../cache"
kerasarch_backend = "symbolic"
"""
HANG = tuple(fault for fault in FAULTS if fault.slug == "timeout")
LIMITS = {
    True: f"kerasarch_timeout = {TIME}\nkerasarch_jobs = {len(HANG) + 1}\n",
    False: f"kerasarch_timeout = 100\nkerasarch_jobs = 3\nkerasarch_memory = {MEMORY}\n",
}
"""Of the site of those that hang, and of that of all others."""
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


def run(*sites: Path) -> list[Run]:
    """Builds them, at the same time: some sleep while others work."""
    return [ended(src, *begun) for src, begun in [(src, begin(src)) for src in sites]]


def begin(src: Path) -> tuple[subprocess.Popen[str], str]:
    mark = uuid.uuid4().hex
    temporary = src.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "sphinx", "--keep-going", str(src), str(src.parent / "out")],
        env={**os.environ, MARK: mark, "TMPDIR": str(temporary), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, mark


def ended(src: Path, process: subprocess.Popen[str], mark: str) -> Run:
    said, errors = process.communicate(timeout=500)
    warnings = {}
    for part in re.split(r"(?m)^(?=/)", errors):
        if place := re.match(re.escape(f"{src / 'index.rst'}:") + r"(\d+): WARNING: ", part):
            warnings[int(place[1])] = part[place.end() :]
    html = (src.parent / "out" / "index.html").read_text()
    names = re.findall(r'src="_images/(kerasarch-[^"]+)"', html)
    pictures = {name: (src.parent / "out" / "_images" / name).read_bytes() for name in names}
    return Run(src, process.returncode, said + errors, warnings, left(mark), pictures, html)


def left(mark: str) -> list[str]:
    """Processes with a mark in their environment, wherever they have gone; a moment is given to those that end."""
    until = time.monotonic() + 60
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


def site(folder: Path, faults: tuple[Fault, ...], limits: str) -> Path:
    """A page with faults, a good model after each."""
    src = folder / "src"
    (src / "faulty").mkdir(parents=True)
    (src / "faulty" / "__init__.py").touch()
    (src / "faulty" / "fuel.py").touch()
    (src / "shop.py").write_text(SHOP)
    (src / "conf.py").write_text(CONF + limits)
    text = "Shop\n====\n"
    for fault in faults:
        text += f"\n.. keras-graph:: faulty.{fault.name}:build\n\n   {fault.name}\n"
        text += f"\n.. keras-graph:: shop:good\n   :args: {FAULTS.index(fault) + 1}\n"
    (src / "index.rst").write_text(text)
    return src


def line_of(run: Run, fault: Fault) -> int:
    return (run.src / "index.rst").read_text().splitlines().index(f".. keras-graph:: faulty.{fault.name}:build") + 1


def mend(src: Path) -> None:
    """Each factory gives a good model, as it should have from the beginning."""
    for number, fault in enumerate(FAULTS):
        text = f"from shop import good\n\ndef build():\n    return good({number + 100})\n"
        (src / "faulty" / f"{fault.name}.py").write_text(text)
    (src / "faulty" / "fuel.py").touch()


Runs = dict[bool, Run]
"""By whether their faults hang."""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    sites = {}
    for hang, limits in LIMITS.items():
        faults = tuple(fault for fault in FAULTS if (fault in HANG) is hang)
        sites[hang] = site(tmp_path_factory.mktemp("broken"), faults, limits)
        for fault in faults:
            (sites[hang] / "faulty" / f"{fault.name}.py").write_text(faults_cases.module(fault))
    return dict(zip(sites, run(*sites.values()), strict=True))


@pytest.fixture(scope="module")
def after(broken: Runs) -> Runs:
    for one in broken.values():
        mend(one.src)
    return dict(zip(broken, run(*(one.src for one in broken.values())), strict=True))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    src = site(tmp_path_factory.mktemp("healthy"), FAULTS, LIMITS[False])
    mend(src)
    return run(src)[0]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_fault(broken: Runs, fault: Fault) -> None:
    one = broken[fault in HANG]
    said = one.warnings.get(line_of(one, fault), "")
    if not fault.slug:
        assert not said
        return
    assert said.rstrip().endswith(f"[kerasarch.{fault.slug}]"), said or one.said
    assert all(words in said for words in fault.said), said
    # One sentence what, one what to do; then lines of the user's own code and no others.
    sentence = said.splitlines()[0].removesuffix(f" [kerasarch.{fault.slug}]")
    assert len(re.findall(r"[.?](?= |$)", sentence)) >= 2
    assert "site-packages" not in said and "sphinx_kerasarch/" not in said
    assert len(said) < 4000


@pytest.mark.parametrize("hang", LIMITS)
def test_all_others_are_as_without_faults(broken: Runs, healthy: Run, hang: bool) -> None:
    """The bytes of every picture."""
    one = broken[hang]
    assert one.code == 0, one.said
    assert not healthy.warnings, healthy.said
    own = [fault for fault in FAULTS if (fault in HANG) is hang]
    faults = {line_of(one, fault) for fault in own if fault.slug}
    assert set(one.warnings) == faults
    assert one.html.count("kerasarch-failure") == len(faults)
    good = {name: data for name, data in one.pictures.items() if name.startswith("kerasarch-good")}
    assert len(good) == len(own)
    assert good.items() <= healthy.pictures.items()


@pytest.mark.parametrize("hang", LIMITS)
def test_the_next_build_is_complete_and_right(broken: Runs, after: Runs, healthy: Run, hang: bool) -> None:
    one = after[hang]
    assert one.code == 0
    assert not one.warnings, one.said
    assert "kerasarch-failure" not in one.html
    count = sum((fault in HANG) is hang for fault in FAULTS)
    assert len(one.pictures) == 2 * count
    assert one.pictures.items() <= healthy.pictures.items()
    # What was described beside the faults was not lost, other than to the one that deletes the cache.
    assert f"{count} models from the cache, {count} described" in one.said or not hang, one.said


def test_no_process_is_left(broken: Runs, after: Runs, healthy: Run) -> None:
    assert [one.left for one in (*broken.values(), *after.values(), healthy)] == [[]] * 5


def test_files_of_the_user_are_not_written_to(broken: Runs) -> None:
    own = list((broken[False].src / "faulty").glob("mine*"))
    assert own and not any(file.stat().st_size for file in own)


def test_nothing_is_left_in_the_folder_for_temporary_files(after: Runs) -> None:
    assert [list((one.src.parent / "tmp").iterdir()) for one in after.values()] == [[], []]
