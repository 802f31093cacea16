"""A generated site with many models: cold with one worker and two, warm, frozen, after one change; time and memory.

``python tests/benchmarks/scale.py [--models 250 500 1000] [--runs 3]``. Every model has a module of its own and five
stand on a page. Beside it stands the same site with the drawn figures as static images. Memory is the peak of the
proportional set sizes of the build and all its children together, looked at ten times a second.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PER_PAGE = 5
CHANGED = 7
"""Number of the model whose module is changed."""

MODEL = '''"""Model {number} of the zoo."""
import keras

from zoo.parts import head


def build():
    inputs = keras.Input(({size}, {size}, 3))
    x = inputs
    for level in range({depth}):
        x = keras.layers.Conv2D({filters} + 8 * level, 3, padding="same", activation="relu")(x)
        x = keras.layers.{norm}()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, head(x, {classes}), name="net{number}")
'''
PARTS = """import keras


def head(x, classes):
    return keras.layers.Dense(classes, activation="softmax")(x)
"""
NORMS = ("BatchNormalization", "LayerNormalization", "MaxPooling2D")


@dataclass(frozen=True, slots=True)
class Cost:
    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, children included."""
    peak: float
    """MiB, children included."""


def module(number: int) -> str:
    return f"m{number:04}"


def model_source(number: int, classes: int = 0) -> str:
    return MODEL.format(
        number=number,
        size=32 + 4 * (number % 9),
        depth=number % 3 + 1,
        filters=8 + number // 27,
        norm=NORMS[number // 3 % 3],
        classes=classes or 2 + number,
    )


def write_zoo(folder: Path, models: int) -> None:
    """The package ``zoo``: a module for each model."""
    (folder / "zoo").mkdir(parents=True)
    (folder / "zoo" / "__init__.py").touch()
    (folder / "zoo" / "parts.py").write_text(PARTS)
    for number in range(models):
        (folder / "zoo" / f"{module(number)}.py").write_text(model_source(number))


def write_site(folder: Path, models: int, extensions: str, body: str) -> Path:
    """``models`` figures, five a page; ``body``: of one, with ``{module}`` and ``{number}``."""
    folder.mkdir(parents=True)
    (folder / "conf.py").write_text(
        f"project = 'scale'\nextensions = [{extensions}]\nnumfig = True\nexclude_patterns = ['_*']\n"
        "kerasarch_views = 'layered'\n" + ("kerasarch_path = ['.']\n" if extensions else "")
    )
    pages = [range(first, min(first + PER_PAGE, models)) for first in range(0, models, PER_PAGE)]
    names = "\n   ".join(f"page{page:03}" for page in range(len(pages)))
    (folder / "index.rst").write_text(f"Scale\n=====\n\n.. toctree::\n\n   {names}\n")
    for page, numbers in enumerate(pages):
        blocks = "\n".join(body.format(module=module(number), number=number) for number in numbers)
        (folder / f"page{page:03}.rst").write_text(f"Page {page}\n========\n\n{blocks}\n")
    return folder


# ---- measuring


def tree(root: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if entry.isdecimal():
            with contextlib.suppress(OSError, ValueError, IndexError):
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(entry))
    found, open_ = [], [root]
    while open_:
        process = open_.pop()
        found.append(process)
        open_ += children.get(process, [])
    return found


def memory(root: int) -> float:
    """MiB that a process and its children have, shared pages divided among those that share them."""
    total = 0
    for process in tree(root):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def measure(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None, unless: str = ""
) -> Cost:
    """What a command takes that must succeed. CPU is that of the command alone, not of who watches its memory.

    ``unless``: what the command may not say.
    """
    with tempfile.TemporaryFile("w+") as output:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=cwd, env=env)
        done = threading.Event()
        peaks = [0.0]

        def look() -> None:
            while not done.wait(0.1):
                peaks.append(memory(process.pid))

        watcher = threading.Thread(target=look)
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        watcher.join()
        output.seek(0)
        said = output.read()
        if process.returncode or (unless and unless in said):
            raise SystemExit(f"{' '.join(command)} failed:\n{said[-4000:]}")
    return Cost(wall, used.ru_utime + used.ru_stime, max(peaks))


# ---- the builds

SCENES = (
    "static, new clone", "new clone", "frozen, new clone", "static, one page touched", "one page touched",
    "frozen, one page touched", "static, nothing changed", "nothing changed", "one model changed",
    "one model, no Sphinx", "import and model",
)  # fmt: skip
"""``static``: the same pages with the figures as images. ``new clone``: nothing but the cache is there. ``one model, no
Sphinx``: the worker alone, with that model. ``import and model``: ``import keras`` and the factory in a bare script."""

DESCRIBED = " described"
"""Part of what a build says that has asked a worker."""

