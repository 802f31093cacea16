"""A generated site with many models: cold with one worker and with two, warm, after one change; time and memory.

``python tests/benchmarks/scale.py [--models 250 500 1000] [--runs 3]``. Every model has a module of its own and five
stand on a page. Beside it stands the same site with the drawn figures as static images. Memory is the peak of the
proportional set sizes of the build and all its children together, looked at 20 times a second.
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
from collections.abc import Iterator, Mapping, Sequence
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
        f"project = 'scale'\nextensions = [{extensions}]\nnumfig = True\nexclude_patterns = ['_build']\n"
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
    command: Sequence[str],
    *,
    watch: bool = False,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Cost:
    """What a command takes that must succeed. Watching it costs time, so that is a run of its own."""
    with tempfile.TemporaryFile("w+") as output:
        begin = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=cwd, env=env)
        done = threading.Event()
        peaks = [0.0]

        def look() -> None:
            while not done.wait(0.05):
                peaks.append(memory(process.pid))

        watcher = threading.Thread(target=look)
        if watch:
            watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        done.set()
        if watch:
            watcher.join()
        if process.returncode:
            output.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{output.read()[-4000:]}")
    return Cost(wall, used.ru_utime + used.ru_stime, max(peaks))


# ---- the builds


@dataclass(frozen=True, slots=True)
class Sites:
    ours: Path
    static: Path
    models: int

    def build(self, site: Path, *more: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "sphinx",
            "-q",
            "-W",
            "-b",
            "html",
            *more,
            str(site),
            str(site / "_build"),
        ]

    def touch(self, site: Path) -> None:
        page = site / "page003.rst"
        page.write_text(page.read_text("utf-8") + "\n.. touched\n")

    def change(self, classes: int) -> None:
        """Another architecture in one module."""
        (self.ours / "zoo" / f"{module(CHANGED)}.py").write_text(model_source(CHANGED, classes))

    def cold(self, jobs: int, *, watch: bool = False) -> Cost:
        shutil.rmtree(self.ours / "_build", ignore_errors=True)
        return measure(self.build(self.ours, f"-Dkerasarch_jobs={jobs}"), watch=watch, env=environment())


def environment() -> dict[str, str]:
    """Byte code is kept, as on a user's machine."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextlib.contextmanager
def sites(models: int) -> Iterator[Sites]:
    """The site with models, built once, and the same with its figures as images."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        ours = write_site(
            root / "ours",
            models,
            "'sphinx_kerasarch'",
            ".. keras-layered:: zoo.{module}:build\n\n   Net {number}\n",
        )
        write_zoo(ours, models)
        made = Sites(ours, root / "static", models)
        made.cold(2)
        images = sorted((ours / "_build" / "_images").glob("kerasarch-*.svg"))
        assert len(images) == models, f"{len(images)} figures were drawn"
        write_site(made.static, models, "", ".. figure:: images/{number}.svg\n\n   Net {number}\n")
        (made.static / "images").mkdir()
        for number, image in enumerate(images):
            shutil.copy(image, made.static / "images" / f"{number}.svg")
        measure(made.build(made.static), env=environment())
        yield made


def scenes(made: Sites) -> dict[str, Sequence[Cost]]:
    """Each way to build, once with its memory watched (first) and once with its time taken (second)."""
    runs: dict[str, list[Cost]] = {}
    counter = iter(range(10_000, 20_000))
    plain = environment()

    def once(name: str, *, watch: bool) -> Cost:
        if name == "cold, 1 worker":
            return made.cold(1, watch=watch)
        if name == "cold, 2 workers":
            return made.cold(2, watch=watch)
        site = made.static if name.startswith("static") else made.ours
        if name.endswith("new clone"):  # the cache is there, nothing else is
            for leftover in (site / "_build").iterdir():
                if leftover.name not in {".kerasarch", ".doctrees"}:
                    shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            for leftover in (site / "_build" / ".doctrees").iterdir():
                if leftover.name != "kerasarch":
                    shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        if name.endswith("one page touched"):
            made.touch(site)
        if name == "one model changed":
            made.change(next(counter))
        if name == "import and model":
            return measure(
                [sys.executable, "-c", f"import zoo.{module(CHANGED)} as m; m.build()"],
                cwd=site,
                watch=watch,
                env=plain,
            )
        return measure(made.build(site), watch=watch, env=plain)

    names = (
        "cold, 1 worker", "cold, 2 workers", "static, new clone", "new clone", "static, one page touched",
        "one page touched", "static, nothing changed", "nothing changed", "one model changed", "import and model",
    )  # fmt: skip
    for name in names:
        runs[name] = [once(name, watch=True)]
    for run in range(RUNS):
        for name in names:
            if run == 0 or not name.startswith("cold"):
                runs[name].append(once(name, watch=False))
    return dict(runs)


RUNS = 3


def row(name: str, found: Sequence[Cost]) -> str:
    wall = [cost.wall for cost in found[1:]]
    cpu = [cost.cpu for cost in found[1:]]
    return (
        f"{name:26}{min(wall):9.2f}{statistics.median(wall):9.2f}{min(cpu):9.2f}{statistics.median(cpu):9.2f}"
        f"{found[0].peak:9.0f}"
    )


def main() -> None:
    global RUNS  # noqa: PLW0603
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, nargs="+", default=[250, 500, 1000])
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    RUNS = given.runs
    for models in given.models:
        with sites(models) as made:
            found = scenes(made)
        print(
            f"\n{models} models on {-(-models // PER_PAGE)} pages, {given.runs} runs (cold: 1); seconds, MiB"
        )
        print(f"{'':26}{'wall min':>9}{'median':>9}{'cpu min':>9}{'median':>9}{'peak':>9}")
        for name, costs in found.items():
            print(row(name, costs), flush=True)


if __name__ == "__main__":
    main()
