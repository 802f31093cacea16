"""What can happen to a build from outside: ended, its disk full, its cache gone, its clock wrong; then built again.

Each case has a site of its own and builds it twice, with something amiss and without. In the end it must be to the
byte what a build that nothing has happened to gives.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import build_faults_cases
import pytest
from build_faults_cases import CASES, Case
from test_model_faults import MARK, left

from sphinx_kerasarch.cache.entries import entries, fault

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")]

MODELS = 4
CONF = """import os, sys, time
extensions = ["sphinx_kerasarch"]
html_theme = "basic"
html_copy_source = False
kerasarch_path = ["."]
kerasarch_cache_dir = os.environ.get("TEST_CACHE", "../cache")
kerasarch_backend = "symbolic"
kerasarch_jobs = 1
kerasarch_cache_size = os.environ.get("TEST_SIZE", "1 GB")

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from held import hold

def setup(app):
    app.connect("doctree-read", lambda app, tree: hold("read " + app.env.docname))
    app.connect("html-page-context", lambda app, name, *rest: hold("write " + name))
"""
HELD = """import os, time

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

def hold(place):
    if os.path.exists(f"{FOLDER}/hold {place}"):
        open(f"{FOLDER}/begun", "w").close()
        while not os.path.exists(f"{FOLDER}/go"):
            time.sleep(0.01)
"""
SHOP = """import keras
import sizes
from held import hold

def build(number):
    hold(f"model {number}")
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(sizes.UNITS + number)], name="good")
"""
CLOCK = """import os, time
own, other = time.time, time.time_ns
def shift():
    told = os.environ.get("TEST_SHIFT", "0")
    return float(told) if told != "jumps" else (-3e7 if int(time.monotonic() * 20) % 2 else 3e7)