DESCRIBE = "from sphinx_kerasarch import describe; describe('zoo.{module}:build', path=['.'])"


@dataclass(frozen=True, slots=True)
class Sites:
    ours: Path
    static: Path

    def build(self, site: Path, *more: str, into: str = "_build") -> list[str]:
        return [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "-b",
            "html",
            *more,
            str(site),
            str(site / into),
        ]

    def touch(self, site: Path) -> None:
        page = site / "page003.rst"
        page.write_text(page.read_text("utf-8") + "\n.. touched\n")

    def change(self, classes: int) -> None:
        """Another architecture in one module."""
        (self.ours / "zoo" / f"{module(CHANGED)}.py").write_text(model_source(CHANGED, classes))

    def clone(self, build: Path) -> None:
        """Leave the cache, and nothing else that a build has made."""
        (build / ".doctrees").mkdir(parents=True, exist_ok=True)
        for folder, kept in ((build, {".doctrees"}), (build / ".doctrees", {"kerasarch"})):
            for leftover in folder.iterdir():
                if leftover.name not in kept:
                    shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()

    def cold(self, jobs: int) -> Cost:
        shutil.rmtree(self.ours / "_build", ignore_errors=True)
        return measure(self.build(self.ours, f"-Dkerasarch_jobs={jobs}"), env=environment())

    def warm(self, name: str, number: int) -> Cost:
        """One of :data:`SCENES`."""
        if name == "import and model":
            command = [sys.executable, "-c", f"import zoo.{module(CHANGED)} as m; m.build()"]
            return measure(command, cwd=self.ours, env=environment())
        if name == "one model, no Sphinx":
            command = [sys.executable, "-c", DESCRIBE.format(module=module(CHANGED))]
            return measure(command, cwd=self.ours, env=environment())
        site = self.static if name.startswith("static") else self.ours
        # Another mode is another configuration, with which all pages are read again.
        into, mode = ("_frozen", ["-Dkerasarch_mode=frozen"]) if name.startswith("frozen") else ("_build", [])
        if name.endswith("new clone"):
            self.clone(site / into)
        if name.endswith("one page touched"):
            self.touch(site)
        if name == "one model changed":
            self.change(10_000 + number)
            return measure(self.build(site), env=environment())
        # Nothing but a changed model may want Keras.
        return measure(self.build(site, *mode, into=into), env=environment(), unless=DESCRIBED)


def environment() -> dict[str, str]:
    """Byte code is kept, as on a user's machine."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(models: int, runs: int) -> dict[str, list[Cost]]:
    """Every way to build, first the cold ones, then the others in turn."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        block = ".. keras-layered:: zoo.{module}:build\n\n   Net {number}\n"
        made = Sites(root / "ours", root / "static")
        write_site(made.ours, models, "'sphinx_kerasarch'", block)
        write_zoo(made.ours, models)
        found = {"cold, 1 worker": [made.cold(1)], "cold, 2 workers": [made.cold(2)]}
        images = sorted((made.ours / "_build" / "_images").glob("kerasarch-*.svg"))
        assert len(images) == models, f"{len(images)} figures were drawn"
        write_site(made.static, models, "", ".. figure:: images/{number}.svg\n\n   Net {number}\n")
        (made.static / "images").mkdir()
        for number, image in enumerate(images):
            shutil.copy(image, made.static / "images" / f"{number}.svg")
        measure(made.build(made.static), env=environment())
        found["freeze"] = [
            measure([sys.executable, "-m", "sphinx_kerasarch", "freeze", str(made.ours)], env=environment())
        ]
        for number in range(runs):
            for name in SCENES:
                if name.startswith("frozen") or number == 0 or not name.endswith("new clone"):
                    found.setdefault(name, []).append(made.warm(name, number))
            made.change(0)  # as the lock has it
            made.warm("nothing changed", number)
        return found


def row(name: str, found: Sequence[Cost]) -> str:
    wall, cpu = [cost.wall for cost in found], [cost.cpu for cost in found]
    return (
        f"{name:26}{min(wall):9.2f}{statistics.median(wall):9.2f}{min(cpu):9.2f}{statistics.median(cpu):9.2f}"
        f"{max(cost.peak for cost in found):9.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[250, 500, 1000])
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    for models in given.models:
        found = run(models, given.runs)
        print(
            f"\n{models} models on {-(-models // PER_PAGE)} pages, {given.runs} runs (cold: 1); seconds, MiB"
        )
        print(f"{'':26}{'wall min':>9}{'median':>9}{'cpu min':>9}{'median':>9}{'peak':>9}")
        for name, costs in found.items():
            print(row(name, costs), flush=True)


if __name__ == "__main__":
    main()
