"""``kerasarch render --watch``: the real program, its files edited beside it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from sphinx_kerasarch.hosts.cli import watch
from sphinx_kerasarch.hosts.cli.target import FIELDS
from sphinx_kerasarch.spec import ArchSpec

SPECS = Path(__file__).parents[1] / "specs"
LIMIT = 300.0
"""Seconds that a line may take to come."""

# A shell that starts this in the background would leave the interrupt switched off.
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from sphinx_kerasarch.hosts.cli.main import main; main(prog_name='kerasarch')"
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C reaches all of a console there")


class Watching:
    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "render", *arguments, "--watch"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.said: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.put(line.rstrip("\n"))
        self.lines.put("(end)")

    def until(self, words: str) -> str:
        """The first line from now on that has ``words``."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            with contextlib.suppress(queue.Empty):
                self.said.append(self.lines.get(timeout=1))
                if words in self.said[-1]:
                    return self.said[-1]
                assert self.said[-1] != "(end)", self.said
        raise AssertionError(f"{words!r} did not come: {self.said}")

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LIMIT)


@contextlib.contextmanager
def watching(folder: Path, *arguments: str) -> Iterator[Watching]:
    found = Watching(folder, *arguments)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.communicate()


def put(path: Path, data: str | bytes) -> None:
    """As editors do that never leave half a file: one that comes in pieces is drawn in pieces on a busy machine."""
    new = path.with_name(f"{path.name} new")
    new.write_bytes(data if isinstance(data, bytes) else data.encode())
    new.replace(path)


MODEL = """
import keras
from parts import UNITS
try:
    from local import UNITS
except ImportError:
    pass

def build():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(UNITS, name="answer")], name="small")
"""


@pytest.mark.keras
def test_the_figure_follows_the_model(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODEL, "utf-8")
    (tmp_path / "parts.py").write_text("UNITS = 21\n", "utf-8")
    svg, text = tmp_path / "small.svg", tmp_path / "small.txt"
    arguments = ("models:build", "--view", "graph", "-o", svg.name, "-o", text.name)
    with watching(tmp_path, *arguments) as seen:
        assert "file" in seen.until("watching")
        assert ">21<" in svg.read_text("utf-8")

        put(tmp_path / "parts.py", "UNITS = 77\n")
        assert seen.until("changed").endswith("parts.py changed")
        seen.until("drawn in")
        good = svg.read_bytes(), text.read_bytes()
        assert b">77<" in good[0] and b">21<" not in good[0]

        put(tmp_path / "models.py", MODEL.replace("return", "retrun"))
        assert "SyntaxError" in seen.until("kerasarch: ")
        assert "small.svg, small.txt still show the model of" in seen.until("still show")
        assert (svg.read_bytes(), text.read_bytes()) == good

        put(tmp_path / "models.py", MODEL.replace("small", "mended"))
        seen.until("drawn in")
        assert "mended" in svg.read_text("utf-8")

        put(tmp_path / "local.py", "UNITS = 99\n")  # a module that was looked for in vain
        assert "local" in seen.until("changed")
        seen.until("drawn in")
        assert b">99<" in svg.read_bytes()

        assert seen.interrupt() == 0
    assert not any("Traceback" in line for line in seen.said)
    assert {path.name for path in tmp_path.iterdir()} == {"models.py", "parts.py", "local.py", svg.name, text.name}


@pytest.mark.keras
def test_a_model_that_is_broken_at_first_is_waited_for(tmp_path: Path) -> None:
    with watching(tmp_path, "models:build", "-o", "small.svg") as seen:
        assert "There is no module 'models'" in seen.until("kerasarch: ")
        seen.until("Nothing is drawn yet.")
        put(tmp_path / "models.py", MODEL)
        assert "'parts'" in seen.until("kerasarch: ")
        put(tmp_path / "parts.py", "UNITS = 21\n")
        seen.until("drawn in")
        assert (tmp_path / "small.svg").exists()


def test_a_spec_is_watched_without_a_worker(tmp_path: Path) -> None:
    spec = tmp_path / "net.json"
    spec.write_bytes((SPECS / "mlp.json").read_bytes())
    with watching(tmp_path, "net.json", "-o", "net.svg", "--quiet") as seen:
        place = tmp_path / "net.svg"
        end = time.monotonic() + LIMIT
        while not place.exists() and time.monotonic() < end:
            time.sleep(0.05)
        before = place.read_bytes()
        put(spec, "{")
        seen.until("kerasarch: ")
        assert place.read_bytes() == before
        put(spec, (SPECS / "cnn.json").read_bytes())
        while place.read_bytes() == before and time.monotonic() < end:
            time.sleep(0.05)
        assert b"Conv2D" in place.read_bytes()
        assert seen.interrupt() == 0
    assert len(seen.said) == 1