time.time = lambda: own() + shift()
time.time_ns = lambda: other() + int(shift() * 1e9)
"""
YEAR = 365 * 24 * 3600.0
LIMIT = 300.0
"""Seconds for whatever is waited for."""


@dataclass(frozen=True)
class Run:
    code: int
    said: str
    left: list[str]


@dataclass(frozen=True)
class Site:
    """A folder with a site, its output and its cache."""

    place: Path

    @classmethod
    def at(cls, place: Path) -> Site:
        src = place / "src"
        (place / "clock").mkdir(parents=True)
        src.mkdir()
        (place / "clock" / "sitecustomize.py").write_text(CLOCK)
        (src / "conf.py").write_text(CONF)
        (src / "held.py").write_text(HELD)
        (src / "shop.py").write_text(SHOP)
        (src / "sizes.py").write_text("UNITS = 3\n")
        for number in range(MODELS):
            text = f"Page {number}\n======\n\n.. keras-model:: shop:build\n   :args: {number}\n   :views: graph\n"
            (src / f"page{number}.rst").write_text(text)
        pages = "".join(f"   page{number}\n" for number in range(MODELS))
        (src / "index.rst").write_text(f"Shop\n====\n\n.. toctree::\n\n{pages}")
        return cls(place)

    def grow(self) -> None:
        """All models change: a file that they import, which is older than anything."""
        (self.place / "src" / "sizes.py").write_text("UNITS = 5\n")
        os.utime(self.place / "src" / "sizes.py", (1e9, 1e9))

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "sphinx", str(self.place / "src"), str(self.place / "out")]

    def environment(self, **more: str) -> dict[str, str]:
        given = {f"TEST_{key.upper()}": value for key, value in more.items()}
        path = os.pathsep.join(filter(None, (str(self.place / "clock"), os.environ.get("PYTHONPATH"))))
        return {**os.environ, "NO_COLOR": "1", "PYTHONPATH": path, **given}

    def run(
        self,
        prefix: tuple[str, ...] = (),
        hold: str = "",
        meanwhile: Callable[[int], object] | None = None,
        **more: str,
    ) -> Run:
        """One build. ``meanwhile`` gets the process's number, when it has come to the place ``hold``."""
        mark = uuid.uuid4().hex
        self.free()
        if hold:
            (self.place / f"hold {hold}").touch()
        process = subprocess.Popen(
            [*prefix, *self.command],
            env={**self.environment(**more), MARK: mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            self._meanwhile(process, meanwhile, bool(hold))
            said, _ = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
        return Run(process.returncode, said, left(mark))

    def free(self) -> None:
        """Nothing is waited for any more."""
        for name in ("begun", "go", *(path.name for path in self.place.glob("hold *"))):
            (self.place / name).unlink(missing_ok=True)

    def _meanwhile(self, process: subprocess.Popen[str], act: Callable[[int], object] | None, held: bool) -> None:
        if act is not None:
            until = time.monotonic() + LIMIT
            while held and not (self.place / "begun").exists():
                assert process.poll() is None and time.monotonic() < until, process.communicate()[0]
                time.sleep(0.01)
            act(process.pid)
            if process.poll() is None:
                (self.place / "go").touch()

    def output(self) -> dict[str, bytes]:
        """All that is published."""
        out = self.place / "out"
        files = [path for path in out.rglob("*") if path.is_file() and ".doctrees" not in path.parts]
        own = {"objects.inv", "searchindex.js", ".buildinfo"}
        return {str(path.relative_to(out)): path.read_bytes() for path in files if path.name not in own}

    def kept(self, part: str = "descriptions") -> int:
        """Whole entries. Fails for one that is there and not whole."""
        found = [entry for entry in entries(self.place / "cache") if not entry.unfinished]
        assert not [told for told in map(fault, found) if told]
        return sum(entry.part == part for entry in found)


@dataclass(frozen=True)
class Outcome:
    first: Run
    second: Run
    output: dict[str, bytes]
    """Of the second build."""
    kept: int = -1
    """Descriptions that the first build has kept."""
    grown: bool = False


def send(number: int) -> Callable[[int], object]:
    def act(pid: int) -> None:
        (os.killpg if number == signal.SIGINT else os.kill)(pid, number)
        wait(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z")

    return act


def wait(what: Callable[[], object]) -> None:
    until = time.monotonic() + LIMIT
    while not what():
        assert time.monotonic() < until
        time.sleep(0.01)


def ended(number: int, hold: str) -> Callable[[Site], Outcome]:
    def play(site: Site) -> Outcome:
        def end(pid: int) -> None:
            # The worker may be ahead: what it has answered is kept as soon as the build gets to it.
            wait(lambda: site.kept() or not hold.startswith("model"))
            send(number)(pid)

        first = site.run(hold=hold, meanwhile=end)
        kept = site.kept()
        second = site.run()
        return Outcome(first, second, site.output(), kept)

    return play


def killed_writing(site: Site) -> Outcome:
    """All is known and kept, and one page of four is written: the others must not stay as they are."""
    assert site.run().code == 0
    site.grow()
    first = site.run(hold="write page1", meanwhile=send(signal.SIGKILL))
    page = site.place / "out" / "page0.html"
    page.write_bytes(page.read_bytes()[:1000])
    kept = site.kept() - MODELS
    return Outcome(first, site.run(), site.output(), kept, grown=True)


def mounted(site: Site, *steps: str) -> list[str]:
    """What each step says, in a world of mounts of its own: ``mount`` needs no more rights there."""
    site.free()
    script = "\necho ==--==\n".join(f"{step} 2>&1; echo status $?" for step in steps)
    script = script.replace("BUILD", " ".join(self_quoted(site.command)))
    flags = ["--mount"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--mount"]
    done = subprocess.run(
        ["unshare", *flags, "sh", "-c", script],
        env=site.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    said = done.stdout.split("==--==")
    for step, text in zip(steps, said, strict=True):
        assert "mount" not in step or text.rstrip().endswith("status 0"), text
    return said


def self_quoted(words: list[str]) -> list[str]:
    return [f"'{word}'" for word in words]


def told(text: str) -> Run:
    status = int(text.rstrip().rpartition("status ")[2])
    return Run(status, text, [])


def full(site: Site) -> Outcome:
    cache = site.place / "cache"
    cache.mkdir()
    _, first, listing, _, second = mounted(
        site,
        f"mount -t tmpfs -o size=24k none '{cache}'",
        "BUILD",
        f"find '{cache}' -name '.new-*' -o -name '*.json' | wc -l",
        f"mount -o remount,size=9m none '{cache}'",  # else the old options are given again
        f"rm -r '{site.place}/out'; BUILD",
    )
    count = int(listing.split()[0])
    assert ".new-" not in listing
    return Outcome(told(first), told(second), site.output(), count)


def read_only(site: Site) -> Outcome:
    """A cache that knows half of the models; Sphinx knows nothing."""
    site.run(hold="model 2", meanwhile=send(signal.SIGTERM))
    shutil.rmtree(site.place / "out")
    cache = site.place / "cache"
    kept = site.kept()
    _, first, _, second = mounted(
        site, f"mount -o bind,ro '{cache}' '{cache}'", "BUILD", f"umount '{cache}'", f"rm -r '{site.place}/out'; BUILD"
    )
    assert re.search(rf"kerasarch: {kept} models? from the cache, {MODELS - kept} described", first), first
    return Outcome(told(first), told(second), site.output())


def denied(site: Site) -> Outcome:
    folder = site.place / "cache" / "descriptions"
    folder.mkdir(parents=True)
    folder.chmod(0)
    # Root may do everything; without a mapping it is nobody in particular, who still owns its files.
    first = site.run(("unshare", "--user") if os.geteuid() == 0 else ())
    folder.chmod(0o755)
    shutil.rmtree(site.place / "out")
    return Outcome(first, site.run(), site.output())


def remove_folder(path: Path) -> None:
    """Also while somebody writes into it."""

    def gone() -> bool:
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()

    wait(gone)


def removed(site: Site) -> Outcome:
    def remove(_: int) -> None:
        remove_folder(site.place / "cache")
        (site.place / "begun").unlink()
        (site.place / "hold write page2").touch()
        (site.place / "go").touch()
        wait((site.place / "begun").exists)
        remove_folder(site.place / "cache")

    return Outcome(site.run(hold="model 2", meanwhile=remove), site.run(), site.output())


def backwards(site: Site) -> Outcome:
    first = site.run(shift=str(YEAR))
    site.grow()
    return Outcome(first, site.run(shift=str(-YEAR)), site.output(), site.kept() - MODELS, grown=True)


def jumps(site: Site) -> Outcome:
    first = site.run(shift="jumps", size="1 kB")
    return Outcome(first, site.run(), site.output(), site.kept())


PLAYS: dict[str, Callable[[Site], Outcome]] = {
    "interrupted": ended(signal.SIGINT, "model 2"),
    "terminated": ended(signal.SIGTERM, "model 2"),
    "killed": ended(signal.SIGKILL, "model 2"),
    "killed_reading": ended(signal.SIGKILL, "read page1"),
    "killed_writing": killed_writing,
    "full": full,
    "read_only": read_only,
    "denied": denied,
    "removed": removed,
    "backwards": backwards,
    "jumps": jumps,
}
NEEDS = {"full": "--mount", "read_only": "--mount", "denied": "--user"}


def can(flag: str) -> bool:
    flags = [flag] if os.geteuid() == 0 else ["--user", "--map-root-user", flag]
    return subprocess.run(["unshare", *flags, "true"], capture_output=True, check=False).returncode == 0


def kills(place: Path, count: int, untouched: float, seed: int = 5) -> list[Any]:
    """A site that is built anew each time and killed at a moment by chance, and then built to its end."""
    chance = random.Random(seed)
    found = []
    site = Site.at(place)
    for _ in range(count):
        shutil.rmtree(site.place / "out", ignore_errors=True)
        cache = site.place / "cache"
        if chance.random() < 0.7:  # else the cache is what the last one has left
            shutil.rmtree(cache, ignore_errors=True)
        caching = chance.random() < 0.5 and not cache.exists()
        moment = chance.uniform(0.0, untouched / 8 if caching else untouched)

        def kill(pid: int, moment: float = moment, caching: bool = caching) -> None:
            """``caching``: the moment counts from the first entry on."""
            if caching:
                wait((site.place / "cache" / "descriptions").exists)
            time.sleep(moment)
            send(signal.SIGKILL)(pid)

        killed = site.run(meanwhile=kill)
        kept = site.kept()
        again = site.run()
        found.append((moment, killed.code, kept, replace(again, left=[*killed.left, *again.left]), site.output()))
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All cases and the kills, two at a time, and what builds give to which nothing has happened."""
    places = {case.name: tmp_path_factory.mktemp(case.name) for case in CASES}
    untouched = Site.at(tmp_path_factory.mktemp("untouched"))
    begin = time.monotonic()
    assert untouched.run().code == 0
    lasted = time.monotonic() - begin
    outputs = {False: untouched.output()}
    untouched.grow()
    assert untouched.run().code == 0
    outputs[True] = untouched.output()
    with ThreadPoolExecutor(2) as pool:
        playing = {
            name: pool.submit(play, Site.at(places[name])) for name, play in PLAYS.items() if can(NEEDS.get(name, "-f"))
        }
        count = int(os.environ.get("KERASARCH_TEST_KILLS", build_faults_cases.KILLS))
        killing = pool.submit(kills, tmp_path_factory.mktemp("kills"), count, lasted)
    return {"outputs": outputs, "kills": killing, **playing}


def assert_like(output: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert sorted(output) == sorted(other)
    assert [name for name, data in output.items() if data != other[name]] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_build(played: dict[str, Any], case: Case) -> None:
    if case.name not in played:
        pytest.skip("needs rights that are not there: mounts or users of its own")
    one: Outcome = played[case.name].result()
    assert one.first.code == case.code or (case.code is None and one.first.code != 0), one.first.said
    assert case.said in one.first.said
    expected = 1 if case.said and case.code == 0 else 0
    assert one.first.said.count("WARNING") == expected, one.first.said
    assert one.first.said.count("[kerasarch.cache]") == expected
    assert one.first.left == one.second.left == []
    assert one.second.code == 0 and "WARNING" not in one.second.said, one.second.said
    assert_like(one.output, played["outputs"][one.grown])
    if one.kept >= 0 and case.name not in {"backwards", "jumps", "killed_writing"}:
        assert re.search(rf"kerasarch: {one.kept} models? from the cache", one.second.said), one.second.said


def test_nothing_is_lost_of_what_was_described(played: dict[str, Any]) -> None:
    """Of two models that are described when the third is at work, the second may wait until the first is drawn."""
    kept = {name: played[name].result().kept for name in PLAYS if name in played}
    assert all(kept[name] in {1, 2} for name in ("interrupted", "terminated", "killed"))
    assert [kept[name] for name in ("killed_reading", "killed_writing", "backwards", "jumps")] == [0, *3 * [MODELS]]
    for name in ("killed_writing", "jumps"):
        said = played[name].result().second.said
        assert f"kerasarch: {MODELS} models from the cache, nothing was imported" in said


def test_kills(played: dict[str, Any]) -> None:
    for moment, _, kept, again, output in played["kills"].result():
        assert again.code == 0 and "WARNING" not in again.said, (moment, again.said)
        assert again.left == [], moment
        assert f"kerasarch: {kept} model" in again.said, (moment, kept, again.said)
        assert_like(output, played["outputs"][False])
