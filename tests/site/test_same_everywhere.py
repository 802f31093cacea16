"""The same pages on two machines: all that may differ between them does, and every file of the output is the same.

Left out: ``.buildinfo`` of Sphinx and what it keeps for its next build (``.doctrees``), which hold paths and times.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("recorded_build.py")
PLACES = os.pathsep.join(map(str, (ROOT, ROOT / "tests" / "shared")))
NOT_OURS = {".buildinfo", ".buildinfo.bak", "environment.pickle"}

CONF = """
project = "Shop"
copyright = "us"
extensions = ["sphinx_kerasarch"]
numfig = True
kerasarch_theme = "{}"
kerasarch_colors = {{"conv": "#0072b2"}}
"""
PAGES = {
    "index": "Shop\n====\n\n.. toctree::\n\n   b\n   a\n   c\n",
    "a": "A\n=\n\n.. keras-model:: shop.models:lenet\n   :views: layered, graph, summary\n   :name: lenet\n\n"
    "   LeNet.\n",
    "b": "B\n=\n\n.. keras-graph:: shop.models:siamese\n\n.. keras-maps:: shop.models:lenet\n\n"
    "See :keras:model:`lenet` and :numref:`lenet`.\n",
    "c": "C\n=\n\n.. keras-neurons:: shop.models:mlp\n   :theme: grey\n\n.. keras-graph:: shop.models:none\n",
}


@dataclass(frozen=True)
class Machine:
    """What differs between two of them."""

    folder: str
    seed: str
    zone: str
    locale: str
    umask: int
    jobs: str
    more: dict[str, str] = field(default_factory=dict)

    def run(self, place: Path, *command: str) -> str:
        home = place / self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "SOURCE_DATE"))}
        told = {"PYTHONHASHSEED": self.seed, "TZ": self.zone, "LC_ALL": self.locale}
        told |= {"HOME": str(home), "USER": self.folder}
        done = subprocess.run(
            [sys.executable, str(PROGRAM), *command],
            env={**env, **told, **self.more, "PYTHONPATH": PLACES, "PYTHONUTF8": "1", "NO_MKDOCS_2_WARNING": "1"},
            cwd=home,
            umask=self.umask,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def comma_locale() -> str:
    """One in which numbers have a comma, if the system has any."""
    found = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    return next((name for name in found if re.match(r"(de|fr|es|it|pl)_", name)), "C.UTF-8")


HERE = Machine("here", "0", "UTC", "C", 0o022, "1")
MORE = {"COLUMNS": "40", "NO_COLOR": "1"}
THERE = Machine("there/far away/ä", "4242", "Asia/Kathmandu", comma_locale(), 0o077, "2", MORE)


def digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in NOT_OURS and ".doctrees" not in path.parts:
            data = path.read_bytes()
            data = gzip.decompress(data) if path.suffix == ".gz" else data  # its head holds the time
            data = re.sub(rb"<lastmod>[\d-]+</lastmod>", b"", data)
            data = re.sub(rb"Build Date UTC : [^\n]*", b"", data)
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(data).hexdigest()
    return found


def sphinx(place: Path, machine: Machine, builder: str, theme: str, *more: str) -> Path:
    source = place / machine.folder / "docs"
    if not source.is_dir():
        source.mkdir(parents=True)
        # Directories list their files in the order in which they were made, or in any other.
        for name in sorted(PAGES, reverse=machine is THERE):
            (source / f"{name}.rst").write_text(PAGES[name], "utf-8")
        (source / "conf.py").write_text(CONF.format(theme), "utf-8")
    out = place / machine.folder / "out" / builder
    trees = place / machine.folder / "out" / "trees"
    options = ("-q", "-j", machine.jobs, "-b", builder, "-d", str(trees))
    machine.run(place, "sphinx", *options, *more, str(source), str(out))
    return out


@pytest.mark.parametrize(("builder", "theme"), [("html", "auto"), ("html", "light"), ("latex", "print")])
def test_sphinx_writes_the_same_files(tmp_path: Path, builder: str, theme: str) -> None:
    folders = [sphinx(tmp_path, machine, builder, theme) for machine in (HERE, THERE)]
    first, second = map(digests, folders)
    assert len([name for name in first if "kerasarch" in name or name.endswith(".html")]) > 4
    assert first.keys() == second.keys()
    for name in (name for name in first if first[name] != second[name]):
        assert (folders[0] / name).read_text("utf-8").split("\n") == (folders[1] / name).read_text("utf-8").split("\n")
    if theme != "auto":
        return
    # Once more, from the cache, page by page in another order.
    for name in ("c", "a"):
        page = tmp_path / HERE.folder / "docs" / f"{name}.rst"
        page.write_text(PAGES[name] + "\nMore.\n", "utf-8")
        sphinx(tmp_path, HERE, builder, theme)
        page.write_text(PAGES[name], "utf-8")
    sphinx(tmp_path, HERE, builder, theme)
    # Sphinx puts changed pages at the end of the index for its search.
    assert {name for name, _ in digests(folders[0]).items() ^ first.items()} <= {"searchindex.js"}


def test_mkdocs_writes_the_same_files(tmp_path: Path) -> None:
    found = []
    for machine in (HERE, THERE):
        place = tmp_path / machine.folder
        docs = place / "docs"
        docs.mkdir(parents=True)
        for name in sorted("abc", reverse=machine is THERE):
            target = {"a": "lenet", "b": "siamese", "c": "mlp"}[name]
            text = f"# {name}\n\n/// keras-model | shop.models:{target}\n    views: layered, graph, summary\n///\n"
            (docs / f"{name}.md").write_text(text, "utf-8")
        config = place / "mkdocs.yml"
        config.write_text("site_name: Shop\nsite_url: https://shop.test/\nplugins: [search, kerasarch]\n", "utf-8")
        machine.run(tmp_path, "mkdocs", "build", "-q", "-f", str(config))
        cold = digests(place / "site")
        assert "asked for" not in machine.run(tmp_path, "mkdocs", "build", "-q", "-f", str(config))
        assert digests(place / "site") == cold
        found.append(cold)
    assert found[0] == found[1]