def test_what_no_file_mends_ends_it(tmp_path: Path) -> None:
    hopeless = ("models/x.py:build", "-o", "a.svg"), ("a:b", "-o", "a.svg", "--width", "5km"), ("a:b", "-o", "-")
    for arguments in hopeless:
        with watching(tmp_path, *arguments) as seen:
            assert seen.until("kerasarch: ")
            assert seen.process.wait(LIMIT) == 1


def test_a_change_that_is_taken_back_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.py"
    file.write_text("1", "utf-8")
    eyes = watch.Eyes()
    seen = watch.Seen(beside=eyes.look([str(file), str(tmp_path / "b.py"), str(tmp_path)]))
    assert seen.beside == {**seen.beside, str(tmp_path / "b.py"): "", str(tmp_path): "a.py"}
    steps: list[Callable[[], object]] = [
        lambda: file.write_text("2", "utf-8"),
        lambda: file.write_text("1", "utf-8"),
        lambda: None,
        lambda: (tmp_path / "b.py").write_text("", "utf-8"),
    ]
    monkeypatch.setattr(watch.time, "sleep", lambda _: steps.pop(0)() if steps else None)
    assert eyes.wait(seen) == ["b.py", tmp_path.name]


def test_pictures_on_inputs_are_watched_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_kerasarch.hosts.cli.render import plan

    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png"):
        Path(name).write_bytes((SPECS.parents[1] / "docs" / "_static" / "digit.png").read_bytes())
    made = plan("x:y", (), "layered", "light", {"image": "left=a.png, right=b.png"}, colors={}, roles={}, labels={})
    assert [Path(path).name for path in watch.pictures(made)] == ["a.png", "b.png"]


def test_a_saved_model_is_watched(tmp_path: Path) -> None:
    def save(units: int) -> None:
        layers = [
            {"module": "keras.layers", "class_name": name, "config": config, "registered_name": None}
            for name, config in (
                ("InputLayer", {"name": "data", "batch_shape": [None, 4], "dtype": "float32"}),
                ("Dense", {"name": "answer", "units": units, "use_bias": True, "dtype": "float32"}),
            )
        ]
        config = {"module": "keras", "class_name": "Sequential", "config": {"name": "net", "layers": layers}}
        with zipfile.ZipFile(tmp_path / "part", "w") as file:
            file.writestr("config.json", json.dumps(config))
            file.writestr("metadata.json", json.dumps({"keras_version": "3.15.0"}))
        (tmp_path / "part").replace(tmp_path / "net.keras")

    save(21)
    with watching(tmp_path, "net.keras", "--view", "graph", "-o", "net.svg") as seen:
        seen.until("drawn in")
        save(77)
        assert seen.until("changed").endswith("net.keras changed")
        seen.until("drawn in")
        assert b">77<" in (tmp_path / "net.svg").read_bytes()


@pytest.mark.keras
def test_where_the_system_cannot_fork_a_new_worker_reads_the_changed_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sphinx_kerasarch import inspector
    from sphinx_kerasarch.hosts.cli.target import Source

    (tmp_path / "models.py").write_text(MODEL, "utf-8")
    (tmp_path / "parts.py").write_text("UNITS = 21\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Source, "inspector", lambda _: inspector.Inspector(path=(str(tmp_path),), fork=False))
    drawn: list[int] = []
    shown: list[str] = []

    class Plan:
        files = ("a.svg",)
        options: Mapping[str, str] = {}
        of_formats = ()

        def write(self, spec: ArchSpec) -> None:
            drawn.append(spec.calls[-1].outputs[0].shape[-1] or 0)
            if len(drawn) == 2:
                raise KeyboardInterrupt
            (tmp_path / "parts.py").write_text("UNITS = 77\n", "utf-8")

    values = dict.fromkeys(FIELDS, "") | {"target": "models:build", "path": (), "env": ()}
    watch.keep(Source(**values), Plan(), after=lambda: shown.append("a.svg"))  # type: ignore[arg-type]
    assert drawn == [21, 77] and shown == ["a.svg"]
