"""``kerasarch summary`` in a terminal, in a pipe and into files."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from terminals import shown

from sphinx_kerasarch import draw, theme
from sphinx_kerasarch.api import write
from sphinx_kerasarch.figure import Table
from sphinx_kerasarch.hosts.cli import colors
from sphinx_kerasarch.hosts.cli.colors import Depth, depth_of
from sphinx_kerasarch.hosts.cli.terminal import ABOVE, show, size, wrapped
from sphinx_kerasarch.spec import codec

SPECS = Path(__file__).parents[1] / "specs"
LENET = str(SPECS / "lenet.json")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def table(name: str, **options: Any) -> Table:
    figure = draw(codec.loads((SPECS / f"{name}.json").read_text("utf-8")), "summary", **options).figure
    assert isinstance(figure, Table)
    return figure


def plain(name: str) -> str:
    return write(table(name), "text").decode()


# ---- the program


def test_a_terminal_gets_colours_and_a_pipe_the_plain_bytes() -> None:
    text = shown("summary", LENET, columns=100)
    assert "\x1b[38;5;" in text and "\x1b[1mlenet\x1b[0m" in text
    program = [sys.executable, "-m", "sphinx_kerasarch", "summary", LENET]
    piped = subprocess.run(program, capture_output=True, check=True).stdout
    assert piped == write(table("lenet"), "text") and b"\x1b" not in piped
    # The same words in the same order, but for the sign before each name.
    assert ESCAPE.sub("", text).replace("▌", "").replace("─", "").split() == piped.decode().replace("─", "").split()


def test_a_terminal_without_colours_gets_the_plain_bytes_where_they_fit() -> None:
    assert shown("summary", LENET, columns=79, NO_COLOR="1") == plain("lenet")


def test_a_narrow_terminal_is_filled_and_not_exceeded() -> None:
    lines = ESCAPE.sub("", shown("summary", LENET, columns=70, COLORTERM="truecolor")).splitlines()
    assert max(map(len, lines)) <= 70
    assert "▌ flatten" in "\n".join(lines)


def test_colours_into_a_pipe_when_they_are_asked_for() -> None:
    for arguments, env in ((("--color", "always"), {}), ((), {"FORCE_COLOR": "3"})):
        program = [sys.executable, "-m", "sphinx_kerasarch", "summary", LENET, *arguments]
        text = subprocess.run(program, capture_output=True, check=True, env={"PYTHONPATH": ":".join(sys.path), **env})
        assert b"\x1b[38;" in text.stdout
        # A pager shows lines of any length.
        assert len(ESCAPE.sub("", text.stdout.decode()).splitlines()) == len(plain("lenet").splitlines())


def test_colours_of_the_users_own(run: Any) -> None:
    text = run("summary", LENET, "--color", "always", "--color", "conv=#d55e00").stdout
    assert "\x1b" in text
    assert run("summary", LENET, "--color", "conv=#d55e00").stdout == plain("lenet")
    assert "neither auto, always, never" in run("summary", LENET, "--color", "alwys").stderr
    assert "Did you mean 'conv'" in run("summary", LENET, "--color", "konv=#d55e00").stderr


def test_files_have_the_format_of_their_suffix(run: Any, tmp_path: Path) -> None:
    result = run("summary", LENET, "-o", "lenet.tex", "-o", "lenet.csv", "-o", "lenet.txt")
    assert result.exit_code == 0 and result.stdout == ""
    assert "\\begin{tabular}" in (tmp_path / "lenet.tex").read_text("utf-8")
    assert (tmp_path / "lenet.csv").read_text("utf-8").startswith("depth,kind,layer,")
    assert (tmp_path / "lenet.txt").read_text("utf-8") == plain("lenet") == run("summary", LENET, "-o", "-").stdout
    assert run("summary", LENET, "--csv", "-o", "-").stdout == run("summary", LENET, "--csv").stdout


def test_labels_and_roles_as_in_the_figures(run: Any) -> None:
    text = run("summary", LENET, "--label", "conv2d_1=stem").stdout
    assert "stem" in text and "conv2d_1" not in text


# ---- whether there are colours


class Stream(io.StringIO):
    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "choice", "env", "depth"),
    [
        (True, "auto", {"TERM": "xterm-256color"}, Depth.PALETTE),
        (True, "auto", {"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        (True, "auto", {"TERM": "linux"}, Depth.ANSI),
        (True, "auto", {"TERM": "dumb"}, Depth.NONE),
        (False, "auto", {"TERM": "xterm-256color"}, Depth.NONE),
        (True, "auto", {"NO_COLOR": "1", "FORCE_COLOR": "3"}, Depth.NONE),
        (True, "auto", {"NO_COLOR": "", "COLORTERM": "24bit"}, Depth.TRUE),
        (True, "auto", {"FORCE_COLOR": "0"}, Depth.NONE),
        (False, "auto", {"FORCE_COLOR": "1"}, Depth.ANSI),
        (False, "auto", {"FORCE_COLOR": "true", "TERM": "screen-256color"}, Depth.PALETTE),
        (False, "always", {"NO_COLOR": "1", "TERM": "dumb", "WT_SESSION": "x"}, Depth.TRUE),
        (True, "never", {"FORCE_COLOR": "3"}, Depth.NONE),
    ],
)
def test_when_there_are_colours(
    terminal: bool, choice: str, env: dict[str, str], depth: Depth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert depth_of(Stream(terminal), choice, env) is depth


# ---- which colours


@pytest.mark.parametrize("ground", ["#ffffff", "#fdf6e3", "#000000", "#1e1e1e", "#002b36"])
def test_every_category_can_be_read_on_dark_and_light_terminals(ground: str) -> None:
    for category in theme.TILES:
        exact = colors.readable(theme.color(f"{category}.tile"))
        assert theme.contrast(exact, ground) >= 3.2, category
        assert theme.contrast(colors._fixed()[colors.nearest(exact)], ground) >= 2.6, category


def test_categories_keep_their_hues() -> None:
    names = ("conv", "pool", "up", "dense", "data")
    told = {category: colors.ansi(theme.color(f"{category}.tile")) for category in names}
    assert told == {"conv": "blue", "pool": "red", "up": "cyan", "dense": "magenta", "data": ""}
    shown = {colors.nearest(colors.readable(theme.color(f"{name}.tile"))) for name in theme.FACES}
    assert len(shown) >= 8


# ---- the width


@pytest.mark.parametrize("name", ["lenet", "densenet121", "nasnetlarge", "lstm_seq2seq", "encoder"])
@pytest.mark.parametrize("width", [88, 110])
def test_nothing_is_lost_in_a_narrow_terminal(name: str, width: int) -> None:
    given = table(name)
    text = show(given, width, Depth.NONE)
    body = text.splitlines()
    assert all(size(line) <= width for line in body)
    # Continued lines put together again: all names, and where the arrow stands, the name of the row above.
    assert any(line.startswith("Total") and given.totals[0].cells[3].text in line for line in body)
    first = given.columns[0].title
    starts = next(line.index("Type") for line in body if line.startswith(first))
    names = "".join(line[:starts].strip(" └") for line in body[4:] if not line.startswith(("↑", "─")))
    for row in given.rows:
        assert row.cells[0].text in names


def test_the_arrow_stands_for_the_row_above() -> None:
    given = table("cnn")
    lines = [line for line in show(given, 70, Depth.NONE).splitlines() if line.rstrip().endswith(ABOVE)]
    assert len(lines) == len(given.rows) - 1
    assert "↑ connected to the row above." in show(given, 70, Depth.NONE)
    assert ABOVE not in show(given, 200, Depth.NONE)


def test_names_are_divided_at_the_ends_of_their_parts() -> None:
    assert wrapped("multi_head_attention_1", 14) == ("multi_head_", "attention_1")
    assert wrapped("GlobalAveragePooling2D", 14) == ("GlobalAverage", "Pooling2D")
    assert wrapped("first_one, second_one", 12) == ("first_one,", "second_one")
    assert "".join(wrapped("x" * 30, 12)) == "x" * 30
