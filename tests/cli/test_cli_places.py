"""What is written, said and shown; the status in the end."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest

from sphinx_kerasarch import registry
from sphinx_kerasarch.hosts.cli import output, progress
from sphinx_kerasarch.hosts.cli.main import main

SPECS = Path(__file__).parents[1] / "specs"
LENET = str(SPECS / "lenet.json")
POSIX = pytest.mark.skipif(os.name == "nt", reason="links, modes and viewers are others there")


# ---- standard output


@pytest.mark.parametrize("name", registry.FORMATS)
def test_every_format_goes_to_standard_output_as_into_a_file(run: Any, tmp_path: Path, name: str) -> None:
    from sphinx_kerasarch.figure import Table

    record = registry.format(name)
    view = "summary" if record.accepts == (Table,) else "graph" if name in {"dot", "json"} else "layered"
    file = f"figure{record.suffix}"
    assert run("render", LENET, "--view", view, "-o", file).exit_code == 0
    piped = run("render", LENET, "--view", view, "-o", "-", "--format", name)
    assert piped.exit_code == 0 and piped.stderr == ""
    assert piped.stdout_bytes == (tmp_path / file).read_bytes() != b""


def test_a_file_and_standard_output_at_once(run: Any, tmp_path: Path) -> None:
    result = run("render", LENET, "-o", "a.pdf", "-o", "-", "-o", "figure.drawn", "--format", "svg")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    assert result.stdout_bytes == (tmp_path / "figure.drawn").read_bytes() and result.stdout.startswith("<svg")


def test_quiet_says_nothing(run: Any, tmp_path: Path) -> None:
    assert run("render", LENET, "-o", "a.svg").stderr.startswith("wrote a.svg (")
    result = run("render", "shop.models:lenet", "-o", "b.svg", "-q")
    assert (result.stdout, result.stderr) == ("", "")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert "Did you mean" in run("render", LENET, "-o", "a.svgg", "--quiet").stderr


# ---- files


@POSIX
def test_a_file_is_replaced_at_once_and_keeps_its_mode(tmp_path: Path) -> None:
    place = tmp_path / "a.svg"
    place.write_bytes(b"old")
    place.chmod(0o600)
    with place.open("rb") as reader:
        output.replace(place, b"new")
        assert reader.read() == b"old"  # who has begun to read sees one file, not half of two
    assert place.read_bytes() == b"new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


@POSIX
def test_links_stay_links_and_pipes_are_written_to(tmp_path: Path) -> None:
    (tmp_path / "there.svg").write_bytes(b"old")
    (tmp_path / "a.svg").symlink_to("there.svg")
    output.replace(tmp_path / "a.svg", b"new")
    assert (tmp_path / "a.svg").is_symlink() and (tmp_path / "there.svg").read_bytes() == b"new"
    command = [sys.executable, "-m", "sphinx_kerasarch", "render", LENET, "--format", "svg", "-q", "-o", "/dev/stdout"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.startswith(b"<svg") and done.stdout.rstrip().endswith(b"</svg>")


# ---- the viewer


@pytest.fixture
def viewer(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    opened: list[str] = []
    monkeypatch.setattr(click, "launch", lambda url: opened.append(url) or 0)
    return opened


def test_the_first_file_is_shown(run: Any, tmp_path: Path, viewer: list[str]) -> None:
    assert run("render", LENET, "-o", "a.svg", "-o", "a.txt", "--show").exit_code == 0
    assert viewer == [str(tmp_path / "a.svg")]


def test_a_figure_without_a_file_is_shown_from_a_place_of_its_own(run: Any, viewer: list[str]) -> None:
    result = run("render", "shop.models:lenet(classes=3)", "--show")
    assert result.exit_code == 0, result.stderr
    (place,) = map(Path, viewer)
    assert place.name == "lenet_classes_3_.svg" and place.read_bytes().startswith(b"<svg")
    told = re.fullmatch(r"wrote (.+) \(\d+ KiB\)\n", result.stderr)
    assert told and Path(told[1]).resolve() == place  # the folder for temporary files may be a link
    place.unlink()
    place.parent.rmdir()


@pytest.mark.skipif(sys.platform != "linux", reason="xdg-open is Linux's")
def test_a_system_without_a_viewer(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx_kerasarch", "render", LENET, "-o", "a.svg", "--show"]
    (tmp_path / "bin").mkdir()
    env = {**os.environ, "PATH": str(tmp_path / "bin")}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[1:] == [
        "kerasarch: No viewer was found for a.svg, which is written. Open it by hand."
    ]
    viewer = tmp_path / "bin" / "xdg-open"
    viewer.write_text('#!/bin/sh\necho "$1" > "$0.txt"\n', "utf-8")
    viewer.chmod(0o755)
    assert subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=False).returncode == 0
    end = time.monotonic() + 60
    told = tmp_path / "bin" / "xdg-open.txt"  # is there before anything is in it
    while not (told.exists() and told.read_text("utf-8").endswith("\n")) and time.monotonic() < end:
        time.sleep(0.02)
    assert told.read_text("utf-8").strip() == str(tmp_path / "a.svg")


# ---- progress


def test_a_log_is_told_what_takes_long(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with progress.progress("describing a:b"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "LONG", 0.01)
    end = time.monotonic() + 60
    with progress.progress("describing a:b"):
        while not (said := capsys.readouterr().err) and time.monotonic() < end:
            time.sleep(0.01)
    assert re.fullmatch(r"describing a:b … \d+ s\n", said)


def test_a_terminal_shows_it_until_it_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with progress.progress("describing a:b"):
        pass
    assert capsys.readouterr().err == f"{progress.CLEAR}describing a:b …{progress.CLEAR}"
    monkeypatch.setenv("COLUMNS", "40")
    with progress.progress("describing a.very.long.package.of.models:build"):
        pass
    line = capsys.readouterr().err.removeprefix(progress.CLEAR).removesuffix(progress.CLEAR)
    assert len(line) == 39 and line.startswith("…") and line.endswith("of.models:build …")


# ---- the status


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("summary", LENET), 0),
        (("--help",), 0),
        (("--version",), 0),
        (("compare", LENET, LENET), 0),
        (("compare", LENET, str(SPECS / "cnn.json")), 1),
        (("compare", LENET, "none.json"), 2),
        (("compare", LENET), 2),
        (("compare", "--sideways", LENET, LENET), 2),
        (("lint", LENET), 0),
        (("lint", LENET, "--view", "layred"), 2),
        (("doctor", "--python", "./none"), 2),
        (("summary", "none.json"), 1),
        (("summary", "shop.models:broken"), 1),
        (("summary", LENET, "--sideways"), 1),
        (("sumary", LENET), 1),
        (("--sideways",), 1),
    ],
)
def test_the_status_tells_what_came_out(run: Any, arguments: tuple[str, ...], status: int) -> None:
    assert run(*arguments).exit_code == status


def test_an_interrupt_is_told_as_shells_do(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_kerasarch import api

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "draw", interrupted)
    result = run("summary", LENET)
    assert result.exit_code == 130 and result.stderr.strip() == "kerasarch: Interrupted."


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "sphinx_kerasarch", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("kerasarch, version ")
    assert main.name == "main"


@POSIX
def test_a_folder_that_has_been_removed_is_told(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    with monkeypatch.context() as patch:
        patch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        result = run("summary", "shop.models:lenet")
    assert result.exit_code == 1
    assert result.stderr == "kerasarch: The current folder is no longer there. Change to one that is: cd\n"
